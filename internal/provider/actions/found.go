package actions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// configured is an action with the provider's clients; nil while Terraform only validates, and where the provider block is not known yet.
type configured struct {
	clouds  *clouds.Clients
	unknown *clouds.Unknown
}

// Configure takes the clients.
func (c *configured) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	c.clouds, c.unknown = clouds.From(req.ProviderData, &resp.Diagnostics)
}

// nameAttribute is the one thing that every action has to be told.
func nameAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "The deployment's name, as in `name` of its `elastigroup_deployment`. It is found by the tags of its groups, so that it need not be of the same configuration.",
		Validators:          []validator.String{validators.String("the name of a deployment", rollout.CheckName)},
	}
}

// found is a deployment as an action finds it.
type found struct {
	world rollout.World
	// wants is what its candidate's tags say of the rollout, and missing what they do not.
	wants   rollout.Deployment
	missing string
	adopted map[string]bool
}

// find looks a deployment up by its tags. What is live has none where it was imported and not released since: the candidate's say which group
// it is.
func (c *configured) find(ctx context.Context, name string, diags *diag.Diagnostics) (found, bool) {
	f, ok := c.look(ctx, name, diags)
	if !ok || rollout.RolesOf(f.world).Candidate != nil {
		return f, ok
	}
	// Spot's list may be a moment behind, and an apply may have ended a moment ago: that nothing is rolled out is believed when it is said twice.
	pause := time.NewTimer(lookOnceMore)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
	}
	return c.look(ctx, name, diags)
}

// alone does something to a deployment while nobody else in this process changes it. What is the word for it: "promoted".
func (c *configured) alone(ctx context.Context, name, what string, diags *diag.Diagnostics, do func(found)) {
	defer c.clouds.Events.Flush(ctx, diags)
	end, ok := c.clouds.Duplicates.BeginAction(name, what, diags)
	if !ok {
		return
	}
	defer end()
	if f, ok := c.find(ctx, name, diags); ok {
		do(f)
	}
}

// lookOnceMore is after what time it is looked again whether anything is rolled out.
const lookOnceMore = 5 * time.Second

// look is one look.
func (c *configured) look(ctx context.Context, name string, diags *diag.Diagnostics) (found, bool) {
	f := found{adopted: map[string]bool{}}
	look := runner.New(runner.Config{Deployment: rollout.Deployment{Name: name}, Spot: c.clouds.Spot, Balancers: c.clouds.AWS, Adopted: f.adopted})
	w, err := look.Look(ctx)
	if previous := previousOf(w); err == nil && previous != "" && !has(w, previous) {
		f.adopted[previous] = true
		w, err = look.Look(ctx)
	}
	if err == nil {
		err = look.LookAtRoutes(ctx, &w)
	}
	switch {
	case err != nil:
		diags.AddError("Deployment cannot be read", diagtext.Sentence(err)+" Nothing was touched.")
		return f, false
	case len(w.Groups) == 0:
		diags.AddAttributeError(path.Root("name"), "No such deployment", c.noSuch(ctx, name, w))
		return f, false
	}
	f.world = w
	f.wants, f.missing = rollout.GoOn(name, w)
	return f, true
}

func (c *configured) noSuch(ctx context.Context, name string, w rollout.World) string {
	text := fmt.Sprintf("No group of the provider's Spot account has the tags of a deployment %q. Look at the name, and at the account of the provider block.", name)
	if len(w.Unowned) > 0 {
		names := make([]string, len(w.Unowned))
		for i, g := range w.Unowned {
			names[i] = fmt.Sprintf("%s (%s)", g.Name, g.ID)
		}
		text += fmt.Sprintf(" There is %s, which no rollout made: nothing is rolled out there.", strings.Join(names, ", "))
	}
	groups, err := c.clouds.Spot.Groups(ctx)
	if err != nil {
		return text // they were listed a moment ago, and are not worth an error of their own
	}
	names := map[string]bool{}
	for _, g := range groups {
		if of := rollout.DeploymentOf(g.Tags); of != "" {
			names[of] = true
		}
	}
	return text + c.clouds.NotAtSpot("deployments", name, slices.Sorted(maps.Keys(names)))
}

// previousOf is the ID of the group that a candidate replaces; "" if there is none.
func previousOf(w rollout.World) string {
	if c := rollout.RolesOf(w).Candidate; c != nil {
		j, _ := c.Journal()
		return j.Previous
	}
	return ""
}

func has(w rollout.World, id string) bool {
	return slices.ContainsFunc(w.Groups, func(g rollout.Group) bool { return g.ID == id })
}

// replacesWhatIsThere refuses a candidate whose previous revision is gone, or not known: nothing that an action knows says then what is to
// serve.
func (f found) replacesWhatIsThere(name string, diags *diag.Diagnostics) bool {
	previous, live := previousOf(f.world), rollout.RolesOf(f.world).Live
	why := fmt.Sprintf("the group %s, which does not exist any more", previous)
	switch {
	case live == nil && previous == "", live != nil && live.ID == previous:
		return true
	case previous == "":
		why = fmt.Sprintf("%s (%s), and its tags do not say so", live.Name, live.ID)
	}
	candidate := rollout.RolesOf(f.world).Candidate
	diags.AddAttributeError(path.Root("name"), "What it replaces is not there", fmt.Sprintf("%s (%s, %s) of deployment %q was to replace %s. "+
		"An action cannot tell what is to serve then. Nothing was touched. Plan the deployment, which says what its apply does.",
		candidate.Name, candidate.ID, candidate.ImageID, name, why))
	return false
}

// ownedOrRefused refuses what another state has released, as an apply of the state that rolls out the candidate would.
func (f found) ownedOrRefused(diags *diag.Diagnostics) bool {
	why := rollout.Foreign(f.wants, f.world)
	if why != "" {
		diags.AddAttributeError(path.Root("name"), "Deployment belongs to another state", why+". Nothing was touched.")
	}
	return why == ""
}

// imagined is the world as a plan has it: each group has what it is set to.
func (f found) imagined() rollout.World {
	w := f.world
	w.Groups = slices.Clone(w.Groups)
	for i := range w.Groups {
		g := &w.Groups[i]
		g.Instances, g.InService, g.Steady = g.Capacity.Target, g.Capacity.Target, g.Capacity.Target
	}
	return w
}

// run is a run that goes on with what was found, or back.
func (c *configured) run(f found, p progress) *runner.Run {
	return runner.New(runner.Config{
		Deployment: f.wants,
		Spot:       c.clouds.Spot, Balancers: c.clouds.AWS, Alarms: c.clouds.AWS, Machines: c.clouds.AWS,
		Adopted: f.adopted, Planned: &f.world,
		HealthyTimeout: f.wants.HealthyTimeout, MinHealthyTime: f.wants.MinHealthyTime,
		CredentialsEnd: c.clouds.CredentialsEnd,
		Events: func(ctx context.Context, e event.Event) {
			c.clouds.Events.Take(ctx, e)
			p.tell(e)
		},
	})
}

// reported turns the end of a run into diagnostics.
func reported(result runner.Result, titles map[runner.Outcome]string, diags *diag.Diagnostics) {
	for _, warning := range result.Warnings {
		diags.AddWarning("Rollout not complete", warning)
	}
	if result.Err != nil {
		diags.AddError(titles[result.Outcome], diagtext.Sentence(result.Err))
	}
}

// rests says what serves where nothing is rolled out.
func rests(name string, w rollout.World) string {
	live := rollout.RolesOf(w).Live
	if live == nil {
		return fmt.Sprintf("Deployment %q has no revision that is live.", name)
	}
	return fmt.Sprintf("Nothing of deployment %q is rolled out: %s (%s) is live with %s.", name, live.Name, live.ImageID, live.Size())
}
