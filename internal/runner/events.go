package runner

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// emit says what has happened. Nothing of a run is said in any other way.
func (r *Run) emit(ctx context.Context, f event.Fact) {
	if r.Events == nil {
		return
	}
	r.Events(ctx, event.Event{Time: time.Now(), Deployment: r.Deployment.Name, Run: r.name(), Fact: f})
}

// name is the run's own: no other has it.
func (r *Run) name() string {
	if r.id == "" {
		id := make([]byte, 6)
		_, _ = rand.Read(id) // it never fails
		r.id = hex.EncodeToString(id)
	}
	return r.id
}

// notice says that something got in the way.
func (r *Run) notice(ctx context.Context, what, text string, inARow int, err error) {
	n := event.Notice{What: what, Text: text, InARow: inARow}
	if err != nil {
		n.Error = err.Error()
	}
	r.emit(ctx, n)
}

// stepTracker is what a run remembers of what it has said to have begun. Its zero value is that of a run that has begun nothing.
type stepTracker struct {
	open    *openStep // a change, or a wait
	bake    *openStep // beside it: what waits in a bake does not end it
	back    bool      // the run is on its way back
	changes int       // that were done
}

// openStep is a step that has begun, and is neither done nor failed.
type openStep struct {
	step  event.Step
	shape string
	since time.Time
}

func (o openStep) done() event.StepDone {
	return event.StepDone{Step: o.step, Took: event.Seconds(time.Since(o.since))}
}

func (o openStep) failed(why string) event.StepFailed {
	return event.StepFailed{Step: o.step, Took: event.Seconds(time.Since(o.since)), Error: why}
}

// waitsFor tells whether a step is a wait that has begun already.
func (t *stepTracker) waitsFor(s rollout.Step) bool {
	return t.open != nil && s.Waits() && t.open.shape == waitShape(s)
}

// begins opens a step.
func (t *stepTracker) begins(s rollout.Step) event.Step {
	o := &openStep{step: described(s), shape: waitShape(s), since: time.Now()}
	if s.Kind == rollout.Bake {
		t.bake = o
	} else {
		t.open = o
	}
	return o.step
}

// ends closes what is open because something else begins: a wait is over then, or the release has failed meanwhile.
func (t *stepTracker) ends(failure *rollout.Failure) []event.Fact {
	var facts []event.Fact
	for _, o := range []*openStep{t.open, t.bake} {
		switch {
		case o == nil:
		case failure != nil && o.step.Part == string(rollout.Deploy):
			facts = append(facts, o.failed(failure.Reason))
		case o == t.open:
			facts = append(facts, o.done())
		}
	}
	if t.open = nil; failure != nil {
		t.bake = nil
	}
	return facts
}

// waitShape is what is waited for, whatever the count.
func waitShape(s rollout.Step) string {
	return fmt.Sprintf("%s %s %d %s", s.Kind, s.Part, s.Phase, s.Group.ID)
}

// begin says that a step begins, if it does, what ends with that, and that the run goes back if it does so from this step on.
func (r *Run) begin(ctx context.Context, s rollout.Step) {
	if r.steps.waitsFor(s) {
		return
	}
	r.conclude(ctx)
	if back := s.Part == rollout.Back; back != r.steps.back {
		if r.steps.back = back; back {
			r.emit(ctx, event.GoingBack{Why: r.why(), Cause: r.cause()})
		}
	}
	r.emit(ctx, event.StepBegun{Step: r.steps.begins(s)})
}

// conclude says what is over because something else is next.
func (r *Run) conclude(ctx context.Context) {
	for _, fact := range r.steps.ends(r.failure) {
		r.emit(ctx, fact)
	}
}

// succeed says that the change or wait that was begun is done, and fail that it has failed.
func (r *Run) succeed(ctx context.Context) {
	if o := r.steps.open; o != nil {
		r.steps.open = nil
		r.emit(ctx, o.done())
	}
}

func (r *Run) fail(ctx context.Context, why string) {
	if o := r.steps.open; o != nil {
		r.steps.open = nil
		r.emit(ctx, o.failed(why))
	}
}

// cause is whose fault it is that a run goes back.
func (r *Run) cause() string {
	if r.failure == nil {
		return "superseded"
	}
	return map[rollout.Cause]string{
		rollout.Verification: "release", rollout.Market: "capacity", rollout.Unlaunched: "launch", rollout.Unjudged: "not_judged", rollout.NotKnown: "not_known", rollout.Refusal: "refused",
		rollout.Requested: "aborted",
	}[r.failure.Cause]
}

// described is a step as events have it.
func described(s rollout.Step) event.Step {
	g := s.Group
	d := event.Step{
		Step: strings.ReplaceAll(string(s.Kind), " ", "_"), Part: string(s.Part), Phase: s.Phase, PhaseName: s.PhaseName,
		Group: g.Name, GroupID: g.ID, Reason: strings.ReplaceAll(string(s.Why), " ", "_"), Why: s.Because(),
	}
	switch s.Kind {
	case rollout.Resize:
		from, to := size(g.Unit, g.Capacity), size(g.Unit, s.Capacity)
		d.From, d.To = &from, &to
	case rollout.Shift:
		d.Group, d.GroupID = "", ""
		d.Route = &event.Route{ARN: s.ARN, Name: rollout.RouteName(s.ARN), Weights: weights(s.From)}
		d.Weights = weights(s.To)
	case rollout.AwaitHealthy, rollout.AwaitDrained:
		d.Count = &s.Count
	case rollout.Settle, rollout.Bake:
		d.Lasts = event.Seconds(s.Time)
	}
	d.At = string(s.At)
	for _, c := range s.Checks {
		d.Checks = append(d.Checks, c.Name)
	}
	if s.Compare != nil {
		d.Checks = append(d.Checks, comparedName)
	}
	switch {
	case s.Kind == rollout.Pause || s.Pause:
		d.Switched, d.Movers = "off", g.Automation.On.String()
	case s.Kind == rollout.Resume || s.Resume:
		d.Switched, d.Movers = "on", g.Automation.Paused.String()
	}
	return d
}

func size(u rollout.Unit, c rollout.Capacity) event.Size {
	return event.Size{Minimum: c.Minimum, Target: c.Target, Maximum: c.Maximum, Unit: u.Name}
}

func weights(f rollout.Forward) []event.Weight {
	all := make([]event.Weight, len(f))
	for i, s := range f {
		all[i] = event.Weight{TargetGroup: s.TargetGroup, Name: rollout.TargetGroupName(s.TargetGroup), Percent: f.Percent(s.TargetGroup)}
	}
	return all
}

// groups are those of a world, the newest first.
func groups(w rollout.World) []event.Group {
	roles := rollout.RolesOf(w)
	all := make([]event.Group, len(w.Groups))
	for i, g := range w.Groups {
		role := "retained"
		switch {
		case roles.Live != nil && roles.Live.ID == g.ID:
			role = "live"
		case roles.Candidate != nil && roles.Candidate.ID == g.ID:
			role = "candidate"
		}
		all[i] = event.Group{
			Group: g.Name, GroupID: g.ID, Revision: g.Revision, Image: g.ImageID, Role: role,
			Size: size(g.Unit, g.Capacity), Instances: g.Instances, InService: g.InService,
		}
	}
	slices.SortStableFunc(all, func(a, b event.Group) int { return cmp.Compare(b.Revision, a.Revision) })
	return all
}

// routes are the listeners and rules of a world, each with where it forwards.
func routes(w rollout.World) []event.Route {
	var all []event.Route
	for _, r := range w.Routes {
		all = append(all, event.Route{ARN: r.ProductionARN, Name: rollout.RouteName(r.ProductionARN), Weights: weights(r.Production)})
		if r.StageARN != "" {
			all = append(all, event.Route{ARN: r.StageARN, Name: rollout.RouteName(r.StageARN), Stage: true, Weights: weights(r.Stage)})
		}
	}
	return all
}

// planned are the steps of a run that begins in a world, if every one of them works.
func planned(d rollout.Deployment, w rollout.World) []event.Step {
	var all []event.Step
	there := map[string]bool{}
	for _, g := range w.Groups {
		there[g.ID] = true
	}
	for _, s := range rollout.Simulate(d, w).Steps {
		if s.Ends() {
			continue
		}
		step := described(s)
		if !there[step.GroupID] {
			step.GroupID = "" // it is imagined
		}
		all = append(all, step)
	}
	return all
}

// showing says what a look has shown: all of it the first time, then where traffic goes otherwise, and what was left out.
func (r *Run) showing(ctx context.Context, w rollout.World) {
	if r.seen == nil {
		image := r.Deployment.ImageID
		if r.Deployment.Gone {
			image = ""
		}
		r.emit(ctx, event.Begun{Image: image, Destroys: r.Deployment.Gone, Groups: groups(w), Routes: routes(w), Plan: planned(r.Deployment, w)})
	} else {
		was := routes(*r.seen)
		for _, route := range routes(w) {
			if !slices.ContainsFunc(was, func(b event.Route) bool { return b.ARN == route.ARN && slices.Equal(b.Weights, route.Weights) }) {
				r.emit(ctx, event.Weights{Route: route})
			}
		}
	}
	for ; r.said < len(r.excluded); r.said++ {
		r.notice(ctx, "entry_left_out", r.excluded[r.said], 0, nil)
	}
}

// pace is how often progress is said while nothing changes.
const pace = 30 * time.Second

// healthSaid is what was said last of the health of a group that is waited for.
type healthSaid struct {
	at   time.Time
	what string
}

// news tells whether a group's health has to be said: it has changed, or was not said for a while.
func (t *healthSaid) news(h event.Health) bool {
	if t.what == fmt.Sprint(h) && time.Since(t.at) < pace {
		return false
	}
	t.what, t.at = fmt.Sprint(h), time.Now()
	return true
}

// sayHealth says how far a group is that is waited for: to come into service, or to go.
func (r *Run) sayHealth(ctx context.Context, s rollout.Step) {
	g := s.Group
	h := event.Health{
		Group: g.Name, GroupID: g.ID, InService: g.InService, Needed: s.Count, Instances: g.Instances, Unit: g.Unit.Name,
		Reasons: r.health.reasons(g.ID), Leaving: s.Kind == rollout.AwaitDrained,
	}
	if h.Leaving {
		h.Reasons = nil // why they are not in service does not matter any more
	} else if early := g.InService - g.Steady; early > 0 {
		h.Reasons = append(h.Reasons, event.Reason{Reason: fmt.Sprintf("not in service for %s yet", r.MinHealthyTime), Count: early})
	}
	if r.told.news(h) {
		r.emit(ctx, h)
	}
}

// holds says that the rollout is left as it is.
func (r *Run) holds(ctx context.Context, s rollout.Step, failure string) {
	e := event.Holding{Group: s.Group.Name, GroupID: s.Group.ID, Failure: failure}
	if failure == "" {
		e.Phase, e.PhaseName = s.Phase, s.PhaseName
		r.holding = s.PhaseName
		if s.Why == rollout.WhyNotKnown {
			e.NotKnown, r.notKnown = s.Detail, s.Detail
		}
	}
	r.emit(ctx, e)
}

// ended says how the run has ended.
func (r *Run) ended(ctx context.Context, result *Result) {
	w := result.World
	if r.seen != nil {
		w = counted(w, *r.seen)
	}
	e := event.Ended{
		Outcome: strings.ReplaceAll(string(result.Outcome), " ", "_"), Took: event.Seconds(time.Since(r.started)), Changes: r.steps.changes,
		Holding: r.holding, NotKnown: r.notKnown, Warnings: result.Warnings, Groups: groups(w), Routes: routes(w),
	}
	if result.Err != nil {
		e.Error = result.Err.Error()
	} else if r.holding != "" {
		e.Outcome = string(Held)
	}
	r.emit(ctx, e)
}

// counted is a world with the instances as they were seen last: a look without them does not count them.
func counted(w, seen rollout.World) rollout.World {
	w.Groups = slices.Clone(w.Groups)
	for i := range w.Groups {
		for _, g := range seen.Groups {
			if g.ID == w.Groups[i].ID {
				w.Groups[i].Instances, w.Groups[i].InService, w.Groups[i].Steady, w.Groups[i].Failing = g.Instances, g.InService, g.Steady, g.Failing
			}
		}
	}
	return w
}
