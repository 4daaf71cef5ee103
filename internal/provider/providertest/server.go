// Package providertest is the kit of the tests of the provider and its objects: the provider as Terraform speaks to it, in process and without
// Terraform ([Serve], [ServeIn]); how Terraform speaks of a resource and of an action ([Resource], [Action]), what its core proposes and insists
// on ([Proposed], [InvalidPlan], [Differences]); values as tests write and read them ([Object], [Unknown]); what diagnostics have to say ([MustSay]); worlds for
// data sources; and a watch over secrets, which no log, no standard error and no diagnostic may tell ([Main], [Leaked]).
//
// A package of tests begins with
//
//	func TestMain(m *testing.M) { os.Exit(providertest.Main(m)) }
package providertest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
)

// Server is the provider as Terraform speaks to it, without Terraform.
type Server struct {
	tfprotov6.ProviderServer
	// Schema is what the provider has told Terraform of itself.
	Schema *tfprotov6.GetProviderSchemaResponse

	t       testing.TB
	journal *journal
}

// Serve makes a provider. It finds nothing in the machine's environment, which TestMain has hidden, and its log is scanned for secrets.
func Serve(t testing.TB, options ...provider.Option) *Server {
	t.Helper()
	s := &Server{t: t, journal: keepJournal(t)}
	return s.serve(logged{New(options...), s.journal})
}

// ServeUnlogged makes a provider whose log nobody reads, as nobody reads it where Terraform has no TF_LOG: for what is measured.
func ServeUnlogged(t testing.TB, options ...provider.Option) *Server {
	t.Helper()
	s := &Server{t: t}
	return s.serve(New(options...))
}

func (s *Server) serve(server tfprotov6.ProviderServer) *Server {
	s.t.Helper()
	s.ProviderServer = server
	schema, err := s.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schema.Diagnostics) > 0 {
		s.t.Fatalf("GetProviderSchema: %v\n%s", err, Render(schema.Diagnostics))
	}
	s.Schema = schema
	return s
}

// LogLines is how many lines a root logger has written so far: "provider" or "framework".
func (s *Server) LogLines(root string) int {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.lines[root]
}

// Configure validates and then configures the provider, as plan and apply do, and returns what either has to say.
func (s *Server) Configure(config Object) []*tfprotov6.Diagnostic {
	s.t.Helper()
	value := s.Dynamic(s.Schema.Provider, config)
	diags, err := Configure(context.Background(), s.ProviderServer, value)
	if err != nil {
		s.t.Fatal(err)
	}
	return diags
}

// Configure validates and then configures a process of the provider. An error is of the protocol.
func Configure(ctx context.Context, server tfprotov6.ProviderServer, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
	validated, err := server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: config})
	if err != nil {
		return nil, fmt.Errorf("ValidateProviderConfig: %w", err)
	}
	if Failed(validated.Diagnostics) {
		return validated.Diagnostics, nil
	}
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: config})
	if err != nil {
		return nil, fmt.Errorf("ConfigureProvider: %w", err)
	}
	return append(validated.Diagnostics, configured.Diagnostics...), nil
}

// New is a process of the provider, as Terraform speaks to it.
func New(options ...provider.Option) tfprotov6.ProviderServer {
	return providerserver.NewProtocol6(provider.New("test", options...)())()
}

// Resource is a managed resource of the provider.
func (s *Server) Resource(resourceType string) Resource {
	s.t.Helper()
	schema := s.Schema.ResourceSchemas[resourceType]
	if schema == nil {
		s.t.Fatalf("the provider has no %s", resourceType)
	}
	return Resource{s.ProviderServer, resourceType, schema}
}

// Read validates and reads a data source. The state is nil if that failed.
func (s *Server) Read(dataSource string, config Object) (Object, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	diags := s.Validate(dataSource, config)
	if Failed(diags) {
		return nil, diags
	}
	state, more := s.ReadOnly(dataSource, config)
	return state, append(diags, more...)
}

// Validate asks for what can be said of a data source's configuration before anything is read.
func (s *Server) Validate(dataSource string, config Object) []*tfprotov6.Diagnostic {
	s.t.Helper()
	resp, err := s.ValidateDataResourceConfig(context.Background(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: dataSource,
		Config:   s.Dynamic(s.Schema.DataSourceSchemas[dataSource], config),
	})
	if err != nil {
		s.t.Fatalf("ValidateDataResourceConfig: %v", err)
	}
	return resp.Diagnostics
}

// ReadOnly reads without validating, as Terraform does when values were unknown while it validated.
func (s *Server) ReadOnly(dataSource string, config Object) (Object, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	schema := s.Schema.DataSourceSchemas[dataSource]
	resp, err := s.ReadDataSource(context.Background(), &tfprotov6.ReadDataSourceRequest{
		TypeName: dataSource,
		Config:   s.Dynamic(schema, config),
	})
	if err != nil {
		s.t.Fatalf("ReadDataSource: %v", err)
	}
	if Failed(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	state, err := resp.State.Unmarshal(schema.ValueType())
	if err != nil {
		s.t.Fatalf("state of %s: %v", dataSource, err)
	}
	if !state.IsFullyKnown() {
		s.t.Errorf("state of %s is not fully known: %s", dataSource, state)
	}
	return Plain(s.t, state).(Object), resp.Diagnostics
}

// List lists what a list resource finds, as terraform query does.
func (s *Server) List(resourceType string, config Object, resources bool, limit int64) []tfprotov6.ListResourceResult {
	s.t.Helper()
	server, _ := s.ProviderServer.(logged)
	resp, err := server.ListResource(context.Background(), &tfprotov6.ListResourceRequest{
		TypeName: resourceType, Config: s.Dynamic(s.Schema.ListResourceSchemas[resourceType], config), IncludeResource: resources, Limit: limit,
	})
	if err != nil {
		s.t.Fatalf("ListResource: %v", err)
	}
	return slices.Collect(resp.Results)
}

// Dynamic encodes a configuration by its schema.
func (s *Server) Dynamic(schema *tfprotov6.Schema, config Object) *tfprotov6.DynamicValue {
	s.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(schema.ValueType(), Configuration(s.t, schema, config))
	if err != nil {
		s.t.Fatalf("configuration %v: %v", config, err)
	}
	return &encoded
}
