package runner

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

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
	missed   bool   // it was due in the bake and was not asked any more
}

// take takes an answer.
func (a *asking) take(answer Answer, over bool) {
	a.inFlight, a.last, a.missed = time.Time{}, answer, false
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
	return a.inFlight.IsZero() && !(over && a.settled()) && !time.Now().Before(a.next)
}

// settled tells whether the last answer is good, and none was left out after it.
func (a *asking) settled() bool { return a.answered > 0 && a.last.Verdict == Good && !a.missed }

// stand is how a check stands when its point is over: whether its last answer is known, or will not be, and what is not known then.
func (a *asking) stand(at rollout.Point, late bool) (decided bool, unknown string) {
	switch {
	case a.inFlight.IsZero() && a.settled():
		return true, ""
	case late && a.last.Verdict == Bad:
		return false, "" // it was never good: see failed
	case late && !a.inFlight.IsZero():
		return true, fmt.Sprintf("check %s has not answered for %s", a.check.Name, time.Since(a.inFlight).Round(time.Second))
	case late && a.missed:
		return true, fmt.Sprintf("check %s was not asked any more when the bake was over", a.check.Name)
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

func (a *asking) details() json.RawMessage { return a.last.Details }
