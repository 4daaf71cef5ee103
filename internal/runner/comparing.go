package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

const (
	// countedAgain is how long after a count the next one follows, and readAgain after one that failed.
	countedAgain = time.Minute
	readAgain    = 20 * time.Second
	// comparedName is how events call the comparison.
	comparedName = "compare"
)

// comparing is what a run knows of a comparison in one bake.
type comparing struct {
	rule     compare.Rule
	since    time.Time // the first whole minute of the bake
	until    time.Time // its end, cut to whole minutes; zero while it lasts
	next     time.Time
	inFlight bool
	failed   int // reads in a row
	why      string
	verdict  comparedVerdict
	final    bool // the verdict is on all of the bake
}

type comparedVerdict struct {
	compare.Verdict
	there bool
}

func (v comparedVerdict) bad() bool { return v.there && v.Result == compare.Bad }

// minutesRead is what was counted, or why it could not be read.
type minutesRead struct {
	of      *comparing
	verdict compare.Verdict
	final   bool
	err     error
}

func newComparing(c rollout.Comparison, now time.Time) *comparing {
	since := now.Truncate(time.Minute)
	if since.Before(now) {
		since = since.Add(time.Minute)
	}
	return &comparing{
		rule:  compare.Rule{Errors: c.Errors, Latency: c.Latency, Percentile: c.Percentile, MinRequests: c.MinRequests},
		since: since, next: since.Add(compare.Settled + time.Minute),
	}
}

// window is which minutes are old enough to be believed by now, and whether they are all of a bake that is over.
func (c *comparing) window(over bool) (until time.Time, all bool) {
	now := time.Now()
	if over && c.until.IsZero() {
		c.until = now.Truncate(time.Minute)
	}
	until = now.Add(-compare.Settled).Truncate(time.Minute)
	if over && !until.Before(c.until) {
		return c.until, true
	}
	return until, false
}

// due tells whether it is time to count: each minute, and once more when the last minutes of the bake can be believed.
func (c *comparing) due(over bool) bool {
	if c.inFlight || c.final {
		return false
	}
	until, all := c.window(over)
	if over && !all {
		c.next = minTime(c.next, c.until.Add(compare.Settled))
	}
	return !time.Now().Before(c.next) && (all || until.After(c.since))
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// stand is how the comparison stands when its bake is over.
func (c *comparing) stand(tooLate bool) (decided bool, unknown string) {
	switch {
	case c.final && c.verdict.Result == compare.Good:
		return true, ""
	case c.final:
		return true, "compare: " + c.verdict.Words
	case c.failed > moreAskings && !c.until.IsZero(), tooLate && c.why != "":
		return true, "compare: what load balancers count could not be read: " + c.why
	case tooLate:
		return true, "compare: what load balancers count was not answered in time"
	}
	return false, ""
}

// count reads what was counted, in the background.
func (r *Run) count(ctx context.Context, w rollout.World, over bool) {
	c := r.checks.compares
	until, all := c.window(over)
	if all && !until.After(c.since) {
		// No whole minute at all.
		c.verdict, c.final = comparedVerdict{compare.Judge(c.rule, nil, nil), true}, true
		return
	}
	if r.Metrics == nil {
		c.why, c.failed = "there is nobody to ask", moreAskings+1
		return
	}
	c.inFlight = true
	pairs, answers := sides(w), r.checks.answers
	background := r.background(ctx)
	go func() {
		verdict, err := r.compare(background, c.rule, pairs, c.since, until)
		answers <- answered{minutes: &minutesRead{of: c, verdict: verdict, final: all, err: err}}
	}()
}

// takeCounted notes what was counted, and says it.
func (r *Run) takeCounted(ctx context.Context, s rollout.Step, n minutesRead, over bool) {
	c := n.of
	c.inFlight = false
	e := event.Check{Name: comparedName, At: string(r.checks.at), Phase: s.Phase, PhaseName: s.PhaseName}
	if n.err != nil {
		c.failed++
		c.why, c.next = n.err.Error(), time.Now().Add(readAgain)
		e.Verdict, e.Words = NotKnown.String(), "what load balancers count could not be read: "+c.why
		r.emit(ctx, e)
		return
	}
	c.failed, c.why = 0, ""
	c.verdict, c.final, c.next = comparedVerdict{n.verdict, true}, n.final, time.Now().Add(countedAgain)
	if over && !c.final {
		c.next = minTime(c.next, c.until.Add(compare.Settled))
	}
	e.Verdict, e.Words = map[compare.Result]Answered{compare.Good: Good, compare.Bad: Bad}[n.verdict.Result].String(), n.verdict.Words
	r.emit(ctx, e)
}

// comparedBad is why a release fails that compares badly.
func (r *Run) comparedBad(s rollout.Step, w rollout.World) string {
	v := r.checks.compares.verdict
	live := ""
	if l := rollout.RolesOf(w).Live; l != nil {
		live = " beside " + l.Name
	}
	return fmt.Sprintf("%s: %s of %s%s, in %d minutes to %s", s.PhaseName, v.Words, s.Group.Name, live, v.Minutes, v.Until.UTC().Format("15:04Z"))
}

// side are the target groups of both revisions on one route.
type side struct{ candidate, live string }

// sides are those of all routes, each once.
func sides(w rollout.World) []side {
	var all []side
	for _, t := range rollout.TrafficOf(w) {
		if s := (side{candidate: t.Idle, live: t.Live}); t.Idle != "" && t.Live != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// compare reads the minutes of all target groups, and judges what both revisions got of the same traffic.
func (r *Run) compare(ctx context.Context, rule compare.Rule, pairs []side, since, until time.Time) (compare.Verdict, error) {
	var arns []string
	for _, p := range pairs {
		arns = append(arns, p.candidate, p.live)
	}
	slices.Sort(arns)
	percentile := rule.Percentile
	if rule.Latency == 0 {
		percentile = 0
	}
	read, err := r.Metrics.Minutes(ctx, slices.Compact(arns), since, until, percentile)
	if err != nil {
		return compare.Verdict{}, err
	}
	var all compare.Routes
	for _, p := range pairs {
		all = append(all, compare.Route{Candidate: within(read[p.candidate], since, until), Live: within(read[p.live], since, until)})
	}
	return all.Judge(rule), nil
}

// within leaves out what is out of the window, whoever answered it, and of a minute that is there twice the second.
func within(minutes []compare.Minute, since, until time.Time) []compare.Minute {
	var some []compare.Minute
	seen := map[int64]bool{}
	for _, m := range minutes {
		if at := m.Begins.Unix(); !m.Begins.Before(since) && m.Begins.Before(until) && !seen[at] {
			seen[at] = true
			some = append(some, m)
		}
	}
	return some
}
