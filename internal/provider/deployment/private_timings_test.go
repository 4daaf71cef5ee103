package deployment

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// privateValues is a private state.
type privateValues map[string][]byte

func (n privateValues) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return n[key], nil
}

func (n privateValues) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	n[key] = value
	return nil
}

// What is noted of waits is read again as it was, and what somebody else has written there holds up nobody.
func TestTimingsAreNotedAndNonsenseIsNotBelieved(t *testing.T) {
	var diags diag.Diagnostics
	private, took := privateValues{}, runner.Timings{InService: 95300 * time.Millisecond, Gone: time.Minute}
	if got := timings(t.Context(), private, &diags); got != (runner.Timings{}) {
		t.Errorf("of a state without a note it is known that %+v", got)
	}
	if keepTimings(t.Context(), took, private, &diags); timings(t.Context(), private, &diags) != took {
		t.Errorf("noted as %s", private[timingsKey])
	}
	for _, nonsense := range []string{`{"in_service": 1e9, "gone": -3}`, `{"in_service": "soon"}`, `[]`, `{`} {
		private[timingsKey] = []byte(nonsense)
		if got := timings(t.Context(), private, &diags); got != (runner.Timings{}) {
			t.Errorf("%s is believed: %+v", nonsense, got)
		}
	}
	if diags.HasError() {
		t.Error(diags)
	}
}
