package provider

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// deploymentName takes names whose groups can be told from all others.
func deploymentName() validator.String {
	return stringRule{"value must be a name that can be read back from the names of its groups", rollout.CheckName}
}

// base64Text takes base64. It never quotes the value.
func base64Text() validator.String {
	return stringRule{"value must be base64", func(value string) error {
		if _, err := base64.StdEncoding.DecodeString(value); err != nil {
			return errors.New("the value is not base64; plain text goes into user_data")
		}
		return nil
	}}
}

// ValidateConfig refuses what can be known to be wrong without asking anybody.
func (r *deploymentResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m deploymentModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if c := m.capacity(ctx, &resp.Diagnostics); c != nil {
		if err := c.Valid(); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("capacity"), "Capacity out of order", sentence(err))
		}
	}
	m.validateDocument(&resp.Diagnostics)
}

// validateDocument refuses configurations that cannot be released this way.
func (m deploymentModel) validateDocument(diags *diag.Diagnostics) {
	if m.Configuration.IsUnknown() || m.Configuration.IsNull() {
		return
	}
	document, err := spot.ParseDocument([]byte(m.Configuration.ValueString()))
	if err != nil {
		diags.AddAttributeError(path.Root("configuration"), "Configuration of a group expected", sentence(err))
		return
	}
	for _, p := range document.Problems() {
		if strings.HasPrefix(p.Path, "capacity") && !m.Capacity.IsNull() {
			continue // the deployment's own capacity takes its place
		}
		diags.AddAttributeError(path.Root("configuration"), "Configuration that cannot be released", sentence(fmt.Errorf("the configuration cannot be released because of %s", p)))
	}
}
