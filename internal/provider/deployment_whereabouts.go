package provider

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

// inARN are the region and the account that an ARN names; both are empty of what is none.
func inARN(arn string) (region, account string) {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[3], parts[4]
	}
	return "", ""
}

// asksFor tells whether what an ARN names is where AWS is asked, and refuses it if not: AWS would only say that the ARN is
// not valid, or of nothing.
func (c *Clouds) asksFor(ctx context.Context, what, arn string, at path.Path, diags *diag.Diagnostics) bool {
	asked, err := c.AWS.Region(ctx)
	region, _ := inARN(arn)
	if err != nil || region == "" || region == asked {
		return true
	}
	diags.AddAttributeError(at, what+" of another region", fmt.Sprintf("%s is in region %s, and the provider asks AWS in %s. "+
		"Name one in %s, or set region = %q in the provider block if the group's instances are there.", arn, region, asked, asked, region))
	return false
}

// foreign adds to an error what explains it best: that what an ARN names is not of the account that is asked.
func (c *Clouds) foreign(ctx context.Context, cause error, arn string) string {
	if !errors.Is(cause, runner.ErrGone) && !aws.Denied(cause) {
		return ""
	}
	_, account := inARN(arn)
	asked, err := c.AWS.Account(ctx)
	if err != nil || account == "" || account == asked {
		return ""
	}
	return fmt.Sprintf(" It is of AWS account %s, and the provider's credentials are of %s: take those of %s, or what is in %s.", account, asked, account, asked)
}

// sameRegion tells whether the group's instances are to start where AWS is asked. Elsewhere neither the image nor the balancers
// are theirs, so none of them can be checked: an error if the rollout needs their word.
func (c *Clouds) sameRegion(ctx context.Context, built spot.Document, needed bool, diags *diag.Diagnostics) bool {
	asked, err := c.AWS.Region(ctx)
	region := built.Region()
	if err != nil || region == "" || region == asked {
		return true
	}
	at, title := path.Root("configuration"), "Configuration of another region"
	says := fmt.Sprintf("The group's instances are to start in %s, and the provider asks AWS in %s. Set region = %q in the provider block.", region, asked, region)
	if needed {
		diags.AddAttributeError(at, title, says)
	} else {
		diags.AddAttributeWarning(at, title, says+" The image was not checked.")
	}
	return false
}
