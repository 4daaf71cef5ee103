package deployment_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// What Terraform 1.8 sends, message by message, in the order of its first plan and apply: without client capabilities and identities, which came
// later, and without any message that it does not know. In the schema it drops what it does not know (identities, list resources, actions, that
// an attribute is write-only), and nothing else may depend on that.
func TestEachMessageOfAnOldTerraform(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		ctx := t.Context()
		said := func(err error, diags []*tfprotov6.Diagnostic) {
			t.Helper()
			if err != nil || len(diags) > 0 {
				t.Fatalf("%v\n%s", err, providertest.Render(diags))
			}
		}
		s := providertest.Serve(t, provider.WithTransport(d.world.Transport())) // GetProviderSchema
		metadata, err := s.GetMetadata(ctx, &tfprotov6.GetMetadataRequest{})
		said(err, metadata.Diagnostics)
		functions, err := s.GetFunctions(ctx, &tfprotov6.GetFunctionsRequest{})
		said(err, functions.Diagnostics)

		block := s.Dynamic(s.Schema.Provider, object{"token": providertest.Token, "account": "act-sandbox", "region": "us-east-1", "access_key": "AKIASANDBOX", "secret_key": providertest.SecretKey})
		prepared, err := s.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: block})
		said(err, prepared.Diagnostics)
		configured, err := s.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.8.0", Config: block})
		said(err, configured.Diagnostics)

		config := release("ami-1")
		validated, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: deploymentType, Config: s.Dynamic(d.schema, config)})
		said(err, validated.Diagnostics)
		value, nothing := providertest.Configuration(t, d.schema, config), d.state
		planned, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: deploymentType, PriorState: d.encode(nothing),
			Config: d.encode(value), ProposedNewState: d.encode(providertest.Proposed(d.schema.Block, nothing, value))})
		said(err, planned.Diagnostics)
		applied, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: deploymentType, PriorState: d.encode(nothing),
			PlannedState: planned.PlannedState, Config: d.encode(value), PlannedPrivate: planned.PlannedPrivate})
		said(err, applied.Diagnostics)

		stored, err := json.Marshal(providertest.Plain(t, d.decode(applied.NewState)))
		if err != nil {
			t.Fatal(err)
		}
		upgraded, err := s.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: deploymentType, Version: d.schema.Version, RawState: &tfprotov6.RawState{JSON: stored}})
		said(err, upgraded.Diagnostics)
		read, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: deploymentType, CurrentState: upgraded.UpgradedState, Private: applied.Private})
		said(err, read.Diagnostics)
		if was, is := d.decode(applied.NewState), d.decode(read.NewState); !was.Equal(is) {
			t.Errorf("after a refresh the state is\n%s\nand was\n%s", is, was)
		}
		imported, err := s.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: deploymentType, ID: "web"})
		if err != nil || providertest.Failed(imported.Diagnostics) || len(imported.ImportedResources) != 1 {
			t.Fatalf("%v\n%s", err, providertest.Render(imported.Diagnostics))
		}

		// A release, what a data source sees of it, and the end.
		second, was := providertest.Configuration(t, d.schema, release("ami-2")), d.decode(read.NewState)
		planned, err = s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: deploymentType, PriorState: read.NewState, PriorPrivate: read.Private,
			Config: d.encode(second), ProposedNewState: d.encode(providertest.Proposed(d.schema.Block, was, second))})
		said(err, planned.Diagnostics)
		applied, err = s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: deploymentType, PriorState: read.NewState,
			PlannedState: planned.PlannedState, Config: d.encode(second), PlannedPrivate: planned.PlannedPrivate})
		said(err, applied.Diagnostics)
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
		if group, diags := s.Read("elastigroup_group", object{"name": "web__2"}); providertest.Failed(diags) || group["image_id"] != "ami-2" {
			t.Errorf("the data source says %v\n%s", group, providertest.Render(diags))
		}
		planned, err = s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: deploymentType, PriorState: applied.NewState, PriorPrivate: applied.Private,
			Config: d.encode(nothing), ProposedNewState: d.encode(nothing)})
		said(err, planned.Diagnostics)
		applied, err = s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: deploymentType, PriorState: applied.NewState,
			PlannedState: planned.PlannedState, Config: d.encode(nothing), PlannedPrivate: planned.PlannedPrivate})
		said(err, applied.Diagnostics)
		mustStand(t, d.world)
		stopped, err := s.StopProvider(ctx, &tfprotov6.StopProviderRequest{})
		if err != nil || stopped.Error != "" {
			t.Error(err, stopped.Error)
		}
	})
}

// A process may be asked anything first: Terraform validates, upgrades and moves in processes of their own, and does not ask for a schema that it has
// already.
func TestWhateverAProcessIsAskedFirst(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		stored := []byte(asJSON(d.now()))
		block := d.server.Dynamic(d.server.Schema.Provider, object{"token": providertest.Token, "account": "act-sandbox", "region": "us-east-1"})
		written := d.server.Dynamic(d.schema, release("ami-1"))
		image := d.server.Dynamic(d.server.Schema.DataSourceSchemas["elastigroup_ami"], object{"owners": []any{"self"}})
		for message, ask := range map[string]func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error){
			"GetMetadata": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.GetMetadata(ctx, &tfprotov6.GetMetadataRequest{})
				return resp.Diagnostics, err
			},
			"GetProviderSchema": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
				return resp.Diagnostics, err
			},
			"GetFunctions": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.GetFunctions(ctx, &tfprotov6.GetFunctionsRequest{})
				return resp.Diagnostics, err
			},
			"ValidateProviderConfig": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: block})
				return resp.Diagnostics, err
			},
			"ConfigureProvider": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.8.5", Config: block})
				return resp.Diagnostics, err
			},
			"ValidateResourceConfig": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: deploymentType, Config: written})
				return resp.Diagnostics, err
			},
			"ValidateDataResourceConfig": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: "elastigroup_ami", Config: image})
				return resp.Diagnostics, err
			},
			"UpgradeResourceState": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: deploymentType, Version: d.schema.Version, RawState: &tfprotov6.RawState{JSON: stored}})
				return resp.Diagnostics, err
			},
			"MoveResourceState": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.MoveResourceState(ctx, &tfprotov6.MoveResourceStateRequest{SourceProviderAddress: officialProvider, SourceTypeName: "spotinst_elastigroup_aws",
					SourceState: &tfprotov6.RawState{JSON: []byte(spotinstState(t, "sig-0123abcd", "web"))}, TargetTypeName: deploymentType})
				return resp.Diagnostics, err
			},
			"StopProvider": func(ctx context.Context, s tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
				_, err := s.StopProvider(ctx, &tfprotov6.StopProviderRequest{})
				return nil, err
			},
		} {
			if diags, err := ask(t.Context(), providerserver.NewProtocol6(provider.New("test", provider.WithTransport(unreachable{t}))())()); err != nil || len(diags) > 0 {
				t.Errorf("%s: %v\n%s", message, err, providertest.Render(diags))
			}
		}
	})
}
