package provider_test

import (
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// inWorld serves a provider that is configured for a pretend world.
func inWorld(t *testing.T, config sandbox.Config) (*server, *sandbox.World) {
	t.Helper()
	world := sandbox.New(config)
	s := serve(t, provider.WithTransport(world.Transport()))
	mustSucceed(t, s.configure(object{
		"token": token, "account": "act-sandbox", "region": "us-east-1",
		"access_key": "AKIASANDBOX", "secret_key": secretKey, "session_token": sessionToken, "max_retries": 1,
	}))
	return s, world
}
