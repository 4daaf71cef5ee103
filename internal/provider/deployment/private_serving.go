package deployment

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// servingKey is the private note of the inputs that serve while a rollout holds: the state has those of the candidate then, as
// they were applied with success, and the live revision's would be lost. Should the note be lost, an imported revision that
// comes back from a hold may be released once more; nothing else depends on it.
const servingKey = "serving"

// servingInputs are what made the live revision.
type servingInputs struct {
	// Live is the ID of its group.
	Live           string             `json:"live"`
	Configuration  *string            `json:"configuration"`
	ImageID        *string            `json:"image_id"`
	ImageIDs       *[]string          `json:"image_ids"`
	UserData       *string            `json:"user_data"`
	UserDataBase64 *string            `json:"user_data_base64"`
	TargetGroups   *[]string          `json:"target_group_arns"`
	LoadBalancers  *[]string          `json:"load_balancer_names"`
	Triggers       *map[string]string `json:"triggers"`
}

type privateStore interface {
	privateState
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// keepServing notes what serves when a rollout begins to hold, and drops the note when none does.
func (m model) keepServing(ctx context.Context, private privateStore, w rollout.World, diags *diag.Diagnostics) {
	live := rollout.RolesOf(w).Live
	if rollout.StatusOf(w) != rollout.Holding {
		if servingNote(ctx, private, diags).Live != "" {
			diags.Append(private.SetKey(ctx, servingKey, []byte("{}"))...)
		}
		return
	}
	if servingNote(ctx, private, diags).Live == live.ID {
		return // it held already
	}
	m.noteServing(ctx, private, live.ID, diags)
}

// noteServing notes what makes a revision as that of a group.
func (m model) noteServing(ctx context.Context, private privateStore, live string, diags *diag.Diagnostics) {
	in := servingInputs{
		Live: live, Configuration: m.Configuration.ValueStringPointer(), ImageID: m.ImageID.ValueStringPointer(), ImageIDs: setOf(ctx, m.ImageIDs, diags),
		UserData: m.UserData.ValueStringPointer(), UserDataBase64: m.UserDataBase64.ValueStringPointer(),
		TargetGroups: listOf(ctx, m.TargetGroupARNs, diags), LoadBalancers: listOf(ctx, m.LoadBalancerNames, diags),
	}
	if !m.Triggers.IsNull() {
		in.Triggers = &map[string]string{}
		diags.Append(m.Triggers.ElementsAs(ctx, in.Triggers, false)...)
	}
	data, err := json.Marshal(in)
	if err != nil {
		diags.AddError("What serves cannot be noted", diagtext.Sentence(err))
		return
	}
	diags.Append(private.SetKey(ctx, servingKey, data)...)
}

// servingNote is the note; one without a group if there is none.
func servingNote(ctx context.Context, private privateState, diags *diag.Diagnostics) servingInputs {
	var in servingInputs
	data, more := private.GetKey(ctx, servingKey)
	diags.Append(more...)
	if len(data) == 0 || json.Unmarshal(data, &in) != nil {
		return servingInputs{}
	}
	return in
}

// restore puts the inputs of the note into a model, if they are those of the live revision.
func (in servingInputs) restore(ctx context.Context, m *model, w rollout.World, diags *diag.Diagnostics) {
	live := rollout.RolesOf(w).Live
	if in.Live == "" || live == nil || live.ID != in.Live {
		return
	}
	m.Configuration, m.ImageID = types.StringPointerValue(in.Configuration), types.StringPointerValue(in.ImageID)
	m.ImageIDs = setFrom(ctx, in.ImageIDs, diags)
	m.UserData, m.UserDataBase64 = types.StringPointerValue(in.UserData), types.StringPointerValue(in.UserDataBase64)
	m.TargetGroupARNs = listFrom(ctx, in.TargetGroups, diags)
	m.LoadBalancerNames = listFrom(ctx, in.LoadBalancers, diags)
	m.Triggers = types.MapNull(types.StringType)
	if in.Triggers != nil {
		triggers := map[string]attr.Value{}
		for key, value := range *in.Triggers {
			triggers[key] = types.StringValue(value)
		}
		m.Triggers = types.MapValueMust(types.StringType, triggers)
	}
}

func listFrom(ctx context.Context, texts *[]string, diags *diag.Diagnostics) types.List {
	if texts == nil {
		return types.ListNull(types.StringType)
	}
	list, more := types.ListValueFrom(ctx, types.StringType, *texts)
	diags.Append(more...)
	return list
}
