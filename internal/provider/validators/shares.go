package validators

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

// ShareBelow takes percentages from 1 to 99 of steps (a phase, a weight) whose last one is the whole, and is implied. Whoever writes it is
// told so.
func ShareBelow(step string) validator.Int64 { return shareBelow(step) }

type shareBelow string

// Description says what values must be.
func (shareBelow) Description(context.Context) string { return "value must be between 1 and 99" }

// MarkdownDescription says what values must be.
func (s shareBelow) MarkdownDescription(ctx context.Context) string { return s.Description(ctx) }

// ValidateInt64 judges a value that is known.
func (s shareBelow) ValidateInt64(_ context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	n := req.ConfigValue.ValueInt64()
	if n >= 1 && n <= 99 {
		return
	}
	said := fmt.Sprintf("%d is not between 1 and 99, a percentage. A last %s of 100 is implied", n, string(s))
	if n == 100 {
		said += ": leave this one out"
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+diagtext.LastName(req.Path), said+".")
	diagtext.Locate(&resp.Diagnostics)
}
