package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Config is a world as it begins: the world file. The zero Config is a world of one account without images, groups and
// load balancers.
type Config struct {
	// Schema is where editors find the JSON Schema of this file. The sandbox does not read it.
	Schema string `json:"$schema"`

	// Region is the one AWS region of the world. Default "us-east-1".
	Region string `json:"region"`
	// AWSAccount is the AWS account of everything in it. Default "123456789012".
	AWSAccount string `json:"aws_account"`
	// Accounts are those of the Spot organisation, oldest first: a call that names no account is taken to mean the oldest
	// that its token opens. Default: "act-sandbox" with the token "sandbox-token".
	Accounts []Account `json:"accounts"`

	// Images are the machine images that can be launched, oldest first.
	Images []Image `json:"images"`
	// Groups are Elastigroup documents, bare or as {"group": {…}}. Their instances are there when the world begins. They
	// may carry an "id", and an "account" which is not part of the document.
	Groups []json.RawMessage `json:"groups"`
	// Markets are the shortages of the world. Default: everything is to be had.
	Markets []Market `json:"markets"`
	// Autoscale are moves of groups' targets to come, as an autoscaler makes them.
	Autoscale []Autoscale `json:"autoscale"`
	// Rolls are deployments of Spot's own that are under way, or have failed, when the world begins.
	Rolls []GroupRoll `json:"rolls"`

	// Boot is how long the way of an instance takes.
	Boot Boot `json:"boot"`
	// Interruption is how the spot market takes instances away.
	Interruption Interruption `json:"interruption"`
	// RateLimit is how many calls a minute an account may make on one route and method before Spot answers 429.
	// 0 (the default) does not limit.
	RateLimit int `json:"rate_limit"`
	// HealthWithoutCheck is the healthStatus of running instances of groups that have no healthCheckType. What the real
	// API says of them is documented nowhere. Default "UNKNOWN".
	HealthWithoutCheck string `json:"health_without_check"`
	// RepairCapacity makes Spot take a capacity out of order on create and repair it, rather than refuse it. Which of both
	// the real API does is documented nowhere.
	RepairCapacity bool `json:"repair_capacity"`

	// WeightsBelow makes a group that counts weights stay below its target where whole instances do not give it. Default: it goes
	// above. Which of both the real API does is documented nowhere.
	WeightsBelow bool `json:"weights_below"`

	// DocumentedTimestamps makes the expiresAt of suspensions end in +0000, as Spot's documentation has it. Spot's Go SDK
	// cannot read that.
	DocumentedTimestamps bool `json:"documented_timestamps"`

	// AWS is the AWS half of the world: load balancers, target groups, alarms.
	AWS AWSConfig `json:"aws"`
	// Prometheus is one that has scraped what stands behind the load balancers.
	Prometheus PrometheusConfig `json:"prometheus"`
}

// Account is an account at Spot.
type Account struct {
	// ID is "act-…".
	ID string `json:"id"`
	// Tokens are those that open it. The first one of the first account is what the environment has.
	Tokens []string `json:"tokens"`
}

// Boot is how long the way of an instance takes. Images may differ from it (see Behaviour).
type Boot struct {
	// Reconcile is how long Spot takes to notice that a group has too few or too many instances. Default 2s.
	Reconcile Duration `json:"reconcile"`
	// Fulfil is the time from the request to the instance. Default 5s.
	Fulfil Duration `json:"fulfil"`
	// Running is the time from launch until the instance runs and is registered with its balancers. Default 20s.
	Running Duration `json:"running"`
	// Answering is the time from launch until the application answers health checks. Default 40s.
	Answering Duration `json:"answering"`
	// Jitter spreads Running and Answering by up to this fraction either way, 0 to 1. Default 0.
	Jitter float64 `json:"jitter"`
	// Retry is how long Spot waits before it looks for capacity again. Default 30s.
	Retry Duration `json:"retry"`
	// HealthLag is how far Spot's word on health is behind that of the balancers. Default 5s.
	HealthLag Duration `json:"health_lag"`
}

// Autoscale is one move of a group's target to come.
type Autoscale struct {
	// Group is an ID or a name; of several groups of that name all are moved.
	Group string `json:"group"`
	// After is when it moves, from the beginning of the world.
	After Duration `json:"after"`
	// Target is what it moves to, in instances, or weights where the group counts those.
	Target int `json:"target"`
}

// GroupRoll is a deployment of Spot's own on a group.
type GroupRoll struct {
	// Group is an ID or a name; of several groups of that name all have one.
	Group string `json:"group"`
	Roll
}

// Duration is a time.Duration that JSON writes as Go does: "90s", "5m".
type Duration time.Duration

// UnmarshalJSON takes a duration string.
func (d *Duration) UnmarshalJSON(data []byte) error {
	if string(data) == "null" { // says nothing, by the convention of encoding/json
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("%s is no duration; write it as a string such as \"90s\" or \"5m\"", data)
	}
	parsed, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is no duration; write it as \"90s\" or \"5m\"", s)
	}
	*d = Duration(parsed)
	return nil
}

// MarshalJSON writes a duration string.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// String is the duration as Go writes it.
func (d Duration) String() string { return time.Duration(d).String() }

// Check tells what is wrong with a configuration: all of it, each mistake with its path in a world file.
func (c Config) Check() error {
	var ms mistakes
	accounts, seen := []string(nil), map[string]bool{}
	for n, a := range c.Accounts {
		path := fmt.Sprintf("accounts[%d].id", n)
		if !strings.HasPrefix(a.ID, "act-") {
			ms.add(path, "account %q: the id of an account begins with act-", a.ID)
		}
		ms.once(path, a.ID, seen)
		accounts = append(accounts, a.ID)
	}
	seen = map[string]bool{}
	for n, i := range c.Images {
		path := fmt.Sprintf("images[%d]", n)
		ms.under(path, i.check())
		ms.once(path+".id", i.ID, seen)
	}
	groups := c.checkGroups(&ms, accounts)
	for n, m := range c.Markets {
		ms.under(fmt.Sprintf("markets[%d]", n), m.check())
	}
	for n, a := range c.Autoscale {
		ms.under(fmt.Sprintf("autoscale[%d]", n), a.check())
	}
	for n, r := range c.Rolls {
		path := fmt.Sprintf("rolls[%d]", n)
		ms.named(path+".group", "group", r.Group, "groups", groups)
	}
	ms.under("aws", c.AWS.Check())
	ms.under("prometheus", c.Prometheus.check())
	c.AWS, c.Prometheus = AWSConfig{}, PrometheusConfig{} // have been checked
	ms.under("", outOfBounds(c))
	return ms.orNil()
}

// checkGroups answers the IDs and names of the groups, too.
func (c Config) checkGroups(ms *mistakes, accounts []string) (called []string) {
	seen := map[string]bool{}
	for n, g := range c.Groups {
		path := fmt.Sprintf("groups[%d]", n)
		document, account, err := groupDocument(g)
		if err != nil {
			ms.under(path, err)
			continue
		}
		id := text(document, "id")
		ms.once(path, id, seen)
		if account != "" && len(accounts) > 0 {
			ms.named(path, "account", account, "accounts", accounts)
		}
		for _, name := range []string{id, text(document, "name")} {
			if name != "" {
				called = append(called, name)
			}
		}
	}
	return called
}

func (a Autoscale) check() error {
	var ms mistakes
	if a.Group == "" {
		ms.add("", "it names no group")
	}
	return ms.orNil()
}

// complete fills in the defaults.
func (c Config) complete() Config {
	orText(&c.Region, "us-east-1")
	orText(&c.AWSAccount, "123456789012")
	orText(&c.HealthWithoutCheck, "UNKNOWN")
	if len(c.Accounts) == 0 {
		c.Accounts = []Account{{ID: "act-sandbox", Tokens: []string{"sandbox-token"}}}
	}
	orDuration(&c.Boot.Reconcile, 2*time.Second)
	orDuration(&c.Boot.Fulfil, 5*time.Second)
	orDuration(&c.Boot.Running, 20*time.Second)
	orDuration(&c.Boot.Answering, 40*time.Second)
	orDuration(&c.Boot.Retry, 30*time.Second)
	orDuration(&c.Boot.HealthLag, 5*time.Second)
	orDuration(&c.Interruption.Notice, 2*time.Minute)
	orText(&c.Interruption.Cause, "capacity")
	return c
}

func orText(s *string, d string) {
	if *s == "" {
		*s = d
	}
}

func orDuration(v *Duration, d time.Duration) {
	if *v == 0 {
		*v = Duration(d)
	}
}
