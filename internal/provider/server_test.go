package provider_test

import (
	"context"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
)

// object is a configuration or a state as tests write and read it: strings, bools, ints, []any, nested objects, nil for
// null and unknown for what Terraform does not know yet.
type object = map[string]any

type unknownValue struct{}

// unknown stands for a value that is known only after apply.
var unknown unknownValue

// server is the provider as Terraform speaks to it, without Terraform.
type server struct {
	tfprotov6.ProviderServer
	t       *testing.T
	schema  *tfprotov6.GetProviderSchemaResponse
	journal *journal
}

// serve makes a provider. It finds nothing in the machine's environment, which TestMain has hidden, and its log is scanned for secrets.
func serve(t *testing.T, options ...provider.Option) *server {
	t.Helper()
	s := &server{t: t, journal: keepJournal(t)}
	s.ProviderServer = logged{providerserver.NewProtocol6(provider.New("test", options...)())(), s.journal}
	schema, err := s.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schema.Diagnostics) > 0 {
		t.Fatalf("GetProviderSchema: %v\n%s", err, render(schema.Diagnostics))
	}
	s.schema = schema
	return s
}

// configure validates and then configures the provider, as plan and apply do, and returns what either has to say.
func (s *server) configure(config object) []*tfprotov6.Diagnostic {
	s.t.Helper()
	value := s.dynamic(s.schema.Provider, config)
	validated, err := s.ValidateProviderConfig(context.Background(), &tfprotov6.ValidateProviderConfigRequest{Config: value})
	if err != nil {
		s.t.Fatalf("ValidateProviderConfig: %v", err)
	}
	if failed(validated.Diagnostics) {
		return validated.Diagnostics
	}
	configured, err := s.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: value})
	if err != nil {
		s.t.Fatalf("ConfigureProvider: %v", err)
	}
	return append(validated.Diagnostics, configured.Diagnostics...)
}

// read validates and reads a data source. The state is nil if that failed.
func (s *server) read(dataSource string, config object) (object, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	diags := s.validate(dataSource, config)
	if failed(diags) {
		return nil, diags
	}
	state, more := s.readOnly(dataSource, config)
	return state, append(diags, more...)
}

// validate asks for what can be said of a data source's configuration before anything is read.
func (s *server) validate(dataSource string, config object) []*tfprotov6.Diagnostic {
	s.t.Helper()
	resp, err := s.ValidateDataResourceConfig(context.Background(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: dataSource,
		Config:   s.dynamic(s.schema.DataSourceSchemas[dataSource], config),
	})
	if err != nil {
		s.t.Fatalf("ValidateDataResourceConfig: %v", err)
	}
	return resp.Diagnostics
}

// readOnly reads without validating, as Terraform does when values were unknown while it validated.
func (s *server) readOnly(dataSource string, config object) (object, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	schema := s.schema.DataSourceSchemas[dataSource]
	resp, err := s.ReadDataSource(context.Background(), &tfprotov6.ReadDataSourceRequest{
		TypeName: dataSource,
		Config:   s.dynamic(schema, config),
	})
	if err != nil {
		s.t.Fatalf("ReadDataSource: %v", err)
	}
	if failed(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	state, err := resp.State.Unmarshal(schema.ValueType())
	if err != nil {
		s.t.Fatalf("state of %s: %v", dataSource, err)
	}
	if !state.IsFullyKnown() {
		s.t.Errorf("state of %s is not fully known: %s", dataSource, state)
	}
	return plain(s.t, state).(object), resp.Diagnostics
}

// dynamic encodes a configuration by its schema.
func (s *server) dynamic(schema *tfprotov6.Schema, config object) *tfprotov6.DynamicValue {
	s.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(schema.ValueType(), configured(s.t, schema, config))
	if err != nil {
		s.t.Fatalf("configuration %v: %v", config, err)
	}
	return &encoded
}

// configured is a configuration as Terraform has it. What the test leaves out is null, or an empty list or set where it is a
// block that there may be several of.
func configured(t *testing.T, schema *tfprotov6.Schema, config object) tftypes.Value {
	t.Helper()
	return typed(t, schema.ValueType(), withBlocks(schema.Block, config))
}

func withBlocks(block *tfprotov6.SchemaBlock, config object) object {
	filled := object{}
	for name, value := range config {
		filled[name] = value
	}
	for _, nested := range block.BlockTypes {
		several := nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeSet || nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeList
		switch written := filled[nested.TypeName].(type) {
		case nil:
			if several {
				filled[nested.TypeName] = []any{}
			}
		case object:
			filled[nested.TypeName] = withBlocks(nested.Block, written)
		case []any:
			all := []any{}
			for _, one := range written {
				if members, ok := one.(object); ok {
					one = withBlocks(nested.Block, members)
				}
				all = append(all, one)
			}
			filled[nested.TypeName] = all
		}
	}
	return filled
}

// typed turns what a test wrote into a value of a type.
func typed(t *testing.T, of tftypes.Type, value any) tftypes.Value {
	t.Helper()
	if value == nil {
		return tftypes.NewValue(of, nil)
	}
	if value == unknown {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	switch kind := of.(type) {
	case tftypes.Object:
		members := map[string]tftypes.Value{}
		written := value.(object)
		for name := range written {
			if _, known := kind.AttributeTypes[name]; !known {
				t.Fatalf("the schema has no %q", name)
			}
		}
		for name, member := range kind.AttributeTypes {
			members[name] = typed(t, member, written[name])
		}
		return tftypes.NewValue(of, members)
	case tftypes.Map:
		elements := map[string]tftypes.Value{}
		for key, element := range value.(object) {
			elements[key] = typed(t, kind.ElementType, element)
		}
		return tftypes.NewValue(of, elements)
	case tftypes.List:
		return tftypes.NewValue(of, elements(t, kind.ElementType, value))
	case tftypes.Set:
		return tftypes.NewValue(of, elements(t, kind.ElementType, value))
	}
	return tftypes.NewValue(of, value)
}

func elements(t *testing.T, of tftypes.Type, value any) []tftypes.Value {
	t.Helper()
	values := []tftypes.Value{}
	for _, element := range value.([]any) {
		values = append(values, typed(t, of, element))
	}
	return values
}

// plain turns a value into what tests compare with.
func plain(t *testing.T, value tftypes.Value) any {
	t.Helper()
	if !value.IsKnown() {
		return unknown
	}
	if value.IsNull() {
		return nil
	}
	var err error
	defer func() {
		if err != nil {
			t.Fatalf("%s: %v", value, err)
		}
	}()
	switch {
	case value.Type().Is(tftypes.String):
		var s string
		err = value.As(&s)
		return s
	case value.Type().Is(tftypes.Bool):
		var b bool
		err = value.As(&b)
		return b
	case value.Type().Is(tftypes.Number):
		n := new(big.Float)
		err = value.As(&n)
		i, _ := n.Int64()
		return int(i)
	case value.Type().Is(tftypes.List{}), value.Type().Is(tftypes.Set{}):
		var values []tftypes.Value
		err = value.As(&values)
		list := []any{}
		for _, element := range values {
			list = append(list, plain(t, element))
		}
		return list
	}
	var members map[string]tftypes.Value
	err = value.As(&members)
	result := object{}
	for name, member := range members {
		result[name] = plain(t, member)
	}
	return result
}

// failed tells whether there is an error among the diagnostics.
func failed(diags []*tfprotov6.Diagnostic) bool {
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

// render is diagnostics as text, one a line: severity, where, what.
func render(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s at %q: %s: %s\n", d.Severity, where(d), d.Summary, d.Detail)
	}
	return b.String()
}

// where is the attribute that a diagnostic points at, as Terraform's language has it: "assume_role.tags".
func where(d *tfprotov6.Diagnostic) string {
	var names []string
	for _, step := range d.Attribute.Steps() {
		names = append(names, fmt.Sprint(step))
	}
	return strings.Join(names, ".")
}

// mustSucceed fails the test if anything at all was said.
func mustSucceed(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if len(diags) > 0 {
		t.Fatalf("unexpected diagnostics:\n%s", render(diags))
	}
}

// mustSay fails the test unless the only diagnostic is of the severity, at the attribute, and contains the words.
func mustSay(t *testing.T, diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, at string, words ...string) {
	t.Helper()
	if len(diags) != 1 {
		t.Fatalf("want one diagnostic, got %d:\n%s", len(diags), render(diags))
	}
	d := diags[0]
	if d.Severity != severity || where(d) != at {
		t.Errorf("want %s at %s, got:\n%s", severity, at, render(diags))
	}
	for _, word := range words {
		if !strings.Contains(d.Summary+": "+d.Detail, word) {
			t.Errorf("want %q in:\n%s", word, render(diags))
		}
	}
}
