package providertest

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Resource is a managed resource, and how Terraform speaks of it to a provider: values go out encoded by its schema, and come back decoded. An
// error is of the protocol; what the provider has to say is in the diagnostics. Nothing is judged here.
type Resource struct {
	Server tfprotov6.ProviderServer
	Type   string
	Schema *tfprotov6.Schema
}

// Kept is what Terraform keeps of a resource from one command to the next. Nobody has an identity before Terraform 1.12.
type Kept struct {
	Value    tftypes.Value
	Private  []byte
	Identity *tfprotov6.ResourceIdentityData
}

// Planned is the answer to a plan. The value is none where it failed.
type Planned struct {
	Config   tftypes.Value
	Value    tftypes.Value
	Private  []byte
	Replaces []string // the attributes that force a replacement
	Diags    []*tfprotov6.Diagnostic
}

// Nothing is a resource that is not there.
func (r Resource) Nothing() tftypes.Value { return tftypes.NewValue(r.Schema.ValueType(), nil) }

// Validate asks for what can be said of a configuration alone, as a Terraform does that has write-only attributes, or has not.
func (r Resource) Validate(ctx context.Context, config tftypes.Value, writeOnly bool) ([]*tfprotov6.Diagnostic, error) {
	encoded, err := r.Encode(config)
	if err != nil {
		return nil, err
	}
	resp, err := r.Server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: r.Type, Config: encoded, ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: writeOnly},
	})
	if err != nil {
		return nil, fmt.Errorf("ValidateResourceConfig: %w", err)
	}
	return resp.Diagnostics, nil
}

// Read refreshes what is kept, which stays as it is where that fails.
func (r Resource) Read(ctx context.Context, kept Kept) (Kept, []*tfprotov6.Diagnostic, error) {
	state, err := r.Encode(kept.Value)
	if err != nil {
		return kept, nil, err
	}
	resp, err := r.Server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: r.Type, CurrentState: state, Private: kept.Private, CurrentIdentity: kept.Identity})
	if err != nil {
		return kept, nil, fmt.Errorf("ReadResource: %w", err)
	}
	if Failed(resp.Diagnostics) {
		return kept, resp.Diagnostics, nil
	}
	value, err := r.Decode(resp.NewState)
	return Kept{value, resp.Private, resp.NewIdentity}, resp.Diagnostics, err
}

// Plan plans what is kept to be what is written, or to end where the configuration is [Resource.Nothing].
func (r Resource) Plan(ctx context.Context, kept Kept, config tftypes.Value) (Planned, error) {
	p := Planned{Config: config}
	state, err1 := r.Encode(kept.Value)
	written, err2 := r.Encode(config)
	wanted, err3 := r.Encode(Proposed(r.Schema.Block, kept.Value, config))
	if err := errors.Join(err1, err2, err3); err != nil {
		return p, err
	}
	resp, err := r.Server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: r.Type, PriorState: state, PriorPrivate: kept.Private, Config: written, ProposedNewState: wanted, PriorIdentity: kept.Identity,
	})
	if err != nil {
		return p, fmt.Errorf("PlanResourceChange: %w", err)
	}
	p.Private, p.Diags = resp.PlannedPrivate, resp.Diagnostics
	for _, path := range resp.RequiresReplace {
		p.Replaces = append(p.Replaces, Where(&tfprotov6.Diagnostic{Attribute: path}))
	}
	if !Failed(p.Diags) {
		p.Value, err = r.Decode(resp.PlannedState)
	}
	return p, err
}

// Apply applies a plan of what is kept, and returns what the provider leaves. The plan's configuration may know more than it was planned with.
func (r Resource) Apply(ctx context.Context, kept Kept, p Planned) (Kept, []*tfprotov6.Diagnostic, error) {
	state, err1 := r.Encode(kept.Value)
	planned, err2 := r.Encode(p.Value)
	written, err3 := r.Encode(p.Config)
	if err := errors.Join(err1, err2, err3); err != nil {
		return kept, nil, err
	}
	resp, err := r.Server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: r.Type, PriorState: state, PlannedState: planned, Config: written, PlannedPrivate: p.Private, PlannedIdentity: kept.Identity,
	})
	if err != nil {
		return kept, nil, fmt.Errorf("ApplyResourceChange: %w", err)
	}
	value, err := r.Decode(resp.NewState)
	return Kept{value, resp.Private, resp.NewIdentity}, resp.Diagnostics, err
}

// Import imports by an ID, or by an identity if there is one.
func (r Resource) Import(ctx context.Context, id string, identity *tfprotov6.ResourceIdentityData) (Kept, []*tfprotov6.Diagnostic, error) {
	resp, err := r.Server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: r.Type, ID: id, Identity: identity})
	switch {
	case err != nil:
		return Kept{}, nil, fmt.Errorf("ImportResourceState: %w", err)
	case Failed(resp.Diagnostics):
		return Kept{}, resp.Diagnostics, nil
	case len(resp.ImportedResources) != 1:
		return Kept{}, resp.Diagnostics, fmt.Errorf("%d resources were imported", len(resp.ImportedResources))
	}
	one := resp.ImportedResources[0]
	value, err := r.Decode(one.State)
	return Kept{value, one.Private, one.Identity}, resp.Diagnostics, err
}

// Encode is a value as it is sent.
func (r Resource) Encode(value tftypes.Value) (*tfprotov6.DynamicValue, error) {
	encoded, err := tfprotov6.NewDynamicValue(r.Schema.ValueType(), value)
	if err != nil {
		return nil, fmt.Errorf("a value of %s: %w", r.Type, err)
	}
	return &encoded, nil
}

// Decode is a value that was received.
func (r Resource) Decode(value *tfprotov6.DynamicValue) (tftypes.Value, error) {
	if value == nil {
		return tftypes.Value{}, fmt.Errorf("an answer about %s has no value", r.Type)
	}
	decoded, err := value.Unmarshal(r.Schema.ValueType())
	if err != nil {
		return decoded, fmt.Errorf("an answer about %s: %w", r.Type, err)
	}
	return decoded, nil
}
