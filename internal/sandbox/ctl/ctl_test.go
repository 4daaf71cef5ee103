package ctl

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// world serves a world with a group that has instances, a task and a policy.
func world(t *testing.T) (*sandbox.World, string) {
	t.Helper()
	c := sandbox.Default()
	c.Groups = append(c.Groups, []byte(`{"group": {"name": "web__1", "capacity": {"minimum": 2, "target": 3, "maximum": 8, "unit": "instance"},
		"compute": {"product": "Linux/UNIX", "instanceTypes": {"ondemand": "m5.large", "spot": ["m5.large"]},
			"availabilityZones": [{"name": "us-east-1a", "subnetIds": ["subnet-1"]}],
			"launchSpecification": {"imageId": "ami-0a10000000000001"}},
		"scheduling": {"tasks": [{"taskType": "scaleUp", "isEnabled": true, "cronExpression": "0 0 1 1 *", "adjustment": 1}]},
		"scaling": {"up": [{"policyName": "busy", "metricName": "CPUUtilization", "namespace": "AWS/EC2", "statistic": "average", "unit": "percent",
			"threshold": 80, "adjustment": 1, "period": 60, "evaluationPeriods": 1, "cooldown": 300, "operator": "gte", "isEnabled": true}]}}}`),
		[]byte(`{"group": {"name": "other", "capacity": {"minimum": 0, "target": 0, "maximum": 0}}}`))
	w := sandbox.New(c)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return w, server.URL
}

func run(t *testing.T, url string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = Main(append([]string{"-address", url}, args...), &out, &errs)
	return status, out.String(), errs.String()
}

// TestEveryCommand runs the example of each, one after the other, and the sandbox takes it. Each call of the control API has a command.
func TestEveryCommand(t *testing.T) {
	w, url := world(t)
	file := filepath.Join(t.TempDir(), "other.json")
	if err := os.WriteFile(file, []byte(`{"group": {"name": "third", "capacity": {"minimum": 0, "target": 0, "maximum": 0}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	listener := ""
	for _, m := range w.Timeline() {
		for _, r := range m.Routes {
			if len(r.Weights) > 0 && strings.Contains(r.Weights[0].TargetGroup, "web-blue") {
				listener = r.ARN
			}
		}
	}
	reached := map[string]bool{}
	for _, c := range Commands {
		args := append([]string{c.Name}, strings.Fields(c.Example)...)
		for n := range args {
			switch args[n] {
			case "LISTENER":
				args[n] = listener
			case "other.json":
				args[n] = file
			}
		}
		if c.Name == "task" || c.Name == "policy" { // a deployment of Spot's own is under way by then, or not
			w.SetCapacity("web__1", 2, 3, 8)
		}
		if status, out, errs := run(t, url, args...); status != 0 {
			t.Errorf("%s: %d\n%s%s", strings.Join(args, " "), status, out, errs)
		}
		if c.Name == "fail" || c.Name == "throttle" || c.Name == "fault" {
			w.ClearFaults()
		}
		reached[c.Control] = true
		if len(c.Does) == 0 || strings.HasSuffix(c.Does, ".") {
			t.Errorf("%s is described by %q", c.Name, c.Does)
		}
	}
	for _, control := range sandbox.Controls() {
		if !reached[control] {
			t.Errorf("no command calls %q", control)
		}
	}
}

// TestCommandsHaveTheirEffect asks the world what has become of it.
func TestCommandsHaveTheirEffect(t *testing.T) {
	w, url := world(t)
	before := w.Groups()[0].Instances
	for _, args := range [][]string{{"alarm", "web-5xx", "alarm", "9", "errors"}, {"image", "ami-0a10000000000002", "never"}, {"kill", "web__1"}, {"market", "spot", "off"},
		{"capacity", "web__1", "1", "2", "9"}} {
		if status, _, errs := run(t, url, args...); status != 0 {
			t.Fatalf("%v: %s", args, errs)
		}
	}
	_, out, _ := run(t, url, "show")
	for _, want := range []string{"ALARM", "9 errors", "never"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	g := w.Groups()[0]
	if g.Minimum != 1 || g.Target != 2 || g.Maximum != 9 {
		t.Errorf("%+v", g)
	}
	_, out, _ = run(t, url, "instances", "web__1")
	gone := 0
	for _, i := range before {
		if !strings.Contains(out, i.ID) {
			gone++
		}
	}
	if gone != 1 {
		t.Errorf("%d instances are gone:\n%s", gone, out)
	}
}

func TestWhatIsNotUnderstood(t *testing.T) {
	_, url := world(t)
	for _, test := range []struct {
		args   string
		status int
		says   string
	}{
		{"alrm web-5xx ALARM", 2, `there is no "alrm"; did you mean "alarm"?`},
		{"alarm web-5xx", 2, "alarm takes NAME OK|ALARM|INSUFFICIENT_DATA [REASON]\nUsage: sandbox ctl alarm NAME"},
		{"alarm web-5x ALARM", 1, `there is no alarm "web-5x"; did you mean "web-5xx"?`},
		{"alarm web-5xx ALRAM", 1, `"ALRAM" is not one of OK, ALARM, INSUFFICIENT_DATA; did you mean "ALARM"?`},
		{"kill wbe__1", 2, `there is no group "wbe__1"; did you mean "web__1"?`},
		{"kill other", 2, `group "other" has no instances that stay`},
		{"kill i-0", 1, `there is no instance "i-0"`},
		{"instances wbe__1", 1, `there is no group "wbe__1"; did you mean "web__1"?`},
		{"image ami-0a10000000000002 nevr", 1, `"nevr" is not one of healthy, slow, never`},
		{"throttle 2", 2, `"2" is no fraction from 0 to 1`},
		{"fail 0", 2, "heal ends it"},
		{"capacity web__1 1 x 3", 2, `"x" is no whole number`},
		{"weights arn:1 web-blue", 2, `"web-blue" is not TARGETGROUP=WEIGHT`},
		{"market spot maybe", 2, `"maybe" is neither on nor off`},
		{"propagation 5", 1, "5"},
		{"edit web__1 {", 2, `"{" is no JSON`},
		{"show me", 2, "show takes no arguments"},
		{"-h", 0, "alarm NAME"},
		{"", 2, "Usage"},
	} {
		if status, _, errs := run(t, url, strings.Fields(test.args)...); status != test.status || !strings.Contains(errs, test.says) {
			t.Errorf("%s: %d, %s; want %d, %s", test.args, status, errs, test.status, test.says)
		}
	}
}

// TestWhere keeps the calls away from what may be the real Spot.
func TestWhere(t *testing.T) {
	for _, test := range []struct{ said, environment, want, err string }{
		{"", "", standard, ""},
		{"", "http://127.0.0.1:9/", "http://127.0.0.1:9", ""},
		{"", "https://api.spotinst.io", "", "no address of a sandbox"},
		{"", "http://spot.test", "", "not on this machine"},
		{"http://spot.test", "", "http://spot.test", ""},
		{"nonsense", "", "", "no address of a sandbox"},
	} {
		t.Setenv("SPOTINST_ENDPOINT", test.environment)
		got, err := where(test.said)
		if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%q, %q: %q, %v", test.said, test.environment, got, err)
		}
	}
	var errs bytes.Buffer
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if status := Main([]string{"-address", server.URL, "show"}, &errs, &errs); status != 1 || !strings.Contains(errs.String(), "start one by terraform-provider-elastigroup sandbox") {
		t.Errorf("%d, %s", status, &errs)
	}
}
