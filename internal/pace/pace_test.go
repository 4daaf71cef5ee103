package pace_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/pace"
)

func TestReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(3, 2*time.Second)
		for n, want := range []time.Duration{0, 0, 0, 2 * time.Second, 4 * time.Second} {
			if wait := p.Reserve(); wait != want {
				t.Errorf("call %d waits %s, want %s", n+1, wait, want)
			}
		}
		time.Sleep(5 * time.Second) // five calls take ten
		for n, want := range []time.Duration{time.Second, 3 * time.Second} {
			if wait := p.Reserve(); wait != want {
				t.Errorf("call %d after a while waits %s, want %s", n+1, wait, want)
			}
		}
		time.Sleep(time.Hour)
		for n, want := range []time.Duration{0, 0, 0, 2 * time.Second} {
			if wait := p.Reserve(); wait != want {
				t.Errorf("call %d after an hour waits %s, want %s: a burst does not grow", n+1, wait, want)
			}
		}
	})
}
