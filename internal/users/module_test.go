package users_test

import (
	"encoding/base64"
	"maps"
)

// module is what stands in the user's files: one deployment, and now and then a second resource of the same name.
type module struct {
	name     string
	image    string
	document string // one of documents
	userData string // one of userDatas
	base64   bool   // the user data is written as user_data_base64
	version  int    // user_data_wo_version, with the user data as user_data_wo; 0 where they are in the clear
	wider    bool   // a second target group is written
	capacity string // one of capacities
	strategy string // one of strategies
	hold     int    // hold_after_phase, or noHold
	bake     string // of phases, weights and the full switch
	settle   string
	keep     bool // downsize_previous = false
	alarms   bool
	ignore   bool // alarms_at_start = "ignore"
	running  bool // start_with = "running"
	previousFirst, holds, rollsBack, protected, createFirst,
	duplicate bool
	healthyTimeout string
	healthyFor     string // verify.min_healthy_time
	healthyPercent int    // verify.healthy_percent, or 0
	create         string // timeouts.create
	update         string // timeouts.update
	delete         string // timeouts.delete
	classic        bool   // a classic load balancer is written
	check          string // one of checks, or ""
	secretHeader   bool   // the header of the check is write-only
	compare        bool   // verify.compare is written
	inconclusive   string // verify.inconclusive
	retain         int
	trigger        int
	session        int             // the provider's AWS session, 0 for keys that do not end
	revoked        bool            // Spot's token is, or soon will be
	unknown        map[string]bool // attributes that are known only when they are applied
	late           map[string]any  // and what these turn out to be, where it is something else than what stands in the files
}

const noHold = -1

// usualModule has short bakes, and none where load balancers are slow: the default has to be enough there.
func usualModule(c climate, strategy string) module {
	m := module{name: "web", image: "ami-1", document: "plain", userData: "boot", capacity: "2/4/8", strategy: strategy, hold: noHold, bake: "20s",
		settle: "10s", retain: 2}
	if c.slow() {
		m.bake = ""
	}
	return m
}

var capacities = map[string][]int{"2/4/8": {2, 4, 8}, "3/6/9": {3, 6, 9}, "1/1/1": {1, 1, 1}, "2/2/6": {2, 2, 6}, "left out": nil}

var strategies = []string{"basic", "canary", "canary by count", "blue/green", "blue/green by weights"}

func (m module) blueGreen() bool {
	return m.strategy == "blue/green" || m.strategy == "blue/green by weights"
}

func (m module) known() module {
	m.unknown = nil
	return m
}

// attributes are the resource as Terraform has it. All that depends on the schema's shape is here.
func (m module) attributes() attrs {
	a := attrs{"name": m.name, "image_id": m.image, "configuration": asJSON(documentOf(m.document)), "retain": m.retain}
	if m.several() {
		delete(a, "image_id")
		a["image_ids"] = []any{m.image, m.image + armTwin}
	}
	switch {
	case m.writesOnly():
		a["user_data_wo"], a["user_data_wo_version"] = userDatas[m.userData], m.version
	case m.userData != "" && m.base64:
		a["user_data_base64"] = encoded(m.userData)
	case m.userData != "":
		a["user_data"] = userDatas[m.userData]
	}
	if c := capacities[m.capacity]; c != nil {
		a["capacity"] = attrs{"minimum": c[0], "target": c[1], "maximum": c[2]}
	}
	if m.hold != noHold {
		a["hold_after_phase"] = m.hold
	}
	if m.trigger > 0 {
		a["triggers"] = attrs{"release": string(rune('a' + m.trigger))}
	}
	if !m.blueGreen() {
		a["target_group_arns"] = []any{webTG}
		if m.wider {
			a["target_group_arns"] = []any{webTG, otherTG}
		}
		if m.classic {
			a["load_balancer_names"] = []any{classic}
		}
	}
	if m.previousFirst {
		a["resize_order"] = "previous_first"
	}
	if m.holds {
		a["on_failure"] = "hold"
	}
	if m.rollsBack {
		a["on_interrupt"] = "rollback"
	}
	if m.protected {
		a["deletion_protection"] = true
	}
	if m.healthyTimeout != "" {
		a["healthy_timeout"] = m.healthyTimeout
	}
	if m.running && has("start_with") {
		a["start_with"] = "running"
	}
	m.verify(a)
	if limits := m.limits(); len(limits) > 0 {
		a["timeouts"] = limits
	}
	maps.Copy(a, m.how())
	for name, value := range m.late {
		if m.unknown == nil {
			set(a, name, value)
		}
	}
	for name := range m.unknown {
		if name == "image_id" && m.several() {
			name = "image_ids"
		}
		set(a, name, unknown)
	}
	return a
}

// armTwin is what the name of an image ends in that is made of the same as another, for arm.
const armTwin = "-arm"

const twoArchitectures = "with x86 and arm types, and two images"

// several tells whether image_ids is written, with an image for each architecture of the document's types.
func (m module) several() bool { return m.document == twoArchitectures && has("image_ids") }

func (m module) verify(a attrs) {
	verify := attrs{}
	if m.alarms {
		verify["alarms"] = []any{alarm}
	}
	if m.alarms && m.ignore {
		verify["alarms_at_start"] = "ignore"
	}
	if m.healthyFor != "" {
		verify["min_healthy_time"] = m.healthyFor
	}
	if m.healthyPercent > 0 {
		verify["healthy_percent"] = m.healthyPercent
	}
	m.checked(verify)
	if len(verify) > 0 {
		a["verify"] = verify
	}
}

// how is the strategy.
func (m module) how() attrs {
	bake := func(step attrs) attrs {
		if m.bake != "" {
			step["bake"] = m.bake
		}
		return step
	}
	phases := func(steps ...any) attrs {
		return attrs{"canary": attrs{"phase": steps}}
	}
	switch m.strategy {
	case "canary":
		return phases(bake(attrs{"percent": 25}), bake(attrs{"percent": 50}))
	case "canary by count":
		return phases(bake(attrs{"count": 1}))
	case "blue/green", "blue/green by weights":
		bg := bake(attrs{"downsize_previous": !m.keep})
		if m.settle != "" {
			bg["settle"] = m.settle
		}
		routes := []any{attrs{"production_arn": production, "stage_arn": stage}}
		if m.strategy == "blue/green by weights" {
			routes = []any{attrs{"production_arn": weighted}}
			bg["shift"] = []any{bake(attrs{"weight": 10}), bake(attrs{"weight": 50})}
		}
		bg["route"] = routes
		return attrs{"blue_green": bg}
	}
	return nil
}

// set puts a value at an attribute, which is that of a block as "block.attribute"; not where there is no such block.
func set(a attrs, name string, value any) {
	for i := range name {
		if name[i] == '.' {
			block, ok := a[name[:i]].(attrs)
			if ok {
				block = maps.Clone(block)
				a[name[:i]] = block
				set(block, name[i+1:], value)
			}
			return
		}
	}
	a[name] = value
}

// has tells whether the schema has an attribute or a block.
func has(name string) bool {
	block := schemas.ResourceSchemas[resourceType].Block
	outer, inner := name, ""
	for i := range name {
		if name[i] == '.' {
			outer, inner = name[:i], name[i+1:]
		}
	}
	for _, b := range block.BlockTypes {
		if b.TypeName != outer {
			continue
		}
		if inner == "" {
			return true
		}
		for _, b := range b.Block.BlockTypes {
			if b.TypeName == inner {
				return true
			}
		}
		for _, a := range b.Block.Attributes {
			if a.Name == inner {
				return true
			}
		}
	}
	for _, a := range block.Attributes {
		if a.Name != outer {
			continue
		}
		if inner == "" {
			return true
		}
		if a.NestedType == nil {
			return false
		}
		for _, n := range a.NestedType.Attributes {
			if n.Name == inner {
				return true
			}
		}
	}
	return false
}

// userDatas are what a user may give to instances.
var userDatas = map[string]string{
	"boot": "#!/bin/sh\nexport PASSWORD=" + bootSecret + "\n", "boot-2": "#!/bin/sh\nexport OTHER_PASSWORD=" + bootSecret + "\n",
}

func encoded(userData string) string {
	if userData == "" {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(userDatas[userData]))
}
