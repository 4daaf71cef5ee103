package clouds

import (
	"sync"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// live keeps what happens in the rollouts of this process, of each deployment the last one, for whoever shows it while it goes on. Its zero
// value is ready.
type live struct {
	mu       sync.Mutex
	rollouts map[string]*told
}

// told is what happened in a rollout.
type told struct {
	events []event.Event
	more   chan struct{} // closed when something has happened since
}

// mostTold is how many events are kept: an hour of half minutes has not a tenth of them.
const mostTold = 5000

// of is a deployment's last rollout. The lock is held.
func (l *live) of(deployment string) *told {
	if l.rollouts == nil {
		l.rollouts = map[string]*told{}
	}
	if l.rollouts[deployment] == nil {
		l.rollouts[deployment] = &told{more: make(chan struct{})}
	}
	return l.rollouts[deployment]
}

// take keeps an event. The first one of a run begins anew.
func (l *live) take(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.of(e.Deployment)
	if n := len(t.events); n > 0 && t.events[n-1].Run != e.Run {
		t.events = nil
	}
	if len(t.events) < mostTold || e.Kind() == "ended" {
		t.events = append(t.events, e)
	}
	close(t.more)
	t.more = make(chan struct{})
}

// Rollout is what has happened so far in the last rollout of a deployment in this process, and a channel that is closed when something more
// has. Nobody may change the events.
func (s *Events) Rollout(deployment string) (soFar []event.Event, more <-chan struct{}) {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	t := s.live.of(deployment)
	return t.events, t.more
}
