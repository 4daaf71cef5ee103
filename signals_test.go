//go:build unix

package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// The built binary under the real Terraform, over real sockets and in real time: what a Ctrl-C, a supervisor and a crash do to a canary. All else
// about kills is tested in virtual time, call by call; this shows that signals arrive as they are meant to.

// secrets are what the provider is given, by its block, the environment and the resource, and must not tell.
var secrets = map[string]string{
	"token": "sandbox-token", "secret key": "aws-k3y-s3cr3t", "user data": "export PASSWORD=us3r-data-s3cr3t-of-the-instances",
}

// site is a directory where Terraform runs, and the world that it releases to.
type site struct {
	t      *testing.T
	world  *sandbox.World
	dir    string
	env    []string
	mirror string
}

// builtMirror is a directory that Terraform installs the provider from, as it is now.
func builtMirror(t *testing.T) string {
	t.Helper()
	mirror, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return mirror
}

// built builds it once for all tests.
var built = sync.OnceValues(func() (string, error) {
	mirror, err := os.MkdirTemp("", "mirror")
	if err != nil {
		return "", err
	}
	first := ""
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		binary := filepath.Join(mirror, registry, "elastigroup", "elastigroup", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-elastigroup_v0.1.0")
		if first != "" {
			return mirror, errors.Join(os.MkdirAll(filepath.Dir(binary), 0o755), os.Link(first, binary))
		}
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w\n%s", err, out)
		}
		first = binary
	}
	return mirror, nil
})

func TestMain(m *testing.M) {
	if err := providertest.SideBySide(8); err != nil {
		panic(err)
	}
	code := m.Run()
	if os.Getenv("TF_ACC") != "" {
		if mirror, err := built(); err == nil {
			_ = os.RemoveAll(mirror)
		}
	}
	os.Exit(code)
}

// bareSite is a directory with a group's document, and nothing released.
func bareSite(t *testing.T, mirror string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), mirror: mirror}
	s.env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_CONFIG_FILE="+os.DevNull,
		"TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(s.dir, "terraform.log"))
	s.write("group.json", string(sandbox.ExampleGroup()))
	return s
}

// siteOf is a directory from which Terraform reaches a world, with nothing written in it yet.
func siteOf(t *testing.T, mirror string, world *sandbox.World) *site {
	t.Helper()
	server := httptest.NewServer(world)
	t.Cleanup(server.Close)
	s := bareSite(t, mirror)
	s.world = world
	s.env = append(s.env, "SPOTINST_ACCOUNT=act-sandbox", "SPOTINST_ENDPOINT="+server.URL,
		"AWS_ENDPOINT_URL="+server.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIASANDBOX", "AWS_SECRET_ACCESS_KEY="+secrets["secret key"])
	return s
}

// newSite serves a world in which ami-1 is released with four instances.
func newSite(t *testing.T, mirror string) *site {
	t.Helper()
	world := sandbox.New(sandbox.Config{
		Images: []sandbox.Image{{ID: "ami-1", Name: "web-1"}, {ID: "ami-2", Name: "web-2"}},
		AWS: sandbox.AWSConfig{
			TargetGroups:  []sandbox.TargetGroupConfig{{Name: "web"}},
			LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", Listeners: []sandbox.ListenerConfig{{TargetGroup: "web"}}}},
		},
	}, sandbox.Speed(100))
	s := siteOf(t, mirror, world)
	s.write("main.tf", fmt.Sprintf(`
		terraform {
		  required_providers {
		    elastigroup = { source = "elastigroup/elastigroup" }
		  }
		}
		variable "image" { type = string }
		variable "bake" { default = "3s" }
		provider "elastigroup" {
		  token = %[2]q
		}
		resource "elastigroup_deployment" "web" {
		  name              = "web"
		  user_data         = %[3]q
		  configuration     = file("group.json")
		  image_id          = var.image
		  capacity          = { minimum = 2, target = 4, maximum = 8 }
		  target_group_arns = [%[1]q]
		  canary {
		    phase {
		      percent = 25
		      bake    = var.bake
		    }
		  }
		}`, world.TargetGroups()[0].ARN, secrets["token"], secrets["user data"]))
	s.must("init", "-plugin-dir="+mirror)
	s.must("apply", "-auto-approve", "-var=image=ami-1")
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// transcript is what a command says, which can be read while it still does.
type transcript struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.text.String()
}

// terraform is a command in a process group of its own, as in a terminal.
func (s *site) terraform(output io.Writer, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Getenv("TF_ACC_TERRAFORM_PATH"), append(args, "-no-color")...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.dir, s.env, output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func (s *site) must(args ...string) string {
	s.t.Helper()
	var output bytes.Buffer
	if err := s.terraform(&output, args...).Run(); err != nil {
		s.t.Fatalf("terraform %v: %v\n%s", args, err, &output)
	}
	return output.String()
}

// mustKeepSecrets fails the test if a secret shows in what Terraform has logged of all its runs here, at TRACE. That is what the provider
// wrote (module elastigroup), the framework under it (sdk.framework), the plugin's end of the protocol (sdk.proto) and Terraform's own
// core, which logs names of attributes and no values: so all of it is scanned, whosever line it is.
func (s *site) mustKeepSecrets() {
	s.t.Helper()
	log, err := os.ReadFile(filepath.Join(s.dir, "terraform.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, module := range []string{"elastigroup", "sdk.framework", "sdk.proto"} {
		if !strings.Contains(string(log), "@module="+module+" ") {
			s.t.Errorf("the log has no line of module %s", module)
		}
	}
	for line := range strings.Lines(string(log)) {
		if hidden := leaked(line); hidden != "" {
			s.t.Errorf("the log tells the %s: %s", hidden, line)
		}
	}
}

// leaked is the secret that shows in a text, as it is or, but for its last letters, in base64.
func leaked(text string) string {
	for name, secret := range secrets {
		if strings.Contains(text, secret) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(secret[:len(secret)/3*3]))) {
			return name
		}
	}
	return ""
}

// The scan notices what it is there for, in a line as Terraform writes it.
func TestALeakIsNoticed(t *testing.T) {
	const line = "2026-01-02T03:04:05.678Z [TRACE] provider.terraform-provider-elastigroup_v0.1.0: asked Spot: @module=elastigroup "
	for name, secret := range secrets {
		for _, told := range []string{"token=" + secret, `body="{\"userData\":\"` + base64.StdEncoding.EncodeToString([]byte(secret+"\n")) + `\"}"`} {
			if got := leaked(line + told); got != name {
				t.Errorf("of %s, %q is noticed", told, got)
			}
		}
	}
	if got := leaked(line + "status=200"); got != "" {
		t.Errorf("%s is noticed where it is not", got)
	}
}

// standing is every group of the world: "web__1 4".
func (s *site) standing() string {
	var all []string
	for _, g := range s.world.Groups() {
		all = append(all, g.Name+" "+strconv.Itoa(g.Target))
	}
	return strings.Join(all, ", ")
}

// plugin is the process of the provider that Terraform has started.
func plugin(t *testing.T, parent int) int {
	t.Helper()
	list, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,args=").Output()
	if err != nil {
		t.Skipf("ps: %v", err)
	}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		if len(fields) > 2 && fields[1] == strconv.Itoa(parent) && strings.Contains(fields[2], "terraform-provider-elastigroup") {
			pid, _ := strconv.Atoi(fields[0])
			return pid
		}
	}
	t.Fatalf("process %d has no provider among\n%s", parent, list)
	return 0
}

// state is the state file.
func (s *site) state() string {
	data, err := os.ReadFile(filepath.Join(s.dir, "terraform.tfstate"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

func TestSignals(t *testing.T) {
	if os.Getenv("TF_ACC") == "" || os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		t.Skip("TF_ACC and TF_ACC_TERRAFORM_PATH are not set")
	}
	mirror := builtMirror(t)
	group := func(signal syscall.Signal) func(*testing.T, *exec.Cmd, *transcript) {
		return func(_ *testing.T, cmd *exec.Cmd, _ *transcript) { _ = syscall.Kill(-cmd.Process.Pid, signal) }
	}
	for name, test := range map[string]struct {
		send func(t *testing.T, cmd *exec.Cmd, said *transcript)
		// said is what the interrupted apply says, and status what the next plan says of the state.
		said string
	}{
		"one Ctrl-C": {group(syscall.SIGINT), "The next step is to"},
		"two Ctrl-C": {func(_ *testing.T, cmd *exec.Cmd, said *transcript) {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
			// The second one is a second one when Terraform has taken the first, which it says; it ends soon after by itself.
			for begun := time.Now(); !strings.Contains(said.String(), "Interrupt received") && time.Since(begun) < 10*time.Second; {
				time.Sleep(time.Millisecond)
			}
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		}, ""},
		"SIGTERM to the group": {group(syscall.SIGTERM), "The next step is to"},
		"SIGKILL to the group": {group(syscall.SIGKILL), ""},
		"SIGKILL to the plugin": {func(t *testing.T, cmd *exec.Cmd, _ *transcript) {
			_ = syscall.Kill(plugin(t, cmd.Process.Pid), syscall.SIGKILL)
		}, "plugin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, mirror)
			calm := len(s.world.Timeline())
			state := s.state()
			var output transcript
			// However slow the machine is, the signal comes within this bake.
			cmd := s.terraform(&output, "apply", "-auto-approve", "-var=image=ami-2", "-var=bake=2m")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			// The first phase is reached when web__1 has given up its share; it bakes then.
			for begun := time.Now(); s.standing() != "web__1 3, web__2 1"; time.Sleep(5 * time.Millisecond) {
				if time.Since(begun) > time.Minute {
					t.Fatalf("the canary did not come to its first phase:\n%s\n%s", s.standing(), &output)
				}
			}
			test.send(t, cmd, &output)
			sent := time.Now()
			if err := cmd.Wait(); err == nil {
				t.Fatalf("the apply succeeded:\n%s", &output)
			}
			if name == "two Ctrl-C" && s.state() != state {
				// Terraform writes the state in place, and a second Ctrl-C ends it in the middle of that: "data loss may have occurred", it says.
				// Whoever has lost it takes the last version, as from a versioned bucket.
				s.write("terraform.tfstate", state)
			}
			if took := time.Since(sent); took > 10*time.Second {
				t.Errorf("it went on for %s", took)
			}
			if !strings.Contains(strings.Join(strings.Fields(output.String()), " "), test.said) {
				t.Errorf("%q is not said:\n%s", test.said, &output)
			}
			if got := s.standing(); got != "web__1 3, web__2 1" {
				t.Errorf("it went on after the signal: %s", got)
			}

			plan := s.must("plan", "-var=image=ami-2", "-out=next.plan")
			for _, words := range []string{"The rollout of web was cut short before this plan", `"interrupted" -> "stable"`} {
				if !strings.Contains(plan, words) {
					t.Errorf("the next plan does not say %q:\n%s", words, plan)
				}
			}
			said := s.must("apply", "next.plan")
			if said = strings.ReplaceAll(said, "Warning: User data look as if they held a secret", ""); strings.Contains(said, "Warning:") {
				t.Errorf("the apply of the plan warns of what is over:\n%s", said)
			}
			if got := s.standing(); got != "web__1 0, web__2 4" {
				t.Errorf("the world has %s", got)
			}
			s.must("plan", "-detailed-exitcode", "-var=image=ami-2")
			for _, m := range s.world.Timeline()[max(calm-1, 0):] {
				if n := m.Serving(func(g *sandbox.GroupMoment) bool { return strings.HasPrefix(g.Name, "web__") }); n < 4 {
					t.Fatalf("at %s only %d instances served", m.Time.Format("15:04:05"), n)
				}
			}
			s.mustKeepSecrets()
		})
	}
}
