package group_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// groupsWorld has a group of its own name and two of the same one.
func groupsWorld(t *testing.T) sandbox.Config {
	config := providertest.BalancedWorld(t)
	config.Groups = providertest.RawGroups(t,
		providertest.WebGroup("sig-00000001", "web__1", 2), providertest.WebGroup("sig-00000002", "twin", 1), providertest.WebGroup("sig-00000003", "twin", 1))
	return config
}

func TestGroup(t *testing.T) {
	for name, config := range map[string]object{
		"by ID":   {"id": "sig-00000001"},
		"by name": {"name": "web__1"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := providertest.ServeIn(t, groupsWorld(t))
			state, diags := s.Read("elastigroup_group", config)
			providertest.MustSucceed(t, diags)

			configuration := state["configuration"].(string)
			delete(state, "configuration")
			want := object{
				"id": "sig-00000001", "name": "web__1", "image_id": "ami-0a1", "image_ids": []any{"ami-0a1"},
				"capacity":          object{"minimum": 1, "target": 2, "maximum": 5},
				"target_group_arns": []any{providertest.WebARN}, "load_balancer_names": []any{},
				"tags": object{"app": "web"}, "user_data_base64": providertest.BootBase64,
			}
			if diff := cmp.Diff(want, state); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			checkConfiguration(t, configuration)
		})
	}
}

// checkConfiguration holds what is promised of a configuration: it is JSON of a group that the resource takes, with what
// was in it, and without user data and what only Spot sets.
func checkConfiguration(t *testing.T, configuration string) {
	t.Helper()
	var group struct {
		ID, CreatedAt, UpdatedAt any
		Strategy                 struct{ Risk int }
		Compute                  struct {
			LaunchSpecification map[string]any
		}
	}
	if err := json.Unmarshal([]byte(configuration), &group); err != nil {
		t.Fatalf("configuration is not JSON: %v\n%s", err, configuration)
	}
	if group.Strategy.Risk != 100 || group.Compute.LaunchSpecification["imageId"] != "ami-0a1" {
		t.Errorf("configuration has lost something:\n%s", configuration)
	}
	if group.ID != nil || group.CreatedAt != nil || group.UpdatedAt != nil {
		t.Errorf("configuration has what only Spot sets:\n%s", configuration)
	}
	if strings.Contains(configuration, "userData") || strings.Contains(configuration, providertest.BootBase64) {
		t.Errorf("configuration has the user data, which is shown in plans:\n%s", configuration)
	}
}

func TestGroupNotFound(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		at     string
		says   []string
	}{
		"no such ID":         {object{"id": "sig-0000dead"}, "", []string{"Elastigroup not found", "sig-0000dead", "Spot was asked in account act-sandbox."}},
		"no such name":       {object{"name": "nothing"}, "name", []string{"nothing", "Spot was asked in account act-sandbox.", "The groups there: "}},
		"a typo":             {object{"name": "web_1"}, "name", []string{`No group is named "web_1"`, "Did you mean web__1?"}},
		"two of that name":   {object{"name": "twin"}, "name", []string{"twin", "sig-00000002, sig-00000003"}},
		"nothing asked":      {object{}, "", []string{"id", "name"}},
		"both asked":         {object{"id": "sig-00000001", "name": "web__1"}, "id", []string{"id", "name"}},
		"only empty strings": {object{"name": ""}, "", []string{"empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := providertest.ServeIn(t, groupsWorld(t))
			_, diags := s.Read("elastigroup_group", test.config)
			providertest.MustSay(t, diags, providertest.Error, test.at, test.says...)
		})
	}
}

// Other credentials than user data may stand in a group. They are left out as well, and said to be.
func TestGroupWithOtherSecrets(t *testing.T) {
	config := providertest.BalancedWorld(t)
	group := providertest.WebGroup("sig-00000001", "web__1", 1)
	group["thirdPartiesIntegration"] = object{"nomad": object{"masterHost": "nomad.example.com", "masterPort": 4646, "aclToken": providertest.Secret}}
	config.Groups = providertest.RawGroups(t, group)
	s, _ := providertest.ServeIn(t, config)

	state, diags := s.Read("elastigroup_group", object{"name": "web__1"})
	providertest.MustSay(t, diags, providertest.Warning, "configuration", "sig-00000001", "thirdPartiesIntegration.nomad.aclToken")
	configuration := state["configuration"].(string)
	if strings.Contains(configuration, providertest.Secret) || !strings.Contains(configuration, "nomad.example.com") {
		t.Errorf("configuration should have all but the secret:\n%s", configuration)
	}
}

func TestGroupOfUnknownArguments(t *testing.T) {
	s, _ := providertest.ServeIn(t, groupsWorld(t))
	for _, name := range []string{"id", "name"} {
		if diags := s.Validate("elastigroup_group", object{name: unknown}); len(diags) > 0 {
			t.Errorf("%s:\n%s", name, providertest.Render(diags))
		}
	}
}

// What Spot refuses is said without the token, the user data or the keys.
func TestGroupIsRefusedWithoutSecrets(t *testing.T) {
	s, world := providertest.ServeIn(t, groupsWorld(t))
	world.Fail(sandbox.Fault{Service: "spot", Times: -1, Kind: sandbox.Error, Status: 401, Code: "UNAUTHORIZED",
		Message: "Bearer sandbox-token is not welcome, nor is " + strings.Repeat(providertest.BootBase64, 3)})
	for _, config := range []object{{"id": "sig-00000001"}, {"name": "web__1"}} {
		_, diags := s.Read("elastigroup_group", config)
		providertest.MustSay(t, diags, providertest.Error, "", "Elastigroup cannot be read", "401")
		for _, hidden := range providertest.Secrets {
			if strings.Contains(providertest.Render(diags), hidden) {
				t.Errorf("%s is repeated:\n%s", hidden, providertest.Render(diags))
			}
		}
	}
}
