package moduleworld

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// builder puts a world together.
type builder struct {
	world    World
	notes    []string
	imported []imported
	region   string
	account  string

	configurations map[string]string // of deployments, by address
	routes         []route
	served         map[string]bool // target groups that a listener or rule forwards to, by ARN
}

// route is a route of a deployment.
type route struct{ production, stage, deployment string }

func newBuilder() *builder {
	b := &builder{configurations: map[string]string{}, served: map[string]bool{}}
	b.world.Variables = map[string]string{}
	return b
}

// providers reads what the provider block says.
func (b *builder) providers(values map[string]any) {
	if text, ok := values["account"].(string); ok && text != "" {
		b.account = text
	}
	if text, ok := values["region"].(string); ok && text != "" {
		b.region = text
	}
	for _, name := range []string{"token", "endpoints", "profile", "access_key", "assume_role"} {
		if _, said := values[name]; said {
			addNote(&b.notes, "provider \"elastigroup\" has %s, which goes before the sandbox's environment: leave it out, or make it a variable, to try the module", name)
		}
	}
}

// add asks a resource what it wants there to be.
func (b *builder) add(r resource) {
	switch r.kind {
	case "elastigroup_ami", "elastigroup_amis", "aws_ami", "aws_ami_ids":
		for _, i := range imagesOf(&r) {
			b.image(i)
		}
		if r.text("name_regex") != "" {
			addNote(&b.notes, "%s has name_regex %q; check that the name of its image, %q, matches", r.address, r.text("name_regex"), imagesOf(&r)[0].Name)
		}
		for _, name := range r.unknown {
			if strings.HasPrefix(name, "filter.") {
				addNote(&b.notes, "a filter of %s is not known; check the name of its image", r.address)
			}
		}
		b.override(r, "id", "image_id", "name", "ids")
	case "elastigroup_target_group", "aws_lb_target_group", "aws_alb_target_group":
		b.targetGroup(r)
		b.override(r, "arn", "id", "name", "arn_suffix")
	case "elastigroup_target_groups":
		addNote(&b.notes, "%s finds whatever target groups there are", r.address)
	case "elastigroup_group":
		b.group(r)
	case "aws_lb", "aws_alb":
		kind := "application"
		if r.text("load_balancer_type") == "network" {
			kind = "network"
		}
		l := b.balancer(r.text("name"), r.text("arn"))
		if l.Type = kind; kind == "application" {
			l.Type = ""
		}
		b.override(r, "arn", "id", "name", "dns_name")
	case "aws_lb_listener", "aws_alb_listener":
		b.listener(r)
		b.override(r, "arn", "id")
	case "aws_lb_listener_rule", "aws_alb_listener_rule":
		b.rule(r)
		b.override(r, "arn", "id")
	case "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm":
		b.alarm(r.text("alarm_name"), r.text("alarm_description"))
		b.override(r, "id", "arn")
	case "aws_elb":
		b.classic(r.text("name"))
		b.override(r, "id", "name")
	case "elastigroup_deployment":
		b.deployment(r)
	default:
		if strings.HasPrefix(r.kind, "aws_") {
			addNote(&b.notes, "%s is a matter of the AWS provider; a test mocks it", r.address)
			b.world.Overrides = appendOnce(b.world.Overrides, Override{})
		}
	}
}

// override has the AWS provider answer in tests what the world has.
func (b *builder) override(r resource, names ...string) {
	if !strings.HasPrefix(r.kind, "aws_") {
		return
	}
	o := Override{Address: r.address, Data: r.data, Values: map[string]string{}}
	for _, name := range names {
		if text := r.text(name); text != "" {
			o.Values[name] = strconv.Quote(text)
		}
	}
	if ids := r.texts("ids"); len(ids) > 0 {
		quoted := make([]string, len(ids))
		for n, id := range ids {
			quoted[n] = strconv.Quote(id)
		}
		o.Values["ids"] = "[" + strings.Join(quoted, ", ") + "]"
	}
	if at := strings.IndexByte(o.Address, '['); at >= 0 {
		addNote(&b.notes, "%s has several instances, which a test can override only alike; in a test they have ARNs that are not in the world", o.Address[:at])
		return
	}
	b.world.Overrides = appendOnce(b.world.Overrides, o)
}

func appendOnce(all []Override, o Override) []Override {
	if slices.ContainsFunc(all, func(known Override) bool { return known.Address == o.Address }) {
		return all
	}
	return append(all, o)
}

func (b *builder) image(i sandbox.Image) {
	images := &b.world.Config.Images
	for n, known := range *images {
		if known.ID == i.ID {
			if known.Name == "" {
				(*images)[n] = i
			}
			return
		}
	}
	*images = append(*images, i)
}

func (b *builder) targetGroup(r resource) {
	g := sandbox.TargetGroupConfig{Name: r.text("name"), ARN: r.text("arn"), Protocol: r.text("protocol")}
	if port, ok := r.values["port"].(float64); ok {
		g.Port = int(port)
	}
	if delay, ok := r.values["deregistration_delay"]; ok && delay != nil && !r.data {
		g.Attributes = map[string]string{"deregistration_delay.timeout_seconds": fmt.Sprint(delay)}
	}
	if tags, ok := r.values["tags"].(map[string]any); ok {
		g.Tags = map[string]string{}
		for key, v := range tags {
			g.Tags[key] = fmt.Sprint(v)
		}
	}
	b.addTargetGroup(g)
}

// addTargetGroup answers the name under which the target group is known.
func (b *builder) addTargetGroup(g sandbox.TargetGroupConfig) string {
	groups := &b.world.Config.AWS.TargetGroups
	for _, known := range *groups {
		if known.ARN == g.ARN {
			return known.Name
		}
	}
	name := g.Name
	for n := 2; slices.ContainsFunc(*groups, func(known sandbox.TargetGroupConfig) bool { return known.Name == g.Name }); n++ {
		g.Name = fmt.Sprintf("%s-%d", name, n)
	}
	*groups = append(*groups, g)
	return g.Name
}

// targetGroupOf is the target group of an ARN.
func (b *builder) targetGroupOf(arn string) string {
	name := arn
	if parts := strings.Split(arn, "/"); len(parts) > 1 {
		name = parts[1]
	}
	return b.addTargetGroup(sandbox.TargetGroupConfig{Name: name, ARN: arn})
}

func (b *builder) balancer(name, arn string) *sandbox.LoadBalancerConfig {
	balancers := &b.world.Config.AWS.LoadBalancers
	for n, known := range *balancers {
		if known.Name == name {
			if (*balancers)[n].ARN == "" {
				(*balancers)[n].ARN = arn
			}
			return &(*balancers)[n]
		}
	}
	*balancers = append(*balancers, sandbox.LoadBalancerConfig{Name: name, ARN: arn})
	return &(*balancers)[len(*balancers)-1]
}

// listenerOf is the listener of an ARN, made if there is none yet.
func (b *builder) listenerOf(arn string) *sandbox.ListenerConfig {
	for n := range b.world.Config.AWS.LoadBalancers {
		l := &b.world.Config.AWS.LoadBalancers[n]
		for m := range l.Listeners {
			if l.Listeners[m].ARN == arn {
				return &l.Listeners[m]
			}
		}
	}
	l := b.balancer(balancerName(arn, "sandbox"), "")
	l.Listeners = append(l.Listeners, sandbox.ListenerConfig{ARN: arn})
	return &l.Listeners[len(l.Listeners)-1]
}

func (b *builder) listener(r resource) {
	arn := r.text("arn")
	l := b.listenerOf(arn)
	if port, ok := r.values["port"].(float64); ok {
		l.Port = int(port)
	}
	l.Protocol = r.text("protocol")
	l.TargetGroup, l.DefaultActions = "", b.actions(blocksOf(r.values, "default_action"))
}

func (b *builder) rule(r resource) {
	l := b.listenerOf(r.text("listener_arn"))
	rule := sandbox.RuleConfig{ARN: r.text("arn"), Actions: b.actions(blocksOf(r.values, "action"))}
	if priority, ok := r.values["priority"].(float64); ok {
		rule.Priority = int(priority)
	}
	if !slices.ContainsFunc(l.Rules, func(known sandbox.RuleConfig) bool { return known.ARN == rule.ARN }) {
		l.Rules = append(l.Rules, rule)
	}
}

// actions are those of a listener or rule of the AWS provider.
func (b *builder) actions(blocks []map[string]any) []sandbox.ActionConfig {
	var all []sandbox.ActionConfig
	for _, block := range blocks {
		kind, _ := block["type"].(string)
		a := sandbox.ActionConfig{Type: kind}
		if kind == "forward" || kind == "" {
			a.Type = ""
			if arn, ok := block["target_group_arn"].(string); ok && arn != "" {
				a.TargetGroups = append(a.TargetGroups, sandbox.WeightConfig{TargetGroup: b.targetGroupOf(arn), Weight: 1})
			}
			for _, forward := range blocksOf(block, "forward") {
				for _, g := range blocksOf(forward, "target_group") {
					arn, _ := g["arn"].(string)
					weight, _ := g["weight"].(float64)
					if arn != "" {
						a.TargetGroups = append(a.TargetGroups, sandbox.WeightConfig{TargetGroup: b.targetGroupOf(arn), Weight: int(weight)})
					}
				}
			}
			if len(a.TargetGroups) == 0 {
				continue
			}
		}
		all = append(all, a)
	}
	return all
}

func (b *builder) alarm(name, description string) {
	alarms := &b.world.Config.AWS.Alarms
	if name == "" || slices.ContainsFunc(*alarms, func(known sandbox.AlarmConfig) bool { return known.Name == name }) {
		return
	}
	*alarms = append(*alarms, sandbox.AlarmConfig{Name: name, Description: description, State: "OK"})
}

func (b *builder) classic(name string) {
	all := &b.world.Config.AWS.ClassicLoadBalancers
	if name == "" || slices.ContainsFunc(*all, func(known sandbox.ClassicBalancerConfig) bool { return known.Name == name }) {
		return
	}
	*all = append(*all, sandbox.ClassicBalancerConfig{Name: name})
}

// group is one that a data source looks for.
func (b *builder) group(r resource) {
	document := map[string]any{"name": r.text("name"), "capacity": map[string]any{"minimum": 0, "target": 0, "maximum": 0}}
	if id := r.text("id"); id != "" {
		document["id"] = id
		if r.text("name") == "" {
			document["name"] = r.name
		}
	}
	if document["name"] == "" {
		document["name"] = r.name
	}
	addNote(&b.notes, "%s finds the group %q, which is all but empty; put its document into groups", r.address, document["name"])
	b.document(document)
}

func (b *builder) document(group map[string]any) {
	raw, err := json.Marshal(map[string]any{"group": group})
	if err != nil || slices.ContainsFunc(b.world.Config.Groups, func(known json.RawMessage) bool { return string(known) == string(raw) }) {
		return
	}
	b.world.Config.Groups = append(b.world.Config.Groups, raw)
}
