package actions

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/watch"
)

var _ action.ActionWithConfigure = (*watchAction)(nil)

// watchAction shows a rollout while it goes on.
type watchAction struct{ configured }

// NewWatch makes the action elastigroup_watch.
func NewWatch() action.Action { return &watchAction{} }

type watchModel struct {
	Name types.String `tfsdk:"name"`
	Wait types.String `tfsdk:"wait"`
}

// Metadata returns the action's name.
func (a *watchAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_watch"
}

const (
	// usualWait is how long a rollout is waited for to begin, where nothing else is written.
	usualWait = 5 * time.Minute
	// lookAgain is how often the clouds are looked at for one that somebody else runs.
	lookAgain = 10 * time.Second
)

// Schema returns what users write.
func (a *watchAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Shows a rollout while it goes on, a line for each thing that happens, and ends when it has ended, however it ends. It changes nothing and keeps nobody waiting.",
		Attributes: map[string]schema.Attribute{
			"name": nameAttribute(),
			"wait": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How long to wait for a rollout to begin, as a duration like `90s`. Default `5m`: what the deployment waits for in the same apply may take that long.",
				Validators:          []validator.String{validators.DurationBetween(time.Second, 24*time.Hour)},
			},
		},
	}
}

// Invoke follows the rollout: by what happens in this process, if it is this process that runs it, and else by what is to be seen in the
// clouds.
func (a *watchAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m watchModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || a.unknown.Refuse("Deployment "+m.Name.ValueString()+" cannot be looked at", &resp.Diagnostics) {
		return
	}
	wait := usualWait
	if !m.Wait.IsNull() {
		wait, _ = time.ParseDuration(m.Wait.ValueString()) // it was validated
	}
	w := watcher{configured: a.configured, name: m.Name.ValueString(), says: progressOf(ctx, resp), until: time.Now().Add(wait)}
	w.follower = watch.NewFollower(w.name, a.clouds.Spot, a.clouds.AWS)
	w.follow(ctx)
}

// watcher is one watch.
type watcher struct {
	configured
	name     string
	says     progress
	follower *watch.Follower
	until    time.Time // a rollout is waited for

	said    int  // how many events of this process
	began   bool // one was seen
	changed bool // the deployment was seen to be changed in this process
	outside bool // it is followed in the clouds
	note    string
}

// follow says what happens until the rollout has ended, or none has begun.
func (w *watcher) follow(ctx context.Context) {
	next := time.Now()
	for ctx.Err() == nil {
		events, more := w.clouds.Events.Rollout(w.name)
		changing := w.clouds.Duplicates.Changing(w.name)
		switch {
		case !w.outside && len(events) > w.said:
			if w.inside(events) {
				return
			}
			continue
		case changing:
			w.changed = true // it says by itself what happens
		case w.changed && !w.began:
			w.says.say(fmt.Sprintf("Deployment %q was to be changed, and that has ended before a rollout began.", w.name))
			return
		case w.began && !w.outside:
			return // it ended without a last word
		case !time.Now().Before(next):
			if w.looked(ctx) {
				return
			}
			next = time.Now().Add(lookAgain)
			continue
		}
		if !w.began && !changing && !time.Now().Before(w.until) {
			w.says.say(fmt.Sprintf("No rollout of deployment %q has begun. It is not waited for any longer.", w.name))
			return
		}
		pause := time.NewTimer(min(time.Until(next)+time.Millisecond, lookAgain))
		if changing || time.Until(next) < 0 {
			pause.Reset(time.Second)
		}
		select {
		case <-ctx.Done():
		case <-more:
		case <-pause.C:
		}
		pause.Stop()
	}
}

// inside says what has happened in this process, and tells whether that is all.
func (w *watcher) inside(events []event.Event) bool {
	w.began = true
	for _, e := range events[w.said:] {
		w.says.tell(e)
		if e.Kind() == "ended" {
			return true
		}
	}
	w.said = len(events)
	return false
}

// looked says what is to be seen in the clouds, and tells whether the rollout is over.
func (w *watcher) looked(ctx context.Context) bool {
	events, note, err := w.follower.Look(ctx)
	if ctx.Err() != nil {
		return true
	}
	if err != nil {
		note = err.Error()
	}
	if note != w.note {
		w.note = note
		w.says.say(note)
	}
	if !w.outside && (len(events) == 0 || watch.AtRest(events)) {
		return false // nobody else is at work
	}
	w.outside, w.began = true, true
	for _, e := range events {
		w.says.tell(e)
		if e.Kind() == "ended" {
			return true
		}
	}
	return false
}
