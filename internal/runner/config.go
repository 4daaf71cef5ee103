package runner

import (
	"context"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Config is what a caller sets. Only Spot and the deployment's name are needed to look at a deployment; to run a rollout Balancers
// and Document are, too.
type Config struct {
	Deployment rollout.Deployment
	Spot       Elastigroups
	Balancers  Balancers
	// Alarms reads those that the deployment names; nil will do if it names none.
	Alarms Alarms
	// Checkers answer the deployment's checks, by their names. A check that has none is not known.
	Checkers map[string]Checker
	// Metrics counts what the deployment compares; nil will do if it compares nothing.
	Metrics Metrics
	// Machines is asked why instances ended that were never in service; nil asks nobody.
	Machines Machines

	// Adopted are the IDs of groups that belong to the deployment although their tags do not say so: imported ones.
	Adopted map[string]bool
	// Journaled are the IDs of those that had a journal when the state saw them last: without one they are not the groups that they were.
	Journaled map[string]bool
	// Document makes the JSON document of a group to be created, with its name, its target groups and a journal's tags, at
	// capacity zero.
	Document func(g rollout.Group, tags map[string]string) ([]byte, error)
	// Planned is the world that the plan was made for; the run stops before its first change if someone else has changed
	// it since. Nil when there is no plan to keep to.
	Planned *rollout.World

	// Aborts says that the candidate is to be taken back, because somebody wants it, and for no fault of its own.
	Aborts bool

	// HealthyTimeout is the deadline of each wait on instances; MinHealthyTime is how long they have to be in service.
	HealthyTimeout time.Duration
	MinHealthyTime time.Duration
	// Took is how long waits of the deployment took in other runs: looks come close around that time.
	Took Timings
	// RollbackOnInterrupt takes the candidate back when the request is cancelled, instead of leaving everything as it is.
	RollbackOnInterrupt bool

	// CredentialsEnd tells when the credentials end that the run cannot do without, if nobody renews them, and where they come from; zero is
	// never, or not known. Nil is the same.
	CredentialsEnd func(ctx context.Context) (ends time.Time, from string)

	// Events takes what happens in the run. Nil takes nothing.
	Events func(ctx context.Context, e event.Event)
}
