package deployment

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// What verify.alarms_at_start takes.
const (
	alarmsRefuse = "refuse"
	alarmsIgnore = "ignore"
)

// What start_with takes.
const (
	startTarget  = "target"
	startRunning = "running"
)

// The defaults of attributes that a configuration leaves out; an imported deployment has them too.
const (
	defaultRetain         = 3
	defaultHealthyTimeout = 15 * time.Minute
	defaultHealthyPercent = 100
	defaultOnFailure      = string(rollout.Rollback)
	defaultOnInterrupt    = "hold"
	defaultResizeOrder    = string(rollout.NewFirst)
	defaultStartWith      = startTarget
	defaultInconclusive   = string(rollout.InconclusiveHold)
)

// mostInstances is more than any account may start, and little enough that every share of it is counted exactly.
const mostInstances = 1_000_000

// deploymentVersion is that of the state. Version 0 had strategies as nested attributes; see upgrade.go.
const deploymentVersion = 1

// resourceSchema has blocks for whatever may be written in part: Terraform drops names that it does not know from nested
// attributes, and refuses them in blocks. A gate that is misspelt must not be one that is left out.
func resourceSchema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{}
	for _, part := range []map[string]schema.Attribute{releaseAttributes(), rolloutAttributes(), computedAttributes()} {
		maps.Copy(attributes, part)
	}
	return schema.Schema{
		Version: deploymentVersion,
		MarkdownDescription: "A line of immutable Elastigroups `NAME__1`, `NAME__2`, …, one for each release (\"revision\"), of which one is live. " +
			"Create and update run the rollout and return when it has ended; the plan shows all of it first.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"canary":     canaryBlock(),
			"blue_green": blueGreenBlock(),
			"verify":     verifyBlock(),
			"timeouts":   timeoutsBlock(ctx),
		},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	limits, _ := timeouts.Block(ctx, timeouts.Opts{Create: true, Update: true, Delete: true,
		CreateDescription: "How long a first deployment may take in all, `1h` if left out.",
		UpdateDescription: "How long a rollout may take in all, `1h` if left out. When it is over the rollout stops where it stands, and the next apply goes on.",
		DeleteDescription: "How long destroying may take in all, `30m` if left out.",
	}).(schema.SingleNestedBlock)
	limits.MarkdownDescription = "How long each operation may take in all."
	return limits
}

// releaseAttributes are what makes a revision, and its capacity.
func releaseAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The deployment's name; its groups are `NAME__1`, `NAME__2`, … Changing it replaces the deployment.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:          []validator.String{deploymentName()},
		},
		"configuration": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The Elastigroup as JSON, as it is exported, bare or as `{\"group\": {…}}`. `id`, `name`, `createdAt` and `updatedAt` in it are ignored; " +
				"members that are null are left out, and everything else that is not overridden here goes to the API as it stands. Changes that mean nothing (order of keys, white space) plan nothing.",
		},
		"image_id": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The machine image (AMI) to release. Left out, as `image_ids` is, the configuration's own image or images stay.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1), validators.Unspaced(), stringvalidator.ConflictsWith(path.MatchRoot("image_ids"))},
		},
		"image_ids": schema.SetAttribute{
			ElementType: types.StringType, Optional: true, Computed: true,
			MarkdownDescription: "The machine images to release in place of `image_id` where instance types are of several processor architectures: one for each (x86 and arm). " +
				"Elastigroup starts each instance from the one that it can boot.",
			Validators: []validator.Set{setvalidator.SizeAtLeast(1), validators.NoNulls(), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1), validators.Unspaced())},
		},
		"user_data": schema.StringAttribute{
			Optional: true, Computed: true, Sensitive: true,
			MarkdownDescription: "User data in plain text. Left out, the configuration's own stays.",
			Validators:          []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("user_data_base64"))},
		},
		"user_data_base64": schema.StringAttribute{
			Optional: true, Computed: true, Sensitive: true,
			MarkdownDescription: "User data that is base64-encoded already.",
			Validators:          []validator.String{base64Text()},
		},
		"user_data_wo": schema.StringAttribute{
			Optional: true, WriteOnly: true,
			MarkdownDescription: "User data in plain text that Terraform stores nowhere: neither in the state nor in a plan. Together with `user_data_wo_version`, in place of `user_data`. " +
				"Needs Terraform or OpenTofu 1.11. Give it an ephemeral variable without a default, or an ephemeral resource.",
		},
		"user_data_wo_version": schema.Int64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The version of `user_data_wo`, a number. It alone says whether that has changed: another version is a new revision, and another value of the same version is none. " +
				"It is a tag of the group, so that an import knows it.",
			// Of the value itself, which comes late, none of this can be told.
			Validators: []validator.Int64{int64validator.AtLeast(0), int64validator.ConflictsWith(path.MatchRoot("user_data"), path.MatchRoot("user_data_base64"))},
		},
		"capacity": schema.SingleNestedAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The live revision's size, in the unit of the configuration: instances, or with `capacity.unit = \"weight\"` what `instanceTypes.weights` says, and the vCPUs of types that it does not name. Left out, it is what the previous revision has at the time; for a first deployment, the configuration's own. " +
				"A change of it alone resizes the live revision in place.",
			Attributes: map[string]schema.Attribute{
				"minimum": capacityMember("The least an autoscaler may leave."),
				"target":  capacityMember("What the revision is brought to. An autoscaler may move it afterwards."),
				"maximum": capacityMember("The most an autoscaler may make."),
			},
		},
		"start_with": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(defaultStartWith),
			MarkdownDescription: "What a release starts with, where `capacity` is written. `target` (the default): its target. `running`: what the live revision has at that moment, " +
				"within minimum and maximum, which is for groups that are autoscaled; the target is for the first deployment then, and a change of `capacity` changes the bounds, and the " +
				"number of instances only where it is out of them. A change of it alone releases nothing.",
			Validators: []validator.String{stringvalidator.OneOf(startTarget, startRunning)},
		},
		"target_group_arns": schema.ListAttribute{
			ElementType: types.StringType, Optional: true, Computed: true,
			MarkdownDescription: "The ARNs of the target groups where instances register. Left out, the configuration's own stay.",
			Validators:          []validator.List{validators.Unique(), validators.NoNulls(), listvalidator.ValueStringsAre(validators.BalancingARN("targetgroup"))},
		},
		"load_balancer_names": schema.ListAttribute{
			ElementType: types.StringType, Optional: true, Computed: true,
			MarkdownDescription: "The names of the classic load balancers where instances register. Left out, the configuration's own stay.",
			Validators:          []validator.List{validators.Unique(), validators.NoNulls(), listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
		},
		"triggers": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Arbitrary values; any change of them makes a new revision. One that is null is the same as none. A release that failed verification is refused when the same is applied again: a change here releases it once more.",
		},
	}
}

func capacityMember(description string) schema.Attribute {
	return schema.Int64Attribute{Required: true, MarkdownDescription: description, Validators: []validator.Int64{int64validator.AtLeast(0), int64validator.AtMost(mostInstances)}}
}

// rolloutAttributes are how a rollout goes. A change of them alone changes only what the next one does.
func rolloutAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"resize_order": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(defaultResizeOrder),
			MarkdownDescription: "`new_first` (the default): the previous revision shrinks only when the new one's instances are in service. " +
				"`previous_first`: it shrinks first, by the new one's share of the phase, and until that is in service nothing serves in its place.",
			Validators: []validator.String{stringvalidator.OneOf(string(rollout.NewFirst), string(rollout.PreviousFirst))},
		},
		"healthy_timeout": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(diagtext.Duration(defaultHealthyTimeout)),
			MarkdownDescription: "The deadline of each wait on instances, `15m` if left out.",
			Validators:          []validator.String{validators.DurationBetween(time.Second, 24*time.Hour)},
		},
		"on_failure": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(defaultOnFailure),
			MarkdownDescription: "`rollback` (the default): what served is put back as it was and the failed revision is deleted. `hold`: everything is left as it is.",
			Validators:          []validator.String{stringvalidator.OneOf(string(rollout.Rollback), string(rollout.Hold))},
		},
		"on_interrupt": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(defaultOnInterrupt),
			MarkdownDescription: "What a Ctrl-C or a cancelled run does: `hold` (the default) stops where it stands, and the next apply goes on; `rollback` takes the rollout back first.",
			Validators:          []validator.String{stringvalidator.OneOf("hold", "rollback")},
		},
		"hold_after_phase": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "The number, from 1, of the phase or weight after which the rollout stops, successfully. `status` is `holding` then. " +
				"Remove it, or raise it, to go on. `0` is for `blue_green`: on stage, with the new revision whole, before any production traffic.",
			Validators: []validator.Int64{int64validator.AtLeast(0)},
		},
		"retain": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(defaultRetain),
			MarkdownDescription: "How many previous revisions are kept at zero instances after a rollout, `3` if left out.",
			Validators:          []validator.Int64{int64validator.Between(0, 1000)},
		},
		"deletion_protection": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether destroying the deployment is refused.",
		},
	}
}

// verifyBlock is when a revision counts as healthy.
func verifyBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "When a revision counts as healthy, and what else must not go wrong.",
		Attributes: map[string]schema.Attribute{
			"alarms": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "The names of CloudWatch alarms, metric or composite. One that goes off while the rollout runs fails the release.",
				Validators: []validator.List{validators.Unique(), validators.NoNulls(),
					listvalidator.ValueStringsAre(stringvalidator.UTF8LengthBetween(1, 255))},
			},
			"alarms_at_start": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(alarmsRefuse),
				MarkdownDescription: "What an alarm does that is on before the release begins. `refuse` (the default): the release does not begin. `ignore`: it begins, and such an " +
					"alarm counts only once it has been OK, which is for a release that is to mend what the alarm is about.",
				Validators: []validator.String{stringvalidator.OneOf(alarmsRefuse, alarmsIgnore)},
			},
			"min_healthy_time": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString("0s"),
				MarkdownDescription: "How long instances have to be in service without a break, `0s` if left out.",
				Validators:          []validator.String{validators.DurationBetween(0, 24*time.Hour)},
			},
			"healthy_percent": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(defaultHealthyPercent),
				MarkdownDescription: "How many percent of the instances have to be in service, `100` if left out.",
				Validators:          []validator.Int64{int64validator.Between(1, 100)},
			},
			"inconclusive": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(defaultInconclusive),
				MarkdownDescription: "What becomes of a release about which something could not be known: a check that is not answered, too little traffic to compare. `hold` (the default): the rollout " +
					"stops where it is, successfully, `status` is `holding`, and the next apply asks again. `fail`: it is taken back, which is not held against the release. `pass`: it goes on.",
				Validators: []validator.String{stringvalidator.OneOf(string(rollout.InconclusiveHold), string(rollout.InconclusiveFail), string(rollout.InconclusivePass))},
			},
		},
		Blocks: map[string]schema.Block{"check": checkBlock(), "compare": compareBlock()},
	}
}

// computedAttributes are what stands, and what the plan said.
func computedAttributes() map[string]schema.Attribute {
	group := map[string]schema.Attribute{
		"id":       schema.StringAttribute{Computed: true, MarkdownDescription: "Spot's ID."},
		"name":     schema.StringAttribute{Computed: true, MarkdownDescription: "The name, `web__7`."},
		"revision": schema.Int64Attribute{Computed: true, MarkdownDescription: "The revision, `7`; `0` for an imported group without a number."},
		"image_id": schema.StringAttribute{Computed: true, MarkdownDescription: "The image that its instances start from; `null` if there are several."},
		"image_ids": schema.ListAttribute{ElementType: types.StringType, Computed: true,
			MarkdownDescription: "All the images that its instances start from, in alphabetical order."},
		"role":    schema.StringAttribute{Computed: true, MarkdownDescription: "`live`, `candidate`, `previous` or `retained`."},
		"minimum": schema.Int64Attribute{Computed: true, MarkdownDescription: "The least an autoscaler may leave."},
		"target":  schema.Int64Attribute{Computed: true, MarkdownDescription: "What the group is set to, in its unit."},
		"maximum": schema.Int64Attribute{Computed: true, MarkdownDescription: "The most an autoscaler may make."},
	}
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true, MarkdownDescription: "The name.",
		},
		"status": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "`stable`; `holding`: the rollout has stopped at `hold_after_phase`; or `interrupted`: a rollout was cut short, or left as it is after a failure; " +
				"the next apply goes on with it, or back if the configuration went back.",
		},
		"revision":   schema.Int64Attribute{Computed: true, MarkdownDescription: "The live group's revision."},
		"group_id":   schema.StringAttribute{Computed: true, MarkdownDescription: "The live group's ID."},
		"group_name": schema.StringAttribute{Computed: true, MarkdownDescription: "The live group's name."},
		"rollout_plan": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "What apply will do, a line a step; after apply, what the plan said.",
		},
		"traffic": trafficAttribute(),
		"groups": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Every group of the deployment, newest first.",
			NestedObject:        schema.NestedAttributeObject{Attributes: group},
		},
	}
}
