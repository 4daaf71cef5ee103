package users_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// apply plans and applies.
func (s *scene) apply(st *state, how options) *operation {
	what := "apply"
	if how.destroy {
		what = "destroy"
	}
	p := s.plan(st, how)
	s.note("plan: %s", p)
	if p.failed() {
		s.note("the plan fails: %s", providertest.Render(p.diags))
		op := &operation{what: what, state: st, plan: p}
		s.judgePlan(p)
		return op
	}
	s.judgePlan(p)
	return s.applyPlan(what, p)
}

// applyPlan applies what was planned.
func (s *scene) applyPlan(what string, p *plan) *operation {
	s.settleActions()
	counted.commands.Add(1)
	st := p.state
	op := s.beginning(what, p)
	k := s.begins()
	c, diags := s.newCore()
	op.diags = diags
	if providertest.Failed(diags) {
		k.cancel()
		s.course.Store(nil)
		s.note("%s", providertest.Render(diags))
		return op
	}
	if op.does("create", "update", "replace") {
		s.mu.Lock()
		s.applied = p.file.known()
		s.mu.Unlock()
	}

	objects := maps.Clone(p.refreshed)
	var doing []string
	for _, address := range slices.Sorted(maps.Keys(p.steps)) {
		if p.steps[address].action != "no-op" {
			doing = append(doing, address)
		}
	}
	s.atOnce(doing, func(address string, mu *sync.Mutex) {
		after, replans, diags := s.perform(k.ctx, c, p, p.steps[address])
		mu.Lock()
		defer mu.Unlock()
		op.replans = append(op.replans, replans...)
		op.diags = append(append(op.diags, replans...), diags...)
		if objects[address] = after; after == nil {
			delete(objects, address)
		}
	})
	op.ended, op.after = s.world.Now(), s.world.Groups()
	s.finished(k, op)
	if !op.killed {
		st.objects = objects
		st.serial++
	}
	s.lastOp = op
	switch {
	case op.killed:
		s.note("%s: killed", what)
	case providertest.Failed(op.diags):
		s.note("%s fails: %s", what, providertest.Render(op.diags))
	default:
		s.note("%s succeeds in %s: %s", what, op.ended.Sub(op.began).Round(time.Second), providertest.Render(op.diags))
	}
	s.note("%s", s.standing())
	s.judgeTold(op, s.settleActions())
	s.judge(op)
	return op
}

// beginning is an operation that is about to begin.
func (s *scene) beginning(what string, p *plan) *operation {
	s.mu.Lock()
	alarmed, rolls, begun, turns, outside := s.alarmed, s.weather["roll"], s.rollsBegun, s.turns, s.outside
	s.mu.Unlock()
	return &operation{what: what, state: p.state, plan: p, began: s.world.Now(), moment: len(s.world.Timeline()) - 1, calls: len(s.world.Calls()),
		before: s.world.Groups(), alarmed: alarmed, rolls: rolls, rollsBegun: begun, turns: turns, interventions: s.interventions.Load(), outside: outside}
}

// begins begins the course of the next command.
func (s *scene) begins() *course {
	k := &course{killAt: s.armed.killAt, killAfter: s.armed.killAfter, interruptAt: s.armed.interruptAt, endsAt: s.armed.endsAt, atChange: s.armed.atChange}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	s.armed = course{}
	s.course.Store(k)
	return k
}

// finished ends it, and says what became of it. Others who are at work are waited for: what they leave is not there before.
func (s *scene) finished(k *course, op *operation) {
	k.cancel()
	s.course.Store(nil)
	op.killed, op.interrupted = k.dead, k.interrupted && !k.dead
	op.cut = k.cut
	op.unsettled = s.unsettled(op.began) || s.interventions.Load() != op.interventions
	s.mu.Lock()
	defer s.mu.Unlock()
	op.disturbed = len(s.weather) > 0 || s.unsettledUntil.After(op.began) || s.outside != op.outside
	if s.acting > 0 || s.acted.After(op.began) {
		op.beside = true
	}
}

// perform applies one resource's step, as core does: it plans once more, and insists that nothing that was known has changed.
func (s *scene) perform(ctx context.Context, c *core, p *plan, step *planned) (after *object, replans, diags []*tfprotov6.Diagnostic) {
	config := step.config
	if p.file.unknown != nil && step.action != "delete" {
		config = typed(c.Schema, p.file.known().attributes())
	}
	again := func(o *object) (proposal, bool) {
		q := c.propose(o, config)
		replans = append(replans, q.diags...)
		if providertest.Failed(q.diags) {
			return q, false
		}
		for _, at := range providertest.Differences(step.proposal.value, q.value) {
			s.broken(ruleCore, "inconsistent final plan at %s:\nplanned %s\nthen    %s", at, members(step.proposal.value)[firstName(at)], members(q.value)[firstName(at)])
		}
		return q, true
	}
	create := func() (*object, bool) {
		q, ok := again(nil)
		if !ok {
			return nil, false
		}
		created, more := c.change(ctx, nil, config, q)
		diags = append(diags, more...)
		if created != nil && providertest.Failed(more) {
			created.tainted = true
		}
		return created, !providertest.Failed(more)
	}
	remove := func(o *object, q proposal) (*object, bool) {
		rest, more := c.change(ctx, o, c.Nothing(), q)
		diags = append(diags, more...)
		return rest, !providertest.Failed(more)
	}
	gone := proposal{value: c.Nothing()}
	switch step.action {
	case "create":
		after, _ = create()
	case "update":
		q, ok := again(step.before)
		if !ok || q.value.Equal(step.before.value) {
			return step.before, replans, diags
		}
		after, diags = c.change(ctx, step.before, config, q)
	case "delete":
		after, _ = remove(step.before, step.proposal)
	case "replace":
		gone.private = step.before.private
		if !step.createFirst {
			if rest, ok := remove(step.before, gone); !ok {
				return rest, replans, diags
			}
			after, _ = create()
			break
		}
		created, ok := create()
		if !ok && created == nil {
			return step.before, replans, diags // what was deposed is put back
		}
		after = created
		if ok {
			q := c.proposeGone(step.before)
			if diags = append(diags, q.diags...); !providertest.Failed(q.diags) {
				_, _ = remove(step.before, q)
			}
		}
	}
	return after, replans, diags
}
