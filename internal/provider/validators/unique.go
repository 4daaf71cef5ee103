package validators

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

// Unique refuses a list in which something stands twice. It is the framework's rule, which does not say where the list is.
func Unique() validator.List { return unique{listvalidator.UniqueValues()} }

type unique struct{ validator.List }

// ValidateList judges the elements of a list.
func (u unique) ValidateList(ctx context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	u.List.ValidateList(ctx, req, resp)
	diagtext.Locate(&resp.Diagnostics)
}
