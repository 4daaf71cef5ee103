package deployment_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// listing is what a list shows a person, one a line, with what it says of each.
func listing(t *testing.T, d *deployment, results []tfprotov6.ListResourceResult) string {
	t.Helper()
	var names []string
	for _, r := range results {
		text := r.DisplayName
		if r.Identity != nil {
			value, err := r.Identity.IdentityData.Unmarshal(identityType)
			if err != nil {
				t.Fatal(err)
			}
			id := providertest.Plain(t, value).(object)
			text = fmt.Sprintf("%s/%s %s", id["account"], id["name"], text)
		}
		names = append(names, text)
		if len(r.Diagnostics) > 0 {
			names = append(names, strings.TrimSpace(providertest.Render(r.Diagnostics)))
		}
	}
	return strings.Join(names, "\n")
}

// A query lists the account's deployments and what could be imported as one, by name, by one call to Spot; and no more than is asked for.
func TestListOfDeployments(t *testing.T) {
	groups := append(foreignGroups(),
		existing("api__3", "ami-3", 0, 0, 0), existing("api__4", "ami-4", 2, 4, 8), // a line of others
		existing("old", "ami-1", 1, 1, 2), existing(rollout.StageName("old"), "ami-2", 0, 0, 0), // a pair of an earlier tool
		existing("alone", "ami-1", 1, 1, 2),
	)
	inBubble(t, webWorld(groups...), func(t *testing.T, d *deployment) {
		others := listing(t, d, d.server.List(deploymentType, object{}, false, 100))
		d.apply(release("ami-1"))
		d.apply(release("ami-2"))
		if !strings.Contains(others, "act-sandbox/api api (api__4, not managed yet)") || !strings.Contains(others, "act-sandbox/old old (old, not managed yet)") ||
			strings.Contains(others, "alone") || strings.Contains(others, "/web ") {
			t.Errorf("there are listed\n%s", others)
		}
		calls := len(d.world.Calls())
		all := listing(t, d, d.server.List(deploymentType, object{}, false, 100))
		if n := len(d.world.Calls()) - calls; n != 1 {
			t.Errorf("a list made %d calls", n)
		}
		if lines := strings.Split(all, "\n"); !slices.Contains(lines, "act-sandbox/web web (revision 2, stable)") || len(lines) != len(strings.Split(others, "\n"))+1 || !slices.IsSorted(lines) {
			t.Errorf("there are listed\n%s", all)
		}
		for want, config := range map[string]object{
			"act-sandbox/web web (revision 2, stable)": {"managed": true},
			others: {"managed": false},
			"act-sandbox/old old (old, not managed yet)":    {"prefix": "ol"},
			"act-sandbox/api api (api__4, not managed yet)": {"prefix": "api", "managed": false},
			"": {"prefix": "none"},
		} {
			if got := listing(t, d, d.server.List(deploymentType, config, false, 100)); got != want {
				t.Errorf("%v lists\n%s\nwant\n%s", config, got, want)
			}
		}
		if got := d.server.List(deploymentType, object{}, false, 2); len(got) != 2 {
			t.Errorf("of 2 that were asked for there are %d", len(got))
		}
	})
}

// With their attributes, each is what an import would have, without any secret; what it says makes a configuration that plans nothing.
func TestListWithResources(t *testing.T) {
	for name, world := range map[string]sandbox.Config{
		"a line of others": webWorld(existing("web__3", "ami-3", 0, 0, 0), existing("web__4", "ami-4", 2, 4, 8)),
		"a pair":           webWorld(existing("web", "ami-4", 2, 4, 8), existing(rollout.StageName("web"), "ami-2", 0, 0, 0)),
		"secrets in it":    consoleGroup(),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, world, func(t *testing.T, d *deployment) { generated(t, d) })
		})
	}
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(writeOnlyRelease("ami-1", 3, boot("one")))
		generated(t, deploymentIn(t, d.world))
	})
}

// generated lists web, imports it by its identity with the configuration that Terraform generates of the listed resource, and plans.
func generated(t *testing.T, d *deployment) {
	t.Helper()
	results := d.server.List(deploymentType, object{}, true, 100)
	if len(results) != 1 || len(results[0].Diagnostics) > 0 {
		t.Fatalf("there are listed\n%s", listing(t, d, results))
	}
	resource := d.decode(results[0].Resource)
	if hidden := providertest.Leaked(resource.String()); len(hidden) > 0 {
		t.Errorf("the listed resource tells %q", hidden)
	}
	resp, err := d.server.GenerateResourceConfig(t.Context(), &tfprotov6.GenerateResourceConfigRequest{TypeName: deploymentType, State: results[0].Resource})
	if err != nil || providertest.Failed(resp.Diagnostics) {
		t.Fatal(err, providertest.Render(resp.Diagnostics))
	}
	config := providertest.Plain(t, d.decode(resp.Config)).(object)
	for _, name := range []string{"user_data", "user_data_base64", "user_data_wo", "user_data_wo_version", "image_ids", "retain", "start_with", "load_balancer_names", "timeouts"} {
		if config[name] != nil {
			t.Errorf("the configuration has %s = %v", name, config[name])
		}
	}
	var document object
	if text, _ := config["configuration"].(string); json.Unmarshal([]byte(text), &document) != nil {
		t.Errorf("its configuration is %v", config["configuration"])
	}
	config["configuration"] = asJSON(document) // as jsonencode({…}) has it
	if diags := d.importBy("act-sandbox", "web"); providertest.Failed(diags) {
		t.Fatal(providertest.Render(diags))
	}
	if p := d.plan(config); providertest.Failed(p.diags) || !d.empty(p) {
		t.Errorf("the plan changes %v:\n%s", d.changes(p), providertest.Render(p.diags))
	}
}

// One that cannot be read is listed all the same, with a warning: an error would lose all the others.
func TestListOfWhatCannotBeRead(t *testing.T) {
	inBubble(t, webWorld(existing("api__1", "ami-1", 1, 1, 2), existing("web__4", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
		d.world.Fail(sandbox.Fault{Service: "spot", Action: "ReadGroup", Kind: sandbox.Error, Status: 403, Code: "FORBIDDEN", Message: "not you", Times: -1})
		results := d.server.List(deploymentType, object{}, true, 100)
		text := listing(t, d, results)
		if len(results) != 2 || strings.Contains(text, "ERROR") || strings.Count(text, "listed without its attributes") != 2 || !strings.Contains(text, `Deployment "api" cannot be read`) {
			t.Errorf("there are listed\n%s", text)
		}
		d.world.Fail(sandbox.Fault{Service: "spot", Action: "ListGroups", Kind: sandbox.Error, Status: 403, Code: "FORBIDDEN", Message: "not you", Times: -1})
		if text := listing(t, d, d.server.List(deploymentType, object{}, false, 100)); !strings.Contains(text, "Groups cannot be listed") || !strings.Contains(text, "not you") {
			t.Errorf("of no list it says\n%s", text)
		}
	})
}
