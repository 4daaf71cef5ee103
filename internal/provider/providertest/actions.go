package providertest

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

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
	server, value := s.actions(actionType, config)
	validated, err := server.ValidateActionConfig(context.Background(), &tfprotov6.ValidateActionConfigRequest{ActionType: actionType, Config: value})
	if err != nil {
		s.t.Fatalf("ValidateActionConfig: %v", err)
	}
	if Failed(validated.Diagnostics) {
		return validated.Diagnostics
	}
	planned, err := server.PlanAction(context.Background(), &tfprotov6.PlanActionRequest{ActionType: actionType, Config: value})
	if err != nil {
		s.t.Fatalf("PlanAction: %v", err)
	}
	return append(validated.Diagnostics, planned.Diagnostics...)
}

// InvokeOnly invokes an action that was planned before.
func (s *Server) InvokeOnly(ctx context.Context, actionType string, config Object) (said []string, diags []*tfprotov6.Diagnostic) {
	s.t.Helper()
	server, value := s.actions(actionType, config)
	stream, err := server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: value})
	if err != nil {
		s.t.Fatalf("InvokeAction: %v", err)
	}
	completed := false
	for e := range stream.Events {
		switch e := e.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			said = append(said, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed, diags = true, e.Diagnostics
		}
	}
	if !completed {
		s.t.Errorf("%s never ended", actionType)
	}
	if hidden := Leaked(strings.Join(said, "\n") + Render(diags)); len(hidden) > 0 {
		s.t.Errorf("%s tells %q:\n%s\n%s", actionType, hidden, strings.Join(said, "\n"), Render(diags))
	}
	return said, diags
}

func (s *Server) actions(actionType string, config Object) (tfprotov6.ActionServer, *tfprotov6.DynamicValue) {
	s.t.Helper()
	schema := s.Schema.ActionSchemas[actionType]
	server, ok := s.ProviderServer.(tfprotov6.ActionServer)
	if schema == nil || !ok {
		s.t.Fatalf("the provider has no action %s", actionType)
	}
	return server, s.Dynamic(schema.Schema, config)
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
