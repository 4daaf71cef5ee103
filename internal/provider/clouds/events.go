package clouds

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// Events takes what happens in rollouts: into the provider's log, and to where else the configuration wants it. Its zero value knows the
// log alone. Nothing that may be wrong there keeps a rollout waiting or lets it fail.
type Events struct {
	// Sinks are where else events go.
	Sinks []Sink

	mu       sync.Mutex
	problems []string // that were logged, and are not in a diagnostic yet
	live     live
}

// Sink takes events in the background.
type Sink interface {
	// Name is what it is called in messages, without a secret in it.
	Name() string
	// Take takes an event, and never waits.
	Take(e event.Event)
	// Flushed is closed when what was taken until now is handed on, or given up.
	Flushed() <-chan struct{}
	// Problem says, the first time after something was given up, why; else it is "".
	Problem() string
}

// Within these times an operation that ends waits for what happened in it to be handed on: the shorter one when it is interrupted, since
// Terraform does not wait long then.
const (
	flushes            = 10 * time.Second
	flushesInterrupted = time.Second
)

// Take takes an event.
func (s *Events) Take(ctx context.Context, e event.Event) {
	event.Log(ctx, e)
	s.live.take(e)
	for _, sink := range s.Sinks {
		sink.Take(e)
	}
	s.collectProblems(ctx)
}

// collectProblems logs what sinks have to say, and keeps it for the next diagnostics.
func (s *Events) collectProblems(ctx context.Context) {
	for _, sink := range s.Sinks {
		if problem := sink.Problem(); problem != "" {
			tflog.Warn(ctx, problem)
			s.mu.Lock()
			s.problems = append(s.problems, problem)
			s.mu.Unlock()
		}
	}
}

// Flush ends an operation: it waits a little until what happened in it is handed on, because Terraform ends the process soon after, and
// warns of what was not.
func (s *Events) Flush(ctx context.Context, diags *diag.Diagnostics) {
	if len(s.Sinks) == 0 {
		return
	}
	within := flushes
	timer := time.NewTimer(within)
	defer timer.Stop()
	interrupted := ctx.Done()
	late, over := "", false
	for _, sink := range s.Sinks {
		flushed := sink.Flushed()
	wait:
		for {
			select {
			case <-flushed:
				break wait
			default:
			}
			if over {
				late += fmt.Sprintf(" %s has not taken all events after %s.", sink.Name(), within)
				break wait
			}
			select {
			case <-flushed:
			case <-timer.C:
				over = true
			case <-interrupted:
				interrupted, within = nil, flushesInterrupted
				timer.Reset(within)
			}
		}
	}
	s.collectProblems(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, problem := range s.problems {
		diags.AddWarning("Events were lost", problem)
	}
	s.problems = nil
	if late != "" {
		diags.AddWarning("Events may be lost", "It is not waited for any longer:"+late+" The rollout itself is not affected.")
	}
}
