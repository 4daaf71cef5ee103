package providertest

import (
	"context"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tfsdklog"
)

// A scan that finds nothing is worth something only if it would: each secret is told through each logger, at the lowest level and by
// a subsystem, as the framework and the clients do.
func TestTheScanNoticesWhatLeaks(t *testing.T) {
	t.Log("promise: secrets stay")
	for _, hidden := range []string{Token, SecretKey, SessionToken, Boot, base64.StdEncoding.EncodeToString([]byte(Boot + "# more\n"))} {
		for name, tell := range map[string]func(ctx context.Context){
			"provider, in a message": func(ctx context.Context) { tflog.Trace(ctx, "the token is "+hidden) },
			"provider, in a field": func(ctx context.Context) {
				tflog.Trace(ctx, "asked", map[string]any{"headers": map[string][]string{"Authorization": {"Bearer " + hidden}}})
			},
			"provider, in an error": func(ctx context.Context) {
				tflog.Error(ctx, "refused", map[string]any{"error": fmt.Errorf("400 to %q", hidden)})
			},
			"provider's subsystem": func(ctx context.Context) {
				tflog.SubsystemTrace(tflog.NewSubsystem(ctx, "spot"), "spot", hidden)
			},
			"framework's subsystem": func(ctx context.Context) {
				tfsdklog.SubsystemTrace(tfsdklog.NewSubsystem(ctx, "framework"), "framework", "planned", map[string]any{"user_data": hidden})
			},
		} {
			j := &journal{lines: map[string]int{}}
			tell(j.in(t.Context()))
			if len(j.told()) == 0 {
				t.Errorf("%s: %q was told, and nobody noticed", name, hidden)
			}
		}
	}
}
