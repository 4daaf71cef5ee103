package validators

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

// NoNulls refuses null elements of lists, sets and maps, each at its own path, and says how to leave them out. They come of variables and
// attributes of other resources that have no value.
func NoNulls() interface {
	validator.List
	validator.Set
	validator.Map
} {
	return noNulls{}
}

type noNulls struct{}

// Description says what elements must be.
func (noNulls) Description(context.Context) string { return "no element may be null" }

// MarkdownDescription says what elements must be.
func (noNulls) MarkdownDescription(context.Context) string { return "no element may be null" }

// ValidateList judges the elements of a list.
func (noNulls) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	for i, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			refuseNull(&resp.Diagnostics, req.Path, req.Path.AtListIndex(i), "Leave it out, such as with [for v in … : v if v != null].")
		}
	}
}

// ValidateSet judges the elements of a set, of which one at most is null.
func (noNulls) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			refuseNull(&resp.Diagnostics, req.Path, req.Path, "Leave it out, such as with [for v in … : v if v != null].")
		}
	}
}

// ValidateMap judges the elements of a map.
func (noNulls) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for key, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			refuseNull(&resp.Diagnostics, req.Path, req.Path.AtMapKey(key), fmt.Sprintf("Leave %q out, such as with {for k, v in … : k => v if v != null}.", key))
		}
	}
}

func refuseNull(diags *diag.Diagnostics, attribute, element path.Path, advice string) {
	diags.AddAttributeError(element, "Invalid "+diagtext.LastName(attribute), fmt.Sprintf("An element of %s is null. %s", diagtext.LastName(attribute), advice))
	if len(attribute.Steps()) > 1 { // of a list that is not in a block, the element is enough
		diagtext.Locate(diags)
	}
}
