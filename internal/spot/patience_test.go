package spot

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// Nothing is shown while a plan waits. Whatever Spot does, a question of it is answered, or given up, in the time that it may take.
func TestAPlanDoesNotWaitForLong(t *testing.T) {
	const patience = 2 * time.Minute
	year := reply(429, "", "X-RateLimit-Reset", "31536000", "Retry-After", "31536000")
	for name, test := range map[string]struct {
		answer answers
		says   []string
		atOnce bool
	}{
		"a limit of a year":      {year, []string{"rate limit of GET /aws/ec2/group", "resets in 10m", "was given up", "no longer than 2m0s is waited"}, true},
		"a limit of ten minutes": {reply(429, "", "X-RateLimit-Reset", "600"), []string{"rate limit of GET /aws/ec2/group", "was given up"}, true},
		"limits without end":     {reply(429, "", "X-RateLimit-Reset", "30"), []string{"rate limit", "no longer than 2m0s is waited"}, false},
		"errors":                 {reply(503, ""), []string{"503", "tries", "no longer than 2m0s is waited"}, false},
		"no answer":              {hangs, []string{"no answer"}, false},
		"garbage":                {reply(200, "<html>"), []string{"not the JSON of an answer"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, says(test.answer), 1000)
				c.retries = 1000
				started := time.Now()
				_, err := c.Groups(runner.WithPatience(background, patience))
				took := time.Since(started)
				if err == nil || took > patience || !test.atOnce && took < patience/2 || test.atOnce && took > time.Second {
					t.Fatalf("after %s: %v", took, err)
				}
				contains(t, err.Error(), test.says...)
				if errors.Is(err, context.Canceled) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// An apply has the time: what a plan gives up it waits for.
func TestAnApplyWaitsForTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &api{answer: func(r *http.Request, n int) (*http.Response, error) {
			if n == 1 {
				return reply(429, "", "X-RateLimit-Reset", "500")(r)
			}
			return sound(r)
		}}
		started := time.Now()
		if _, err := newClient(t, a, 1).Groups(background); err != nil || time.Since(started) < 500*time.Second {
			t.Errorf("after %s: %v", time.Since(started), err)
		}
	})
}
