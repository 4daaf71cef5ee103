// Package pace says when calls of one kind may begin, so that they come by time however many ask for them: as many at once as their burst has,
// and one every so often in the long run. What the clouds allow an organization or an account is counted the same way.
package pace

import (
	"sync"
	"time"
)

// Pace is that of calls of one kind. It is safe for concurrent use, and must not be copied.
type Pace struct {
	burst int
	every time.Duration

	mu   sync.Mutex
	full time.Time // when nothing of the burst is used any more
}

// New is a pace at which that many calls may begin at once, and one more for each time that passes.
func New(burst int, every time.Duration) *Pace { return &Pace{burst: burst, every: every} }

// Reserve takes the next place for a call. It answers how long that is away; 0 for now. Who asks first is first.
func (p *Pace) Reserve() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.full.Before(now) {
		p.full = now
	}
	p.full = p.full.Add(p.every)
	return max(p.full.Add(-time.Duration(p.burst)*p.every).Sub(now), 0)
}
