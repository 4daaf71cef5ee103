package deployment

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// timingsKey is the private note of how long instances of the deployment took to come into service, and to go. A run asks closely around
// these times, and seldom before. Should the note be lost, or be of another image, a run asks every few seconds, and notes it anew.
const timingsKey = "timings"

// timingsNote is the note, in seconds.
type timingsNote struct {
	InService float64 `json:"in_service,omitempty"`
	Gone      float64 `json:"gone,omitempty"`
}

// longestTiming is the longest that is believed: what somebody has written into a state makes no run wait for days between two glances.
const longestTiming = time.Hour

// timings are those of the note; what is not there is not known.
func timings(ctx context.Context, private privateState, diags *diag.Diagnostics) runner.Timings {
	data, more := private.GetKey(ctx, timingsKey)
	diags.Append(more...)
	var note timingsNote
	if len(data) == 0 || json.Unmarshal(data, &note) != nil {
		return runner.Timings{}
	}
	believed := func(seconds float64) time.Duration {
		if seconds < 0 || seconds > longestTiming.Seconds() {
			return 0
		}
		return time.Duration(seconds * float64(time.Second))
	}
	return runner.Timings{InService: believed(note.InService), Gone: believed(note.Gone)}
}

// orWritten takes, where it is not known how long instances take to go, what the configuration gives them to drain.
func orWritten(t runner.Timings, built spot.Document) runner.Timings {
	if seconds, written := built.Draining(); written && t.Gone == 0 {
		t.Gone = min(time.Duration(max(seconds, 0))*time.Second, longestTiming)
	}
	return t
}

// keepTimings writes the note.
func keepTimings(ctx context.Context, t runner.Timings, private privateStore, diags *diag.Diagnostics) {
	tenths := func(d time.Duration) float64 { return d.Round(time.Second / 10).Seconds() }
	data, err := json.Marshal(timingsNote{InService: tenths(t.InService), Gone: tenths(t.Gone)})
	if err == nil { // there is nothing in it that could not be written
		diags.Append(private.SetKey(ctx, timingsKey, data)...)
	}
}
