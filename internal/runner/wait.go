package runner

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Looks come soon after a change and then less often: most instances are there within minutes, and Spot's limits are per
// organization, so that a hundred waits share them.
const (
	firstLook = time.Second
	lastLook  = 15 * time.Second
)

// waiting is one wait: for what, since when, and how long until the next look.
type waiting struct {
	what     string
	since    time.Time
	interval time.Duration
}

// await waits a little for what the step waits for. It returns the end of the run if the wait has run out of time and
// there is nothing to fall back to.
func (r *Run) await(ctx context.Context, s rollout.Step) *Result {
	what := fmt.Sprintf("%s %s %d %s", s.Kind, s.Part, s.Phase, s.Group.ID)
	if r.wait.what != what {
		r.wait = waiting{what: what, since: time.Now(), interval: firstLook}
		r.Log(ctx, "waiting", map[string]any{
			"step": string(s.Kind), "phase": string(s.Part), "group": s.Group.Name,
			"count": s.Count, "in_service": s.Group.InService, "instances": s.Group.Instances,
		})
	}
	deadline := r.wait.since.Add(r.HealthyTimeout)
	if !r.began.Before(deadline) {
		// A look that was begun before, and took its time, has not seen what stands at the deadline.
		return r.late(ctx, s)
	}
	pause(ctx, min(jittered(r.wait.interval), max(time.Until(deadline), 0)))
	r.wait.interval = min(r.wait.interval*3/2, lastLook)
	return nil
}

// jittered keeps rollouts that began together from asking together.
func jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// late decides what a wait that has run out of time means.
func (r *Run) late(ctx context.Context, s rollout.Step) *Result {
	reason, cause := r.explain(ctx, s)
	r.Log(ctx, "waited in vain", map[string]any{"step": string(s.Kind), "phase": string(s.Part), "group": s.Group.Name, "reason": reason})
	r.wait = waiting{}
	switch {
	case s.Lenient:
		r.warnings = append(r.warnings, reason+". The release is live; the next apply goes on with what is left to do.")
		result := r.end(ctx, Succeeded, nil)
		return &result
	case s.Part == rollout.Deploy:
		r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: reason, Cause: cause}
		return nil
	case s.Part == rollout.InPlace && s.Why != "" && !r.hurry:
		r.hurry = true
		r.warnings = append(r.warnings, reason+". It was resized all the same.")
		return nil
	case s.Part == rollout.Back && s.Group.InService > 0 && !r.hurry && len(r.seen.Routes) > 0:
		r.hurry = true
		r.warnings = append(r.warnings, reason+". Traffic went back to it all the same: what was released had failed.")
		return nil
	case s.Part == rollout.Back:
		result := r.end(ctx, Broken, fmt.Errorf("%s. Going back is not complete: %s. %s Apply again to go on with it, or finish by hand: %s",
			r.why(), reason, r.standing(), r.byHand()))
		return &result
	}
	result := r.end(ctx, Broken, fmt.Errorf("%s. %s Apply again to go on", reason, r.standing()))
	return &result
}

// mostWords is how many different reasons, and how many lines of Spot's log, an error quotes.
const mostWords = 4

// explain says what was waited for, what the clouds say about why it did not come, and whether it is only the spot market
// that had nothing to give.
func (r *Run) explain(ctx context.Context, s rollout.Step) (reason string, cause rollout.Cause) {
	g := s.Group
	if s.Kind == rollout.AwaitDrained {
		return fmt.Sprintf("%s (%s) still has %s after %s, and is to have %d", g.Name, g.ID, g.Unit.Count(g.Instances), r.HealthyTimeout, s.Count), rollout.Refusal
	}
	text := fmt.Sprintf("%d of %d needed %s of %s (%s) were in service after %s", g.Steady, s.Count, g.Unit.Noun(), g.Name, g.ID, r.HealthyTimeout)
	if s.Why != "" {
		text += ", " + s.Why
	}
	words, missing, unwell := r.words(ctx, g)
	gone := r.neverServed(ctx, g)
	lines, refused, replaced := r.log(ctx, g, gone)
	ended := r.stillborn(ctx, gone)
	taken := r.reclaimed[g.ID]
	switch {
	case unwell:
		cause = rollout.Verification
	case len(ended) > 0 || refused && missing+len(gone) > 0:
		cause = rollout.Unlaunched
	case replaced:
		cause = rollout.Verification
	case missing+taken > 0 && g.Unit.Enough(g.InService+missing+taken, s.Count):
		cause = rollout.Market
	default:
		cause = rollout.Unjudged
	}
	switch {
	case missing == 0:
	case cause == rollout.Unlaunched:
		words = append(words, fmt.Sprintf("%s of them are not launched", g.Unit.Of(missing)))
	default:
		words = append(words, noCapacity(g.Unit, missing))
	}
	if taken > 0 {
		words = append(words, fmt.Sprintf("%s were in service and were reclaimed meanwhile", g.Unit.Of(taken)))
	}
	words = append(words, ended...)
	if len(words) > 0 {
		text += "; " + strings.Join(words, "; ")
	}
	if len(lines) > 0 {
		text += "; Spot's log: " + strings.Join(lines, " | ")
	}
	return text, cause
}

func noCapacity(u rollout.Unit, missing int) string {
	return fmt.Sprintf("Spot has found no capacity for %s of them", u.Of(missing))
}

// words counts the instances of a group that are not in service by what the balancers, or Spot, say of them, and what Spot has
// found no capacity for yet, in the unit of the group. Some are unwell if they have failed their checks, now or before they were
// replaced: others are new, on their way, or not known of, which speaks against nobody.
func (r *Run) words(ctx context.Context, g rollout.Group) (said []string, missing int, unwell bool) {
	instances, err := r.Spot.Instances(ctx, g.ID)
	if err != nil {
		return nil, 0, false
	}
	tally := map[string]int{}
	unwell = len(r.unhealthy[g.ID]) > 0
	own := map[string]bool{}
	for _, i := range instances {
		switch {
		case i.ID == "":
			missing += counts(g, i)
		case len(g.TargetGroups)+len(g.LoadBalancers) == 0 && i.Health != "HEALTHY":
			tally[spotsWord(i)]++
			unwell = unwell || i.Health == unhealthyAtSpot
		}
		own[i.ID] = i.ID != ""
	}
	say := func(where string, targets []Target, err error) {
		for _, t := range targets {
			if err == nil && own[t.Instance] && !t.InService {
				tally[wordsOf(t, where)]++
				unwell = unwell || unhealthy(t)
			}
		}
	}
	for _, arn := range g.TargetGroups {
		targets, err := r.Balancers.TargetHealth(ctx, arn)
		say(rollout.TargetGroupName(arn), targets, err)
	}
	for _, name := range g.LoadBalancers {
		targets, err := r.Balancers.ClassicHealth(ctx, name)
		say(name, targets, err)
	}
	var now, before []string
	for word, n := range tally {
		if g.Unit.Name != "" {
			now = append(now, fmt.Sprintf("%s %s", rollout.Unit{}.Count(n), word))
			continue
		}
		now = append(now, fmt.Sprintf("%d %s", n, word))
	}
	for word := range r.unhealthy[g.ID] {
		if tally[word] == 0 {
			before = append(before, "earlier ones "+word)
		}
	}
	sort.Strings(now)
	sort.Strings(before)
	words := append(before, now...)
	return words[:min(len(words), mostWords)], missing, unwell
}

// spotsWord is what Spot says of an instance.
func spotsWord(i Instance) string {
	return "Spot's health is " + orNone(rollout.QuoteUpTo(i.Health, 80))
}

func orNone(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}
