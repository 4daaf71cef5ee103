package users_test

import (
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// judgeTimeline judges every moment of the operation, and every call that changed something.
func (s *scene) judgeTimeline(op *operation) {
	mine := s.own(s.world.Calls()[op.calls:])
	created := map[string]int{}
	for _, c := range mine {
		if !c.Changed {
			continue
		}
		switch {
		case c.Service == "spot" && isForeign(c.Name):
			s.broken(ruleForeign, "%s %s", c.Action, c.Name)
		case (c.Action == "ModifyListener" || c.Action == "ModifyRule") && c.Subject != production && c.Subject != stage && c.Subject != weighted:
			s.broken(ruleForeign, "%s %s", c.Action, c.Subject)
		case c.Action == "CreateGroup":
			created[c.Name]++
		}
	}
	for _, c := range mine {
		doubted := strings.Contains(providertest.Render(op.plan.diags), "Spot is not known to take this") // it may know more than the provider does
		if c.Action == "CreateGroup" && c.Status == 400 && c.Fault == "" && !doubted {
			s.broken(ruleRefused, "Spot refuses the document in the apply, and the plan had nothing to say:\n%s", providertest.Render(op.diags))
		}
	}
	total := 0
	for _, n := range created {
		total += n
	}
	if most := 2 * len(op.plan.file.written()); total > most {
		s.broken(ruleOnce, "one apply has made %d groups", total)
	}
	moments := s.world.Timeline()[op.moment:]
	for i, m := range moments {
		if s.contested || s.faulty && op.does("create") {
			break // who does not know what there is, and is told that there is nothing, cannot but make it
		}
		if i > 0 {
			s.judgeDeletes(op, moments[i-1], m)
		}
		for n, g := range m.Groups {
			other := slices.IndexFunc(m.Groups[:n], func(o *sandbox.GroupMoment) bool { return o.Name == g.Name })
			if other >= 0 && !isForeign(g.Name) && (byID(op.before, g.ID) == nil || byID(op.before, m.Groups[other].ID) == nil) {
				s.broken(ruleNames, "%s: there are two groups %s", m.Time.Format(time.TimeOnly), g.Name)
			}
		}
	}
	s.judgeServes(op, moments, mine)
}

// judgeDeletes: what is deleted neither has nor wants instances, and going back deletes nothing that was proven before.
func (s *scene) judgeDeletes(op *operation, was, is sandbox.Moment) {
	for _, g := range was.Groups {
		gone := !slices.ContainsFunc(is.Groups, func(o *sandbox.GroupMoment) bool { return o.ID == g.ID })
		if !gone || !s.deletedBy(op, g.ID) {
			continue
		}
		if there := g.Instances; g.Target > 0 || there > 0 && !s.faulty {
			s.broken(ruleDeleted, "%s: %s was deleted with %d instances and a target of %d", is.Time.Format(time.TimeOnly), g.Name, g.Instances, g.Target)
		}
		before := byID(op.before, g.ID)
		if before != nil && before.Target > 0 && providertest.Failed(op.diags) && tagsOf(*before)["verdict"] == "proven" && !op.does("delete", "replace") {
			s.broken(ruleProven, "%s ran and was proven before this apply, which failed, and it was deleted", g.Name)
		}
	}
}

func (s *scene) deletedBy(op *operation, id string) bool {
	return slices.ContainsFunc(s.own(s.world.Calls()[op.calls:]), func(c sandbox.Call) bool {
		return c.Action == "DeleteGroup" && c.Subject == id && c.Changed
	})
}

// judgeOwners: what one state has released is neither taken over by a create nor taken down by a destroy of another.
func (s *scene) judgeOwners(op *operation) {
	name := op.plan.file.name
	for _, g := range op.after {
		if byID(op.before, g.ID) == nil && !isForeign(g.Name) {
			s.owners[g.ID] = op.state.name
		}
	}
	for address, step := range op.plan.steps {
		after := op.state.objects[address]
		switch step.action {
		case "create":
			c := rolesOf(name, op.before)
			if op.killed || after == nil || c.live == nil || c.live.Target == 0 || providertest.Failed(op.diags) || s.faulty {
				continue // who is told that there is nothing takes nothing over
			}
			if byID(op.after, c.live.ID) == nil {
				continue
			}
			if owner := s.owners[c.live.ID]; owner != "" && owner != unfinished(op.state.name) && tagsOf(*c.live)["verdict"] == "proven" {
				s.broken(ruleOwners, "%s served, released by %s, and a create of %s took it over", c.live.Name, owner, op.state.name)
			}
		case "delete":
			for _, g := range op.before {
				owner := s.owners[g.ID]
				if owner == "" || owner == op.state.name || owner == unfinished(op.state.name) || g.Target == 0 || isForeign(g.Name) {
					continue
				}
				if is := byID(op.after, g.ID); (is == nil || is.Target == 0) && !op.unsettled {
					s.broken(ruleOwners, "%s served, released by %s, and the destroy of %s took it down", g.Name, owner, op.state.name)
				}
			}
		}
	}
	// What a create has made that was cut short is for the next create of the same state to go on with.
	if op.does("create", "replace") && (op.killed || providertest.Failed(op.diags)) {
		for _, g := range op.after {
			if s.owners[g.ID] == op.state.name && byID(op.before, g.ID) == nil {
				s.owners[g.ID] = unfinished(op.state.name)
			}
		}
	}
	if !op.killed && !providertest.Failed(op.diags) {
		for id, owner := range s.owners {
			if owner == unfinished(op.state.name) {
				s.owners[id] = op.state.name
			}
		}
	}
}

func unfinished(state string) string { return "unfinished by " + state }
