package spot

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// withoutWaiting waits for nothing: a fuzzer has no time for rate limits.
var withoutWaiting = runner.WithPatience(background, time.Second)

// longestError is how many bytes an error may have, whatever was answered.
const longestError = 3000

// recorded is a file of testdata.
func recorded(name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		panic(err) // there is no test to fail yet
	}
	return data
}

// answersOf are what a fuzzer begins with: what Spot answers, and what it should not.
func answersOf() [][]byte {
	wrapped := func(items ...string) []byte {
		return []byte(`{"request":{"id":"r-1"},"response":{"status":{"code":200,"message":"OK"},"kind":"spotinst:aws:ec2:group","items":[` + strings.Join(items, ",") + `],"count":` + string(rune('0'+len(items))) + `}}`)
	}
	journal := rollout.Journal{Deployment: "web", Revision: 1, Release: "r1", Verdict: rollout.Proven, Retain: 3}.Tags()
	var tags []string
	for key, value := range journal {
		tags = append(tags, `{"tagKey":"`+key+`","tagValue":"`+value+`"}`)
	}
	return [][]byte{
		recorded("imported-from-asg-response.json"), recorded("sdk-python-response.json"), wrapped(), wrapped("null"), wrapped(`"sig-1"`, "7"),
		wrapped(group("sig-1", "web__1", ""), group("sig-2", "web__2", "")), wrapped(group("sig-1", "web__1", ""), group("sig-1", "web__1", "")),
		wrapped(`{"group":` + group("sig-1", "web__1", "") + `}`), wrapped(tagged("[" + strings.Join(tags, ",") + "]")), wrapped(tagged(`["x",null,{"tagKey":5}]`)),
		wrapped(group("../../setup/account", "web__1", ""), group("sig-1 ", "", "")), wrapped(`{"id":"sig-1","name":"web__1","capacity":{"minimum":-1,"target":1e300,"maximum":"9"}}`),
		wrapped(`{"instanceId":"i-1","spotInstanceRequestId":null,"instanceType":"m5.large","status":"fulfilled","healthStatus":"HEALTHY"}`, `{"spotRequestId":"sir-1"}`),
		wrapped(`{"createdAt":"2026-11-23T10:03:00.000Z","severity":"ERROR","message":"three"}`),
		[]byte(`{"request":{"id":"r-1"},"response":{"errors":[{"code":"GROUP_DOESNT_EXIST","message":"x"}]}}`), []byte(`{"response":{"error":"invalid auth","error_id":"NOAUTH"}}`),
		[]byte(`{"response":{"status":{"code":429,"message":"Too Many Requests"},"data":"Rate limit exceeded"}}`), []byte("<html><title>502</title></html>"), []byte("null"), {},
	}
}

// fuzzed is a client whose every call is answered so. It repeats nothing.
func fuzzed(t *testing.T, status int, body []byte) *Client {
	return newClient(t, says(reply(status, string(body))), 0)
}

// statusOf makes an HTTP status of a byte: mostly those that matter.
func statusOf(b byte) int {
	common := []int{200, 400, 404, 500, 401, 403, 429, 502, 503, 201, 204, 301, 410, 418, 504, 409}
	return common[int(b)%len(common)]
}

// wordOnGone fails if an error says that a group is gone, and Spot did not say so.
func wordOnGone(t *testing.T, err error, status int, body []byte) {
	if errors.Is(err, runner.ErrGone) && (status != 400 && status != 404 || !bytes.Contains(unescaped(body), []byte(codeGone))) {
		t.Fatalf("%d %q means gone: %v", status, body, err)
	}
	if err != nil && len(err.Error()) > longestError {
		t.Fatalf("an error of %d bytes", len(err.Error()))
	}
}

// unescaped is JSON written anew, so that its texts read as they are meant.
func unescaped(body []byte) []byte {
	value, err := decode(body)
	if err != nil {
		return body
	}
	return encode(value)
}

func FuzzListOfGroups(f *testing.F) {
	seedsListOfGroups(f)
	f.Fuzz(fuzzListOfGroups)
}

func TestFreshListOfGroups(t *testing.T) {
	fresh.Run(t, 500*time.Millisecond, seedsListOfGroups, fuzzListOfGroups)
}

func seedsListOfGroups(f fresh.Adder) {
	for _, body := range answersOf() {
		f.Add(byte(0), body)
		f.Add(byte(1), body)
	}
}

func fuzzListOfGroups(t *testing.T, status byte, body []byte) {
	groups, err := fuzzed(t, statusOf(status), body).Groups(withoutWaiting)
	wordOnGone(t, err, 0, nil) // a list says of no group that it is gone
	seen := map[string]bool{}
	for _, g := range groups {
		switch {
		case g.ID != "" && seen[g.ID]:
			t.Fatalf("%s is listed twice", g.ID)
		case g.ID != "" && !groupID().MatchString(g.ID):
			t.Fatalf("%q is an ID", g.ID)
		case g.Unreadable == "" && (g.ID == "" || g.Name == "" || g.Capacity.Valid() != nil):
			t.Fatalf("this can be read: %+v", g)
		case len(g.Unreadable) > longestError:
			t.Fatalf("what is wrong is said in %d bytes", len(g.Unreadable))
		}
		seen[g.ID] = true
	}
	found, err := fuzzed(t, statusOf(status), body).Find(withoutWaiting, "web__1")
	wordOnGone(t, err, 0, nil)
	for _, g := range found {
		if g.Name != "web__1" {
			t.Fatalf("%q was found", g.Name)
		}
	}
}

func FuzzGroup(f *testing.F) {
	seedsGroup(f)
	f.Fuzz(fuzzGroup)
}

func TestFreshGroup(t *testing.T) { fresh.Run(t, 500*time.Millisecond, seedsGroup, fuzzGroup) }

func seedsGroup(f fresh.Adder) {
	for _, body := range answersOf() {
		f.Add(byte(0), body)
		f.Add(byte(1), body)
		f.Add(byte(2), body)
	}
}

func fuzzGroup(t *testing.T, status byte, body []byte) {
	c := fuzzed(t, statusOf(status), body)
	g, err := c.Group(withoutWaiting, "sig-1")
	wordOnGone(t, err, statusOf(status), body)
	if err == nil && (g.ID != "sig-1" || g.Name == "" || statusOf(status) != 200) {
		t.Fatalf("sig-1 is %+v", g)
	}
	if document, err := c.Document(withoutWaiting, "sig-1"); err == nil {
		if parsed, err := ParseDocument(document); err == nil && parsed.ID() != "sig-1" {
			t.Fatalf("sig-1 is %s", document)
		}
	}
	wordOnGone(t, c.Tag(withoutWaiting, "sig-1", map[string]string{"elastigroup:verdict": "proven"}), statusOf(status), body)
	wordOnGone(t, c.Resize(withoutWaiting, "sig-1", rollout.Pin(1)), statusOf(status), body)
	if err := c.Delete(withoutWaiting, "sig-1"); err == nil && statusOf(status) != 200 && !bytes.Contains(unescaped(body), []byte(codeGone)) {
		t.Fatalf("%d %q means deleted", statusOf(status), body)
	}
}

func FuzzCreate(f *testing.F) {
	seedsCreate(f)
	f.Fuzz(fuzzCreate)
}

func TestFreshCreate(t *testing.T) { fresh.Run(t, 500*time.Millisecond, seedsCreate, fuzzCreate) }

func seedsCreate(f fresh.Adder) {
	for _, body := range answersOf() {
		f.Add(byte(0), body)
		f.Add(byte(3), body)
	}
}

func fuzzCreate(t *testing.T, status byte, body []byte) {
	g, err := fuzzed(t, statusOf(status), body).Create(withoutWaiting, []byte(group("", "web__1", "")))
	switch known := errors.Is(err, runner.ErrUnanswered); {
	case err == nil && (g.Name != "web__1" || !groupID().MatchString(g.ID) || statusOf(status) != http.StatusOK):
		t.Fatalf("%d %q made %+v", statusOf(status), body, g)
	case err != nil && (statusOf(status) == http.StatusOK || statusOf(status) >= 500) && !known:
		t.Fatalf("%d %q may have taken effect: %v", statusOf(status), body, err)
	case err != nil && errors.Is(err, runner.ErrGone), err != nil && len(err.Error()) > longestError:
		t.Fatalf("%.5000v", err)
	}
}

func FuzzInstances(f *testing.F) {
	seedsInstances(f)
	f.Fuzz(fuzzInstances)
}

func TestFreshInstances(t *testing.T) {
	fresh.Run(t, 500*time.Millisecond, seedsInstances, fuzzInstances)
}

func seedsInstances(f fresh.Adder) {
	for _, body := range answersOf() {
		f.Add(byte(0), body, body)
	}
}

func fuzzInstances(t *testing.T, status byte, statuses, healths []byte) {
	c := newClient(t, byPath(map[string]answers{
		"status": reply(statusOf(status), string(statuses)), "instanceHealthiness": reply(200, string(healths)), "logs": reply(200, string(healths)),
	}), 0)
	instances, err := c.JudgedInstances(withoutWaiting, "sig-1")
	wordOnGone(t, err, statusOf(status), statuses)
	seen := map[string]bool{}
	for _, i := range instances {
		if i.ID != "" && seen[i.ID] || i.ID == "" && i.Request == "" && i.State == "" {
			t.Fatalf("%+v among %+v", i, instances)
		}
		seen[i.ID] = true
	}
	lines, err := c.Log(withoutWaiting, "sig-1", time.Unix(0, 0), 4)
	wordOnGone(t, err, 0, nil)
	for _, line := range lines {
		if len(line) > longestError || len(lines) > 4 {
			t.Fatalf("%d lines, one of %d bytes", len(lines), len(line))
		}
	}
}

func FuzzDocument(f *testing.F) {
	seedsDocument(f)
	f.Fuzz(fuzzDocument)
}

func TestFreshDocument(t *testing.T) { fresh.Run(t, 500*time.Millisecond, seedsDocument, fuzzDocument) }

func seedsDocument(f fresh.Adder) {
	f.Add(recorded("sdk-python-create.json"), "ami-1", "YQ==")
	for _, text := range []string{
		group("sig-1", "web", ""), `{"group":` + group("", "web", "") + `}`, tagged(`["x",null,{"tagKey":5},{"tagKey":"a"}]`), tagged(`"x"`), `{"capacity":7,"compute":"x"}`,
		`{"capacity":{"unit":"weight","minimum":"1","target":2.0,"maximum":3e0},"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{"type":"CLASSIC","name":"a"},7,null]},"loadBalancerNames":["a",7]}}}`,
		`{"capacity":{},"compute":{"availabilityZones":["us-east-1a",{"name":"us-east-1a","subnetId":"a","subnetIds":["b",null]}],"launchSpecification":{"iamRole":{"arn":"x/y","name":null},"userData":"!!"}}}`,
		`{"capacity":{"minimum":12345678901234567890,"target":1e400,"maximum":-0}}`, "\ufeff{}", `{"response":{"items":[]}}`, `[[[[[[]]]]]]`,
	} {
		f.Add([]byte(text), "", "")
	}
}

func fuzzDocument(t *testing.T, data []byte, image, userData string) {
	d, err := ParseDocument(data)
	if err != nil {
		if len(err.Error()) > longestError {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
		return
	}
	arns := []string{"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"}
	o := Overrides{Name: "web__1", ImageIDs: []string{image}, UserDataBase64: &userData, TargetGroups: &arns, Capacity: rollout.Pin(1), Tags: map[string]string{"elastigroup:revision": "1"}}
	for _, problem := range d.Problems() {
		if len(problem.String()) > longestError {
			t.Fatalf("a problem of %d bytes", len(problem.String()))
		}
	}
	if !Same(d, d) {
		t.Fatal("it is not the same as itself")
	}
	d.InstanceTypes()
	d.Healing()
	d.Secrets()
	d.Stateful()
	d.TrafficFlow()
	if exported, err := ParseDocument(d.Export()); err == nil && exported.ID() != "" {
		t.Fatalf("an export with an ID: %s", d.Export())
	}
	built, err := d.Build(o)
	if err != nil {
		return
	}
	if !json.Valid(built) {
		t.Fatalf("it builds %s", built)
	}
	again, err := ParseDocument(built)
	if err != nil || again.Name() != "web__1" || again.ID() != "" {
		t.Fatalf("it builds %s: %v", built, err)
	}
	if d.Fingerprint(o, nil) != again.Fingerprint(o, nil) {
		t.Fatalf("%s and %s are not the same revision", data, built)
	}
	if list, _ := withTags(d.tagList(), map[string]string{"": "x", "a": "b"}); len(list) < len(d.tagList()) {
		t.Fatal("tags are lost")
	}
	if !Covers(again, again) && len(again.Problems()) == 0 {
		t.Fatalf("%s does not cover itself", built)
	}
}
