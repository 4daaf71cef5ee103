package users_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// What people do to a rollout beside its resource: they promote what holds, and abort what is rolled out.
const (
	promote = "elastigroup_promote"
	abort   = "elastigroup_abort"
)

// promoting are the actions, at rest, while a release holds, and beside a command.
func promoting() []deed {
	invoked := func(action string, phase int) func(s *scene) bool {
		return always(func(s *scene) { s.invoke(action, phase) })
	}
	all := []deed{
		{"hold_after_phase becomes 1, for a promotion", 50, edit(func(m *module) { m.hold = 1 })},
		{"elastigroup_promote is invoked", 50, invoked(promote, 0)},
		{"elastigroup_promote is invoked for phase 2", 15, invoked(promote, 2)},
		{"elastigroup_abort is invoked", 40, invoked(abort, 0)},
	}
	for _, action := range []string{promote, abort} {
		aside := func(s *scene) func() {
			how := invocation{action: action, name: s.file.name, access: s.access()}
			return func() { s.invokeBeside(how) }
		}
		all = append(all,
			deed{"in 30 seconds somebody else invokes " + action, 12, always(func(s *scene) { s.later(30*time.Second, aside(s)) })},
			deed{"in 2 minutes somebody else invokes " + action, 8, always(func(s *scene) { s.later(2*time.Minute, aside(s)) })},
			deed{"after the next change somebody else invokes " + action, 15, always(func(s *scene) { s.armed.atChange = append(s.armed.atChange, aside(s)) })})
	}
	return all
}

// invocation is an action as somebody invokes it.
type invocation struct {
	action string
	phase  int // or 0
	name   string
	access attrs
	client string // the name of a process that is at work beside another one
	plans  bool
}

// invoked is what came of an action.
type invoked struct {
	*operation
	invocation
	planned []*tfprotov6.Diagnostic // of its plan
	said    []string                // while it ran
}

func (v *invoked) failed() bool {
	return providertest.Failed(v.planned) || providertest.Failed(v.diags)
}

// all is everything that was said.
func (v *invoked) all() []*tfprotov6.Diagnostic {
	return append(slices.Clone(v.planned), v.diags...)
}

// invoke invokes an action as a command of its own: terraform apply -invoke.
func (s *scene) invoke(action string, phase int) {
	s.settleActions()
	counted.commands.Add(1)
	k := s.begins()
	v := s.act(k.ctx, invocation{action: action, phase: phase, name: s.file.name, access: s.access(), plans: true})
	s.finished(k, v.operation)
	s.settleActions()
	s.noteAction(v)
	s.judgeAction(v)
}

func (s *scene) noteAction(v *invoked) {
	switch {
	case v.killed:
		s.note("%s: killed", v.action)
	case v.failed():
		s.note("%s fails: %s", v.action, providertest.Render(v.all()))
	default:
		s.note("%s succeeds in %s: %s%s", v.action, v.ended.Sub(v.began).Round(time.Second), strings.Join(v.said, "\n"), providertest.Render(v.all()))
	}
	s.note("%s", s.standing())
}

// act invokes an action, in the goroutine of the caller.
func (s *scene) act(ctx context.Context, how invocation) *invoked {
	v := &invoked{invocation: how, operation: s.beginning(how.action, &plan{state: s.states[first], file: s.appliedOf(how.name), steps: map[string]*planned{}})}
	c, diags := s.newCoreWith(how.access, how.client)
	if v.diags = diags; !providertest.Failed(diags) {
		v.planned, v.said, v.diags = c.invoke(ctx, how)
	}
	v.ended, v.after = s.world.Now(), s.world.Groups()
	return v
}

// appliedOf is what stood in the files when a deployment was last applied: what an action goes on with.
func (s *scene) appliedOf(name string) module {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.applied
	m.name = name
	return m
}

// invokeBeside invokes an action while something else goes on.
func (s *scene) invokeBeside(how invocation) {
	if s.ended {
		return
	}
	how.client = how.action
	s.mu.Lock()
	s.interventions.Add(1)
	s.acting++
	s.mu.Unlock()
	s.actions.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				if _, stops := p.(stop); !stops {
					panic(p)
				}
			}
			s.mu.Lock()
			s.acting--
			s.acted = s.world.Now()
			s.interventions.Add(1)
			s.mu.Unlock()
		}()
		v := s.act(context.Background(), how)
		s.mu.Lock()
		s.actionsDone = append(s.actionsDone, v)
		s.mu.Unlock()
	})
}

// settleActions waits until nobody else is at work, judges what they have done, and returns it.
func (s *scene) settleActions() []*invoked {
	s.actions.Wait()
	s.mu.Lock()
	done, breach := s.actionsDone, s.breach
	s.actionsDone = nil
	s.mu.Unlock()
	if breach != nil {
		panic(stop{})
	}
	for _, v := range done {
		v.unsettled = true
		s.note("beside it, from %s to %s:", v.began.Format(time.TimeOnly), v.ended.Format(time.TimeOnly))
		s.noteAction(v)
		s.judgeBeside(v)
	}
	return done
}

// invoke validates, plans and invokes an action.
func (c *core) invoke(ctx context.Context, how invocation) (planned []*tfprotov6.Diagnostic, said []string, diags []*tfprotov6.Diagnostic) {
	written := attrs{"name": how.name}
	if how.phase > 0 {
		written["phase"] = how.phase
	}
	c.guarded(how.action, func() error {
		action, err := providertest.ActionOf(c.Server, schemas, how.action)
		if err != nil {
			return err
		}
		config := typed(action.Schema, written)
		if how.plans {
			if planned, err = action.Plan(ctx, config); err != nil || providertest.Failed(planned) {
				return err
			}
		}
		diags, err = action.Invoke(ctx, config, func(line string) { said = append(said, line) })
		return err
	})
	return planned, said, diags
}

// client has every request say who makes it, so that a judge can tell whose call it was.
type client struct {
	name string
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c client) RoundTrip(r *http.Request) (*http.Response, error) {
	named := *r
	named.Header = r.Header.Clone()
	named.Header.Set("X-Sandbox-Client", c.name)
	answer, err := c.next.RoundTrip(&named)
	if answer != nil {
		answer.Request = r
	}
	return answer, err
}

// changedIn are the calls of an operation that changed something: those of the process of that name, or "" for the usual one.
func (s *scene) changedIn(op *operation, client string) []sandbox.Call {
	return slices.DeleteFunc(s.own(s.world.Calls()[op.calls:]), func(c sandbox.Call) bool {
		return !c.Changed || c.Client != client || c.Time.After(op.ended)
	})
}
