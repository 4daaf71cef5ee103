package clouds

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// regionAndAccount are the region and the account that an ARN names; both are empty of what is none.
func regionAndAccount(arn string) (region, account string) {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[3], parts[4]
	}
	return "", ""
}

// InRegion tells whether what an ARN names is in the region where AWS is asked, and refuses it if not: AWS would only say that the ARN is
// not valid, or nothing at all.
func (c *Clients) InRegion(ctx context.Context, what, arn string, at path.Path, diags *diag.Diagnostics) bool {
	asked, err := c.AWS.Region(ctx)
	region, _ := regionAndAccount(arn)
	if err != nil || region == "" || region == asked {
		return true
	}
	diags.AddAttributeError(at, what+" of another region", fmt.Sprintf("%s is in region %s, and the provider asks AWS in %s. "+
		"Name one in %s, or set region = %q in the provider block if the group's instances are there.", arn, region, asked, asked, region))
	return false
}

// OtherAccount is a sentence to add to an error, which explains it best: that what an ARN names belongs to another account than the one that is
// asked. It is empty where that is not so, or not the cause.
func (c *Clients) OtherAccount(ctx context.Context, cause error, arn string) string {
	if !errors.Is(cause, runner.ErrGone) && !aws.Denied(cause) {
		return ""
	}
	_, account := regionAndAccount(arn)
	asked, err := c.AWS.Account(ctx)
	if err != nil || account == "" || account == asked {
		return ""
	}
	return fmt.Sprintf(" It is of AWS account %s, and the provider's credentials are of %s: take those of %s, or what is in %s.", account, asked, account, asked)
}

// StartsInRegion tells whether the group's instances are to start where AWS is asked. Elsewhere neither the image nor the balancers
// are theirs, so none of them can be checked: an error if the rollout needs their word.
func (c *Clients) StartsInRegion(ctx context.Context, built spot.Document, needed bool, diags *diag.Diagnostics) bool {
	asked, err := c.AWS.Region(ctx)
	region := built.Region()
	if err != nil || region == "" || region == asked {
		return true
	}
	at, title := path.Root("configuration"), "Configuration of another region"
	says := fmt.Sprintf("The group's instances are to start in %s, and the provider asks AWS in %s. Set region = %q in the provider block, or write a document of %s.", region, asked, region, asked)
	if needed {
		diags.AddAttributeError(at, title, says)
	} else {
		diags.AddAttributeWarning(at, title, says+" The image was not checked.")
	}
	return false
}
