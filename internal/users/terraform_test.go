package users_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// options are a command's.
type options struct {
	noRefresh bool
	replace   bool
	destroy   bool
	target    bool // the resource of the usual address alone
}

// plan is what one plan says, as it may be kept in a file.
type plan struct {
	state         *state
	serial        int
	file          module
	how           options
	refreshed     map[string]*object
	steps         map[string]*planned // by address
	diags         []*tfprotov6.Diagnostic
	at            time.Time
	took          time.Duration
	interventions int64 // how often others had done something before it
}

// planned is what a plan does to one resource.
type planned struct {
	action      string // "no-op", "create", "update", "replace" or "delete"
	before      *object
	config      tftypes.Value
	proposal    proposal
	createFirst bool
}

func (p *plan) failed() bool { return providertest.Failed(p.diags) }

func (p *plan) empty() bool {
	for _, step := range p.steps {
		if step.action != "no-op" {
			return false
		}
	}
	return true
}

func (p *plan) String() string {
	var told []string
	for _, address := range slices.Sorted(maps.Keys(p.steps)) {
		step := p.steps[address]
		what := step.action
		if step.action == "update" {
			what += " of " + strings.Join(changed(step.before.value, step.proposal.value), ", ")
		}
		told = append(told, address+": "+what)
	}
	return strings.Join(told, "; ")
}

// rolloutPlan is what a plan says of the rollout; "" if it is not known, or has nothing to say.
func (p *planned) rolloutPlan() string {
	if p.action != "create" && p.action != "update" && p.action != "replace" {
		return ""
	}
	return text(p.proposal.value, "rollout_plan")
}

// written are the resources that stand in the files, by address.
func (m module) written() []string {
	if m.duplicate {
		return []string{main, duplicate}
	}
	return []string{main}
}

// plan refreshes and plans.
func (s *scene) plan(st *state, how options) *plan {
	s.wrote(s.file)
	p := s.planned(st, how)
	p.took = s.world.Now().Sub(p.at)
	for address, step := range p.steps {
		s.judgeKept("the plan of "+address, &object{value: step.proposal.value, private: step.proposal.private})
		s.judgeKept("the state of "+address+" after a refresh", p.refreshed[address])
	}
	return p
}

func (s *scene) planned(st *state, how options) *plan {
	p := &plan{state: st, serial: st.serial, file: s.file, how: how, refreshed: maps.Clone(st.objects), steps: map[string]*planned{}, at: s.world.Now(), interventions: s.interventions.Load()}
	c, diags := s.newCore()
	p.diags = diags
	if p.failed() {
		return p
	}
	config := typed(c.Schema, s.file.attributes())
	if !how.destroy {
		p.diags = append(p.diags, c.validate(config)...)
		if p.failed() {
			return p
		}
	}
	if !how.noRefresh {
		for _, address := range slices.Sorted(maps.Keys(st.objects)) {
			if how.target && address != main {
				continue
			}
			read, diags := c.refresh(st.objects[address])
			p.diags = append(p.diags, diags...)
			if p.refreshed[address] = read; read == nil {
				delete(p.refreshed, address)
			}
		}
	}
	if p.failed() {
		return p
	}
	wanted := s.file.written()
	switch {
	case how.destroy:
		wanted = nil
	case how.target:
		wanted = []string{main}
	}
	s.atOnce(wanted, func(address string, mu *sync.Mutex) {
		step, diags := p.step(c, p.refreshed[address], config)
		mu.Lock()
		defer mu.Unlock()
		p.steps[address] = step
		p.diags = append(p.diags, diags...)
	})
	for address, o := range p.refreshed {
		if !slices.Contains(wanted, address) && !(how.target && address != main) {
			gone := c.proposeGone(o)
			p.diags = append(p.diags, gone.diags...)
			p.steps[address] = &planned{action: "delete", before: o, config: c.Nothing(), proposal: gone}
		}
	}
	return p
}

// step plans one resource that is written.
func (p *plan) step(c *core, o *object, config tftypes.Value) (step *planned, diags []*tfprotov6.Diagnostic) {
	step = &planned{before: o, config: config, createFirst: p.file.createFirst}
	replace := o != nil && (o.tainted || p.how.replace)
	if o != nil && !o.tainted {
		step.proposal = c.propose(o, config)
		diags = append(diags, step.proposal.diags...)
		if providertest.Failed(step.proposal.diags) {
			return step, diags
		}
		replace = replace || len(step.proposal.replaces) > 0
	}
	switch {
	case o == nil || replace:
		step.proposal = c.propose(nil, config)
		diags = append(diags, step.proposal.diags...)
		if step.action = "create"; replace {
			step.action = "replace"
		}
	case step.proposal.value.Equal(o.value):
		step.action = "no-op"
	default:
		step.action = "update"
	}
	return step, diags
}

// atOnce does something to several resources at the same time, as core does. A story that stops in one of them stops here.
func (s *scene) atOnce(addresses []string, do func(address string, mu *sync.Mutex)) {
	var mu sync.Mutex
	var all sync.WaitGroup
	stopped := false
	for _, address := range addresses {
		all.Go(func() {
			defer func() {
				p := recover()
				if _, ok := p.(stop); p != nil && !ok {
					panic(p)
				}
				mu.Lock()
				defer mu.Unlock()
				stopped = stopped || p != nil
			}()
			do(address, &mu)
		})
	}
	all.Wait()
	if stopped {
		panic(stop{})
	}
}

// operation is an apply or a destroy, and what is to be known to judge it.
type operation struct {
	what          string
	state         *state
	plan          *plan
	began         time.Time
	ended         time.Time
	cut           time.Time // when it was interrupted
	moment        int       // the first of its timeline
	calls         int       // those before it
	before        []sandbox.Group
	after         []sandbox.Group
	diags         []*tfprotov6.Diagnostic // of the apply, that of its second plan included
	replans       []*tfprotov6.Diagnostic // of the second plan
	alarmed       bool                    // the alarm was on when it began
	rolls         bool                    // so was a roll of Spot's own
	turns         int                     // how often services had turned bad or good by then
	rollsBegun    int                     // how many of them had begun by then
	interventions int64                   // how often others had done something by then
	outside       int                     // how many of these were none of the provider's
	killed        bool
	interrupted   bool
	unsettled     bool // somebody else did something, or the weather
	beside        bool // somebody else had an action at work
	disturbed     bool // it was not only that
}

func (op *operation) failed() bool { return providertest.Failed(op.diags) || op.plan.failed() }

// undisturbed tells whether the operation ran from its beginning to its end, and nobody else did anything in it.
func (op *operation) undisturbed() bool { return !op.killed && !op.interrupted && !op.unsettled }

// onlyBeside tells whether it ran so, and others did nothing but invoke actions.
func (op *operation) onlyBeside() bool {
	return !op.killed && !op.interrupted && op.beside && !op.disturbed
}

func firstName(path string) string {
	name, _, _ := strings.Cut(path, ".")
	name, _, _ = strings.Cut(name, "[")
	return name
}

// standing is every group that matters, with its instances, and where traffic goes.
func (s *scene) standing() string {
	var told []string
	for _, g := range s.world.Groups() {
		if !isForeign(g.Name) {
			told = append(told, fmt.Sprintf("%s %s %d/%d/%d %s, %d there", g.Name, imageOf(g), g.Minimum, g.Target, g.Maximum, tagsOf(g)["verdict"], len(g.Instances)))
		}
	}
	timeline := s.world.Timeline()
	for _, r := range timeline[len(timeline)-1].Routes {
		if r.ARN == production || r.ARN == weighted {
			told = append(told, fmt.Sprintf("…%s -> %s", r.ARN[len(r.ARN)-2:], weightsOf(r)))
		}
	}
	if len(told) == 0 {
		return "nothing stands"
	}
	return strings.Join(told, "; ")
}

func weightsOf(r sandbox.RouteMoment) string {
	var told []string
	for _, w := range r.Weights {
		told = append(told, fmt.Sprintf("%s %d", strings.Split(w.TargetGroup, "/")[1], w.Weight))
	}
	return strings.Join(told, " ")
}
