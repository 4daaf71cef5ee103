package virtual

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// started is a process of this binary that serves a world, and the environment that leads Terraform to it.
type started struct {
	environment []string
	log         *bytes.Buffer
	url         string
}

// start serves the world of a file until the test is over.
func start(t *testing.T, file string) *started {
	t.Helper()
	s := &started{log: &bytes.Buffer{}}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestServe$")
	c.Env = append(os.Environ(), "VIRTUAL_WORLD="+file, "TF_LOG_PROVIDER=INFO")
	c.Stderr = s.log
	hold, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = hold.Close() // it ends then
		_ = c.Wait()
	})
	s.environment = append(os.Environ(), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=-no-color", "TF_LOG=", "TF_LOG_PROVIDER=")
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			continue
		}
		value = strings.Trim(value, "'")
		s.environment = append(s.environment, name+"="+value)
		if name == "SPOTINST_ENDPOINT" {
			s.url = value
		}
		if name == "TF_REATTACH_PROVIDERS" {
			return s
		}
	}
	t.Fatalf("it does not serve: %s", s.log)
	return nil
}

// terraform runs Terraform in a folder and returns what it says, and whether it succeeded.
func (s *started) terraform(t *testing.T, folder string, args ...string) (said string, ok bool) {
	t.Helper()
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		path = "terraform"
	}
	c := exec.CommandContext(t.Context(), path, args...)
	c.Dir, c.Env = folder, s.environment
	out, err := c.CombinedOutput()
	return string(out), err == nil
}

// example is a copy of an example, to which a real Terraform may be let.
func example(t *testing.T, name string) (folder string) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: it needs Terraform")
	}
	folder = t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("../../examples", name))); err != nil {
		t.Fatal(err)
	}
	required := "terraform {\n  required_providers {\n    elastigroup = { source = \"elastigroup/elastigroup\" }\n  }\n}\n"
	if err := os.WriteFile(filepath.Join(folder, "required.tf"), []byte(required), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestExamplesTakeBackWhatIsWorse has the examples of verification release what is good, as their own tests do, and then what is worse: a test of
// Terraform's own language cannot say that an apply is to fail.
func TestExamplesTakeBackWhatIsWorse(t *testing.T) {
	const listener = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/"
	for name, test := range map[string]struct {
		variables map[string]string
		says      []string
	}{
		"verification-stage": {map[string]string{"production_listener_arn": listener + "f2f7dc8efc522ab2", "stage_listener_arn": listener + "0467ef3c8400ae65",
			"production_url": "https://sandbox.example.com/app/web:443", "stage_url": "https://sandbox.example.com/app/web:8443"}, []string{"rolled back", "check ", "production traffic"}},
		"verification-compare":    {map[string]string{"listener_arn": listener + "f2f7dc8efc522ab2"}, []string{"rolled back", "errors 3.", "limit 1.5 times", "10 %"}},
		"verification-prometheus": {map[string]string{"prometheus_url": "https://sandbox.example.com/prometheus"}, []string{"rolled back", "errors", "limit below 0.01"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := example(t, name)
			s := start(t, filepath.Join(folder, "sandbox.json"))
			apply := func(release string) (said string, ok bool) {
				arguments := []string{"apply", "-auto-approve", "-var", "release=" + release}
				for variable, value := range test.variables {
					arguments = append(arguments, "-var", variable+"="+value)
				}
				return s.terraform(t, folder, arguments...)
			}
			if said, ok := apply("2026.11.1"); !ok {
				t.Fatal(said)
			}
			said, ok := apply("2026.11.3")
			if ok {
				t.Fatalf("what is worse was taken for good:\n%s", said)
			}
			said = strings.Join(strings.Fields(said), " ") // Terraform has broken its lines
			for _, words := range test.says {
				if !strings.Contains(said, words) {
					t.Errorf("it does not say %q:\n%s", words, said)
				}
			}
			if said, ok := apply("2026.11.2"); !ok {
				t.Errorf("what is good is not released after it:\n%s", said)
			}
		})
	}
}

// TestTerraformDoesNotWait has a real Terraform release twice, with bakes of 15 minutes, and looks at the sandbox: it is done within seconds, and the
// world is older by an hour and more.
func TestTerraformDoesNotWait(t *testing.T) {
	folder := example(t, "blue-green-weights")
	s := start(t, filepath.Join(folder, "sandbox.json"))
	begun := time.Now()
	arguments := []string{"-auto-approve", "-var", "bake=15m",
		"-var", "listener_arn=arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"}
	for _, release := range []string{"2026.11.1", "2026.11.2"} {
		if said, ok := s.terraform(t, folder, append([]string{"apply", "-var", "release=" + release}, arguments...)...); !ok {
			t.Fatal(said)
		}
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("an hour and more took %v", took)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/sandbox/", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "The sandbox at 2026-11-27 1") || !strings.Contains(text.String(), "web__2") {
		t.Errorf("%s", text.String())
	}
	if !strings.Contains(s.log.String(), `"@timestamp":"2026-11-27T1`) {
		t.Error("the provider's log does not go by the time that has passed")
	}
}
