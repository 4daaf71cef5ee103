package deployment

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// validateUserData refuses more user data than an instance takes, which would fail every launch, and warns of what is
// encoded twice, which instances would take for nothing. It never quotes any of it.
func (m model) validateUserData(diags *diag.Diagnostics) {
	plain, encoded := m.UserData.ValueString(), m.UserDataBase64.ValueString()
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return // said elsewhere
	}
	writeOnly := m.UserDataWO.ValueString()
	for name, n := range map[string]int{"user_data": len(plain), "user_data_base64": len(decoded), "user_data_wo": len(writeOnly)} {
		if n > spot.UserDataLimit {
			diags.AddAttributeError(path.Root(name), "User data too large", diagtext.Sentence(errors.New(spot.UserDataTooLarge(n))))
		}
	}
	if inner, err := base64.StdEncoding.DecodeString(strings.TrimSpace(plain)); err == nil && bootable(inner) {
		diags.AddAttributeWarning(path.Root("user_data"), "User data encoded twice",
			"The value is base64 of a script or cloud-config already, and user_data is encoded again. Write it as user_data_base64, or leave out base64encode().")
	}
	if inner, err := base64.StdEncoding.DecodeString(strings.TrimSpace(writeOnly)); err == nil && bootable(inner) {
		diags.AddAttributeWarning(path.Root("user_data_wo"), "User data encoded twice",
			"The value is base64 of a script or cloud-config already, and user_data_wo is encoded again. Leave out base64encode().")
	}
}

// validateWriteOnly refuses half a pair of user_data_wo and its version. A value that comes from an ephemeral source is not known yet when
// Terraform validates; it is looked at once more in the plan and in the apply.
func (m model) validateWriteOnly(diags *diag.Diagnostics) {
	value, version := m.UserDataWO, m.UserDataWOVersion
	switch {
	case !value.IsNull() && !value.IsUnknown() && version.IsNull():
		diags.AddAttributeError(path.Root("user_data_wo"), "User data without a version",
			"user_data_wo is written without user_data_wo_version. Terraform keeps no write-only value, so that nothing but a version can say when it has changed: "+
				"write user_data_wo_version = 1, and raise it whenever the new value is to be released.")
	case value.IsNull() && !version.IsNull() && !version.IsUnknown():
		diags.AddAttributeError(path.Root("user_data_wo_version"), "Version without user data",
			fmt.Sprintf("user_data_wo_version is %d, and user_data_wo is left out or null. A new group needs the value: write it, or leave out both.", version.ValueInt64()))
	case !value.IsUnknown() && !value.IsNull() && value.ValueString() == "":
		diags.AddAttributeError(path.Root("user_data_wo"), "Empty user data",
			"user_data_wo is an empty text, as a variable is that nobody has set, and instances would boot without any. Write the value, or leave out user_data_wo and user_data_wo_version.")
	}
}

// bootable tells whether instances would do something with user data, by how it begins.
// https://cloudinit.readthedocs.io/en/latest/explanation/format.html
func bootable(data []byte) bool {
	for _, start := range []string{"#!", "#cloud-", "#include", "Content-Type:", "MIME-Version:", "<script>", "<powershell>", "\x1f\x8b"} {
		if bytes.HasPrefix(data, []byte(start)) {
			return true
		}
	}
	return false
}
