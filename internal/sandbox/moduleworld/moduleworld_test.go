package moduleworld

import (
	"bytes"
	"flag"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s (%v): go test ./internal/sandbox/moduleworld -update\ngot\n%s", file, err, got)
	}
}

// TestModule reads a module with about all that a configuration can have: resources of the AWS provider, for_each, a template, variables with and
// without values, a child module, an import. World, test and notes are in testdata.
func TestModule(t *testing.T) {
	w, err := Read("testdata/shop", nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := w.File()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sandbox.ReadConfig(bytes.NewReader(text)); err != nil {
		t.Errorf("the sandbox does not take it: %v", err)
	}
	golden(t, "shop.json", text)
	golden(t, "shop.tftest.hcl", w.Test())
	golden(t, "shop.notes", []byte(strings.Join(w.Notes, "\n")+"\n"))
}

// TestExamples finds in the world of each example what its own sandbox.json has by name: images, target groups that its routes do not choose, alarms, routes.
func TestExamples(t *testing.T) {
	for _, example := range []string{"canary", "blue-green", "blue-green-rules", "blue-green-weights", "resources/elastigroup_deployment"} {
		folder := filepath.Join("../../../examples", example)
		w, err := Read(folder, nil)
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(filepath.Join(folder, "sandbox.json"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := sandbox.ReadConfig(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		images := map[string]bool{}
		for _, i := range w.Config.Images {
			images[i.Name] = true
		}
		alarms := map[string]bool{}
		for _, a := range w.Config.AWS.Alarms {
			alarms[a.Name] = true
		}
		tests, err := os.ReadFile(filepath.Join(folder, "example.tftest.hcl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range want.Images {
			if release := strings.TrimPrefix(i.Name, "web-"); strings.Contains(string(tests), `"`+release+`"`) && !images[i.Name] {
				t.Errorf("%s lacks image %q", example, i.Name)
			}
		}
		for _, a := range want.AWS.Alarms {
			if !alarms[a.Name] {
				t.Errorf("%s lacks alarm %q", example, a.Name)
			}
		}
		text, err := w.File()
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range want.AWS.LoadBalancers {
			for _, l := range b.Listeners {
				for _, r := range l.Rules {
					if r.ARN != "" && !strings.Contains(string(text), r.ARN) {
						t.Errorf("%s lacks rule %s", example, r.ARN)
					}
				}
			}
		}
		if _, err := sandbox.ReadConfig(bytes.NewReader(text)); err != nil {
			t.Errorf("%s: %v", example, err)
		}
	}
}

// TestPlan reads what terraform show -json says of a plan.
func TestPlan(t *testing.T) {
	w, err := ReadPlan("testdata/plan.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := w.File()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.world.json", text)
}

// What is found by a pattern is an image that the pattern matches, and that behaves as its name says.
func TestPatterns(t *testing.T) {
	for pattern, want := range map[string]string{"shop-1.2*": "shop-1.2", "shop-1.2-broken*": "shop-1.2-broken", "shop-*": "shop-1", "*": "1",
		"shop-*-arm64": "shop-1-arm64", "shop-??": "shop-11", "shop*-x": "shop-x", "shop-1.2-slow-*": "shop-1.2-slow-1", "plain": "plain"} {
		if got := matching(pattern); got != want {
			t.Errorf("%s becomes %s, want %s", pattern, got, want)
		}
		if ok, err := path.Match(pattern, want); !ok || err != nil {
			t.Errorf("%s does not match %s: %v", pattern, want, err)
		}
	}
}

func TestCommandLine(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		prepare        func()
		args           []string
		status         int
		stdout, stderr string
	}{
		{nil, []string{folder}, 1, "", "there are no Terraform files (*.tf) in " + folder},
		{func() { write("main.tf", `resource "elastigroup_deployment" "web" {`) }, []string{folder}, 1, "", "main.tf:1,"},
		{func() {
			write("main.tf", `variable "id" {}
resource "elastigroup_deployment" "web" {
  name          = "web"
  configuration = "{}"
  image_id      = var.id
}`)
		}, []string{"-o", "-", folder}, 0, `"id": "ami-0`, `variable "id" has no value`},
		{nil, []string{"-o", "-", "-var", "id=ami-1", folder}, 0, `"id": "ami-1"`, ""},
		{nil, []string{folder}, 0, "", "sandbox.tftest.hcl: a test to begin with"},
		{nil, []string{"-force", folder}, 0, "", "--speed 60 -- terraform -chdir=" + folder + " test"},
		{nil, []string{folder}, 1, "", "sandbox.json is there already; -force replaces it"},
		{nil, []string{"-force", folder}, 0, "", "1 images"},
		{nil, []string{"-var", "id", folder}, 2, "", "not NAME=VALUE"},
		{nil, []string{"a", "b"}, 2, "", "one directory"},
		{nil, []string{"-plan", filepath.Join(folder, "main.tf")}, 1, "", "is not what terraform show -json PLAN writes"},
		{nil, []string{"-help"}, 0, "", "sandbox init [flags]"},
		{func() { write("provider.tf", `provider "elastigroup" { account = "123" }`) }, []string{"-force", folder}, 1, "", "none of Spot's"},
	} {
		if test.prepare != nil {
			test.prepare()
		}
		var out, errs bytes.Buffer
		if status := Main(test.args, &out, &errs); status != test.status || !strings.Contains(out.String(), test.stdout) || !strings.Contains(errs.String(), test.stderr) {
			t.Errorf("%v: %d\n%s\n%s\nwant %d %s %s", test.args, status, &out, &errs, test.status, test.stdout, test.stderr)
		}
	}
}

// FuzzModule holds that no configuration makes it panic or go on for ever.
func FuzzModule(f *testing.F) {
	shop, err := os.ReadFile("testdata/shop/main.tf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(shop))
	f.Add(`locals { a = local.b, b = local.a }`)
	f.Add(`resource "elastigroup_deployment" "w" { count = 2
 for_each = { a = 1 }
 verify { alarms = [null, 1, "a"] } }`)
	f.Add(`data "elastigroup_ami" "a" { filter { name = "name"
 values = [] } }
 module "m" { source = "." }`)
	f.Fuzz(func(t *testing.T, text string) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := Read(folder, nil)
		if err != nil {
			return
		}
		file, err := w.File()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.ReadConfig(bytes.NewReader(file)); err != nil {
			t.Errorf("%s makes a world that is refused: %v\n%s", text, err, file)
		}
		_ = w.Test()
	})
}
