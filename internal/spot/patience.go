package spot

import (
	"context"
	"fmt"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// impatience ends a call that would take longer than its caller has patience for, see runner.WithPatience.
type impatience struct{ patience time.Duration }

func (e *impatience) Error() string {
	return fmt.Sprintf("no longer than %s is waited for the answer to a question in a plan or refresh", e.patience)
}

// Unwrap makes it a deadline that is over.
func (e *impatience) Unwrap() error { return context.DeadlineExceeded }

type beganKey struct{}

// patient is a context for one call that ends when its caller's patience does, if that has an end.
func patient(ctx context.Context) (context.Context, context.CancelFunc) {
	patience, bounded := runner.Patience(ctx)
	if !bounded {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithValue(ctx, beganKey{}, time.Now()), patience)
}

// impatient is an error if the caller's patience with the call would be over after a wait.
func impatient(ctx context.Context, wait time.Duration) error {
	began, bounded := ctx.Value(beganKey{}).(time.Time)
	patience, _ := runner.Patience(ctx)
	if !bounded || time.Since(began)+wait < patience {
		return nil
	}
	return &impatience{patience}
}
