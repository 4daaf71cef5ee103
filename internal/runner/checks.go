package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

const (
	// moreAskings is how often a check is asked once more behind the end of a bake, as long as it is not known.
	moreAskings = 3
	// soonAgain is how long after an answer that is not known a check is asked again at the latest.
	soonAgain = time.Minute
	// soonest is how long after an answer at the least.
	soonest = time.Second
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

// asking is one check at one point.
type asking struct {
	check    rollout.Check
	attempts int
	inFlight time.Time // since when it is asked; zero while it is not
	next     time.Time // when it is asked again
	last     Answer
	answered int    // how often it has answered
	bad      int    // answers in a row
	calls    string // what the last of them said
	late     int    // answers since the bake is over
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

// over is the point at which all was asked of the candidate of a world; nil where there is none.
func (t *checkTracker) over(w rollout.World) *rollout.Asked {
	if c := rollout.RolesOf(w).Candidate; c == nil || c.ID != t.group {
		return nil
	}
	return t.asked
}

// take takes an answer.
func (a *asking) take(answer Answer, over bool) {
	a.inFlight, a.last = time.Time{}, answer
	a.answered++
	if over {
		a.late++
	}
	wait := a.check.Every
	switch answer.Verdict {
	case Good:
		a.bad = 0
	case Bad:
		a.bad++
		a.calls = a.words()
	case NotKnown:
		wait = min(wait, soonAgain)
	case Pending:
		if answer.Again > 0 {
			wait = answer.Again
		}
	}
	a.next = time.Now().Add(max(wait, soonest))
}

// due tells whether a check is to be asked now. What is good is asked again in a bake alone, as long as that lasts.
func (a *asking) due(over bool) bool {
	settled := over && a.answered > 0 && a.last.Verdict == Good
	return a.inFlight.IsZero() && !settled && !time.Now().Before(a.next)
}

// stand is how a check stands when its point is over: whether its last answer is known, or will not be, and what is not known then.
func (a *asking) stand(at rollout.Point, late bool) (decided bool, unknown string) {
	switch {
	case a.inFlight.IsZero() && a.answered > 0 && a.last.Verdict == Good:
		return true, ""
	case late && a.last.Verdict == Bad:
		return false, "" // it was never good: see failed
	case late && !a.inFlight.IsZero():
		return true, fmt.Sprintf("check %s has not answered for %s", a.check.Name, time.Since(a.inFlight).Round(time.Second))
	case late && a.answered == 0:
		return true, fmt.Sprintf("check %s was not asked", a.check.Name)
	case late, at == rollout.InBake && a.inFlight.IsZero() && a.answered > 0 && a.last.Verdict == NotKnown && a.late >= moreAskings:
		return true, fmt.Sprintf("check %s: %s", a.check.Name, a.words())
	}
	return false, ""
}

// failed tells whether a check holds the release to have failed: by enough bad answers in a row, or by one that was the last of all.
func (a *asking) failed(late bool) bool {
	return a.bad >= max(a.check.Failures, 1) || late && a.last.Verdict == Bad
}

func (a *asking) words() string {
	text := strings.TrimSuffix(a.last.Words, ".")
	if a.last.Verdict == Pending {
		text = strings.TrimSuffix("it is still pending: "+text, ": ")
	}
	if text == "" {
		text = strings.ReplaceAll(a.last.Verdict.String(), "_", " ")
	}
	return text
}

// ask takes the answers that have come, asks whoever is due, and decides: a release that a check calls bad has failed, and a point is over
// when every last answer is good, or will not be known. It answers true then.
func (r *Run) ask(ctx context.Context, s rollout.Step, w rollout.World, over bool) bool {
	t := &r.checks
	if t.asked != nil {
		return true
	}
	if over && t.limit.IsZero() {
		t.limit = time.Now().Add(r.HealthyTimeout)
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
	var unknown []string
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
			unknown = append(unknown, why)
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
			unknown = append(unknown, why)
		}
	}
	if !over || !decided {
		return false
	}
	t.stop()
	t.asked = &rollout.Asked{At: t.at, Phase: t.phase, Unknown: strings.Join(unknown, "; ")}
	r.isUnknown(s, t.asked.Unknown)
	return true
}

// isUnknown is that a point is over at which something could not be known.
func (r *Run) isUnknown(s rollout.Step, unknown string) {
	switch {
	case unknown == "":
	case r.Deployment.Inconclusive == rollout.InconclusiveFail:
		r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: fmt.Sprintf("%s: not known: %s", s.PhaseName, unknown), Cause: rollout.NotKnown}
	case r.Deployment.Inconclusive == rollout.InconclusivePass:
		r.warn(fmt.Sprintf("%s: not known: %s. The rollout went on all the same (inconclusive = \"pass\").", s.PhaseName, unknown))
	default:
		r.warn(fmt.Sprintf("%s: not known: %s. The rollout holds there (inconclusive = \"hold\"). Apply again to ask again.", s.PhaseName, unknown))
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

func (a *asking) details() json.RawMessage { return a.last.Details }

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
		if a.inFlight.IsZero() && !(over && a.last.Verdict == Good && a.answered > 0) {
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
