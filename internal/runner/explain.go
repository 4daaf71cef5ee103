package runner

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

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
		text += ", " + s.Because()
	}
	words, missing, unwell := r.words(ctx, g)
	gone := r.neverServed(ctx, g)
	lines, refused, replaced := r.log(ctx, g, gone)
	ended := r.endedAtLaunch(ctx, gone)
	taken := r.health.reclaimed[g.ID]
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
	instances, err := instancesOf(ctx, r.Spot, g)
	if err != nil {
		return nil, 0, false
	}
	tally := map[string]int{}
	unwell = len(r.health.unhealthy[g.ID]) > 0
	own := map[string]bool{}
	for _, i := range instances {
		switch {
		case i.ID == "":
			missing += counts(g, i)
		case !g.Balanced() && i.Health != "HEALTHY":
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
	for word := range r.health.unhealthy[g.ID] {
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
