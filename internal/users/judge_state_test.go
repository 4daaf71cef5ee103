package users_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// judgeState: the state says what stands.
func (s *scene) judgeState(op *operation) {
	for address, step := range op.plan.steps {
		o := op.state.objects[address]
		name := op.plan.file.name
		switch {
		case o != nil:
			name = text(o.value, "name") // of what was to be replaced, where its successor of another name failed
		case step.before != nil:
			name = text(step.before.value, "name")
		}
		c := rolesOf(name, op.after)
		if o == nil {
			if step.action == "create" && providertest.Failed(op.diags) && !op.interrupted && !op.unsettled && !op.plan.file.holds && !s.contested {
				for _, g := range c.all {
					if byID(op.before, g.ID) == nil && !strings.Contains(providertest.Render(op.diags), "Rollout could not be completed") && !strings.Contains(providertest.Render(op.diags), "interrupted") {
						s.broken(ruleState, "the create failed, and %s is left behind:\n%s", g.Name, providertest.Render(op.diags))
					}
				}
			}
			continue
		}
		if op.unsettled || op.interrupted || s.contested || s.badAnswers() || s.tagsEdited && providertest.Failed(op.diags) {
			continue // what a run could not read when it ended stays in the state as it was seen last
		}
		if op.plan.how.noRefresh && step.action == "no-op" {
			continue // nobody has looked
		}
		s.judgeObject(o, c, op)
	}
}

func (s *scene) judgeObject(o *object, c roles, op *operation) {
	if told, stands := toldGroups(o), standingGroups(c); told != stands {
		s.broken(ruleState, "the state has %s; what stands is %s", told, stands)
	}
	if c.live == nil {
		return
	}
	status := text(o.value, "status")
	if status == "stable" {
		if c.candidate != nil {
			s.broken(ruleState, "the state is stable, and %s is %s", c.candidate.Name, tagsOf(*c.candidate)["verdict"])
		}
		if id := text(o.value, "group_id"); id != c.live.ID {
			s.broken(ruleState, "group_id is %s, and %s (%s) is live", id, c.live.Name, c.live.ID)
		}
	}
	if status != "holding" {
		if image := imageIn(o.value); image != imageOf(*c.live) {
			s.broken(ruleState, "image_id is %s, and %s serves with %s (status %s)", image, c.live.Name, imageOf(*c.live), status)
		}
		if data := text(o.value, "user_data"); status == "stable" && data != "" && encodedText(data) != userDataOf(*c.live) {
			s.broken(ruleState, "user_data is not that of %s", c.live.Name)
		}
		if status == "stable" {
			s.judgeVersionOf(o.value, *c.live)
		}
	}
	if !providertest.Failed(op.diags) && status == "stable" && op.does("create", "update", "replace") && !op.plan.file.keep {
		for _, g := range c.all {
			if g.Target > 0 && g.ID != c.live.ID {
				s.broken(ruleAsleep, "%s has a target of %d beside %s, which is live", g.Name, g.Target, c.live.Name)
			}
		}
	}
}

// judgeRefreshed: a refresh finds what stands.
func (s *scene) judgeRefreshed(p *plan) {
	if p.how.noRefresh || p.failed() {
		return
	}
	for address, o := range p.state.objects {
		name := text(o.value, "name")
		c := rolesOf(name, s.world.Groups())
		read := p.refreshed[address]
		if read == nil {
			for _, g := range c.all {
				if strings.Contains(toldGroups(o), g.ID) {
					s.broken(ruleKept, "a refresh took %s out of the state, and %s (%s) is there", name, g.Name, g.ID)
				}
			}
			continue
		}
		if s.badAnswers() || s.contested || s.interventions.Load() != p.interventions {
			continue
		}
		if told, stands := toldGroups(read), standingGroups(c); told != stands {
			s.broken(ruleState, "refreshed, the state has %s; what stands is %s", told, stands)
		}
	}
}

func toldGroups(o *object) string {
	var told []string
	for _, g := range list(o.value, "groups") {
		told = append(told, fmt.Sprintf("%s (%s) %s %d/%d/%d", text(g, "name"), text(g, "id"), imageIn(g), number(g, "minimum"), number(g, "target"), number(g, "maximum")))
	}
	slices.Sort(told)
	return strings.Join(told, ", ")
}

func standingGroups(c roles) string {
	var stands []string
	for _, g := range c.all {
		stands = append(stands, fmt.Sprintf("%s (%s) %s %d/%d/%d", g.Name, g.ID, imageOf(g), g.Minimum, g.Target, g.Maximum))
	}
	slices.Sort(stands)
	return strings.Join(stands, ", ")
}
