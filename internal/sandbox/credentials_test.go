package sandbox

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// Credentials end at a set moment, and new ones work.
func TestCredentialsThatEnd(t *testing.T) {
	config := twoTargetGroups()
	config.AWS.Sessions = []SessionConfig{{AccessKey: "ASIAONE", Token: "one", Expires: Duration(time.Hour)}}
	inAWS(t, config, func(t *testing.T, c clients) {
		call := func(key, token string) error {
			as := c.config.Copy()
			as.Credentials = credentials.NewStaticCredentialsProvider(key, "secret", token)
			_, err := elbv2.NewFromConfig(as).DescribeLoadBalancers(context.Background(), nil)
			return err
		}
		if err := call("ASIAONE", "one"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		wantRefusal(t, call("ASIAONE", "one"), 403, "ExpiredToken", "expired")
		if err := c.world.AddSession(SessionConfig{AccessKey: "ASIATWO", Token: "two", Expires: Duration(time.Minute)}); err != nil {
			t.Fatal(err)
		}
		if err := call("ASIATWO", "two"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		wantRefusal(t, call("ASIATWO", "two"), 403, "ExpiredToken", "expired")
		if c.world.AddSession(SessionConfig{AccessKey: "AKIA"}) == nil {
			t.Error("a session without a token was taken")
		}
	})
	inWorld(t, web(), func(t *testing.T, w *World) {
		w.RevokeToken("sandbox-token", time.Minute)
		if e := ask(t, w, "GET", "/group", ""); e.status != 200 {
			t.Errorf("%d", e.status)
		}
		time.Sleep(time.Minute)
		if e := ask(t, w, "GET", "/group", ""); e.status != 401 {
			t.Errorf("%d", e.status)
		}
		if err := w.AddToken("act-sandbox", "next"); err != nil || w.AddToken("act-none", "next") == nil {
			t.Error(err)
		}
		if e := askAs(t, w, "Bearer next", "GET", "/group", ""); e.status != 200 {
			t.Errorf("%d", e.status)
		}
	})
}
