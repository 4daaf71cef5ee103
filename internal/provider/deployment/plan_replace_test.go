package deployment_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// Terraform plans a replacement with the state and then without. Whatever Spot answers the second time, what the state has is not taken for gone.
func TestNothingIsReplacedUnseen(t *testing.T) {
	for name, test := range map[string]struct {
		faults []sandbox.Fault
		says   []string
	}{
		"as it should be": {nil, []string{"Deployment exists already", "web__1", "Nothing was touched"}},
		"a list without items": {[]sandbox.Fault{{Service: "spot", Action: "ListGroups", Kind: sandbox.NoItems}},
			[]string{"Deployment exists already", "web__1", "Nothing was touched"}},
		"a list without items, and a group that is not told": {[]sandbox.Fault{{Service: "spot", Action: "ListGroups", Kind: sandbox.NoItems},
			{Service: "spot", Action: "ReadGroup", Kind: sandbox.GeneralError}}, []string{"Groups cannot be read", "nothing is replaced unseen", "Nothing was touched"}},
		"a list that is refused": {[]sandbox.Fault{{Service: "spot", Action: "ListGroups", Kind: sandbox.GeneralError}},
			[]string{"Groups cannot be read", "nothing is replaced unseen", "Nothing was touched"}},
	} {
		for _, written := range []string{"known", "not known yet"} {
			t.Run(name+", "+written, func(t *testing.T) {
				inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
					config := release("ami-1")
					d.apply(config)
					d.restart()
					if written != "known" {
						config = withChanges(config, object{"user_data": unknown})
					}
					for _, fault := range test.faults {
						fault.Times = 1000
						d.world.Fail(fault)
					}
					d.plan(release("ami-1"))
					d.state, d.private, d.identity = tftypes.NewValue(d.schema.ValueType(), nil), nil, nil
					if p := d.plan(config); !hasDiagnostic(p.diags, providertest.Error, test.says...) {
						t.Errorf("it says\n%s", providertest.Render(p.diags))
					}
				})
			})
		}
	}
}
