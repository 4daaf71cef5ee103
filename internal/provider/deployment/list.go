package deployment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// deploymentList is the list resource elastigroup_deployment, for terraform query (Terraform 1.14 and newer).
type deploymentList struct{ deploymentResource }

var _ list.ListResourceWithConfigure = (*deploymentList)(nil)

// NewList makes the list resource elastigroup_deployment.
func NewList() list.ListResource { return &deploymentList{} }

// listModel is a list block's config.
type listModel struct {
	Prefix  types.String `tfsdk:"prefix"`
	Managed types.Bool   `tfsdk:"managed"`
}

// ListResourceConfigSchema returns what may be asked for.
func (l *deploymentList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listschema.Schema{
		MarkdownDescription: "The account's deployments, and lines of groups that could be imported as one: `NAME__1`, `NAME__2`, …, or the pair `NAME` and `NAME__STAGE__Harness`.",
		Attributes: map[string]listschema.Attribute{
			"prefix": listschema.StringAttribute{Optional: true, MarkdownDescription: "Only those whose names begin with this."},
			"managed": listschema.BoolAttribute{Optional: true,
				MarkdownDescription: "`true`: only those that this provider has released; `false`: only those that it has not, and that nobody manages with it yet."},
		},
	}
}

// line is what the account has of one deployment.
type line struct {
	name    string
	world   rollout.World
	managed bool // a rollout has written its journal on one of its groups
	pair    bool // they are NAME and NAME__STAGE__Harness
}

// lines are the account's deployments, and what could be imported as one, by name. A candidate alone, of a first deployment, cannot be imported.
func lines(groups []rollout.Group) []line {
	all := map[string]*line{}
	add := func(name string, g rollout.Group, managed bool) {
		if rollout.CheckName(name) != nil || g.ID == "" || g.Unreadable != "" {
			return
		}
		if all[name] == nil {
			all[name] = &line{name: name}
		}
		l := all[name]
		if n, ok := rollout.RevisionOf(name, g.Name); ok {
			g.Revision = n
		}
		l.world.Groups, l.managed = append(l.world.Groups, g), l.managed || managed
	}
	staged := map[string]bool{}
	for _, g := range groups {
		j, ok := g.Journal()
		switch name := deploymentOf(g.Name); {
		case ok && g.Name == rollout.Name(j.Deployment, j.Revision):
			add(j.Deployment, g, true)
		case name != g.Name && rollout.DeploymentOf(g.Tags) == "":
			add(name, g, false)
		default:
			if pair, ok := strings.CutSuffix(g.Name, rollout.StageName("")); ok {
				staged[pair] = true
			}
		}
	}
	for _, g := range groups {
		pair := strings.TrimSuffix(g.Name, rollout.StageName(""))
		if l := all[pair]; staged[pair] && (l == nil || l.pair) { // where there are revisions, an import takes these
			add(pair, g, false)
			if l := all[pair]; l != nil {
				l.pair = true
			}
		}
	}
	var found []line
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if l := all[name]; rollout.RolesOf(l.world).Live != nil {
			found = append(found, *l)
		}
	}
	return found
}

// String is what a person sees of it: "web (revision 3, stable)".
func (l line) String() string {
	live := rollout.RolesOf(l.world).Live
	if !l.managed {
		return fmt.Sprintf("%s (%s, not managed yet)", l.name, live.Name)
	}
	return fmt.Sprintf("%s (revision %d, %s)", l.name, live.Revision, rollout.StatusOf(l.world))
}

// List lists deployments by one call to Spot, and reads each of them if their attributes are asked for.
func (l *deploymentList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	ctx = clouds.WithPatience(ctx)
	var asked listModel
	var diags diag.Diagnostics
	diags.Append(req.Config.Get(ctx, &asked)...)
	if diags.HasError() || l.unknown.Refuse("Deployments cannot be listed", &diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	groups, err := l.clouds.Spot.Groups(ctx)
	if err != nil {
		diags.AddError("Groups cannot be listed", diagtext.Sentence(err))
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		left := req.Limit
		for _, one := range lines(groups) {
			if !strings.HasPrefix(one.name, asked.Prefix.ValueString()) || !asked.Managed.IsNull() && asked.Managed.ValueBool() != one.managed {
				continue
			}
			if left--; req.Limit > 0 && left < 0 || !push(l.result(ctx, req, one)) {
				return
			}
		}
	}
}

// result is a deployment as Terraform lists it. One that cannot be read is listed without its attributes: an error would lose all results.
func (l *deploymentList) result(ctx context.Context, req list.ListRequest, one line) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = one.String()
	result.Diagnostics.Append(result.Identity.Set(ctx, identityModel{Account: types.StringValue(l.clouds.Spot.Account()), Name: types.StringValue(one.name)})...)
	if !req.IncludeResource {
		return result
	}
	var found diag.Diagnostics
	w, err := l.adopt(ctx, one.name)
	switch live := rollout.RolesOf(w).Live; {
	case err != nil:
		found.AddError("Groups cannot be read", diagtext.Sentence(err))
	case live == nil:
		found.AddError("Deployment not found", "Nothing of it is live any more.")
	default:
		state, _ := l.readOff(ctx, one.name, w, *live, &found)
		if !found.HasError() {
			state.forConfiguration(ctx)
			found.Append(result.Resource.Set(ctx, &state)...)
		}
	}
	for _, d := range found.Errors() { // a title for each: of several warnings with the same one Terraform shows the first
		result.Diagnostics.AddWarning(fmt.Sprintf("Deployment %q cannot be read", one.name), fmt.Sprintf("It is listed without its attributes. %s: %s", d.Summary(), d.Detail()))
	}
	return result
}

// forConfiguration leaves out what a configuration that is made of a state is better without: user data, which Terraform would print, what is
// as it would be if nobody said it, and empty lists.
func (m *model) forConfiguration(ctx context.Context) {
	m.UserData, m.UserDataBase64, m.UserDataWOVersion = types.StringNull(), types.StringNull(), types.Int64Null()
	for name, preset := range presets(ctx) {
		if value := m.input(name); value.Equal(preset) {
			m.put(name, nullOf(ctx, toImport{kind: value.Type(ctx)}))
		}
	}
	for _, names := range []*types.List{&m.TargetGroupARNs, &m.LoadBalancerNames} {
		if len(names.Elements()) == 0 {
			*names = types.ListNull(types.StringType)
		}
	}
}
