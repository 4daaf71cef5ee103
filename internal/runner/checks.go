package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// checkTracker is what a run remembers of the point of a rollout at which it asks: each check's answers, and what load balancers have counted.
// It asks in the background, so that nobody waits for one who does not answer. Its zero value is that of a run that asks nothing.
type checkTracker struct {
	group string        // the candidate's ID
	at    rollout.Point // "" before the first
	phase int
	asks  []*asking
	// compares is nil where nothing is compared.
	compares *comparing

	answers chan answered   // what was asked in the background
	point   context.Context // what is asked ends with it
	cancel  context.CancelFunc
	limit   time.Time      // by when everything has to be known
	asked   *rollout.Asked // all of it is
}

// answered is an answer of a check, or what was counted.
type answered struct {
	of      *asking
	answer  Answer
	minutes *minutesRead
}

// begins is that the run comes to a point. It tells whether that is another one than the last.
func (t *checkTracker) begins(s rollout.Step) bool {
	phase := s.Phase
	if s.At != rollout.InBake {
		phase = 0
	}
	if t.at == s.At && t.group == s.Group.ID && t.phase == phase {
		return false
	}
	t.stop()
	*t = checkTracker{group: s.Group.ID, at: s.At, phase: phase, answers: make(chan answered, len(s.Checks)+1)}
	for _, c := range s.Checks {
		t.asks = append(t.asks, &asking{check: c})
	}
	if s.Compare != nil {
		t.compares = newComparing(*s.Compare, time.Now())
	}
	return true
}

// stop gives up what is asked in the background.
func (t *checkTracker) stop() {
	if t.cancel != nil {
		t.cancel()
		t.cancel = nil
	}
}

// patience is how long it may take until everything is known: as long as instances are waited for, and at least as long as one answer may
// take and points do to be believed. What is given up sooner could never be known.
func (t *checkTracker) patience(healthy time.Duration) time.Duration {
	least := healthy
	for _, a := range t.asks {
		least = max(least, a.check.Timeout+soonest)
	}
	if t.compares != nil {
		least = max(least, compare.Settled+2*countedAgain)
	}
	return least
}

// ends is that a bake is over. Nobody was asked while instances were waited for in it: what was due by then and good before is not known to be
// good any more.
func (t *checkTracker) ends(at time.Time) {
	for _, a := range t.asks {
		a.missed = t.at == rollout.InBake && a.inFlight.IsZero() && a.next.Before(at)
	}
}

// over is the point at which all was asked of the candidate of a world; nil where there is none.
func (t *checkTracker) over(w rollout.World) *rollout.Asked {
	if c := rollout.RolesOf(w).Candidate; c == nil || c.ID != t.group {
		return nil
	}
	return t.asked
}

// ask takes the answers that have come, asks whoever is due, and decides: a release that a check calls bad has failed, and a point is over
// when every last answer is good, or will not be known. It answers true then.
func (r *Run) ask(ctx context.Context, s rollout.Step, w rollout.World, over bool) bool {
	t := &r.checks
	if t.asked != nil {
		return true
	}
	if over && t.limit.IsZero() {
		t.limit = time.Now().Add(t.patience(r.HealthyTimeout))
		t.ends(r.bakes.began.Add(s.Time))
	}
	late := over && !time.Now().Before(t.limit)
	for waiting := true; waiting; {
		select {
		case a := <-t.answers:
			r.takeAnswer(ctx, s, a, over)
		default:
			waiting = false
		}
	}
	if r.failure != nil {
		return false
	}
	var unknown []unanswered
	decided := true
	for _, a := range t.asks {
		if a.failed(late) {
			r.fails(r.calledBad(s, a))
			return false
		}
		if !late && a.due(over) {
			r.askOne(ctx, s, w, a)
		}
		known, why := a.stand(t.at, late)
		if why != "" && a.bad > 0 && r.Deployment.Inconclusive == rollout.InconclusivePass {
			// The last that was known of it is bad, and that nothing more could be known makes it no better.
			r.fails(r.calledBad(s, a) + ", and nothing is known of it since: " + why)
			return false
		}
		decided = decided && known
		if why != "" {
			unknown = append(unknown, unanswered{a.check.Name, why})
		}
	}
	if c := t.compares; c != nil {
		if c.verdict.bad() {
			r.fails(r.comparedBad(s, w))
			return false
		}
		if !late && c.due(over) {
			r.count(ctx, w, over)
		}
		known, why := c.stand(late)
		decided = decided && known
		if why != "" {
			unknown = append(unknown, unanswered{comparedName, why})
		}
	}
	if !over || !decided {
		return false
	}
	t.stop()
	t.asked = &rollout.Asked{At: t.at, Phase: t.phase}
	for i, u := range unknown {
		if i > 0 {
			t.asked.Unknown += "; "
		}
		t.asked.Unknown += u.why
	}
	if rollout.AcceptedUnknown(w, t.at) {
		r.unknownAccepted(ctx, s, unknown)
	} else {
		r.isUnknown(s, t.asked.Unknown)
	}
	return true
}

// unanswered is a check, or the comparison, of which it is not known how the candidate is.
type unanswered struct{ name, why string }

// unknownAccepted is that a person has taken for good, by a promotion, what is still not known.
func (r *Run) unknownAccepted(ctx context.Context, s rollout.Step, unknown []unanswered) {
	for _, u := range unknown {
		r.warn(fmt.Sprintf("%s: not known: %s. The rollout went on all the same: it was promoted where that was not known.", s.PhaseName, u.why))
		r.emit(ctx, event.Check{
			Name: u.name, At: string(r.checks.at), Phase: s.Phase, PhaseName: s.PhaseName, Verdict: Good.String(), Words: "not known: " + u.why, By: byPromotion,
		})
	}
}

// byPromotion is how events call the verdict of a person.
const byPromotion = "promote"

// isUnknown is that a point is over at which something could not be known.
func (r *Run) isUnknown(s rollout.Step, unknown string) {
	switch {
	case unknown == "":
	case r.Deployment.Inconclusive == rollout.InconclusiveFail:
		r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: fmt.Sprintf("%s: not known: %s", s.PhaseName, unknown), Cause: rollout.NotKnown}
	case r.Deployment.Inconclusive == rollout.InconclusivePass:
		r.warn(fmt.Sprintf("%s: not known: %s. The rollout went on all the same (inconclusive = \"pass\").", s.PhaseName, unknown))
	default:
		r.warn(fmt.Sprintf("%s: not known: %s. The rollout holds there (inconclusive = \"hold\"). Apply again to ask again; elastigroup_promote takes it for good, and goes on.", s.PhaseName, unknown))
	}
}

// takeAnswer notes an answer, and says it.
func (r *Run) takeAnswer(ctx context.Context, s rollout.Step, a answered, over bool) {
	if a.minutes != nil {
		r.takeCounted(ctx, s, *a.minutes, over)
		return
	}
	a.of.take(a.answer, over)
	r.emit(ctx, event.Check{
		Name: a.of.check.Name, At: string(r.checks.at), Phase: s.Phase, PhaseName: s.PhaseName,
		Verdict: a.answer.Verdict.String(), Words: a.answer.Words, InARow: a.of.bad, Failures: a.of.check.Failures,
	})
}

// calledBad is why a release fails that a check calls bad.
func (r *Run) calledBad(s rollout.Step, a *asking) string {
	text := fmt.Sprintf("%s: check %s is bad: %s", s.PhaseName, a.check.Name, a.calls)
	if a.bad > 1 {
		text += fmt.Sprintf(" (%d times in a row)", a.bad)
	}
	return text
}

// askOne asks one check in the background.
func (r *Run) askOne(ctx context.Context, s rollout.Step, w rollout.World, a *asking) {
	a.attempts++
	a.inFlight = time.Now()
	checker := r.Checkers[a.check.Name]
	if checker == nil {
		a.take(Answer{Words: "there is nobody to ask"}, false)
		a.late++
		return
	}
	m, answers := r.moment(s, w, a), r.checks.answers
	background := r.background(ctx)
	go func() {
		answers <- answered{of: a, answer: checker.Ask(background, m)}
	}()
}

// background is the context of what is asked in the background: it ends with the point.
func (r *Run) background(ctx context.Context) context.Context {
	if t := &r.checks; t.cancel == nil {
		t.point, t.cancel = context.WithCancel(ctx)
	}
	return r.checks.point
}

// moment is where the rollout stands.
func (r *Run) moment(s rollout.Step, w rollout.World, a *asking) Moment {
	roles := rollout.RolesOf(w)
	m := Moment{
		Deployment: r.Deployment.Name, Revision: s.Group.Revision, Phase: s.PhaseName, At: r.checks.at, Attempt: a.attempts,
		ImageID: s.Group.ImageID, Candidate: s.Group.TargetGroups, Details: a.details(),
	}
	if live := roles.Live; live != nil {
		m.PreviousImageID, m.Live = live.ImageID, live.TargetGroups
		if all := live.Capacity.Target + s.Group.Capacity.Target; all > 0 && len(rollout.RoutesOf(w)) == 0 {
			m.ProductionWeight = 100 * s.Group.Capacity.Target / all
		}
	}
	for _, t := range rollout.TrafficOf(w) {
		m.ProductionWeight = max(m.ProductionWeight, t.IdleWeight)
		if m.StageARN == "" {
			m.StageARN = t.StageARN
		}
	}
	return m
}

// awaitChecks waits a little for the checks of a point that is no bake.
func (r *Run) awaitChecks(ctx context.Context, s rollout.Step, w rollout.World) {
	r.checks.begins(s)
	r.begin(ctx, s)
	if r.ask(ctx, s, w, true) {
		if r.failure == nil {
			r.succeed(ctx)
		}
		return
	}
	if r.failure == nil {
		r.restOrAnswer(ctx, s, jittered(lastLook), true)
	}
}

// restOrAnswer sleeps until an answer comes or a check is due, and no longer than it may.
func (r *Run) restOrAnswer(ctx context.Context, s rollout.Step, most time.Duration, over bool) {
	for _, a := range r.checks.asks {
		if a.inFlight.IsZero() && !(over && a.settled()) {
			most = min(most, max(time.Until(a.next), 0))
		}
	}
	if c := r.checks.compares; c != nil && !c.inFlight && !c.final {
		most = min(most, max(time.Until(c.next), 0))
	}
	if over && !r.checks.limit.IsZero() {
		most = min(most, max(time.Until(r.checks.limit), 0))
	}
	timer := time.NewTimer(max(most, 10*time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case a := <-r.checks.answers:
		r.takeAnswer(ctx, s, a, over)
	}
}
