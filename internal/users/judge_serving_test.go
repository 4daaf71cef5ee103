package users_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// promised is how many instances production gets at every moment of an operation.
func (s *scene) promised(op *operation, name string, served int) int {
	c := rolesOf(name, op.before)
	if c.live == nil || op.plan.file.previousFirst || op.does("delete", "replace") || s.hasty(op) {
		return 0
	}
	wanted := c.had()
	if size := capacities[op.plan.file.capacity]; size != nil && !op.plan.file.unknown["capacity"] {
		if wanted = size[1]; op.plan.file.running {
			wanted = min(max(c.had(), size[0]), size[2])
		}
	}
	promised := min(served, c.had(), wanted)
	if percent := op.plan.file.healthyPercent; percent > 0 {
		promised = promised * percent / 100
	}
	return promised
}

// crashes tells whether instances stop answering by themselves.
func (op *operation) crashes() bool {
	return op.plan.file.image == "ami-crash" || slices.ContainsFunc(op.before, func(g sandbox.Group) bool { return strings.HasPrefix(imageOf(g), "ami-crash") && g.Target > 0 })
}

// hasty tells whether less time is written than load balancers take to follow, and the plan has warned of it.
func (s *scene) hasty(op *operation) bool {
	return s.climate.slow() && strings.Contains(providertest.Render(op.plan.diags), "settle") && strings.Contains(providertest.Render(op.plan.diags), "bake")
}

// judgeServes: production reaches no fewer instances than is promised.
func (s *scene) judgeServes(op *operation, moments []sandbox.Moment, mine []sandbox.Call) {
	for _, name := range op.names() {
		served := servingOf(name, moments[0])
		floor := s.promised(op, name, served)
		if floor == 0 {
			continue
		}
		if op.plan.file.running {
			floor = min(floor, scaledTo(rolesOf(name, op.before).live, moments, resizes(mine)))
		}
		if (op.undisturbed() || op.onlyBeside()) && !op.crashes() {
			for _, m := range moments {
				if n := servingOf(name, m); n < floor {
					s.broken(ruleServes, "%s: production reaches %d instances, %d are promised", m.Time.Format(time.TimeOnly), n, floor)
				}
			}
		}
		s.judgeTakes(name, floor, moments, mine)
	}
}

// resizes are to how many instances calls set which group when: somebody else may change the same group at the same instant.
func resizes(mine []sandbox.Call) map[string]int {
	resized := map[string]int{}
	for _, c := range mine {
		if c.Action == "SetCapacity" && c.Changed {
			if to, sent := sentTarget(c); sent {
				resized[c.Time.String()+c.Subject] = to
			}
		}
	}
	return resized
}

// scaledTo is the least that an autoscaler, or somebody, set the live group to before the operation pinned it: a release that starts with what runs
// starts with that.
func scaledTo(live *sandbox.Group, moments []sandbox.Moment, resized map[string]int) int {
	least := math.MaxInt
	for _, m := range moments {
		if _, pinned := resized[m.Time.String()+live.ID]; pinned {
			break
		}
		if n := slices.IndexFunc(m.Groups, func(g *sandbox.GroupMoment) bool { return g.ID == live.ID }); n >= 0 {
			least = min(least, m.Groups[n].Target)
		}
	}
	return least
}

// judgeTakes: what a call takes away leaves as much as is promised, or as there was.
func (s *scene) judgeTakes(name string, floor int, moments []sandbox.Moment, mine []sandbox.Call) {
	resized := resizes(mine)
	for i, m := range moments[1:] {
		was := moments[i]
		before, left, shrunk := servingOf(name, was), 0, ""
		for _, g := range was.Groups {
			if _, ours := revisionOf(name, g.Name); !ours {
				continue
			}
			n := slices.IndexFunc(m.Groups, func(o *sandbox.GroupMoment) bool { return o.ID == g.ID })
			if n < 0 {
				continue
			}
			if to, ok := resized[m.Time.String()+g.ID]; ok && to == m.Groups[n].Target && to < g.Target {
				shrunk = fmt.Sprintf("%s from %d to %d", g.Name, g.Target, m.Groups[n].Target)
			}
			left += min(g.Serving, m.Groups[n].Target)
		}
		if shrunk != "" && left < min(floor, before) {
			s.broken(ruleTakes, "%s: shrinking %s leaves %d of %d that serve, %d are promised", m.Time.Format(time.TimeOnly), shrunk, left, before, floor)
		}
	}
}

// judgeEnd judges what stands in the end.
func (s *scene) judgeEnd(op *operation) {
	timeline := s.world.Timeline()
	for _, name := range op.names() {
		was, is := servingOf(name, timeline[op.moment]), servingOf(name, timeline[len(timeline)-1])
		renamed := name != op.plan.file.name
		if was > 0 && is == 0 && (!op.unsettled || op.onlyBeside()) && !op.crashes() && !s.hasty(op) && !op.does("delete") && !renamed {
			if rolesOf(name, op.before).live == nil && providertest.Failed(op.diags) {
				continue // a first deployment that was cut short, and is taken back: nothing of it was proven
			}
			if op.what == "replace" && providertest.Failed(op.diags) {
				continue // what was to be replaced was taken down first, and its successor failed: nobody promises more
			}
			s.broken(ruleNobody, "%d instances served before the %s, and none do after it", was, op.what)
		}
	}
	if op.what == "destroy" && !providertest.Failed(op.diags) && !op.interrupted {
		for _, name := range op.names() {
			for _, g := range rolesOf(name, op.after).all {
				if s.owners[g.ID] == op.state.name && !s.contested {
					s.broken(ruleLeft, "%s is left after the destroy", g.Name)
				}
			}
		}
	}
}
