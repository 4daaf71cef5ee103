// Package clouds is what a configured provider hands to its resources and data sources: one client for Spot and one for AWS, which are shared
// by the whole process ([Clients]), and what has to be known across resources in it: which deployments were refreshed, and which are being
// created or changed ([Duplicates]).
package clouds

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// Clients is what a configured provider hands to its resources and data sources. All of them share one client a cloud, so
// that its rate limits and its coalesced calls hold for the whole process.
type Clients struct {
	Spot *spot.Client
	// AWS resolves its region and credentials when it is first used.
	AWS *aws.Client
	// Events takes what happens in rollouts.
	Events Events
	// Transport replaces the network for checks, in tests, and UserAgent is how they introduce themselves.
	Transport http.RoundTripper
	UserAgent string

	// Duplicates knows of the creates and changes in this process.
	Duplicates Duplicates
	// looked has the names of the deployments that were refreshed in this process.
	looked sync.Map
	// known has the IDs of the groups that states have, by the names of their deployments.
	known sync.Map
}

// StateKnows notes which groups the state has of a deployment that is read or planned in this process.
func (c *Clients) StateKnows(name string, ids map[string]bool) { c.known.Store(name, ids) }

// KnownOf are the IDs of the groups that the state has of a deployment, if that was read or planned in this process. Terraform plans a
// replacement with the state first and then without, and what is tainted without: a list of Spot's that leaves a group out hides nothing from that.
// What is tainted and planned with -refresh=false is neither read nor planned with its state, so that nothing is known of it here.
func (c *Clients) KnownOf(name string) map[string]bool {
	ids, _ := c.known.Load(name)
	known, _ := ids.(map[string]bool)
	return known
}

// Refreshed notes that a deployment was read. Terraform refreshes while it plans; the process in which it applies plans once more
// and reads nothing.
func (c *Clients) Refreshed(name string) { c.looked.Store(name, true) }

// ForReader tells whether what is planned is for a person to read before it is applied: not in the process that applies it, where what is
// said shows only afterwards, when it may not be so any more. A plan without a refresh cannot be told from that.
func (c *Clients) ForReader(name string) bool {
	_, looked := c.looked.Load(name)
	return looked
}

// CredentialsEnd tells a run when the AWS credentials end, if nobody renews them, and where they come from; zero where that is not known.
func (c *Clients) CredentialsEnd(ctx context.Context) (ends time.Time, from string) {
	session, err := c.AWS.Session(ctx)
	if err != nil {
		return time.Time{}, "" // what needs them says so
	}
	return session.Ends, session.From
}

// patience is how long one question to a cloud may take in a refresh or a plan, its repetitions and waits for rate limits included.
const patience = 3 * time.Minute

// ReadTimeout is how long a data source may take by default, as in the AWS provider.
const ReadTimeout = 20 * time.Minute

// WithPatience is a context for what Terraform does without showing that it is under way.
func WithPatience(ctx context.Context) context.Context { return runner.WithPatience(ctx, patience) }

// ForPlan is such a context for a question about a deployment in a refresh or a plan ("reading" or "planning"), for which what others of the
// same plan were answered a moment ago will do. See runner.AskedBy.
func ForPlan(ctx context.Context, doing, name string) context.Context {
	return runner.AskedBy(WithPatience(ctx), doing+" "+name)
}

// DataSource is what every data source has of the provider: nothing yet while Terraform only validates.
type DataSource struct {
	Clouds  *Clients
	Unknown *Unknown
}

// Configure takes the clouds' clients.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Clouds, d.Unknown = From(req.ProviderData, &resp.Diagnostics)
}

// From reads the provider data that the framework hands to Configure methods: clients, or what of the provider block is not known yet. Both are
// nil, without an error, while Terraform only validates, before the provider is configured.
func From(data any, diags *diag.Diagnostics) (*Clients, *Unknown) {
	switch data := data.(type) {
	case nil:
	case *Clients:
		return data, nil
	case *Unknown:
		return nil, data
	default:
		diags.AddError("Provider data of the wrong kind",
			fmt.Sprintf("Expected *clouds.Clients, got %T. This is a bug in the provider; please report it.", data))
	}
	return nil, nil
}
