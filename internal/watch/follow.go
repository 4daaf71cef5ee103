package watch

import (
	"context"
	"errors"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// Follower looks at one deployment in the clouds, and says what is otherwise than it was when it looked last.
type Follower struct {
	clouds     *clouds
	deployment *deployment
}

// NewFollower follows a deployment by reading calls alone.
func NewFollower(name string, elastigroups runner.Elastigroups, aws interface {
	runner.Balancers
	runner.Alarms
}) *Follower {
	c := &clouds{spot: elastigroups, aws: aws}
	return &Follower{clouds: c, deployment: c.deployment(name)}
}

// Look looks. What it says first is what stands, and where a rollout that is under way has got to; the last of a rollout is that it has
// ended, and of a deployment at rest that there is none. The note is what could not be seen.
func (f *Follower) Look(ctx context.Context) (events []event.Event, note string, err error) {
	facts, note, err := f.clouds.look(ctx, f.deployment)
	if errors.Is(err, errNoDeployment) {
		return nil, "", nil // it may come
	}
	for _, fact := range facts {
		events = append(events, event.Event{Time: f.deployment.tick(), Deployment: f.deployment.name, Run: f.deployment.run, Fact: fact})
	}
	return events, note, err
}

// AtRest tells whether events say that nothing is under way.
func AtRest(events []event.Event) bool {
	for _, e := range events {
		if end, ok := e.Fact.(event.Ended); ok && end.Outcome == atRest {
			return true
		}
	}
	return false
}

// Line is an event as a sentence in one line; "" of one that the next one says as well.
func Line(e event.Event) string {
	said := timeline.Sentence{Time: e.Time, Kind: e.Kind(), Text: e.Message()}
	if announces(said) {
		return ""
	}
	return clean(said.Text)
}
