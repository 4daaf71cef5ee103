package runner

import (
	"context"
	"encoding/json"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Checker asks one check, once. It returns when its own time-out or the context ends at the latest, and does not ask again by itself.
type Checker interface {
	Ask(ctx context.Context, m Moment) Answer
}

// Moment is where a rollout stands when a check is asked.
type Moment struct {
	Deployment string
	// Revision is the candidate's, "web__7" the seventh.
	Revision int
	// Phase is how the plan names the phase or weight: "10 %"; on stage and at the end it is how it names those.
	Phase string
	At    rollout.Point
	// Attempt counts how often the check was asked at this point by this run, from 1.
	Attempt int
	// ImageID is the candidate's and PreviousImageID the live revision's.
	ImageID, PreviousImageID string
	// ProductionWeight is the percentage of production's traffic that the candidate has; in a canary its share of the instances.
	ProductionWeight int
	// Live and Candidate are the ARNs of the target groups in which they register, and StageARN stage's listener or rule; empty where there
	// is none.
	Live, Candidate []string
	StageARN        string
	// Details are those of the check's last answer at this point; nil of the first one.
	Details json.RawMessage
}

// Answer is what a check has answered.
type Answer struct {
	Verdict Answered
	// Words are the values and their limits in one sentence without an end. There are no secrets in them.
	Words string
	// Again is how long after a pending answer to ask again; 0 leaves it to the check.
	Again time.Duration
	// Details go with the next question.
	Details json.RawMessage
}

// Answered is what an answer says about the candidate.
type Answered int

// The answers. What nobody has answered is the zero value: it is not known.
const (
	NotKnown Answered = iota
	Good
	Bad
	// Pending is that the answer will come: it is not known yet, and asked again.
	Pending
)

// String is how events call it.
func (a Answered) String() string { return [...]string{"not_known", "good", "bad", "pending"}[a] }

// Metrics is what load balancers have counted.
type Metrics interface {
	// Minutes reads what was counted for target groups in the whole minutes from a time (inclusive) to another (exclusive), with a percentile of
	// their latency (1 to 99; 0 reads none). A minute that is not reported is left out, and is not a minute without requests.
	Minutes(ctx context.Context, targetGroupARNs []string, since, until time.Time, percentile int) (map[string][]compare.Minute, error)
}
