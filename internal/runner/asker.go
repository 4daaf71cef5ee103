package runner

import (
	"context"
	"sync/atomic"
)

type askerKey struct{}

// AskedBy says who asks in a context: the refresh of a deployment, or its plan. An answer that others got a moment ago will do for whoever
// asks for the first time, for while Terraform plans nothing is changed by this process. Who asks a second time wants to know anew.
func AskedBy(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, askerKey{}, who)
}

// Asker is who asks; "" where only an answer that is no older than the question will do, as in a rollout.
func Asker(ctx context.Context) string {
	who, _ := ctx.Value(askerKey{}).(string)
	return who
}

type runKey struct{}

// Running is a rollout that is under way, for whoever is asked and wants to know how many there are.
type Running struct{ over atomic.Bool }

// Over tells whether it has ended.
func (r *Running) Over() bool { return r.over.Load() }

// InRun says that a context belongs to a rollout, until that is over.
func InRun(ctx context.Context) (in context.Context, over func()) {
	r := &Running{}
	return context.WithValue(ctx, runKey{}, r), func() { r.over.Store(true) }
}

// RunOf is the rollout that a context belongs to; nil if it is none.
func RunOf(ctx context.Context) *Running {
	r, _ := ctx.Value(runKey{}).(*Running)
	return r
}
