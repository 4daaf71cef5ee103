//go:build unix

package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// The built binary under the real Terraform, with more than one state: what is live in one is neither taken over nor taken down by another,
// whatever Terraform makes of a configuration.

// lot is a world with good images, a bad one and a load balancer, in which nothing is released.
func lot() *sandbox.World {
	config := sandbox.Config{AWS: sandbox.AWSConfig{
		TargetGroups:  []sandbox.TargetGroupConfig{{Name: "web"}},
		LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", Listeners: []sandbox.ListenerConfig{{TargetGroup: "web"}}}},
	}}
	for n := 1; n <= 3; n++ {
		config.Images = append(config.Images, sandbox.Image{ID: fmt.Sprintf("ami-%d", n), Name: fmt.Sprintf("web-%d", n)})
	}
	config.Images = append(config.Images, sandbox.Image{ID: "ami-bad", Name: "web-broken"})
	return sandbox.New(config, sandbox.Speed(100))
}

// stateIn is a directory with a state of its own, and these blocks in its configuration.
func stateIn(t *testing.T, mirror string, world *sandbox.World, blocks ...string) *site {
	t.Helper()
	s := siteOf(t, mirror, world)
	s.writes(blocks...)
	s.must("init", "-plugin-dir="+mirror)
	return s
}

// writes puts blocks into the configuration, in place of those that are there.
func (s *site) writes(blocks ...string) {
	s.t.Helper()
	s.write("main.tf", fmt.Sprintf(`
		terraform {
		  required_providers {
		    elastigroup = { source = "elastigroup/elastigroup" }
		  }
		}
		provider "elastigroup" {
		  token = %q
		}
		%s`, secrets["token"], strings.Join(blocks, "\n")))
}

// block is a deployment as a user writes it.
func block(world *sandbox.World, label, name, image string, more ...string) string {
	return fmt.Sprintf(`
		resource "elastigroup_deployment" %q {
		  name              = %q
		  user_data         = %q
		  configuration     = file("group.json")
		  image_id          = %q
		  capacity          = { minimum = 2, target = 4, maximum = 8 }
		  target_group_arns = [%q]
		  %s
		}`, label, name, secrets["user data"], image, world.TargetGroups()[0].ARN, strings.Join(more, "\n"))
}

// mustFail runs a command that Terraform refuses, and fails the test unless all the words are said.
func (s *site) mustFail(words []string, args ...string) {
	s.t.Helper()
	var output bytes.Buffer
	if err := s.terraform(&output, args...).Run(); err == nil {
		s.t.Fatalf("terraform %v succeeds:\n%s", args, &output)
	}
	s.mustSay(output.String(), words...)
}

func (s *site) mustSay(output string, words ...string) {
	s.t.Helper()
	// Terraform folds what is said, and draws a line beside it.
	said := strings.Join(strings.Fields(strings.ReplaceAll(output, "│", " ")), " ")
	for _, word := range words {
		if !strings.Contains(said, word) {
			s.t.Errorf("%q is not said:\n%s", word, output)
		}
	}
}

// mustStand fails the test unless exactly these groups stand, "web__1 4", and nothing was changed since there were so many changes.
func (s *site) mustStand(want string, since int) {
	s.t.Helper()
	if got := s.standing(); got != want || len(s.world.Changes()) != since {
		s.t.Errorf("there stands %q, want %q; %d changes were made", got, want, len(s.world.Changes())-since)
	}
}

func withTerraform(t *testing.T) (mirror string) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" || os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		t.Skip("TF_ACC and TF_ACC_TERRAFORM_PATH are not set")
	}
	t.Parallel() // it waits for most of its time
	return builtMirror(t)
}

// What is live is never replaced, in whatever way Terraform is asked to: the plan refuses it and says what to do instead.
func TestNothingReplacesWhatIsLive(t *testing.T) {
	world := lot()
	s := stateIn(t, withTerraform(t), world, block(world, "web", "web", "ami-1"))
	s.must("apply", "-auto-approve")
	changes := len(world.Changes())
	const address = "elastigroup_deployment.web"
	for _, more := range []string{"", "lifecycle { create_before_destroy = true }"} {
		s.writes(block(world, "web", "web", "ami-1", more))
		words := []string{"Deployment exists already", `"web" is live with web__1`, "-replace", "create_before_destroy", "change of triggers", "Nothing was touched"}
		s.mustFail(words, "plan", "-replace="+address)
		s.mustFail(words, "apply", "-auto-approve", "-replace="+address)
		s.must("taint", address)
		s.mustFail(append(words, "terraform untaint"), "apply", "-auto-approve")
		s.must("untaint", address)
		s.must("plan", "-detailed-exitcode")
	}
	// The address changes without a moved block, and with one.
	s.writes(block(world, "site", "web", "ami-1"))
	s.mustFail([]string{"Deployment exists already", "moved block"}, "apply", "-auto-approve")
	s.writes(block(world, "site", "web", "ami-1"), "moved {\n from = "+address+"\n to = elastigroup_deployment.site\n}")
	s.must("apply", "-auto-approve")
	s.mustStand("web__1 4", changes)
	s.mustKeepSecrets()
}

// A second state of the same module takes nothing over and nothing down; one that imports goes on, and then the first one is held off.
func TestASecondState(t *testing.T) {
	world, mirror := lot(), withTerraform(t)
	first, second := stateIn(t, mirror, world, block(world, "web", "web", "ami-1")), stateIn(t, mirror, world, block(world, "web", "web", "ami-1"))
	first.must("apply", "-auto-approve")
	changes := len(world.Changes())
	second.mustFail([]string{"Deployment exists already", "terraform import ADDRESS web"}, "apply", "-auto-approve")
	second.must("destroy", "-auto-approve")
	first.mustStand("web__1 4", changes)

	second.must("import", "elastigroup_deployment.web", "web")
	second.must("plan", "-detailed-exitcode")
	first.mustStand("web__1 4", changes)
	second.writes(block(world, "web", "web", "ami-2"))
	second.must("apply", "-auto-approve")
	changes = len(world.Changes())
	first.writes(block(world, "web", "web", "ami-3"))
	words := []string{"belongs to another state", "nother state released web__2", "terraform state rm ADDRESS"}
	first.mustFail(words, "apply", "-auto-approve")
	first.mustFail(words, "destroy", "-auto-approve")
	first.mustFail(words[1:], "destroy", "-auto-approve", "-refresh=false")
	first.mustStand("web__1 0, web__2 4", changes)
	first.must("state", "rm", "elastigroup_deployment.web")
	second.must("plan", "-detailed-exitcode")
	second.must("destroy", "-auto-approve")
	if got := second.standing(); got != "" {
		t.Errorf("there stands %q", got)
	}
	first.mustKeepSecrets()
	second.mustKeepSecrets()
}

// Of two first applies from two states at the same time, one succeeds. The other one has no state, and its destroy takes nothing.
func TestTwoStatesAtTheSameTime(t *testing.T) {
	world, mirror := lot(), withTerraform(t)
	sites := []*site{stateIn(t, mirror, world, block(world, "web", "web", "ami-1")), stateIn(t, mirror, world, block(world, "web", "web", "ami-1"))}
	errs, outputs := make([]error, 2), make([]bytes.Buffer, 2)
	var both sync.WaitGroup
	for i, s := range sites {
		both.Go(func() {
			time.Sleep(time.Duration(i) * 200 * time.Millisecond)
			errs[i] = s.terraform(&outputs[i], "apply", "-auto-approve").Run()
		})
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("the first:\n%s\nthe second:\n%s", &outputs[0], &outputs[1])
	}
	winner, loser, said := sites[0], sites[1], outputs[1].String()
	if errs[0] != nil {
		winner, loser, said = sites[1], sites[0], outputs[0].String()
	}
	loser.mustSay(said, "terraform import ADDRESS web")
	if list := loser.must("state", "list"); strings.TrimSpace(list) != "" {
		t.Errorf("there is a state of %s", list)
	}
	winner.must("plan", "-detailed-exitcode")
	changes := len(world.Changes())
	loser.must("destroy", "-auto-approve")
	winner.mustStand("web__1 4", changes)
	winner.must("destroy", "-auto-approve")
	if got := winner.standing(); got != "" {
		t.Errorf("there stands %q", got)
	}
}

// Two resources of one name are refused by the plan, whether both are new or one is there already.
func TestDuplicatesInAConfiguration(t *testing.T) {
	world := lot()
	s := stateIn(t, withTerraform(t), world, block(world, "web", "web", "ami-1"), block(world, "second", "web", "ami-1"))
	for range 5 {
		s.mustFail([]string{"Two resources of one name", `to create deployment "web"`}, "plan")
	}
	s.mustStand("", 0)
	s.writes(block(world, "web", "web", "ami-1"))
	s.must("apply", "-auto-approve")
	changes := len(world.Changes())
	s.writes(block(world, "web", "web", "ami-1"), block(world, "second", "web", "ami-1"))
	s.mustFail([]string{"Deployment exists already", "If two resources have this name"}, "apply", "-auto-approve")
	s.mustStand("web__1 4", changes)

	// One that is planned after the other is refused by apply.
	s.must("state", "rm", "elastigroup_deployment.web")
	s.world.SetCapacity("web__1", 0, 0, 0)
	s.world.DeleteGroup("web__1")
	s.writes(block(world, "web", "web", "ami-1"), block(world, "second", "web", "ami-1", "depends_on = [elastigroup_deployment.web]"))
	s.mustFail([]string{"Deployment exists already", "If two resources have this name", "Nothing was touched"}, "apply", "-auto-approve")
	if got := s.standing(); got != "web__1 4" {
		t.Errorf("there stands %q", got)
	}
	if list := strings.TrimSpace(s.must("state", "list")); list != "elastigroup_deployment.web" {
		t.Errorf("the state has %s", list)
	}
}

// Another name replaces the deployment: the plan says for how long nothing serves, and how something would.
func TestAnotherNameIsWarnedOf(t *testing.T) {
	world := lot()
	s := stateIn(t, withTerraform(t), world, block(world, "web", "web", "ami-1"))
	s.must("apply", "-auto-approve")
	s.writes(block(world, "web", "api", "ami-1"))
	s.mustSay(s.must("plan"), "nothing serves meanwhile", "create_before_destroy", "must be replaced")
	s.writes(block(world, "web", "api", "ami-1", "lifecycle { create_before_destroy = true }"))
	calm := len(world.Timeline())
	s.must("apply", "-auto-approve")
	if got := s.standing(); got != "api__1 4" {
		t.Errorf("there stands %q", got)
	}
	for _, m := range world.Timeline()[calm-1:] {
		if n := m.Serving(nil); n < 4 {
			t.Fatalf("at %s only %d instances served", m.Time.Format("15:04:05"), n)
		}
	}
	s.must("plan", "-detailed-exitcode")
}

// A configuration that Terraform generates for an import has no user data. Every plan says so, one of no changes too, until it is written,
// or left to what the group has.
func TestAGeneratedConfigurationHasNoUserData(t *testing.T) {
	world, mirror := lot(), withTerraform(t)
	first := stateIn(t, mirror, world, block(world, "web", "web", "ami-1", "retain = 2"))
	first.must("apply", "-auto-approve")
	first.must("state", "rm", "elastigroup_deployment.web")
	changes := len(world.Changes())

	s := stateIn(t, mirror, world, "import {\n to = elastigroup_deployment.web\n id = \"web\"\n}")
	says := []string{`The imported group of "web" has user data that the configuration does not say`, "web__1 has user data (", "user_data = file(", "lifecycle { ignore_changes = [user_data] }"}
	s.mustSay(s.must("plan", "-generate-config-out=generated.tf"), append(says, "1 to import, 0 to add, 0 to change")...)
	generated, err := os.ReadFile(filepath.Join(s.dir, "generated.tf"))
	if err != nil || !strings.Contains(string(generated), "= null # sensitive") {
		t.Fatalf("%v: Terraform generates\n%s", err, generated)
	}
	s.mustSay(s.must("apply", "-auto-approve"), says...)
	s.mustSay(s.must("plan"), append(says, "No changes")...)
	s.mustStand("web__1 4", changes)

	// The next release says what it drops.
	write := func(image, more string) {
		text := regexp.MustCompile(`(?m)^(\s*image_id\s*=).*$`).ReplaceAllString(string(generated), `${1} "`+image+`"`)
		s.write("generated.tf", regexp.MustCompile(`(?m)^}\s*$`).ReplaceAllString(text, "  "+more+"\n}"))
	}
	write("ami-2", "")
	s.mustSay(s.must("plan"), append(says, "comes up without what previous has: user data (")...)
	write("ami-2", "lifecycle { ignore_changes = [user_data] }")
	plan := s.must("plan")
	if strings.Contains(plan, "does not say") || strings.Contains(plan, "without what") {
		t.Errorf("what is kept is missed:\n%s", plan)
	}
	s.must("apply", "-auto-approve")
	if got := s.standing(); got != "web__1 0, web__2 4" || !strings.Contains(string(world.Groups()[1].Document), base64.StdEncoding.EncodeToString([]byte(secrets["user data"]))) {
		t.Errorf("there stands %q; its user data is not what the imported group had", got)
	}
	s.must("plan", "-detailed-exitcode")
	s.mustKeepSecrets()
}
