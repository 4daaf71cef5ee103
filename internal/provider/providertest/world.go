package providertest

import (
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// ServeIn serves a provider that is configured for a pretend world.
func ServeIn(t testing.TB, config sandbox.Config) (*Server, *sandbox.World) {
	t.Helper()
	world := sandbox.New(config)
	s := Serve(t, provider.WithTransport(world.Transport()))
	MustSucceed(t, s.Configure(Object{
		"token": Token, "account": "act-sandbox", "region": "us-east-1",
		"access_key": "AKIASANDBOX", "secret_key": SecretKey, "session_token": SessionToken, "max_retries": 1,
	}))
	return s, world
}
