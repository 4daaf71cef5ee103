package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// longestBake is the most that a phase may be watched.
const longestBake = 7 * 24 * time.Hour

// canaryModel is a rollout in phases.
type canaryModel struct {
	Phases types.List `tfsdk:"phase"`
}

// phaseModel is a phase as it is written.
type phaseModel struct {
	Percent         types.Int64  `tfsdk:"percent"`
	Count           types.Int64  `tfsdk:"count"`
	PreviousPercent types.Int64  `tfsdk:"previous_percent"`
	PreviousCount   types.Int64  `tfsdk:"previous_count"`
	Bake            types.String `tfsdk:"bake"`
}

// canaryBlock is what makes a rollout one in phases.
func canaryBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Makes the rollout one in phases. Left out, the new revision takes over in one step.",
		Blocks: map[string]schema.Block{
			"phase": schema.ListNestedBlock{
				MarkdownDescription: "A phase; one or more, each of which takes over more than the one before it. A last phase of 100 % is implied.",
				NestedObject:        schema.NestedBlockObject{Attributes: phaseAttributes()},
			},
		},
	}
}

func phaseAttributes() map[string]schema.Attribute {
	percent := []validator.Int64{int64validator.Between(1, 99)}
	share := []validator.Int64{validators.ShareBelow("phase")}
	count := []validator.Int64{int64validator.AtLeast(1), int64validator.AtMost(mostInstances)}
	return map[string]schema.Attribute{
		"percent": schema.Int64Attribute{
			Optional: true, Validators: share,
			MarkdownDescription: "What the new revision has in this phase, in percent of its final target, rounded up. Either this or `count`.",
		},
		"count": schema.Int64Attribute{
			Optional: true, Validators: count,
			MarkdownDescription: "What the new revision has in this phase, in the unit of the group (instances, or weights). Either this or `percent`.",
		},
		"previous_percent": schema.Int64Attribute{
			Optional: true, Validators: percent,
			MarkdownDescription: "What remains of the previous revision in this phase, in percent of the target that it had, rounded up. " +
				"Without this and `previous_count` it gives up as large a share as the new revision takes.",
		},
		"previous_count": schema.Int64Attribute{
			Optional: true, Validators: count,
			MarkdownDescription: "What remains of the previous revision in this phase, in the unit of the group. It is never more than it had.",
		},
		"bake": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "How long the new revision's instances and the alarms are watched once the phase is reached, before the next one begins. None if left out.",
			Validators:          []validator.String{validators.DurationBetween(0, longestBake)},
		},
	}
}

// phases are the canary's, as package rollout has them. All of them have to be known.
func (m model) phases(ctx context.Context, diags *diag.Diagnostics) []rollout.Phase {
	if m.Canary.IsNull() {
		return nil
	}
	var c canaryModel
	diags.Append(m.Canary.As(ctx, &c, basetypes.ObjectAsOptions{})...)
	var written []phaseModel
	diags.Append(c.Phases.ElementsAs(ctx, &written, false)...)
	var phases []rollout.Phase
	for _, p := range written {
		phases = append(phases, rollout.Phase{
			Percent:         int(p.Percent.ValueInt64()),
			Count:           int(p.Count.ValueInt64()),
			PreviousPercent: number(p.PreviousPercent),
			PreviousCount:   number(p.PreviousCount),
			Bake:            duration(p.Bake),
		})
	}
	return phases
}

// number is nil for what was left out.
func number(n types.Int64) *int {
	if n.IsNull() {
		return nil
	}
	i := int(n.ValueInt64())
	return &i
}

// writtenPhase is a phase and where it stands. What is not known yet is unknown in it.
type writtenPhase struct {
	phaseModel
	number int // from 1
	at     path.Path
}

// writtenPhases are the phases as far as they are known: one that is not known at all has only unknown members. It
// answers false if not even their number is known.
func (m model) writtenPhases(ctx context.Context, diags *diag.Diagnostics) ([]writtenPhase, bool) {
	if m.Canary.IsUnknown() {
		return nil, false
	}
	var c canaryModel
	diags.Append(m.Canary.As(ctx, &c, basetypes.ObjectAsOptions{})...)
	if c.Phases.IsUnknown() {
		return nil, false
	}
	var phases []writtenPhase
	for i, element := range c.Phases.Elements() {
		p := writtenPhase{number: i + 1, at: path.Root("canary").AtName("phase").AtListIndex(i)}
		p.phaseModel = phaseModel{types.Int64Unknown(), types.Int64Unknown(), types.Int64Unknown(), types.Int64Unknown(), types.StringUnknown()}
		if object, _ := element.(types.Object); !object.IsUnknown() {
			diags.Append(object.As(ctx, &p.phaseModel, basetypes.ObjectAsOptions{})...)
		}
		phases = append(phases, p)
	}
	return phases, true
}

// amount is a part of a whole, or a number of nobody knows how many (whole 0).
type amount struct {
	part, whole int64
	text        string
}

// String is the amount as it is written: "25 %".
func (a amount) String() string { return a.text }

func (a amount) comparable(b amount) bool { return (a.whole == 0) == (b.whole == 0) }

// less compares amounts that are comparable.
func (a amount) less(b amount) bool {
	if a.whole == 0 {
		return a.part < b.part
	}
	return a.part*b.whole < b.part*a.whole
}

func percentage(n int64) amount { return amount{n, 100, fmt.Sprintf("%d %%", n)} }

// takes is what the new revision has in the phase, and the attribute that says so. It answers false where that is not
// known, or refused for itself.
func (p writtenPhase) takes(target int64) (amount, path.Path, bool) {
	percent, count := p.Percent.ValueInt64(), p.Count.ValueInt64()
	switch {
	case p.Count.IsNull() && percent >= 1 && percent <= 99:
		return percentage(percent), p.at.AtName("percent"), true
	case p.Percent.IsNull() && count >= 1 && (target == 0 || count < target):
		text := fmt.Sprintf("a count of %d", count)
		if target > 0 {
			text = fmt.Sprintf("%d of %d", count, target)
		}
		return amount{count, target, text}, p.at.AtName("count"), true
	}
	return amount{}, p.at, false
}

// leaves is what remains of the previous revision in the phase, and the attribute that says so, or the phase if none does.
// It answers false where that is not known, or refused for itself.
func (p writtenPhase) leaves(target int64) (amount, path.Path, bool) {
	percent, count := p.PreviousPercent.ValueInt64(), p.PreviousCount.ValueInt64()
	switch {
	case p.PreviousCount.IsNull() && percent >= 1 && percent <= 99:
		return percentage(percent), p.at.AtName("previous_percent"), true
	case p.PreviousPercent.IsNull() && count >= 1:
		return amount{part: count, text: fmt.Sprintf("a count of %d", count)}, p.at.AtName("previous_count"), true
	case !p.PreviousPercent.IsNull() || !p.PreviousCount.IsNull():
		return amount{}, p.at, false
	}
	took, _, ok := p.takes(target)
	if !ok || took.whole == 0 {
		return amount{}, p.at, false
	}
	left := amount{took.whole - took.part, took.whole, fmt.Sprintf("%d of %d", took.whole-took.part, took.whole)}
	if took.whole == 100 && p.Count.IsNull() {
		left = percentage(left.part)
	}
	return left, p.at, true
}

// sameUnit warns of a new revision whose capacity counts something else than the live one's: while they share the work, nobody can
// add up what both of them have.
func sameUnit(d rollout.Deployment, before rollout.World, diags *diag.Diagnostics) {
	live := rollout.RolesOf(before).Live
	if live == nil || live.Unit.Name == d.Unit.Name || len(d.Canary) == 0 {
		return
	}
	diags.AddAttributeWarning(path.Root("configuration"), "Capacity in another unit",
		fmt.Sprintf(whenPlanned+"the capacity of the live revision %s counts %s, and that of the new one %s. The phases of canary are shares of each, "+
			"and that no less serves in between than before cannot be counted. Release this change without canary, or with blue_green, where the new revision comes up whole before the live one gives anything up.",
			live.Name, live.Unit.Noun(), d.Unit.Noun()))
}
