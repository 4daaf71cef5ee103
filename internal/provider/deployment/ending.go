package deployment

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// observedRun is a run that remembers what has happened in it, for what is said at its end.
type observedRun struct {
	*runner.Run
	happened []event.Event
}

// observed is a run whose events are remembered, and go on to whoever takes them. While it is under way they are no more than kept.
func observed(config runner.Config, take func(context.Context, event.Event)) *observedRun {
	o := &observedRun{}
	config.Events = func(ctx context.Context, e event.Event) {
		o.happened = append(o.happened, e)
		take(ctx, e)
	}
	o.Run = runner.New(config)
	return o
}

// steps is what was done and waited for, and how long that took, as a paragraph to be put below what is said of the run; "" where nothing was
// begun.
func (o *observedRun) steps() string {
	var happened timeline.Timeline
	for _, e := range o.happened {
		happened.Add(e)
	}
	table := ""
	for _, r := range happened.Rollouts() {
		table += r.Table(r.Updated)
	}
	if table == "" {
		return ""
	}
	return "\n\nHow long each part took, and what it waited for:\n\n" + diagtext.Rows(table)
}

// reported turns the end of a run into diagnostics. It tells whether the run succeeded.
func (o *observedRun) reported(result runner.Result, diags *diag.Diagnostics) bool {
	steps := o.steps()
	if len(result.Warnings) > 0 {
		text := rollout.QuoteUpTo(strings.Join(result.Warnings, "\n\n"), diagtext.LongestSentence)
		if result.Err == nil && rollout.StatusOf(result.World) != rollout.Holding { // which holds says, with them
			text += steps
		}
		diags.AddWarning(titled("The rollout of %s ended with warnings", types.StringValue(o.Deployment.Name)), text)
	}
	if result.Err == nil {
		return true
	}
	title := map[runner.Outcome]string{
		runner.RolledBack:  "Release failed and was rolled back",
		runner.Held:        "Release failed and is held",
		runner.Interrupted: "Rollout interrupted",
		runner.Refused:     "Rollout refused",
		runner.Broken:      "Rollout could not be completed",
	}[result.Outcome]
	diags.AddError(title, diagtext.Sentence(result.Err)+steps)
	return false
}

// holds says, at the end of an apply that has made a rollout hold or go on to hold later, that it does, and how to go on. Where it held and
// nothing was done, the plan has said so.
func (o *observedRun) holds(name types.String, w rollout.World, diags *diag.Diagnostics) {
	if steps := o.steps(); steps != "" && rollout.StatusOf(w) == rollout.Holding {
		warnOfHold(name, w, steps, diags)
	}
}

// warnOfHold says that a rollout holds, where it stands, and how to go on.
func warnOfHold(name types.String, w rollout.World, more string, diags *diag.Diagnostics) {
	at, until := path.Root("hold_after_phase"), "hold_after_phase is raised or removed, and that is applied"
	if unknown(w) {
		at, until = path.Root("verify").AtName("inconclusive"), "it is applied again, which asks again. To go on without knowing, promote it (elastigroup_promote, Terraform 1.14 and later), or apply it with inconclusive = \"pass\""
	}
	diags.AddAttributeWarning(at, titled("Deployment %s holds", name),
		rollout.Standing(w)+" It stays like this until "+until+"; to go back, apply the previous configuration."+more)
}

// unknown tells whether a rollout holds because something could not be known.
func unknown(w rollout.World) bool {
	candidate := rollout.RolesOf(w).Candidate
	if candidate == nil {
		return false
	}
	j, _ := candidate.Journal()
	return j.Unknown != ""
}

// titled is the title of a warning with the deployment's name in it. Of several warnings with the same title Terraform shows the first one alone, and
// how many "similar" ones there are.
func titled(title string, name types.String) string {
	return fmt.Sprintf(title, rollout.QuoteUpTo(name.ValueString(), 80))
}
