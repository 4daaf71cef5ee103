package sandbox

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// bounds is what can be said of the value of a member beside its type: what the world file's schema and reference tell, and what is checked.
type bounds struct {
	// least and most are written as the value itself is: "0", "300s". "" is no bound. A value that is left out (0, "") is in bounds.
	least, most string
	// oneOf are all values that there are, if they can be told.
	oneOf []string
	// standard is the default, where it is the same everywhere.
	standard string
	// required is true if it may not be left out.
	required bool
}

// boundsOf are the bounds of members of objects, by the type that declares them. What is not in here is any value of its type.
var boundsOf = map[string]bounds{
	"Config.region":               {standard: "us-east-1"},
	"Config.aws_account":          {standard: "123456789012"},
	"Config.rate_limit":           {least: "0", standard: "0"},
	"Config.health_without_check": {standard: "UNKNOWN"},
	"Account.id":                  {required: true},

	"Image.id":                  {required: true},
	"Image.architecture":        {standard: "x86_64"},
	"Image.root_device_type":    {standard: "ebs"},
	"Image.virtualization_type": {standard: "hvm"},
	"Image.state":               {standard: "available"},
	"Behaviour.kind":            {oneOf: names(behaviours)},
	"Behaviour.running":         {least: "0s"},
	"Behaviour.answering":       {least: "0s"},
	"Behaviour.later":           {least: "0s", standard: "3m"},
	"Behaviour.crash_after":     {least: "0s", standard: "2m"},
	"Behaviour.reason":          {standard: "Health checks failed with these codes: [503]"},

	"Behaviour.error_ratio": {least: "0", most: "1", standard: "0"},
	"Behaviour.crash_ratio": {least: "0", most: "1", standard: "0"},
	"Behaviour.latency":     {least: "0s", standard: "50ms"},

	"Boot.reconcile":  {least: "0s", standard: "2s"},
	"Boot.fulfil":     {least: "0s", standard: "5s"},
	"Boot.running":    {least: "0s", standard: "20s"},
	"Boot.answering":  {least: "0s", standard: "40s"},
	"Boot.jitter":     {least: "0", most: "1", standard: "0"},
	"Boot.retry":      {least: "0s", standard: "30s"},
	"Boot.health_lag": {least: "0s", standard: "5s"},

	"Market.lifecycle":    {oneOf: []string{"spot", "on-demand"}},
	"Market.from":         {least: "0s", standard: "0s"},
	"Market.until":        {least: "0s"},
	"Autoscale.group":     {required: true},
	"Autoscale.after":     {least: "0s", standard: "0s"},
	"Autoscale.target":    {least: "0"},
	"GroupRoll.group":     {required: true},
	"Roll.status":         {oneOf: rollStates, standard: rollInProgress},
	"Roll.progress":       {least: "0", most: "100", standard: "0"},
	"Roll.ends":           {least: "0s"},
	"Interruption.notice": {least: "0s", standard: "2m"},
	"Interruption.cause":  {oneOf: []string{"capacity", "price"}, standard: "capacity"},

	"AWSConfig.propagation":  {least: "0s", standard: "10s"},
	"AWSConfig.describe_lag": {least: "0s", standard: "0s"},
	"AWSConfig.registration": {least: "0s", standard: "5s"},

	"MetricsConfig.delay":           {least: "0s", standard: "2m"},
	"MetricsConfig.status":          {oneOf: metricStatuses, standard: "Complete"},
	"MetricsConfig.points_per_call": {least: "1", most: "100800", standard: "100800"},
	"FunctionConfig.name":           {required: true},
	"FunctionConfig.pending":        {least: "0", standard: "0"},
	"FunctionConfig.error_type":     {standard: "Error"},
	"FunctionConfig.throttled":      {standard: "0"},
	"FunctionConfig.takes":          {least: "0s", standard: "200ms"},
	"FunctionConfig.timeout":        {least: "0s", most: "15m", standard: "3s"},
	"FunctionConfig.requests":       {least: "1", most: "10000", standard: "20"},
	"PrometheusQuery.type":          {oneOf: []string{"vector", "scalar", "matrix", "string"}, standard: "vector"},
	"PrometheusQuery.series":        {least: "1", most: "10000", standard: "1"},
	"PrometheusQuery.error":         {oneOf: prometheusErrorTypes},

	"SubnetConfig.id":          {required: true},
	"SubnetConfig.zone":        {required: true},
	"SubnetConfig.vpc":         {standard: "vpc-sandbox"},
	"SessionConfig.access_key": {required: true},
	"SessionConfig.token":      {required: true},

	"TargetGroupConfig.name":        {required: true},
	"TargetGroupConfig.port":        {least: "1", most: "65535", standard: "80"},
	"TargetGroupConfig.protocol":    {oneOf: []string{"HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"}, standard: "HTTP"},
	"TargetGroupConfig.vpc":         {standard: "vpc-sandbox"},
	"TargetGroupConfig.target_type": {oneOf: []string{"instance", "ip", "lambda", "alb"}, standard: "instance"},

	"HealthCheckConfig.interval":            {least: "0s", most: "300s", standard: "30s"},
	"HealthCheckConfig.timeout":             {least: "0s", most: "120s", standard: "5s"},
	"HealthCheckConfig.healthy_threshold":   {least: "1", most: "10"},
	"HealthCheckConfig.unhealthy_threshold": {least: "1", most: "10", standard: "2"},
	"HealthCheckConfig.path":                {standard: "/"},
	"HealthCheckConfig.port":                {standard: "traffic-port"},
	"HealthCheckConfig.matcher":             {standard: "200"},

	"LoadBalancerConfig.name":            {required: true},
	"LoadBalancerConfig.type":            {oneOf: []string{"application", "network"}, standard: "application"},
	"LoadBalancerConfig.scheme":          {oneOf: []string{"internet-facing", "internal"}, standard: "internet-facing"},
	"LoadBalancerConfig.vpc":             {standard: "vpc-sandbox"},
	"ListenerConfig.port":                {least: "1", most: "65535", standard: "80"},
	"RuleConfig.priority":                {least: "1", most: "50000"},
	"ListenerConfig.requests_per_minute": {least: "0", most: "1000000000", standard: "0"},
	"RuleConfig.requests_per_minute":     {least: "0", most: "1000000000", standard: "0"},
	"ActionConfig.type":                  {standard: "forward"},
	"ActionConfig.order":                 {least: "0", most: "50000", standard: "0"},
	"ActionConfig.sticky_seconds":        {least: "0", most: "604800", standard: "0"},
	"WeightConfig.target_group":          {required: true},
	"WeightConfig.weight":                {least: "0", most: "999", standard: "0"},
	"ClassicBalancerConfig.name":         {required: true},
	"ClassicBalancerConfig.vpc":          {standard: "vpc-sandbox"},
	"ClassicBalancerConfig.draining":     {least: "0s", most: "3600s", standard: "0s"},
	"AlarmConfig.name":                   {required: true},
	"AlarmConfig.type":                   {oneOf: []string{"metric", "composite"}, standard: "metric"},
	"AlarmConfig.state":                  {oneOf: alarmStates},
	"AlarmChange.state":                  {oneOf: alarmStates, required: true},

	"Fault.kind":  {oneOf: names(FaultKinds()), required: true},
	"Fault.rate":  {least: "0", most: "1", standard: "0"},
	"Fault.delay": {least: "0s"},
	"Fault.size":  {least: "0"},
	"Fault.item":  {least: "0", standard: "0"},
}

func names[T ~string](all []T) []string {
	texts := make([]string, len(all))
	for n, one := range all {
		texts[n] = string(one)
	}
	return texts
}

// outOfBounds tells which members of a struct, and of all that is in it, are not in their bounds.
func outOfBounds(v any) error {
	var ms mistakes
	ms.outOfBounds("", reflect.ValueOf(v))
	return ms.orNil()
}

func (ms *mistakes) outOfBounds(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		for n := range v.Len() {
			ms.outOfBounds(fmt.Sprintf("%s[%d]", path, n), v.Index(n))
		}
	case reflect.Struct:
		for _, m := range declared(v.Type()) {
			value := v.FieldByIndex(m.index)
			if b, ok := boundsOf[m.key()]; ok && !value.IsZero() {
				ms.outside(joined(path, m.name), b, value)
			}
			ms.outOfBounds(joined(path, m.name), value)
		}
	}
}

// outside adds a mistake if a value is not in its bounds.
func (ms *mistakes) outside(path string, b bounds, v reflect.Value) {
	if v.Kind() == reflect.String {
		if b.oneOf != nil {
			ms.oneOf(path, v.String(), b.oneOf...)
		}
		return
	}
	if at, ok := size(v); ok {
		if b.least != "" && at < bound(b.least) {
			ms.add(path, "%v is below %s", v, b.least)
		}
		if b.most != "" && at > bound(b.most) {
			ms.add(path, "%v is above %s", v, b.most)
		}
	}
}

// size is a number or a duration as a number.
func size(v reflect.Value) (float64, bool) {
	switch {
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanFloat():
		return v.Float(), true
	}
	return 0, false
}

// bound is a bound as a number.
func bound(text string) float64 {
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return number
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		panic("sandbox: a bound is no number and no duration: " + text)
	}
	return float64(d)
}

// declaredMember is a member of a JSON object with the struct that declares it, which may be an embedded one.
type declaredMember struct {
	jsonField
	by reflect.Type
	// goName is the field's name in Go.
	goName string
}

func (m declaredMember) key() string { return m.by.Name() + "." + m.name }

// declared are the members of a struct, in order, those of embedded structs included.
func declared(t reflect.Type) []declaredMember {
	var all []declaredMember
	for _, f := range jsonFields(t) {
		by := t
		for _, step := range f.index[:len(f.index)-1] {
			by = by.Field(step).Type
		}
		all = append(all, declaredMember{f, by, t.FieldByIndex(f.index).Name})
	}
	return slices.Clip(all)
}
