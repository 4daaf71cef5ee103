package deployment

import (
	"bytes"
	"encoding/base64"
	"errors"
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
	for name, n := range map[string]int{"user_data": len(plain), "user_data_base64": len(decoded)} {
		if n > spot.UserDataLimit {
			diags.AddAttributeError(path.Root(name), "User data too large", diagtext.Sentence(errors.New(spot.UserDataTooLarge(n))))
		}
	}
	if inner, err := base64.StdEncoding.DecodeString(strings.TrimSpace(plain)); err == nil && bootable(inner) {
		diags.AddAttributeWarning(path.Root("user_data"), "User data encoded twice",
			"The value is base64 of a script or cloud-config already, and user_data is encoded again. Write it as user_data_base64, or leave out base64encode().")
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
