package deployment_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// loggedIn runs a test in virtual time in which the environment has a session of AWS's, which lasts so long from the beginning. Tests that
// change the environment have it to themselves.
func loggedIn(t *testing.T, lasts time.Duration, told bool, test func(t *testing.T, d *deployment)) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "ASIAONE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", providertest.SecretKey)
	t.Setenv("AWS_SESSION_TOKEN", providertest.SessionToken)
	synctest.Test(t, func(t *testing.T) {
		if told {
			t.Setenv("AWS_CREDENTIAL_EXPIRATION", time.Now().Add(lasts).Format(time.RFC3339))
		}
		config := canaryWorld()
		config.AWS.Sessions = []sandbox.SessionConfig{{AccessKey: "ASIAONE", Token: providertest.SessionToken, Expires: sandbox.Duration(lasts)}}
		d := deploymentIn(t, sandbox.New(config))
		d.fromEnvironment(nil)
		test(t, d)
	})
}

// fromEnvironment is a new process that finds AWS's credentials in the environment.
func (d *deployment) fromEnvironment(more object) {
	d.t.Helper()
	d.restart()
	providertest.MustSucceed(d.t, d.server.Configure(bothChanges(object{"token": providertest.Token, "account": "act-sandbox", "region": "us-east-1"}, more)))
}

// slowCanary is a canary whose bakes take an hour in all.
func slowCanary(image string, others ...object) object {
	return release(image, append([]object{{"timeouts": object{"update": "3h"},
		"canary": object{"phase": []any{object{"percent": 25, "bake": "20m"}, object{"percent": 50, "bake": "40m"}}}}}, others...)...)
}

func TestCredentialsThatEndBeforeTheRollout(t *testing.T) {
	for name, c := range map[string]struct {
		lasts  time.Duration
		told   bool
		config object
		says   []string // nothing if there is nothing to say
	}{
		"in the bakes": {40 * time.Minute, true, slowCanary("ami-2"), []string{"AWS credentials end before the rollout does",
			"from the environment (AWS_SESSION_TOKEN) end at 2000-01-01 00:40 UTC, in 3", "takes 1h at the least", "may take 1h45m", "the next apply goes on", "assume_role"}},
		"in the waits":                      {100 * time.Minute, true, slowCanary("ami-2"), []string{"AWS credentials may end before the rollout does", "end at 2000-01-01 01:40 UTC", "takes 1h at the least", "may take 1h45m"}},
		"later":                             {3 * time.Hour, true, slowCanary("ami-2"), nil},
		"nobody knows":                      {2 * time.Hour, false, slowCanary("ami-2"), []string{"AWS credentials may end before the rollout does", "nothing says when they end", "takes 1h at the least"}},
		"nobody knows, and it is soon over": {2 * time.Hour, false, release("ami-2"), nil},
		"in the one wait":                   {10 * time.Minute, true, release("ami-2"), []string{"AWS credentials may end before the rollout does", "end at 2000-01-01 00:10 UTC", "may take 15m"}},
		"it holds before":                   {40 * time.Minute, true, slowCanary("ami-2", object{"hold_after_phase": 1, "healthy_timeout": "5m"}), nil},
		"nothing is asked of AWS":           {10 * time.Minute, true, release("ami-2", object{"target_group_arns": []any{}, "healthy_timeout": "20m"}), nil},
		"nothing is released, capacity alone shrinks": {8 * time.Minute, true, release("ami-1", object{"capacity": capacityOf(1, 2, 4)}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			loggedIn(t, c.lasts, c.told, func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				p := d.plan(c.config)
				said := providertest.Render(p.diags)
				if providertest.Failed(p.diags) || strings.Contains(said, "AWS credentials") != (c.says != nil) {
					t.Fatalf("the plan says\n%s", said)
				}
				for _, words := range c.says {
					if !strings.Contains(said, words) {
						t.Errorf("%q is not said:\n%s", words, said)
					}
				}
			})
		})
	}
}

// Credentials that are renewed, or that never end, are not warned of; nor is a role that is assumed with such.
func TestCredentialsThatLast(t *testing.T) {
	for name, block := range map[string]object{
		"keys":   {"access_key": "AKIASANDBOX", "secret_key": providertest.SecretKey},
		"a role": {"access_key": "AKIASANDBOX", "secret_key": providertest.SecretKey, "assume_role": object{"role_arn": "arn:aws:iam::123456789012:role/deploy", "duration": "15m"}},
	} {
		t.Run(name, func(t *testing.T) {
			loggedIn(t, time.Minute, true, func(t *testing.T, d *deployment) {
				d.fromEnvironment(block)
				d.apply(release("ami-1"))
				providertest.MustSucceed(t, d.plan(slowCanary("ami-2")).diags)
				d.apply(slowCanary("ami-2"))
			})
		})
	}
}

// The apply stops before they end, says so, and the next one goes on with new ones; nothing is held against the release.
func TestCredentialsEndInMidCanary(t *testing.T) {
	loggedIn(t, 40*time.Minute, true, func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		_, diags := d.tryApply(slowCanary("ami-2"))
		mustExplain(t, diags, "Rollout interrupted", "The AWS credentials from the environment (AWS_SESSION_TOKEN) end at 2000-01-01 00:40 UTC", "50 % takes 40m at least",
			"web__2 (ami-2) is being rolled out and is set to 1; web__1 is set to 3", "Nothing of this is held against the release", "the next apply goes on from there")
		mustStand(t, d.world, "web__1 ami-1 3/3/3", "web__2 ami-2 1/1/1")
		if got := d.truth(); got != "interrupted ami-1 web__1" {
			t.Errorf("the state says %q", got)
		}
		if err := d.world.AddSession(sandbox.SessionConfig{AccessKey: "ASIATWO", Token: providertest.SessionToken + "-2", Expires: sandbox.Duration(6 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		t.Setenv("AWS_ACCESS_KEY_ID", "ASIATWO")
		t.Setenv("AWS_SESSION_TOKEN", providertest.SessionToken+"-2")
		t.Setenv("AWS_CREDENTIAL_EXPIRATION", time.Now().Add(6*time.Hour).Format(time.RFC3339))
		d.fromEnvironment(nil)
		d.apply(slowCanary("ami-2"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
		run.mustServe(4)
	})
}

// Spot's token is taken away: the apply says that it is that, and the next one goes on with another.
func TestSpotsTokenEndsInMidCanary(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		d.world.RevokeToken(providertest.Token, 25*time.Minute)
		_, diags := d.tryApply(slowCanary("ami-2"))
		mustExplain(t, diags, "Rollout interrupted", "The credentials have ended in the middle of the rollout", "401", "the provider's token argument",
			"web__2 (ami-2) is being rolled out", "Nothing of this is held against the release", "the next apply goes on from there")
		if err := d.world.AddToken("act-sandbox", providertest.Token); err != nil {
			t.Fatal(err)
		}
		d.restart()
		d.apply(slowCanary("ami-2"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
		run.mustServe(4)
	})
}
