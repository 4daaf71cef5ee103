package deployment_test

import (
	"encoding/json"
	"testing"

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
			Config: d.encode(value), ProposedNewState: d.encode(proposed(t, d.schema, nothing, value))})
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
		stopped, err := s.StopProvider(ctx, &tfprotov6.StopProviderRequest{})
		if err != nil || stopped.Error != "" {
			t.Error(err, stopped.Error)
		}
	})
}
