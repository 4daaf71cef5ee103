package runner

import (
	"context"
	"time"
)

type patienceKey struct{}

// WithPatience bounds how long a call may take, the waits for rate limits and its repetitions included: nobody watches a plan that
// waits, and Terraform shows nothing of it. A call that runs out of it fails, and says what it waited for.
func WithPatience(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, d)
}

// Patience is how long a call may take; false if nobody has set a bound but the context's own.
func Patience(ctx context.Context) (time.Duration, bool) {
	d, bounded := ctx.Value(patienceKey{}).(time.Duration)
	return d, bounded
}
