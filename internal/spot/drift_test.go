package spot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot/fields"
)

// refusal is what Spot has against a document.
type refusal struct{ Message, Field string }

// refusals asks the pretend Spot to create a group.
func refusals(t *testing.T, transport http.RoundTripper, document []byte) []refusal {
	t.Helper()
	body := append(append([]byte(`{"group":`), document...), '}')
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://spot.test/aws/ec2/group?accountId=act-sandbox", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer sandbox-token")
	request.Header.Set("Content-Type", "application/json")
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode == http.StatusOK {
		return nil
	}
	var read struct{ Response struct{ Errors []refusal } }
	if err := json.Unmarshal(answer, &read); err != nil || response.StatusCode != http.StatusBadRequest || len(read.Response.Errors) == 0 {
		t.Fatalf("%d %s", response.StatusCode, answer)
	}
	return read.Response.Errors
}

// place is a place in a list, which paths are compared without.
var place = regexp.MustCompile(`\[\d+\]`)

// spoken tells whether something is said at a path, or at what is around or within it.
func spoken(said []string, field string) bool {
	field = place.ReplaceAllString(field, "")
	return slices.ContainsFunc(said, func(path string) bool {
		path = place.ReplaceAllString(path, "")
		return path == field || strings.HasPrefix(path, field+".") || strings.HasPrefix(field, path+".")
	})
}

// soundDocument is nearly every field there is, and nothing that is wrong.
func soundDocument(t *testing.T) map[string]any {
	t.Helper()
	text := strings.ReplaceAll(string(fixture(t, "sdk-python-create.json")), "us-west-2", "us-east-1")
	group := parse(t, text).copied()
	delete(member(group, "strategy").(map[string]any), "persistence")
	third := member(group, "thirdPartiesIntegration").(map[string]any)
	delete(third, "elasticBeanstalk")
	delete(third, "route53")
	return group
}

// mutation is a document with something wrong in it, or not.
type mutation struct {
	name  string
	group map[string]any
}

// mutations puts, at every path of a document, and at every one that Spot knows and the document has not, one value of each kind, or
// nothing, and a member that there is not.
func mutations(sound map[string]any) []mutation {
	paths := map[string]bool{}
	walk(sound, "", func(path, _ string, value any) {
		if path != "" && !strings.Contains(path, "[") {
			paths[path] = true
		}
		if _, ok := value.(map[string]any); ok && !strings.Contains(path, "[") {
			paths[joined(path, ".", "aMemberOfTomorrow")] = true
		}
	})
	for _, path := range fields.Known().Objects() {
		if strings.Count(path, ".") > 1 || strings.HasPrefix(path, "thirdPartiesIntegration") {
			continue // there are hundreds further in
		}
		names, _ := members(path)
		for _, name := range names {
			paths[joined(path, ".", name)] = true
		}
	}
	for _, path := range slices.Concat(kinded, worded) {
		paths[path] = true
	}
	var all []mutation
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, text := range []string{`null`, `"a"`, `"1"`, `""`, `true`, `0`, `1`, `-1`, `0.5`, `101`, `{}`, `{"aMemberOfTomorrow":1}`, `{"a":null}`, `[]`, `["a"]`, `[1]`,
			`[{}]`, `[{"id":"ami-1ecae776"}]`, `[{"id":"ami-1ecae776"},{"id":"ami-2"}]`} {
			value, err := decode([]byte(text))
			if err != nil {
				panic(err)
			}
			group := copyOf(sound).(map[string]any)
			names := strings.Split(path, ".")
			parent := group
			inside := true
			for _, name := range names[:len(names)-1] {
				if list(parent[name]) != nil {
					inside = false // elements of lists have cases of their own
					break
				}
				parent = object(parent, name)
			}
			if inside {
				parent[names[len(names)-1]] = value
				all = append(all, mutation{path + " " + text, group})
			}
		}
	}
	return all
}

// elsewhere are documents that are wrong in more than one place at once, or within a list.
var elsewhere = []string{
	`{"strategy":{"risk":100,"onDemandCount":1}}`,
	`{"compute":{"launchSpecification":{"images":[{"id":"ami-1"},{"id":"ami-2"}],"imageId":null}},"thirdPartiesIntegration":{"ecs":{"clusterName":"a"}}}`,
	`{"compute":{"launchSpecification":{"images":[{"id":"ami-1"},{"id":"ami-2"}],"imageId":null}},"thirdPartiesIntegration":null,"strategy":{"persistence":{"blockDevicesMode":"reattach"}}}`,
	`{"compute":{"launchSpecification":{"images":[{"id":"ami-1"}],"imageId":null}}}`,
	`{"capacity":{"unit":"weight"},"thirdPartiesIntegration":{"kubernetes":null}}`,
	`{"capacity":{"unit":"weight"},"thirdPartiesIntegration":{"ecs":null}}`,
	`{"capacity":{"unit":"kilogram"}}`,
	`{"region":null}`,
	`{"compute":{"availabilityZones":[{"name":"us-east-1a"}]}}`,
	`{"compute":{"subnetIds":null}}`,
	`{"compute":{"instanceTypes":{"ondemand":null}}}`,
	`{"compute":{"instanceTypes":{"onDemandTypes":["m5.large"]}}}`,
	`{"compute":{"instanceTypes":{"resourceRequirements":{"requiredVCpu":{"minimum":1}}}}}`,
	`{"compute":{"launchSpecification":{"userData":"#!/bin/sh"}}}`,
	`{"compute":{"launchSpecification":{"userData":"IyEvYmlu\nL2Jhc2g="}}}`,
	`{"compute":{"launchSpecification":{"userData":"IyEvYmluL2Jhc2g"}}}`,
	`{"compute":{"launchSpecification":{"shutdownScript":"poweroff!"}}}`,
	`{"compute":{"launchSpecification":{"tags":["web"]}}}`,
	`{"compute":{"launchSpecification":{"tags":[{"tagKey":"a","tagValue":"b","tagColour":"c"}]}}}`,
	`{"compute":{"launchSpecification":{"images":[{"id":"a","name":"b"}],"imageId":null}}}`,
	`{"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{"type":"MULTAI_TARGET_SET"}]}}}}`,
	`{"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{"type":"target_group","arn":"a"}]}}}}`,
	`{"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{"type":"TARGET_GROUP","name":"a"}]}}}}`,
	`{"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{"type":"CLASSIC"}]}}}}`,
	`{"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{"type":"CLASSIC","name":"a","colour":"b"}]}}}}`,
	`{"compute":{"subnetIds":null,"availabilityZones":[{"name":"us-east-1a","colour":"b"}]}}`,
	`{"strategy":{"signals":[{"name":"INSTANCE_READY","colour":"b"}]}}`,
	`{"scheduling":{"tasks":[{"cronExpression":"0 1 * * *"}]}}`,
	`{"scheduling":{"tasks":[{"taskType":"scale","cronExpression":"0 1 * * *","frequency":"daily"}]}}`,
	`{"scheduling":{"tasks":[{"taskType":"scale","frequency":"yearly"}]}}`,
	`{"scheduling":{"tasks":[{"taskType":"scale","cronExpression":"every evening"}]}}`,
	`{"scheduling":{"tasks":[{"taskType":"scale","cronExpression":"60 1 * * *"}]}}`,
	`{"scheduling":{"tasks":[{"taskType":"scale","cronExpression":"* 5-1 * * *"}]}}`,
	`{"scheduling":{"tasks":[{"taskType":"scale","cronExpression":"*/0 1 * * *"}]}}`,
	`{"scheduling":{"tasks":[{"taskType":"scale","cronExpression":"0 1 * * MON"}]}}`,
	`{"scheduling":{"tasks":[{"taskType":"scale","cronExpression":"*/5 1,3 1-5/2 * 0-7"}]}}`,
}

// TestProblemsAreWhatSpotRefuses holds the two to each other that know what Spot refuses, and share nothing: what the pretend Spot
// refuses when a group is created is known here before, as a problem or at least as unknown, and what is a problem of Spot's is refused.
func TestProblemsAreWhatSpotRefuses(t *testing.T) {
	sound := soundDocument(t)
	all := mutations(sound)
	for _, patch := range elsewhere {
		all = append(all, mutation{patch, patched(t, sound, patch)})
	}
	refused, taken := 0, 0
	world := sandbox.Default()
	world.Images = append(world.Images, sandbox.Image{ID: "ami-1ecae776"}, sandbox.Image{ID: "ami-1"}, sandbox.Image{ID: "ami-2"})
	inWorld(t, world, func(t *testing.T, w *sandbox.World, _ *Client) {
		transport := w.Transport()
		for _, m := range append(all, mutation{"what is sound", sound}) {
			d := Document{group: m.group}
			said := []string{}
			for _, p := range d.Problems() {
				said = append(said, p.Path)
			}
			problems := len(said)
			for _, unknown := range d.Unknowns() {
				said = append(said, unknown.Path)
			}
			document, err := d.Build(Overrides{Name: "web__1", Capacity: rollout.Pin(0)})
			if err != nil {
				continue // said when it is built
			}
			found := refusals(t, transport, document)
			for _, r := range found {
				if !spoken(said, r.Field) && !strings.Contains(r.Message, "validate AMI") { // that there is no such image is EC2's word
					t.Errorf("%s: Spot refuses it: %s (%s); said is only %v", m.name, r.Message, r.Field, said)
				}
			}
			if len(found) > 0 {
				refused++
				continue
			}
			taken++
			for _, p := range d.Problems()[:problems] {
				if !ownRule(p) {
					t.Errorf("%s: Spot takes it, and it is refused: %s", m.name, p)
				}
			}
		}
	})
	if refused < 300 || taken < 300 {
		t.Errorf("only %d documents were refused and %d taken", refused, taken)
	}
}

// ownRule tells whether a problem is no matter of Spot's validator: of a document that Spot takes, and that cannot be rolled out, or not
// with the capacity that it has itself.
func ownRule(p Problem) bool {
	return strings.HasPrefix(p.Path, "capacity") && p.Path != PathUnit || strings.Contains(p.Message, "two revisions at a time") ||
		strings.Contains(p.Message, "Intelligent Traffic Flow") || strings.HasPrefix(p.Path, PathTags) ||
		p.Path == PathUnit && strings.Contains(p.Message, "it has to be") // what is no word at all is sent as "instance"
}

// patched is a document with others members: objects are merged, null removes.
func patched(t *testing.T, sound map[string]any, text string) map[string]any {
	t.Helper()
	value, err := decode([]byte(text))
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", text, err))
	}
	group := copyOf(sound).(map[string]any)
	merge(group, value.(map[string]any))
	return group
}

func merge(into, from map[string]any) {
	for key, value := range from {
		switch v := value.(type) {
		case nil:
			delete(into, key)
		case map[string]any:
			merge(object(into, key), v)
		default:
			into[key] = v
		}
	}
}

// What stands beside the dictionary is in none of its objects: once the description has it, it is there for all.
func TestNothingStandsBesideTheDictionaryThatIsInIt(t *testing.T) {
	for path, names := range beyondDictionary {
		for _, name := range names {
			if f := fields.Known().Of(joined(path, ".", name)); f.Path != "" {
				t.Errorf("%s is in the dictionary by now", f.Path)
			}
		}
	}
	for _, path := range slices.Concat(kinded, worded) {
		if fields.Known().Of(path).Type == "" {
			t.Errorf("%s is not in the dictionary", path)
		}
	}
}
