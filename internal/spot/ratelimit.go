package spot

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// defaultReset is the length of Spot's window, for a 429 that does not say when it ends.
	// https://docs.spot.io/administration/api/
	defaultReset = 60 * time.Second
	// longestReset bounds what is believed of a header; a window lasts a minute.
	longestReset = 10 * time.Minute
)

// limits holds every caller of a route back while Spot blocks it. A call made while a route is blocked is refused and
// lengthens the block, so when a block ends one call goes first, and the others follow when it has got through.
type limits struct {
	mu     sync.Mutex
	routes map[string]*limit
}

// limit is the block of a route.
type limit struct {
	until   time.Time
	probing bool          // one call is under way to see whether the block has ended
	changed chan struct{} // closed, and replaced, whenever the two above change or the block is lifted
}

// acquire waits until the route may be asked, or until the context ends; who has not the patience for the whole block is told so
// at once. Exactly one of block, handOn and through must be called afterwards with the pass; it is nil unless this call is
// the first after a block. Its error is a *waitError.
func (l *limits) acquire(ctx context.Context, route string) (pass *limit, err error) {
	for said := false; ; {
		pass, wait, changed := l.enter(route)
		if changed == nil && ctx.Err() == nil {
			return pass, nil
		}
		while := "waiting for Spot's rate limit to reset"
		if wait > 0 {
			while = fmt.Sprintf("waiting for Spot's rate limit of %s, which resets in %s", route, wait.Round(time.Second))
		}
		if err := impatient(ctx, wait); err != nil {
			return nil, &waitError{while: while, err: err}
		}
		if wait > 0 && !said {
			said = true
			tflog.Warn(ctx, while, map[string]any{"route": route, "seconds": int(wait.Seconds())})
		}
		if err := await(ctx, wait, changed); err != nil {
			return nil, &waitError{while: while, err: cmp.Or(impatient(ctx, 0), err)}
		}
	}
}

// enter returns a nil channel if the route may be asked now; otherwise how long to wait at most, or 0 if only for the channel.
func (l *limits) enter(route string) (pass *limit, wait time.Duration, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.routes[route]
	if b == nil {
		return nil, 0, nil
	}
	if b.probing {
		return nil, 0, b.changed
	}
	if wait := time.Until(b.until); wait > 0 {
		return nil, wait, b.changed
	}
	b.probing = true
	return b, 0, nil
}

// block is for a call that was refused: nobody asks for so long from now.
func (l *limits) block(route string, pass *limit, reset time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.routes[route]
	if b == nil {
		if l.routes == nil {
			l.routes = map[string]*limit{}
		}
		b = &limit{changed: make(chan struct{})}
		l.routes[route] = b
	}
	if until := time.Now().Add(reset); until.After(b.until) {
		b.until = until
	}
	if b == pass {
		b.probing = false
	}
	b.announce()
}

// handOn is for a call whose caller gave up: it says nothing of the block, the next one has to find out.
func (l *limits) handOn(pass *limit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if pass == nil {
		return
	}
	pass.probing = false
	pass.announce()
}

// through is for a call that was not refused. Only the one that went first after a block lifts it: the others were
// already under way when it began.
func (l *limits) through(route string, pass *limit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if pass == nil {
		return
	}
	delete(l.routes, route)
	pass.announce()
}

func (b *limit) announce() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// await returns when the time is over, if there is one, or the channel is closed, or with the context's error as soon as it ends.
func await(ctx context.Context, d time.Duration, changed <-chan struct{}) error {
	var over <-chan time.Time
	if d > 0 || changed == nil {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
	case <-changed:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// resetOf is how long a 429 blocks its route. Up to two seconds more keep processes apart that were blocked together.
func resetOf(header http.Header) time.Duration {
	reset := defaultReset
	if seconds, err := strconv.ParseFloat(header.Get("X-RateLimit-Reset"), 64); err == nil && seconds >= 0 {
		reset = time.Duration(min(seconds, longestReset.Seconds()) * float64(time.Second))
	}
	return reset + time.Second/10 + rand.N(2*time.Second)
}
