package deployment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

// watching is what alarms have to do with a release.
type watching struct {
	// watched is true of all but a first deployment.
	watched bool
	// comesBack says that what is released was proven before: no alarm judges it.
	comesBack bool
	// ignores says that an alarm which is on before the release begins counts only once it has been OK.
	ignores bool
}

// checkAlarms refuses alarms that do not exist. Of a rollout that they watch, which a first deployment is not, it warns of one
// that is off already, since the rollout would refuse to begin, and of one that would not go off for want of data. Of one that brings
// back what was proven before it warns, and nothing of alarms keeps it.
func (r *deploymentResource) checkAlarms(ctx context.Context, names []string, w watching, diags *diag.Diagnostics) {
	at := path.Root("verify").AtName("alarms")
	alarms, err := r.clouds.AWS.Alarms(ctx, names)
	switch none := (aws.NoSuchAlarms)(nil); {
	case errors.As(err, &none):
		r.noSuchAlarms(ctx, none, names, w, diags)
	case err != nil && w.watched && w.comesBack:
		diags.AddAttributeWarning(at, diagtext.Title("Alarm", err), diagtext.Sentence(err)+judgesNothing)
	case err != nil:
		diags.AddAttributeError(at, diagtext.Title("Alarm", err), diagtext.Sentence(err))
	}
	for i, alarm := range alarms {
		switch {
		case !w.watched:
		case alarm.Tripped() && w.comesBack:
			diags.AddAttributeWarning(at.AtListIndex(i), "Alarm in ALARM", fmt.Sprintf(whenPlanned+"alarm %s is in ALARM: %s. "+
				"What is released was proven before, and no alarm judges it: it is released all the same.", alarm.Name, alarm.Reason))
		case alarm.Tripped() && w.ignores:
			diags.AddAttributeWarning(at.AtListIndex(i), "Alarm in ALARM", fmt.Sprintf(whenPlanned+"alarm %s is in ALARM: %s. "+
				"If it is when the release begins, it counts only once it has been OK (alarms_at_start = %q).", alarm.Name, alarm.Reason, alarmsIgnore))
		case alarm.Tripped():
			diags.AddAttributeWarning(at.AtListIndex(i), "Alarm in ALARM", fmt.Sprintf(whenPlanned+"alarm %s is in ALARM: %s. "+
				"A rollout does not begin while one of its alarms is, unless alarms_at_start is \"ignore\".", alarm.Name, alarm.Reason))
		case alarm.State == "INSUFFICIENT_DATA" && !w.comesBack:
			diags.AddAttributeWarning(at.AtListIndex(i), "Alarm without data", fmt.Sprintf(whenPlanned+"alarm %s is INSUFFICIENT_DATA: %s. "+
				"It would not notice a bad release unless data come. If its metric reports only what is wrong, make the alarm treat missing data as good (notBreaching).",
				alarm.Name, alarm.Reason))
		}
	}
}

// judgesNothing ends a warning about an alarm that has nothing to say of this release.
const judgesNothing = " What is released was proven before, and no alarm judges it."

// noSuchAlarms points at each alarm that does not exist, where it is written, and names the nearest that does.
func (r *deploymentResource) noSuchAlarms(ctx context.Context, none aws.NoSuchAlarms, names []string, w watching, diags *diag.Diagnostics) {
	there := sync.OnceValues(func() ([]aws.Known, error) { return r.clouds.AWS.KnownAlarms(ctx) })
	for _, name := range none {
		at, one := path.Root("verify").AtName("alarms").AtListIndex(slices.Index(names, name)), aws.NoSuchAlarms{name}
		says := fmt.Sprintf("CloudWatch knows no metric or composite alarm %s.", name) +
			r.clouds.NotThere(ctx, one, "alarms", name, func(context.Context) ([]aws.Known, error) { return there() })
		if w.watched && w.comesBack {
			diags.AddAttributeWarning(at, diagtext.Title("Alarm", one), says+judgesNothing)
		} else {
			diags.AddAttributeError(at, diagtext.Title("Alarm", one), says)
		}
	}
}
