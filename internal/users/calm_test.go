package users_test

import (
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// judgeTwice: a plan made twice is one plan.
func (s *scene) judgeTwice(p *plan) {
	if p.failed() || s.badAnswers() {
		return
	}
	again := s.plan(p.state, p.how)
	for address, step := range p.steps {
		if other := again.steps[address]; other == nil || again.failed() || s.unsettled(p.at) || !step.proposal.value.Equal(other.proposal.value) {
			if !again.failed() && !s.unsettled(p.at) {
				s.broken(ruleCore, "planned twice, %s is to be\n%s\nand\n%s", address, step.proposal.value, other.proposal.value)
			}
		}
	}
}

// judgeAsleep: while time goes by, nothing that stands at zero wakes up, and nothing that is pinned moves.
func (s *scene) judgeAsleep(from int) {
	moments := s.world.Timeline()[from:]
	asleep, pinned := map[string]bool{}, map[string]int{}
	for _, g := range moments[0].Groups {
		asleep[g.ID] = g.Target == 0
		if c := rolesOf(s.file.name, s.world.Groups()); c.candidate != nil && g.Minimum == g.Target && g.Target == g.Maximum && g.Target > 0 {
			pinned[g.ID] = g.Target
		}
	}
	for _, m := range moments {
		for _, g := range m.Groups {
			if asleep[g.ID] && g.Target > 0 && !isForeign(g.Name) && !s.unsettled(moments[0].Time) {
				s.broken(ruleAsleep, "%s: %s, which stood at zero, has a target of %d", m.Time.Format(time.TimeOnly), g.Name, g.Target)
			}
			if n := pinned[g.ID]; n > 0 && g.Target != n && !isForeign(g.Name) && !s.unsettled(moments[0].Time) {
				s.broken(ruleAsleep, "%s: %s, which was pinned to %d while a rollout stands, has a target of %d", m.Time.Format(time.TimeOnly), g.Name, n, g.Target)
			}
		}
	}
}

// calms ends the story: nobody does anything any more, and one more release is to succeed, and to be destroyed without a trace.
func (s *scene) calms() {
	s.end()
	s.settleActions()
	s.calmRolls()
	s.calmMarket()
	s.world.ClearFaults()
	s.world.SetPropagation(s.climate.propagation)
	s.setAlarm("OK")
	s.unspoil()
	s.armed = course{}
	st := s.states[first]
	clear(s.weather)
	s.faulty, s.passingFaults = false, false
	if s.contested || s.file.duplicate || len(s.states[second].objects) > 0 || s.tagsEdited {
		return
	}
	time.Sleep(30 * time.Minute)
	s.tokenAgain()
	s.file.revoked = false
	s.unsettledUntil = time.Time{}
	file := usualModule(s.climate, s.file.strategy)
	file.name, file.document, file.alarms, file.ignore, file.keep, file.userData, file.trigger = s.file.name, s.file.document, s.file.alarms, s.file.ignore, s.file.keep, s.file.userData, s.file.trigger+1
	file.version = s.file.version
	file.image, s.file.session = "ami-9", 0
	if refusable(file.document) {
		file.document = "plain"
	}
	s.file = file
	if o := st.objects[main]; o != nil {
		o.tainted = false // terraform untaint
		s.file.name = text(o.value, "name")
	}
	live := s.live()
	if st.objects[main] == nil && live != nil && live.Target > 0 {
		s.load(st)
	}
	if live != nil {
		s.routeTo(*live)
	}
	time.Sleep(5 * time.Minute)
	var op *operation
	for range 2 {
		if op = s.apply(st, options{}); !op.failed() {
			break
		}
		time.Sleep(10 * time.Minute)
	}
	if op.failed() && !s.mayRefuse(op) {
		s.broken(ruleGoesOn, "released twice, it still fails:\n%s%s", providertest.Render(op.plan.diags), providertest.Render(op.diags))
	}
	if op.failed() {
		return
	}
	time.Sleep(10 * time.Minute)
	timeline := s.world.Timeline()
	if n := servingOf(s.file.name, timeline[len(timeline)-1]); n < capacities[s.file.capacity][1] && !tasked(s.file.document) {
		s.broken(ruleGoesOn, "released, and %d of %d instances serve:\n%s", n, capacities[s.file.capacity][1], s.standing())
	}
	if op := s.apply(st, options{destroy: true}); op.failed() {
		s.broken(ruleLeft, "the destroy fails:\n%s%s", providertest.Render(op.plan.diags), providertest.Render(op.diags))
	}
}

// refusable tells whether a document may be refused.
func refusable(document string) bool {
	switch document {
	case "of a stateful group", "with a member that there is not", "in a zone that the balancer has not":
		return true
	}
	return document == "with risk and onDemandCount" || document == "with user data that is not base64"
}

// mayRefuse tells whether a refusal is due to what others have done, which no provider can know how to mend.
func (s *scene) mayRefuse(op *operation) bool {
	said := providertest.Render(op.plan.diags) + providertest.Render(op.diags)
	return !s.taken.IsZero() && strings.Contains(said, "traffic") || strings.Contains(said, "Routes") || s.strategyChanged()
}

// strategyChanged tells whether the live revision stands where this strategy does not look.
func (s *scene) strategyChanged() bool {
	live := s.live()
	if live == nil {
		return false
	}
	at := map[string]bool{}
	for _, b := range read(*live).Compute.LaunchSpecification.LoadBalancersConfig.LoadBalancers {
		at[b.ARN] = true
	}
	switch s.file.strategy {
	case "blue/green":
		return !at[blueTG] && !at[greenTG]
	case "blue/green by weights":
		return !at[redTG] && !at[grayTG]
	}
	return false
}

// routeTo makes production forward to where the live group registers, as a person does who puts things right.
func (s *scene) routeTo(live sandbox.Group) {
	for _, b := range read(live).Compute.LaunchSpecification.LoadBalancersConfig.LoadBalancers {
		if rolesOf(s.file.name, s.world.Groups()).candidate != nil {
			return
		}
		s.others.Add(1)
		switch b.ARN {
		case blueTG:
			s.weigh(production, "blue", 1, "", 0)
			s.weigh(stage, "green", 1, "", 0)
		case greenTG:
			s.weigh(production, "green", 1, "", 0)
			s.weigh(stage, "blue", 1, "", 0)
		case redTG:
			s.weigh(weighted, "red", 100, "gray", 0)
		case grayTG:
			s.weigh(weighted, "red", 0, "gray", 100)
		}
		s.others.Add(-1)
	}
}
