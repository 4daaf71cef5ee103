package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// usualSession is how long temporary credentials last if nobody asks for another time.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const usualSession = time.Hour

// outlast warns of credentials that end before the planned rollout may. Those that are renewed by themselves do not.
func (r *deploymentResource) outlast(ctx context.Context, spec *specification, p rollout.Preview, creating bool, diags *diag.Diagnostics) {
	if r.clouds == nil || !p.Changes() || p.Refused() || !spec.needsAWS || diags.HasError() {
		return
	}
	plan := spec.written
	session, err := r.clouds.AWS.Session(ctx)
	if err != nil || !session.Temporary {
		return
	}
	least, waits := p.Takes()
	least += time.Duration(waits) * spec.minHealthyTime
	most := least + time.Duration(waits)*duration(plan.HealthyTimeout)
	limit, more := plan.Timeouts.Update(ctx, time.Hour)
	if creating {
		limit, more = plan.Timeouts.Create(ctx, time.Hour)
	}
	diags.Append(more...)
	most = min(most, limit)
	takes := fmt.Sprintf("waits for its instances (healthy_timeout is %s), and may take %s", plan.HealthyTimeout.ValueString(), diagtext.Duration(most))
	if least > 0 {
		takes = fmt.Sprintf("takes %s at the least, by its bakes and settle times, and may take %s with its waits (healthy_timeout is %s)",
			diagtext.Duration(least), diagtext.Duration(max(most, least)), plan.HealthyTimeout.ValueString())
	}
	const then = "When they end the rollout stops where it stands, nothing of that is held against the release, and the next apply goes on. " +
		"Credentials that are renewed last as long as it takes: assume_role, a web identity, or a profile that asks for them."
	left := time.Until(session.Ends)
	switch {
	case session.Ends.IsZero() && least >= usualSession:
		diags.AddWarning("AWS credentials may end before the rollout does",
			fmt.Sprintf("The AWS credentials from %s are temporary, and nothing says when they end; it is an hour after they were made, unless another time was asked for. The rollout %s. %s", session.From, takes, then))
	case session.Ends.IsZero(), left >= most && left >= least:
	case left < least:
		diags.AddWarning("AWS credentials end before the rollout does",
			fmt.Sprintf("The AWS credentials from %s end at %s, in %s. The rollout %s. %s", session.From, clock(session.Ends), diagtext.Duration(left.Round(time.Second)), takes, then))
	default:
		diags.AddWarning("AWS credentials may end before the rollout does",
			fmt.Sprintf("The AWS credentials from %s end at %s, in %s. The rollout %s. %s", session.From, clock(session.Ends), diagtext.Duration(left.Round(time.Second)), takes, then))
	}
}

// clock is a time as people read it wherever they are.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
