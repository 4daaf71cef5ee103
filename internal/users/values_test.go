package users_test

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// attrs is a configuration or a part of it as it is written.
type attrs = providertest.Object

// unknown stands for a value that is known only when it is applied.
var unknown = providertest.Unknown

// unsound is told of a value that makes no sense, which is a mistake of these tests.
type unsound struct{}

func (unsound) Helper() {}

func (unsound) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// typed turns what is written into a value of a schema's type. What is left out is null, or empty where blocks repeat.
func typed(schema *tfprotov6.Schema, written attrs) tftypes.Value {
	return providertest.Configuration(unsound{}, schema, written)
}

// members are those of an object.
func members(of tftypes.Value) map[string]tftypes.Value { return providertest.Members(of) }

// text, number and list read a member of an object; the zero value of what is null or unknown.
func text(of tftypes.Value, name string) string {
	var s string
	if v := members(of)[name]; v.IsKnown() && !v.IsNull() {
		if err := v.As(&s); err != nil {
			panic(err)
		}
	}
	return s
}

func number(of tftypes.Value, name string) int {
	v := members(of)[name]
	if !v.IsKnown() || v.IsNull() {
		return 0
	}
	n := new(big.Float)
	if err := v.As(&n); err != nil {
		panic(err)
	}
	i, _ := n.Int64()
	return int(i)
}

func list(of tftypes.Value, name string) []tftypes.Value {
	if v := members(of)[name]; v.IsKnown() && !v.IsNull() {
		return providertest.Elements(v)
	}
	return nil
}

// changed are the names of the attributes of an object that a plan changes.
func changed(before, after tftypes.Value) []string {
	if before.IsNull() || after.IsNull() {
		return []string{"everything"}
	}
	var names []string
	others := members(after)
	for name, member := range members(before) {
		if !member.Equal(others[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
