package clouds

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Unknown is handed out instead of [Clients] while something of the provider block that says whom to ask is known only after apply: nobody can be
// asked anything. Terraform 1.11 has no way to put off what a provider is to do, so that a deployment is planned from its state, and whatever
// needs an answer at once is refused.
type Unknown struct {
	// Attributes are those that are not known yet: "token", "endpoints.spot".
	Attributes []string
	// Account is the Spot account, if that is known; else it is empty.
	Account string
}

// String is what is not known, in words: "token and region are".
func (u *Unknown) String() string {
	if n := len(u.Attributes); n > 1 {
		return strings.Join(u.Attributes[:n-1], ", ") + " and " + u.Attributes[n-1] + " are"
	}
	return strings.Join(u.Attributes, "") + " is"
}

// Refuse says that something cannot be done before the provider block is known ("Deployment web cannot be imported"), and what to do instead. It
// tells whether that is so: nil refuses nothing.
func (u *Unknown) Refuse(what string, diags *diag.Diagnostics) bool {
	return u.refuse(what, "Apply", diags)
}

// RefuseRead refuses to look something up for a data source ("The image").
func (u *Unknown) RefuseRead(what string, diags *diag.Diagnostics) bool {
	return u.refuse(what+" cannot be looked up in this plan", "Name the resource that the value comes of in depends_on of the data source: Terraform then reads it while it applies. Or apply", diags)
}

func (u *Unknown) refuse(what, instead string, diags *diag.Diagnostics) bool {
	if u == nil {
		return false
	}
	diags.AddError("Provider block is not known yet", fmt.Sprintf("%s: %s known only after apply. Nobody was asked, and nothing was touched. "+
		"%s what the value comes of first (terraform apply -target=…), or set it statically or by the environment.", what, u, instead))
	return true
}
