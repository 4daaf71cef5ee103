package moduleworld

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// deployment asks a deployment what it wants there to be.
func (b *builder) deployment(r resource) {
	if r.root && !strings.Contains(r.address, "[") && !slices.Contains(b.world.Deployments, r.address) {
		b.world.Deployments = append(b.world.Deployments, r.address)
	}
	for _, name := range r.unknown {
		switch name {
		case "configuration":
			addNote(&b.notes, "configuration of %s is not known from the files alone; terraform show -json of a plan (-plan) has it", r.address)
		case "image_id", "image_ids", "target_group_arns", "load_balancer_names":
			addNote(&b.notes, "%s of %s is not known; put what it names into the file", name, r.address)
		case "blue_green.route.production_arn", "route.production_arn", "verify.alarms":
			addNote(&b.notes, "%s of %s is not known; put what it names into the file", strings.TrimPrefix(name, "blue_green."), r.address)
		}
	}
	for _, id := range append(r.texts("image_ids"), r.text("image_id")) {
		if id != "" {
			b.image(sandbox.Image{ID: id})
		}
	}
	configuration := r.text("configuration")
	b.configurations[r.address] = configuration
	specification := specificationOf(configuration)
	if r.text("image_id") == "" && len(r.texts("image_ids")) == 0 {
		for _, id := range imageIDs(specification) {
			b.image(sandbox.Image{ID: id})
		}
	}
	groups, classic := r.texts("target_group_arns"), r.texts("load_balancer_names")
	balancers, _ := specification["loadBalancersConfig"].(map[string]any)
	for _, one := range listOf(balancers["loadBalancers"]) {
		m, _ := one.(map[string]any)
		if arn, ok := m["arn"].(string); ok && arn != "" && r.values["target_group_arns"] == nil {
			groups = append(groups, arn)
		} else if name, ok := m["name"].(string); ok && m["type"] == "CLASSIC" && r.values["load_balancer_names"] == nil {
			classic = append(classic, name)
		}
	}
	strategy, _ := groupOf(configuration)["strategy"].(map[string]any)
	for _, arn := range groups {
		b.drains(b.targetGroupOf(arn), strategy["drainingTimeout"])
	}
	for _, name := range classic {
		b.classic(name)
	}
	for _, strategy := range blocksOf(r.values, "blue_green") {
		for _, one := range blocksOf(strategy, "route") {
			production, _ := one["production_arn"].(string)
			stage, _ := one["stage_arn"].(string)
			if production != "" {
				b.routes = append(b.routes, route{production, stage, r.text("name")})
			}
		}
	}
	for _, verify := range blocksOf(r.values, "verify") {
		for _, name := range textsOf(verify["alarms"]) {
			b.alarm(name, "")
		}
		if len(blocksOf(verify, "check")) > 0 {
			addNote(&b.notes, "the checks of %s ask what they name (URLs, functions), in the sandbox as elsewhere", r.address)
		}
	}
	if long := longWaits(r); len(long) > 0 {
		address, _, _ := strings.Cut(r.address, "[") // of all instances alike
		addNote(&b.notes, "%s has %s, of your own time, which --speed does not hasten: make it a variable, and let the test say less", address, strings.Join(long, ", "))
	}
}

// patience is from when on somebody who tries a module wonders whether anything happens.
const patience = 2 * time.Minute

// longWaits are the times that a rollout waits by the provider's own clock, as they are written.
func longWaits(r resource) []string {
	var all []string
	add := func(name string, value any) {
		text, _ := value.(string)
		if d, err := time.ParseDuration(text); err == nil && d > patience && !slices.Contains(all, name+" = "+text) {
			all = append(all, name+" = "+text)
		}
	}
	for _, kind := range [][2]string{{"canary", "phase"}, {"blue_green", "shift"}} {
		for _, block := range blocksOf(r.values, kind[0]) {
			for _, one := range blocksOf(block, kind[1]) {
				add("bake", one["bake"])
			}
			add("bake", block["bake"])
			add("settle", block["settle"])
		}
	}
	if value, there := r.values["healthy_timeout"]; there && value != nil {
		add("healthy_timeout", value)
	} else {
		all = append(all, "healthy_timeout = 15m by default")
	}
	return all
}

// drains lets a target group of which nothing else is known give requests as long to end as the configuration does.
func (b *builder) drains(name string, timeout any) {
	seconds, ok := timeout.(float64)
	for n := range b.world.Config.AWS.TargetGroups {
		if g := &b.world.Config.AWS.TargetGroups[n]; ok && g.Name == name && g.Attributes == nil {
			g.Attributes = map[string]string{"deregistration_delay.timeout_seconds": fmt.Sprintf("%.0f", seconds)}
		}
	}
}

// specificationOf is the launch specification in a configuration, which may be bare or in {"group": …}.
func specificationOf(configuration string) map[string]any {
	group := groupOf(configuration)
	compute, _ := group["compute"].(map[string]any)
	specification, _ := compute["launchSpecification"].(map[string]any)
	return specification
}

func groupOf(configuration string) map[string]any {
	var document map[string]any
	if json.Unmarshal([]byte(configuration), &document) != nil {
		return nil
	}
	if group, ok := document["group"].(map[string]any); ok {
		return group
	}
	return document
}

func imageIDs(specification map[string]any) []string {
	var all []string
	if id, ok := specification["imageId"].(string); ok && id != "" {
		all = append(all, id)
	}
	for _, one := range listOf(specification["images"]) {
		if m, ok := one.(map[string]any); ok {
			if id, ok := m["id"].(string); ok {
				all = append(all, id)
			}
		}
	}
	return all
}

// finish makes what routes and imports need, puts every target group behind a listener, and checks the world.
func (b *builder) finish() (World, error) {
	for _, r := range b.routes {
		b.route(r)
	}
	b.importGroups()
	b.serveAll()
	c := &b.world.Config
	if b.account != "" {
		c.Accounts = []sandbox.Account{{ID: b.account, Tokens: []string{"sandbox-token"}}}
		if !strings.HasPrefix(b.account, "act-") {
			return World{}, fmt.Errorf("the provider's account is %q, which is none of Spot's: they begin with act-", b.account)
		}
	}
	c.Region = b.region
	if err := c.Check(); err != nil {
		return World{}, fmt.Errorf("what was read makes no world: %w", err)
	}
	b.world.Overrides = slices.DeleteFunc(b.world.Overrides, func(o Override) bool { return o.Address == "" && len(b.world.Overrides) > 1 })
	b.world.Notes = b.notes
	return b.world, nil
}

// route has production and stage forward to a target group each, or production to two.
func (b *builder) route(r route) {
	name := r.deployment
	if name == "" {
		name = "web"
	}
	for n := 0; ; n++ { // two of its own for each route that does not say where it forwards
		if n > 0 {
			name = fmt.Sprintf("%s-%d", r.deployment, n+1)
		}
		taken := slices.ContainsFunc(b.world.Config.AWS.TargetGroups, func(g sandbox.TargetGroupConfig) bool { return g.Name == name+"-blue" })
		if !taken {
			break
		}
	}
	blue := func() string {
		return b.addTargetGroup(sandbox.TargetGroupConfig{Name: name + "-blue", ARN: targetGroupARN(name + "-blue")})
	}
	green := func() string {
		return b.addTargetGroup(sandbox.TargetGroupConfig{Name: name + "-green", ARN: targetGroupARN(name + "-green")})
	}
	if r.stage == "" {
		b.forward(r.production, false, func() []sandbox.WeightConfig {
			return []sandbox.WeightConfig{{TargetGroup: blue(), Weight: 100}, {TargetGroup: green()}}
		})
		return
	}
	b.forward(r.production, false, func() []sandbox.WeightConfig { return []sandbox.WeightConfig{{TargetGroup: blue(), Weight: 1}} })
	b.forward(r.stage, true, func() []sandbox.WeightConfig { return []sandbox.WeightConfig{{TargetGroup: green(), Weight: 1}} })
}

// forward has a listener or rule forward somewhere if it does not yet.
func (b *builder) forward(arn string, stage bool, to func() []sandbox.WeightConfig) {
	if before, rest, isRule := strings.Cut(arn, ":listener-rule/"); isRule {
		path := rest[:max(0, strings.LastIndexByte(rest, '/'))]
		l := b.listenerOf(before + ":listener/" + path)
		for n := range l.Rules {
			if l.Rules[n].ARN == arn {
				l.Rules[n].Stage = stage
				if len(l.Rules[n].Actions) == 0 {
					l.Rules[n].Actions = []sandbox.ActionConfig{{TargetGroups: to()}}
				}
				return
			}
		}
		rule := sandbox.RuleConfig{ARN: arn, Stage: stage, Actions: []sandbox.ActionConfig{{TargetGroups: to()}}}
		l.Rules = append(l.Rules, rule)
		return
	}
	l := b.listenerOf(arn)
	l.Stage = stage
	if len(l.DefaultActions) == 0 && l.TargetGroup == "" {
		l.DefaultActions = []sandbox.ActionConfig{{TargetGroups: to()}}
	}
}

// importGroups has the groups there that import blocks name, as their configurations describe them.
func (b *builder) importGroups() {
	for _, i := range b.imported {
		group := groupOf(b.configurations[i.address])
		if group == nil {
			addNote(&b.notes, "the group that %s imports is not there: its configuration is not known", i.address)
			continue
		}
		copied := map[string]any{}
		for key, v := range group {
			copied[key] = v
		}
		if copied["name"] = i.id; !strings.Contains(i.id, "__") {
			copied["name"] = i.id + "__1"
		}
		delete(copied, "id")
		if copied["capacity"] == nil {
			copied["capacity"] = map[string]any{"minimum": 1, "target": 1, "maximum": 1}
		}
		b.document(copied)
		addNote(&b.notes, "the group that %s imports is there as its configuration describes it", i.address)
	}
}

// serveAll gives each listener something to do, each a port of its own, and each target group a listener: targets of one that has none are never checked.
func (b *builder) serveAll() {
	aws := &b.world.Config.AWS
	for n := range aws.LoadBalancers {
		l := &aws.LoadBalancers[n]
		taken := map[int]bool{}
		for m := range l.Listeners {
			taken[l.Listeners[m].Port] = true
		}
		next := 8000
		for m := range l.Listeners {
			if l.Listeners[m].Port == 0 {
				for next++; taken[next]; next++ {
				}
				l.Listeners[m].Port = next
				taken[next] = true
			}
			if len(l.Listeners[m].DefaultActions) == 0 && l.Listeners[m].TargetGroup == "" {
				l.Listeners[m].DefaultActions = []sandbox.ActionConfig{{Type: "fixed-response", Config: map[string]any{"StatusCode": "404"}}}
			}
			b.serves(l.Listeners[m].DefaultActions)
			short(&l.Listeners[m].TargetGroup, &l.Listeners[m].DefaultActions)
			for n := range l.Listeners[m].Rules {
				rule := &l.Listeners[m].Rules[n]
				b.serves(rule.Actions)
				short(&rule.TargetGroup, &rule.Actions)
			}
		}
	}
	port := 80
	for _, g := range aws.TargetGroups {
		if !b.served[g.Name] {
			l := b.balancer("sandbox", "")
			l.Listeners = append(l.Listeners, sandbox.ListenerConfig{Port: port, TargetGroup: g.Name})
			port++
		}
	}
}

// short writes a lone action that forwards to one target group in the short form.
func short(target *string, actions *[]sandbox.ActionConfig) {
	if a := *actions; len(a) == 1 && a[0].Type == "" && len(a[0].TargetGroups) == 1 {
		*target, *actions = a[0].TargetGroups[0].TargetGroup, nil
	}
}

func (b *builder) serves(actions []sandbox.ActionConfig) {
	for _, a := range actions {
		for _, g := range a.TargetGroups {
			b.served[g.TargetGroup] = true
		}
	}
}
