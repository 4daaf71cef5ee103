package clouds_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
)

// stuck hands nothing on.
type stuck struct{ never chan struct{} }

func (stuck) Name() string               { return "notify[0] (hooks.example.com)" }
func (stuck) Take(event.Event)           {}
func (s stuck) Flushed() <-chan struct{} { return s.never }
func (stuck) Problem() string            { return "" }

// The end of an operation waits ten seconds for what hangs, and a second where it is interrupted: Terraform does not wait long then.
func TestTheEndIsNotKeptWaiting(t *testing.T) {
	for name, test := range map[string]struct {
		interrupted time.Duration // when; none is never
		most        time.Duration
	}{
		"": {time.Hour, 10 * time.Second}, "interrupted before": {0, time.Second}, "interrupted meanwhile": {3 * time.Second, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.interrupted)
				defer cancel()
				events := clouds.Events{Sinks: []clouds.Sink{stuck{make(chan struct{})}, stuck{make(chan struct{})}}}
				var diags diag.Diagnostics
				began := time.Now()
				events.Flush(ctx, &diags)
				if took := time.Since(began); took != test.most {
					t.Errorf("it waited %s, want %s", took, test.most)
				}
				if len(diags) != 1 || strings.Count(diags[0].Detail(), "hooks.example.com") != 2 || diags.HasError() {
					t.Errorf("it says %v", diags)
				}
			})
		})
	}
}

// Without anything that takes events nothing is waited for.
func TestNothingIsWaitedForWithoutSinks(t *testing.T) {
	var diags diag.Diagnostics
	var events clouds.Events
	events.Take(t.Context(), event.Event{Fact: event.Begun{}})
	if events.Flush(t.Context(), &diags); len(diags) > 0 {
		t.Errorf("it says %v", diags)
	}
}
