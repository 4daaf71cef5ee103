package actions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/watch"
)

// progress is what is said while an action runs: a line each. When the action is cancelled nothing is said any more. Terraform ends the call at
// the first message after that, and with it the provider in the middle of a step; one that keeps silent is waited for.
type progress struct {
	invoked context.Context //nolint:containedctx // it is asked, and not passed on: whether the action is cancelled
	send    func(action.InvokeProgressEvent)
}

func progressOf(ctx context.Context, resp *action.InvokeResponse) progress {
	return progress{ctx, resp.SendProgress}
}

// say says a line.
func (p progress) say(line string) {
	if line != "" && p.invoked.Err() == nil {
		p.send(action.InvokeProgressEvent{Message: line})
	}
}

// tell says an event.
func (p progress) tell(e event.Event) { p.say(watch.Line(e)) }
