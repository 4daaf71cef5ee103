package providertest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Action is an action, and how Terraform speaks of it to a provider, as a [Resource] is.
type Action struct {
	Server tfprotov6.ActionServer
	Type   string
	Schema *tfprotov6.Schema
}

// ActionOf is an action of a provider whose schemas are these.
func ActionOf(server tfprotov6.ProviderServer, schemas *tfprotov6.GetProviderSchemaResponse, actionType string) (Action, error) {
	schema := schemas.ActionSchemas[actionType]
	actions, ok := server.(tfprotov6.ActionServer)
	if schema == nil || !ok {
		return Action{}, fmt.Errorf("the provider has no action %s", actionType)
	}
	return Action{actions, actionType, schema.Schema}, nil
}

// Plan validates and plans it.
func (a Action) Plan(ctx context.Context, config tftypes.Value) ([]*tfprotov6.Diagnostic, error) {
	encoded, err := tfprotov6.NewDynamicValue(a.Schema.ValueType(), config)
	if err != nil {
		return nil, fmt.Errorf("a configuration of %s: %w", a.Type, err)
	}
	validated, err := a.Server.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: a.Type, Config: &encoded})
	if err != nil {
		return nil, fmt.Errorf("ValidateActionConfig: %w", err)
	}
	if Failed(validated.Diagnostics) {
		return validated.Diagnostics, nil
	}
	planned, err := a.Server.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: a.Type, Config: &encoded})
	if err != nil {
		return nil, fmt.Errorf("PlanAction: %w", err)
	}
	return append(validated.Diagnostics, planned.Diagnostics...), nil
}

// Invoke invokes it, and hands on what it says while it runs, as it says it. That it never ends is an error.
func (a Action) Invoke(ctx context.Context, config tftypes.Value, tell func(string)) (diags []*tfprotov6.Diagnostic, err error) {
	encoded, err := tfprotov6.NewDynamicValue(a.Schema.ValueType(), config)
	if err != nil {
		return nil, fmt.Errorf("a configuration of %s: %w", a.Type, err)
	}
	stream, err := a.Server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: a.Type, Config: &encoded})
	if err != nil {
		return nil, fmt.Errorf("InvokeAction: %w", err)
	}
	completed := false
	for e := range stream.Events {
		switch e := e.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			tell(e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed, diags = true, e.Diagnostics
		}
	}
	if !completed {
		return nil, errors.New(a.Type + " never ended")
	}
	return diags, nil
}

// Invoke validates, plans and invokes an action, as terraform apply -invoke does, and returns what it said while it ran and the diagnostics of
// all three. What it says is looked through for secrets.
func (s *Server) Invoke(ctx context.Context, actionType string, config Object) (said []string, diags []*tfprotov6.Diagnostic) {
	s.t.Helper()
	diags = s.PlanOfAction(actionType, config)
	if Failed(diags) {
		return nil, diags
	}
	said, more := s.InvokeOnly(ctx, actionType, config)
	return said, append(diags, more...)
}

// PlanOfAction validates and plans an action.
func (s *Server) PlanOfAction(actionType string, config Object) []*tfprotov6.Diagnostic {
	s.t.Helper()
	action, value := s.action(actionType, config)
	diags, err := action.Plan(context.Background(), value)
	if err != nil {
		s.t.Fatal(err)
	}
	return diags
}

// InvokeOnly invokes an action that was planned before.
func (s *Server) InvokeOnly(ctx context.Context, actionType string, config Object) (said []string, diags []*tfprotov6.Diagnostic) {
	s.t.Helper()
	diags = s.InvokeTelling(ctx, actionType, config, func(line string) { said = append(said, line) })
	return said, diags
}

// InvokeTelling is InvokeOnly that hands on what is said as it is said.
func (s *Server) InvokeTelling(ctx context.Context, actionType string, config Object, tell func(string)) []*tfprotov6.Diagnostic {
	s.t.Helper()
	action, value := s.action(actionType, config)
	var said []string
	diags, err := action.Invoke(ctx, value, func(line string) {
		said = append(said, line)
		tell(line)
	})
	if err != nil {
		s.t.Error(err)
	}
	if hidden := Leaked(strings.Join(said, "\n") + Render(diags)); len(hidden) > 0 {
		s.t.Errorf("%s tells %q:\n%s\n%s", actionType, hidden, strings.Join(said, "\n"), Render(diags))
	}
	return diags
}

func (s *Server) action(actionType string, config Object) (Action, tftypes.Value) {
	s.t.Helper()
	action, err := ActionOf(s.ProviderServer, s.Schema, actionType)
	if err != nil {
		s.t.Fatal(err)
	}
	return action, Configuration(s.t, action.Schema, config)
}

func (l logged) actions() tfprotov6.ActionServer { return l.ProviderServer.(tfprotov6.ActionServer) }

func (l logged) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return l.actions().ValidateActionConfig(l.journal.in(ctx), req)
}

func (l logged) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return l.actions().PlanAction(l.journal.in(ctx), req)
}

func (l logged) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return l.actions().InvokeAction(l.journal.in(ctx), req)
}
