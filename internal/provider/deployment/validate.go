package deployment

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// deploymentName takes names whose groups can be told from all others.
func deploymentName() validator.String {
	return validators.String("value must be a name that can be read back from the names of its groups", rollout.CheckName)
}

// base64Text takes base64. It never quotes the value.
func base64Text() validator.String {
	return validators.String("value must be base64", func(value string) error {
		if _, err := base64.StdEncoding.DecodeString(value); err != nil || !spot.Base64(value) {
			return errors.New("the value is not base64 in one line; plain text goes into user_data")
		}
		return nil
	})
}

// ValidateConfig refuses what can be known to be wrong without asking anybody.
func (r *deploymentResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	defer diagtext.Locate(&resp.Diagnostics)
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if c := m.capacity(ctx, &resp.Diagnostics); c != nil && min(c.Minimum, c.Target, c.Maximum) >= 0 { // else said of the member
		if err := c.Valid(); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("capacity"), "Capacity out of order", diagtext.Sentence(err))
		} else if c.Target == 0 {
			who := "a release"
			if m.StartWith.ValueString() == startRunning {
				who = "a first deployment, and a release while nothing runs,"
			}
			resp.Diagnostics.AddAttributeWarning(path.Root("capacity").AtName("target"), "No instances",
				"capacity.target is 0, so "+who+" has no instance whose health could be verified, and nothing serves when it ends. Write at least 1, unless that is meant.")
		}
	}
	m.validateCanary(ctx, &resp.Diagnostics)
	m.validateBlueGreen(ctx, &resp.Diagnostics)
	m.validateVerify(ctx, &resp.Diagnostics)
	m.validateDocument(&resp.Diagnostics)
	m.validateUserData(&resp.Diagnostics)
	m.validateWriteOnly(&resp.Diagnostics)
	if req.ClientCapabilities.WriteOnlyAttributesAllowed {
		m.warnOfUserDataSecrets(&resp.Diagnostics)
	}
	m.validateTimeouts(&resp.Diagnostics)
	m.waitFitsTimeout(&resp.Diagnostics)
}

// validateTimeouts refuses time-outs that would be over before anything has begun.
func (m model) validateTimeouts(diags *diag.Diagnostics) {
	limits := m.Timeouts.Attributes()
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		limit, _ := limits[name].(types.String)
		if limit.IsNull() || limit.IsUnknown() {
			continue
		}
		if d, err := time.ParseDuration(limit.ValueString()); err == nil && d <= 0 { // else said elsewhere
			diags.AddAttributeError(path.Root("timeouts").AtName(name), "Invalid "+name,
				fmt.Sprintf("%q leaves no time at all. Write how long the operation may take, such as \"1h\", or leave it out.", limit.ValueString()))
		}
	}
}

// validateDocument refuses configurations that cannot be released this way.
func (m model) validateDocument(diags *diag.Diagnostics) {
	if m.Configuration.IsUnknown() || m.Configuration.IsNull() {
		return
	}
	document, err := spot.ParseDocument([]byte(m.Configuration.ValueString()))
	if err != nil {
		diags.AddAttributeError(path.Root("configuration"), "Configuration of a group expected", diagtext.Sentence(err))
		return
	}
	for _, p := range document.Problems() {
		if m.says(p.Path) {
			continue
		}
		diags.AddAttributeError(path.Root("configuration"), "Configuration that cannot be released", diagtext.Sentence(fmt.Errorf("the configuration cannot be released because of %s", p)))
	}
	if where, why := document.OneImage(); where != "" && len(m.ImageIDs.Elements()) > 1 {
		diags.AddAttributeError(path.Root("image_ids"), "Too many images", fmt.Sprintf("There are %d images, and the configuration has %s: %s. Write image_id, or take it out of the configuration.",
			len(m.ImageIDs.Elements()), where, why))
	}
}

// says tells whether the deployment says itself, in place of its configuration, what stands at a path of that.
func (m model) says(at string) bool {
	written := func(values ...attr.Value) bool {
		return slices.ContainsFunc(values, func(v attr.Value) bool { return !v.IsNull() })
	}
	switch {
	case strings.HasPrefix(at, "capacity") && at != spot.PathUnit:
		return written(m.Capacity)
	case at == spot.PathUserData:
		return written(m.UserData, m.UserDataBase64, m.UserDataWOVersion)
	case at == spot.PathImage, at == spot.PathImages:
		return written(m.ImageID, m.ImageIDs)
	case strings.HasPrefix(at, spot.PathBalancers) && strings.HasSuffix(at, "].arn"):
		return written(m.TargetGroupARNs)
	case strings.HasPrefix(at, spot.PathBalancers) && strings.HasSuffix(at, "].name"), at == spot.PathClassicNames:
		return written(m.LoadBalancerNames)
	}
	return false
}
