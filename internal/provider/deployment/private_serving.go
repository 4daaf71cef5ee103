package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// servingKey is the private note of the inputs that serve while a rollout holds: the state has those of the candidate then, as
// they were applied with success, and the live revision's would be lost. Should the note be lost, an imported revision that
// comes back from a hold may be released once more; nothing else depends on it.
const servingKey = "serving"

// servingInputs are what made the live revision: the ID of its group under "live", and beside it each input that makes a revision, by name.
type servingInputs map[string]json.RawMessage

// live is the ID of the group; empty if there is no note.
func (in servingInputs) live() string {
	var id string
	if json.Unmarshal(in["live"], &id) != nil {
		return ""
	}
	return id
}

type privateStore interface {
	privateState
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// keepServing notes what serves when a rollout begins to hold, and drops the note when none does.
func (m model) keepServing(ctx context.Context, private privateStore, w rollout.World, diags *diag.Diagnostics) {
	live := rollout.RolesOf(w).Live
	if rollout.StatusOf(w) != rollout.Holding {
		if servingNote(ctx, private, diags).live() != "" {
			diags.Append(private.SetKey(ctx, servingKey, []byte("{}"))...)
		}
		return
	}
	if servingNote(ctx, private, diags).live() == live.ID {
		return // it held already
	}
	m.noteServing(ctx, private, live.ID, diags)
}

// noteServing notes what makes a revision as that of a group.
func (m model) noteServing(ctx context.Context, private privateStore, live string, diags *diag.Diagnostics) {
	in := map[string]any{"live": live}
	for name, p := range inputs {
		if !p.releases {
			continue
		}
		value, err := m.input(name).ToTerraformValue(ctx)
		if err == nil {
			in[name], err = plain(value)
		}
		if err != nil {
			diags.AddAttributeError(path.Root(name), "What serves cannot be noted", diagtext.Sentence(err))
			return
		}
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
		return nil
	}
	return in
}

// restore puts the inputs of the note into a model, if they are those of the live revision. What the note of an earlier version does not
// have was not written then.
func (in servingInputs) restore(ctx context.Context, m *model, w rollout.World, diags *diag.Diagnostics) {
	live := rollout.RolesOf(w).Live
	if in.live() == "" || live == nil || live.ID != in.live() {
		return
	}
	kinds := inputTypes(ctx)
	for name, p := range inputs {
		if !p.releases {
			continue
		}
		var kept any
		if text, ok := in[name]; ok {
			decoder := json.NewDecoder(bytes.NewReader(text))
			decoder.UseNumber() // a version may have more digits than a float64
			if decoder.Decode(&kept) != nil {
				kept = nil
			}
		}
		m.set(ctx, name, kinds[name], fromPlain(kinds[name].TerraformType(ctx), kept), diags)
	}
}

// plain is a value as JSON has it; the inputs that make a revision are texts, lists, sets and maps of them, and numbers.
func plain(value tftypes.Value) (any, error) {
	if value.IsNull() {
		return nil, nil
	}
	switch value.Type().(type) {
	case tftypes.List, tftypes.Set:
		var items []tftypes.Value
		if err := value.As(&items); err != nil {
			return nil, err
		}
		all := make([]any, len(items))
		for i, item := range items {
			var err error
			if all[i], err = plain(item); err != nil {
				return nil, err
			}
		}
		return all, nil
	case tftypes.Map:
		var items map[string]tftypes.Value
		if err := value.As(&items); err != nil {
			return nil, err
		}
		all := make(map[string]any, len(items))
		for key, item := range items {
			var err error
			if all[key], err = plain(item); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	if value.Type().Is(tftypes.Number) {
		number := new(big.Float)
		err := value.As(&number)
		return json.Number(number.Text('f', -1)), err
	}
	var text string
	err := value.As(&text)
	return text, err
}

// fromPlain is the value of which plain made this; null where it is of another kind.
func fromPlain(kind tftypes.Type, kept any) tftypes.Value {
	switch kept := kept.(type) {
	case json.Number:
		if number, ok := new(big.Float).SetString(kept.String()); ok && kind.Is(tftypes.Number) {
			return tftypes.NewValue(kind, number)
		}
	case string:
		if kind.Is(tftypes.String) {
			return tftypes.NewValue(kind, kept)
		}
	case []any:
		items := make([]tftypes.Value, len(kept))
		for i, item := range kept {
			switch kind := kind.(type) {
			case tftypes.List:
				items[i] = fromPlain(kind.ElementType, item)
			case tftypes.Set:
				items[i] = fromPlain(kind.ElementType, item)
			}
		}
		if kind.Is(tftypes.List{}) || kind.Is(tftypes.Set{}) {
			return tftypes.NewValue(kind, items)
		}
	case map[string]any:
		if kind, ok := kind.(tftypes.Map); ok {
			items := make(map[string]tftypes.Value, len(kept))
			for key, item := range kept {
				items[key] = fromPlain(kind.ElementType, item)
			}
			return tftypes.NewValue(kind, items)
		}
	}
	return tftypes.NewValue(kind, nil)
}
