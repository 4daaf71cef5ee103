package runner

import "context"

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
