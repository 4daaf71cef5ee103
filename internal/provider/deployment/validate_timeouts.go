package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// updateLimit is how long a rollout may take in all, where that is written, and in words; 0 if it is not known.
func (m model) updateLimit(otherwise path.Path) (time.Duration, path.Path, string) {
	if m.Timeouts.IsUnknown() {
		return 0, otherwise, ""
	}
	update, _ := m.Timeouts.Attributes()["update"].(types.String)
	if update.IsNull() {
		return time.Hour, otherwise, "timeouts.update is 1h, its default"
	}
	return duration(update), path.Root("timeouts").AtName("update"), "timeouts.update is " + update.ValueString()
}

// fitsTimeout warns if what is waited for in any case takes as long as the whole update may.
func (m model) fitsTimeout(sum time.Duration, what string, at path.Path, diags *diag.Diagnostics) {
	limit, at, is := m.updateLimit(at)
	if limit <= 0 || sum < limit {
		return
	}
	diags.AddAttributeWarning(at, "Bakes take longer than the time-out",
		fmt.Sprintf("%s are %s in all, and %s. The rollout would stop half way, and the next apply would go on. Make timeouts.update longer than them and the time that instances need.",
			what, diagtext.Duration(sum), is))
}

// bakesFitTimeout warns of bakes that the time-out of an update leaves no room for. A rollout that holds has not the later ones.
func (m model) bakesFitTimeout(ctx context.Context, phases []writtenPhase, diags *diag.Diagnostics) {
	if m.HoldAfterPhase.IsUnknown() {
		return
	}
	waits := len(phases) + 1 // the whole is one more
	if n := m.HoldAfterPhase.ValueInt64(); n > 0 && n < int64(waits) {
		phases, waits = phases[:n], int(n)
	}
	var sum time.Duration
	for _, p := range phases {
		sum += duration(p.Bake)
	}
	what := "The bakes of the phases"
	if each := m.healthyTime(ctx, diags); each > 0 {
		sum += time.Duration(waits) * each
		what += fmt.Sprintf(" and verify.min_healthy_time, %d times,", waits)
	}
	m.fitsTimeout(sum, what, path.Root("canary"), diags)
}

// switchesFitTimeout does the same for blue/green: the bakes of the weights as far as the hold, if there is one, and after each
// change of the routes the time until it is taken for real.
func (m model) switchesFitTimeout(ctx context.Context, written blueGreenModel, sum time.Duration, diags *diag.Diagnostics) {
	if written.Bake.IsUnknown() || written.Settle.IsUnknown() {
		return
	}
	changes, what := len(written.Shift.Elements())+1, "The bakes and settle times of the weights and of the full switch"
	if n := m.HoldAfterPhase; !n.IsNull() {
		changes, what = int(n.ValueInt64()), "The bakes and settle times of the weights"
	} else {
		sum += duration(written.Bake)
	}
	settle := written.Settle
	if settle.IsNull() {
		settle = types.StringValue(defaultSettle)
	}
	if m.HoldAfterPhase.IsNull() && written.Bake.IsNull() && (written.DownsizePrevious.IsNull() || written.DownsizePrevious.ValueBool()) {
		sum += max(0, rollout.UsualFollow-duration(settle)) // the previous revision waits for load balancers to follow
	}
	sum += time.Duration(changes) * duration(settle)
	if each := m.healthyTime(ctx, diags); each > 0 {
		sum, what = sum+each, what+" and verify.min_healthy_time"
	}
	m.fitsTimeout(sum, what, path.Root("blue_green"), diags)
}

// healthyTime is how long instances have to be in service, 0 if that is not known.
func (m model) healthyTime(ctx context.Context, diags *diag.Diagnostics) time.Duration {
	return duration(m.verify(ctx, diags).MinHealthyTime)
}

// waitFitsTimeout warns of a wait on instances that may last as long as the whole update: a release that does not get healthy
// would be left half way instead of being taken back.
func (m model) waitFitsTimeout(diags *diag.Diagnostics) {
	wait := defaultHealthyTimeout
	if !m.HealthyTimeout.IsNull() {
		wait = duration(m.HealthyTimeout) // 0 if it is not known, or refused for itself
	}
	limit, at, is := m.updateLimit(path.Root("healthy_timeout"))
	if limit <= 0 || wait < limit {
		return
	}
	diags.AddAttributeWarning(at, "A wait takes longer than the time-out",
		fmt.Sprintf("healthy_timeout is %s, and %s. A release that does not get healthy would be left half way when the update ends, and not be taken back. "+
			"Make timeouts.update longer than healthy_timeout, with time for the way back.", diagtext.Duration(wait), is))
}
