package users_test

import (
	"context"
	"encoding/json"
	"math/big"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const ruleMoved rule = "what is moved is taken over as it is"

// moving are moved blocks: from the official provider's resource, and from this one under another address of its provider.
func moving() []deed {
	from := func(name string) func(s *scene) bool { return func(s *scene) bool { return s.moveGroup(name) } }
	return []deed{
		{"the official provider's group web is moved here", 60, from("web")},
		{"the official provider's group web__4 is moved here", 40, from("web__4")},
		{"the deployment is moved here from a private registry", 30, func(s *scene) bool { return s.moveItself() }},
		{"terraform apply -refresh=false, after a move", 10, apply(first, options{noRefresh: true})},
	}
}

// moveGroup moves a group here that the official provider has made, with the image and the user data that stand in the files.
func (s *scene) moveGroup(name string) bool {
	st := s.states[first]
	if len(st.objects) > 0 || len(s.states[second].objects) > 0 || s.file.name != "web" || len(rolesOf("web", s.world.Groups()).all) > 0 ||
		!slices.Contains([]string{"ami-1", "ami-2", "ami-3"}, s.file.image) || len(s.weather) > 0 || s.faulty || s.passingFaults {
		return false
	}
	id := ""
	s.somebody(0, func() { id = s.createGroup(name) })
	time.Sleep(2 * time.Minute)
	raw, err := os.ReadFile("../provider/deployment/testdata/move/spotinst_elastigroup_aws.json")
	if err != nil {
		panic(err)
	}
	state := strings.NewReplacer("@ID@", id, "@NAME@", name).Replace(string(raw))
	c, diags := s.newCore()
	if providertest.Failed(diags) {
		return false
	}
	s.readOff()
	st.objects[main] = c.move("registry.terraform.io/spotinst/spotinst", "spotinst_elastigroup_aws", state, nil)
	st.serial++
	s.imported = true
	s.owners[id] = st.name
	s.judgeMoved(id)
	return true
}

// untagged tells whether a group of the deployment is there that no rollout has made. It belongs to the state that it was moved to alone: for
// any other one it is somebody else's, and their plans say so.
func (s *scene) untagged() bool {
	return slices.ContainsFunc(rolesOf(s.file.name, s.world.Groups()).all, func(g sandbox.Group) bool { return tagsOf(g)["release"] == "" })
}

// createGroup makes a group in production, as somebody else does.
func (s *scene) createGroup(name string) string {
	document := plainDocument()
	document["name"] = name
	launch, at := in(document, "compute", "launchSpecification"), webTG
	switch s.file.strategy {
	case "blue/green":
		at = blueTG
	case "blue/green by weights":
		at = redTG
	}
	launch["imageId"], launch["userData"] = s.file.image, encoded("boot")
	launch["loadBalancersConfig"] = attrs{"loadBalancers": []any{attrs{"type": "TARGET_GROUP", "name": strings.Split(at, "/")[1], "arn": at}}}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://spot.test/aws/ec2/group?accountId=act-sandbox", strings.NewReader(asJSON(attrs{"group": document})))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := s.world.Transport().RoundTrip(r)
	if err != nil {
		panic(err)
	}
	answer.Body.Close()
	groups := s.world.Groups()
	if i := slices.IndexFunc(groups, func(g sandbox.Group) bool { return g.Name == name }); i >= 0 {
		return groups[i].ID
	}
	panic("no group was made: " + answer.Status)
}

// judgeMoved: a plan of what was moved takes nothing away, and makes nothing where the files say what the group has.
func (s *scene) judgeMoved(id string) {
	p := s.plan(s.states[first], options{})
	s.note("plan: %s%s", p, providertest.Render(p.diags))
	s.judgePlan(p)
	step := p.steps[main]
	if p.failed() || step == nil {
		return
	}
	m := s.file
	same := m.document == "plain" && m.trigger == 0 && m.userData == "boot" && m.version == 0 && !m.wider && !m.classic
	if step.action != "no-op" && step.action != "update" || same && strings.Contains(step.rolloutPlan(), "created at 0") {
		s.broken(ruleMoved, "%s was moved here as it is written, and the plan is: %s\n%s", id, p, step.rolloutPlan())
	}
}

// moveItself moves the deployment here from another address of the provider.
func (s *scene) moveItself() bool {
	o := s.states[first].objects[main]
	if o == nil || o.tainted {
		return false
	}
	c, diags := s.newCore()
	if providertest.Failed(diags) {
		return false
	}
	moved := c.move("registry.example.com/us/elastigroup", resourceType, asJSON(plainOf(o.value)), o.private)
	for _, at := range providertest.Differences(o.value, moved.value) {
		s.broken(ruleMoved, "%s is another: %s, %s", at, asJSON(plainOf(members(o.value)[firstName(at)])), asJSON(plainOf(members(moved.value)[firstName(at)])))
	}
	if was, is := notes(o.private), notes(moved.private); was != is {
		s.broken(ruleMoved, "beside the state there was\n%s\nand is\n%s", was, is)
	}
	s.states[first].objects[main] = moved
	s.states[first].serial++
	return true
}

// move has a state of another resource become one of this, as core does: by a provider that is not configured.
func (c *core) move(from, of, state string, private []byte) (moved *object) {
	c.guarded("move", func() error {
		resp, err := providertest.New().MoveResourceState(context.Background(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: from, SourceTypeName: of, SourceState: &tfprotov6.RawState{JSON: []byte(state)}, SourcePrivate: private, TargetTypeName: resourceType,
		})
		if err != nil {
			return err
		}
		if providertest.Failed(resp.Diagnostics) {
			c.broken(ruleMoved, "it is not moved:\n%s", providertest.Render(resp.Diagnostics))
		}
		value, err := c.Decode(resp.TargetState)
		moved = &object{value: value, private: resp.TargetPrivate}
		return err
	})
	return moved
}

// plainOf is a value as JSON has it.
func plainOf(value tftypes.Value) any {
	if value.IsNull() {
		return nil
	}
	as := func(target any) {
		if err := value.As(target); err != nil {
			panic(err)
		}
	}
	switch kind := value.Type(); {
	case kind.Is(tftypes.String):
		var text string
		as(&text)
		return text
	case kind.Is(tftypes.Bool):
		var is bool
		as(&is)
		return is
	case kind.Is(tftypes.Number):
		n := new(big.Float)
		as(&n)
		return json.Number(n.Text('f', -1))
	case kind.Is(tftypes.Object{}), kind.Is(tftypes.Map{}):
		all := attrs{}
		for name, member := range members(value) {
			all[name] = plainOf(member)
		}
		return all
	}
	all := []any{}
	for _, element := range providertest.Elements(value) {
		all = append(all, plainOf(element))
	}
	return all
}
