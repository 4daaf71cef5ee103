package users_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// deed is one thing that somebody does, or that happens: a line of a story.
type deed struct {
	line   string
	weight int // among those of its topic
	// do tells whether it could be done; what could not is no part of the story.
	do func(s *scene) bool
}

// topic are deeds that have to do with each other. A story is about a few topics: what needs three deeds of one kind to come about would
// hardly ever come about if all deeds were drawn alike.
type topic struct {
	name   string
	weight int
	deeds  []deed
}

// deeds are all there are, by their lines.
var deeds = map[string]deed{}

func init() {
	for _, t := range append(topics(), usual()) {
		for _, d := range t.deeds {
			if _, twice := deeds[d.line]; twice {
				panic("two deeds have the line " + d.line)
			}
			deeds[d.line] = d
		}
	}
}

func always(do func(s *scene)) func(s *scene) bool {
	return func(s *scene) bool { do(s); return true }
}

// usual is what every story is about: files are edited, applied, and time goes by.
func usual() topic {
	return topic{"usual", 0, []deed{
		{"terraform apply", 400, apply(first, options{})},
		{"the image becomes ami-2", 80, edit(func(m *module) { m.image = "ami-2" })},
		{"the image becomes ami-1", 60, edit(func(m *module) { m.image = "ami-1" })},
		{"the image becomes ami-3", 30, edit(func(m *module) { m.image = "ami-3" })},
		{"10m go by", 15, passes(10 * time.Minute)},
		{"24h go by", 15, passes(24 * time.Hour)},
	}}
}

// topics are what a story may be about besides.
func topics() []topic {
	return []topic{
		{"plans that are kept", 3, []deed{
			{"terraform plan", 30, func(s *scene) bool {
				p := s.plan(s.states[first], options{})
				s.note("plan: %s%s", p, providertest.Render(p.diags))
				s.judgePlan(p)
				s.judgeTwice(p)
				return true
			}},
			{"terraform plan -out=plan", 30, func(s *scene) bool {
				s.saved = s.plan(s.states[first], options{})
				s.judgePlan(s.saved)
				return true
			}},
			{"terraform apply plan", 50, func(s *scene) bool {
				p := s.saved
				if p == nil || p.failed() || p.serial != p.state.serial {
					return false // Terraform refuses it
				}
				s.saved = nil
				s.applyPlan("apply", p)
				return true
			}},
			{"terraform apply -refresh=false", 25, apply(first, options{noRefresh: true})},
		}},
		{"replacing", 6, []deed{
			{"terraform apply -replace", 40, apply(first, options{replace: true})},
			{"terraform taint", 15, taint},
			{"terraform untaint", 10, untaint},
			{"create_before_destroy is written", 40, edit(func(m *module) { m.createFirst = true })},
			{"the name becomes shop", 10, edit(func(m *module) { m.name = "shop" })},
			{"the name becomes web", 5, edit(func(m *module) { m.name = "web" })},
		}},
		{"destroying", 2, []deed{
			{"terraform destroy", 30, apply(first, options{destroy: true})},
			{"deletion_protection becomes true", 5, edit(func(m *module) { m.protected = true })},
			{"deletion_protection becomes false", 5, edit(func(m *module) { m.protected = false })},
		}},
		{"a second state", 6, []deed{
			{"terraform apply, from a second state", 30, apply(second, options{})},
			{"terraform destroy, from a second state", 30, apply(second, options{destroy: true})},
			{"terraform import, in the second state", 8, func(s *scene) bool { return s.load(s.states[second]) }},
			{"terraform state rm, in the second state", 6, func(s *scene) bool { return s.forget(s.states[second]) }},
		}},
		{"a duplicate", 3, []deed{
			{"a second resource of the same name is written", 20, edit(func(m *module) { m.duplicate = true })},
			{"the second resource is taken out", 8, edit(func(m *module) { m.duplicate = false })},
			{"terraform apply -target of the first resource", 15, apply(first, options{target: true})},
			{"terraform destroy -target of the first resource", 5, apply(first, options{target: true, destroy: true})},
		}},
		{"importing", 8, []deed{
			{"terraform state rm", 30, func(s *scene) bool { return s.forget(s.states[first]) }},
			{"terraform import", 60, func(s *scene) bool { return s.load(s.states[first]) }},
			{"the user data is left out", 30, edit(func(m *module) { m.userData = "" })},
			{"the user data becomes boot", 5, edit(func(m *module) { m.userData = "boot" })},
			{"the resource gets another address", 5, func(s *scene) bool {
				return s.states[first].objects[main] != nil // Terraform moves the object in the state, and asks nobody
			}},
		}},
		{"moving", 4, moving()},
		{"user data", 1, []deed{
			{"the user data becomes boot-2", 15, edit(func(m *module) { m.userData = "boot-2" })},
			{"the user data becomes boot, again", 8, edit(func(m *module) { m.userData = "boot" })},
			{"the user data is left out, after all", 8, edit(func(m *module) { m.userData = "" })},
			{"the user data is written in base64", 20, edit(func(m *module) { m.base64 = true })},
			{"the user data is written in plain text again", 8, edit(func(m *module) { m.base64 = false })},
		}},
		{"write-only user data", 4, writeOnly()},
		{"registering", 2, []deed{
			{"a second target group is written", 30, edit(func(m *module) { m.wider = true })},
			{"the second target group is left out", 15, edit(func(m *module) { m.wider = false })},
			{"a classic load balancer is written", 30, edit(func(m *module) { m.classic = !m.blueGreen() })},
			{"the classic load balancer is left out", 15, edit(func(m *module) { m.classic = false })},
		}},
		{"alarms", 6, slices.Concat([]deed{
			{"the file names an alarm", 60, edit(func(m *module) { m.alarms = true })},
			{"the file names no alarm", 8, edit(func(m *module) { m.alarms = false })},
			{"alarms_at_start becomes ignore", 30, edit(func(m *module) { m.ignore = true })},
		}, timed(40, "the alarm goes off", 0, func(s *scene) { s.setAlarm("ALARM") }),
			timed(20, "the alarm is OK again", 0, func(s *scene) { s.setAlarm("OK") }))},
		{"checks", 5, checking()},
		{"services that turn bad", 4, turning()},
		{"going back to what runs", 6, slices.Concat([]deed{
			{"downsize_previous becomes false", 60, edit(func(m *module) { m.keep = true })},
			{"downsize_previous becomes true", 8, edit(func(m *module) { m.keep = false })},
			{"the file names an alarm, too", 50, edit(func(m *module) { m.alarms = true })},
		}, timed(30, "the alarm goes off, for the new revision's sake", 0, func(s *scene) { s.setAlarm("ALARM") }))},
		{"bad images", 4, []deed{
			{"the image becomes ami-dies", 10, edit(func(m *module) { m.image = "ami-dies" })},
			{"the image becomes ami-never", 25, edit(func(m *module) { m.image = "ami-never" })},
			{"the image becomes ami-crash", 20, edit(func(m *module) { m.image = "ami-crash" })},
			{"the image becomes ami-slow", 10, edit(func(m *module) { m.image = "ami-slow" })},
			{"on_failure becomes hold", 10, edit(func(m *module) { m.holds = true })},
			{"on_failure becomes rollback", 5, edit(func(m *module) { m.holds = false })},
			{"triggers change", 20, edit(func(m *module) { m.trigger++ })},
			{"healthy_timeout becomes 1m", 10, edit(func(m *module) { m.healthyTimeout = "1m" })},
		}},
		{"images for two architectures", 4, []deed{
			{"the types become x86 and arm, with two images", 60, edit(func(m *module) { m.document = twoArchitectures })},
			{"the types become x86 alone, with one image", 10, edit(func(m *module) { m.document = "plain" })},
			{"the images become two that never turn healthy", 15, edit(func(m *module) { m.image = "ami-never" })},
			{"the images become two of which one crashes", 15, edit(func(m *module) { m.image = "ami-crash" })},
			{"terraform state rm, of two images", 8, func(s *scene) bool { return s.forget(s.states[first]) }},
			{"terraform import, of two images", 12, func(s *scene) bool { return s.load(s.states[first]) }},
		}},
		{"holding", 5, []deed{
			{"hold_after_phase becomes 1", 30, edit(func(m *module) { m.hold = 1 })},
			{"hold_after_phase becomes 2", 8, edit(func(m *module) { m.hold = 2 })},
			{"hold_after_phase is left out", 40, edit(func(m *module) { m.hold = noHold })},
		}},
		{"promoting and aborting", 6, promoting()},
		{"capacity", 3, []deed{
			{"the capacity becomes 3/6/9", 12, edit(func(m *module) { m.capacity = "3/6/9" })},
			{"the capacity becomes 1/1/1", 12, edit(func(m *module) { m.capacity = "1/1/1" })},
			{"the capacity becomes 2/2/6", 12, edit(func(m *module) { m.capacity = "2/2/6" })},
			{"the capacity becomes 2/4/8", 12, edit(func(m *module) { m.capacity = "2/4/8" })},
			{"the capacity is left out", 12, edit(func(m *module) { m.capacity = "left out" })},
			{"resize_order becomes previous_first", 4, edit(func(m *module) { m.previousFirst = true })},
			{"healthy_percent becomes 50", 6, edit(func(m *module) { m.healthyPercent = 50 })},
			{"min_healthy_time becomes 20s", 6, edit(func(m *module) { m.healthyFor = "20s" })},
			{"retain becomes 0", 10, edit(func(m *module) { m.retain = 0 })},
			{"retain becomes 1", 5, edit(func(m *module) { m.retain = 1 })},
		}},
		{"strategies", 3, strategic()},
		{"documents", 6, documented()},
		{"tasks", 6, []deed{
			{"the document gets a task that scales in the evening", 60, edit(func(m *module) { m.document = "with a task that scales in the evening" })},
			{"the document loses its task", 6, edit(func(m *module) { m.document = "plain" })},
			{"hold_after_phase becomes 1, for the day", 20, edit(func(m *module) { m.hold = 1 })},
			{"24h go by, and a day is over", 60, passes(24 * time.Hour)},
		}},
		{"autoscaling", 5, slices.Concat([]deed{
			{"start_with becomes running", 20, edit(func(m *module) { m.running = true })},
		}, timed(30, "an autoscaler moves the live group to 7", 0, onLive(func(s *scene, g sandbox.Group) { s.world.SetTarget(g.ID, 7) })),
			timed(10, "an autoscaler moves the live group to 2", 30*time.Second, onLive(func(s *scene, g sandbox.Group) { s.world.SetTarget(g.ID, 2) })))},
		{"values that come late", 6, lates()},
		{"other people", 4, otherPeople()},
		{"other people's traffic", 3, slices.Concat(
			timed(10, "another tool puts its own default action back", 10*time.Minute, func(s *scene) {
				s.take()
				s.weigh(production, "blue", 1, "", 0)
				s.weigh(weighted, "red", 100, "gray", 0)
			}),
			timed(10, "somebody sends all weighted traffic to gray", 10*time.Minute, func(s *scene) { s.take(); s.weigh(weighted, "red", 0, "gray", 100) }),
			timed(10, "somebody splits the weighted traffic", 10*time.Minute, func(s *scene) { s.take(); s.weigh(weighted, "red", 70, "gray", 30) }))},
		{"edited tags", 5, editedTags()},
		{"Spot's own rolls", 4, slices.Concat(
			timed(20, "Spot's own roll begins on the live group", 0, onLive(func(s *scene, g sandbox.Group) { s.rolls(g) })),
			timed(8, "Spot's own roll ends", 0, func(s *scene) { s.calmRolls() }))},
		{"the market", 4, slices.Concat(
			timed(16, "the market takes an instance of the live group back", 4*time.Minute, onLive(func(s *scene, g sandbox.Group) { s.reclaim(g) })),
			timed(8, "the market has no capacity", 0, func(s *scene) { s.noMarket() }),
			timed(8, "the market has capacity again", time.Minute, func(s *scene) { s.calmMarket() }))},
		{"commands that are cut short", 8, cuts()},
		{"calls that fail", 4, failures()},
		{"credentials that end", 4, credentialed()},
		{"reads that nobody meant", 8, strangeReads()},
		{"creates that nobody meant", 5, strangeCreates()},
	}
}

// apply plans and applies.
func apply(state string, how options) func(s *scene) bool {
	return func(s *scene) bool {
		st := s.states[state]
		if state == second && s.untagged() {
			return false
		}
		if (how.destroy || how.replace) && len(st.objects) == 0 {
			return false
		}
		s.apply(st, how)
		return true
	}
}

// edit changes what stands in the files.
func edit(change func(m *module)) func(s *scene) bool {
	return func(s *scene) bool {
		was := fmt.Sprint(s.file)
		change(&s.file)
		return fmt.Sprint(s.file) != was
	}
}

func strategic() []deed {
	var all []deed
	for _, how := range strategies {
		all = append(all, deed{"the strategy becomes " + how, 8, edit(func(m *module) { m.strategy = how })})
	}
	return append(all,
		deed{"the bakes are left out", 10, edit(func(m *module) { m.bake = "" })},
		deed{"the bakes become 2m", 10, edit(func(m *module) { m.bake = "2m" })},
		deed{"settle is left out", 8, edit(func(m *module) { m.settle = "" })},
		deed{"settle becomes 0s", 8, edit(func(m *module) { m.settle = "0s" })},
		deed{"timeouts.create becomes 10s", 8, edit(func(m *module) { m.create = "10s" })},
		deed{"timeouts.update becomes 1m", 10, edit(func(m *module) { m.update = "1m" })},
		deed{"timeouts.delete becomes 3s", 8, edit(func(m *module) { m.delete = "3s" })},
		deed{"timeouts are left out", 8, edit(func(m *module) { m.create, m.update, m.delete = "", "", "" })})
}

func documented() []deed {
	var all []deed
	for _, kind := range documentKinds() {
		all = append(all, deed{"the document becomes one " + kind, 8, edit(func(m *module) { m.document = kind })})
	}
	return all
}

// lates make attributes unknown for the next plan, and some of them turn out to be wrong.
func lates() []deed {
	var all []deed
	late := func(line string, turns any, names ...string) {
		all = append(all, deed{line, 3, func(s *scene) bool {
			for _, name := range names {
				if !has(name) {
					return false
				}
			}
			s.file.unknown = map[string]bool{}
			for _, name := range names {
				s.file.unknown[name] = true
			}
			if turns != nil {
				s.file.late = map[string]any{names[0]: turns}
			}
			return s.withUnknown()
		}})
	}
	for _, name := range []string{"image_id", "configuration", "user_data", "capacity", "target_group_arns", "triggers", "healthy_timeout", "retain", "on_failure",
		"on_interrupt", "resize_order", "hold_after_phase", "deletion_protection"} {
		late("terraform apply, which learns "+name+" only when it applies", nil, name)
	}
	late("terraform apply, which learns image_id, capacity and healthy_timeout only when it applies", nil, "image_id", "capacity", "healthy_timeout")
	for _, wrong := range []struct {
		name  string
		turns any
	}{
		{"retain", -5}, {"healthy_timeout", "-5m"}, {"healthy_timeout", "soon"}, {"on_failure", "shrug"}, {"on_interrupt", "shrug"},
		{"hold_after_phase", 99}, {"hold_after_phase", -1}, {"capacity", attrs{"minimum": 8, "target": 4, "maximum": 2}}, {"resize_order", "both"},
	} {
		late(fmt.Sprintf("terraform apply, which learns %s only when it applies, and it is %v", wrong.name, asJSON(wrong.turns)), wrong.turns, wrong.name)
	}
	return append(all, deed{"the image becomes ami-never, late", 12, edit(func(m *module) { m.image = "ami-never" })})
}

// withUnknown plans and applies with what is not known, and forgets that it was not.
func (s *scene) withUnknown() bool {
	wrong := s.file.late
	defer func() { s.file.unknown, s.file.late = nil, nil }()
	op := s.apply(s.states[first], options{})
	if len(wrong) == 0 || op.killed || op.plan.failed() || !op.does("create", "update", "replace") {
		return true
	}
	if !providertest.Failed(op.diags) {
		s.broken(ruleRefused, "%v was taken", wrong)
	}
	if calls := s.own(s.world.Calls()[op.calls:]); slices.ContainsFunc(calls, changedBy) && !op.does("replace") {
		s.broken(ruleRefused, "%v was refused when something was done already:\n%s", wrong, providertest.Render(op.diags))
	}
	return true
}

// cuts end the next command early.
func cuts() []deed {
	var all []deed
	for n := 1; n <= 6; n++ {
		all = append(all,
			deed{fmt.Sprintf("the next command is interrupted at its change %d", n), 4, always(func(s *scene) { s.armed.interruptAt = n })},
			deed{fmt.Sprintf("the next command is killed before its change %d", n), 4, always(func(s *scene) { s.armed.killAt, s.armed.killAfter = n, false })},
			deed{fmt.Sprintf("the next command is killed after its change %d", n), 4, always(func(s *scene) { s.armed.killAt, s.armed.killAfter = n, true })})
	}
	return append(all,
		deed{"on_interrupt becomes rollback", 10, edit(func(m *module) { m.rollsBack = true })},
		deed{"on_interrupt becomes hold", 5, edit(func(m *module) { m.rollsBack = false })})
}

// passes lets time pass.
func passes(d time.Duration) func(s *scene) bool {
	return always(func(s *scene) {
		s.settleActions()
		from := len(s.world.Timeline()) - 1
		time.Sleep(d)
		s.settleActions()
		s.judgeAsleep(from)
	})
}
