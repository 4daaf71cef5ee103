package spot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

func TestEveryCallNamesTheAccount(t *testing.T) {
	a := says(sound)
	c := newClient(t, a, 0)
	for name, do := range map[string]func() error{
		"list":     func() error { _, err := c.Groups(background); return err },
		"find":     func() error { _, err := c.Find(background, "x"); return err },
		"document": func() error { _, err := c.Document(background, "sig-1"); return err },
		"tag":      func() error { return c.Tag(background, "sig-1", map[string]string{"a": "b"}) },
		"log":      func() error { _, err := c.Log(background, "sig-1", time.Now(), 1); return err },
		"read":     func() error { return reading(background, c) },
		"resize":   func() error { return resizing(background, c) },
		"delete":   func() error { return deleting(background, c) },
		"create":   func() error { return creating(background, c) },
		"look":     func() error { return looking(background, c) },
	} {
		if err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	methods := map[string]bool{}
	for _, r := range a.asked() {
		methods[r.method+" "+r.path] = true
		if r.account != testAccount || r.token != "Bearer "+testToken || !strings.HasPrefix(r.agent, "tester/1 spotinst-sdk-go/") {
			t.Errorf("%s %s was sent with account %q, token %q, agent %q", r.method, r.path, r.account, r.token, r.agent)
		}
	}
	want := map[string]bool{
		"GET /aws/ec2/group": true, "POST /aws/ec2/group": true, "GET /aws/ec2/group/sig-1": true, "PUT /aws/ec2/group/sig-1": true,
		"DELETE /aws/ec2/group/sig-1": true, "PUT /aws/ec2/group/sig-1/capacity": true, "GET /aws/ec2/group/sig-1/status": true,
		"GET /aws/ec2/group/sig-1/instanceHealthiness": true, "GET /aws/ec2/group/sig-1/logs": true,
	}
	if diff := cmp.Diff(want, methods); diff != "" {
		t.Error(diff)
	}
}

func TestAnIDThatIsNoneIsNeverSent(t *testing.T) {
	a := says(items(group("sig-1", "web", "")))
	c := newClient(t, a, 0)
	for _, id := range []string{"", "/", "..", "sig-1/capacity", "sig-1?x=y", "web", "sig-", "sig-1 "} {
		if err := c.Delete(background, id); err == nil {
			t.Errorf("%q was deleted", id)
		}
		if _, err := c.Group(background, id); err == nil {
			t.Errorf("%q was read", id)
		}
	}
	if n := len(a.asked()); n > 0 {
		t.Errorf("%d calls", n)
	}
}

func TestAGroupAsItIsRead(t *testing.T) {
	journal := rollout.Journal{Deployment: "web", Revision: 7, Release: "r7", Verdict: rollout.Proven, Retain: 3}
	var tags []string
	for key, value := range journal.Tags() {
		tags = append(tags, fmt.Sprintf(`{"tagKey":%q,"tagValue":%q}`, key, value))
	}
	document := `{"id":"sig-1","name":"web__7","createdAt":"2018-08-29T18:09:01.431+0000","updatedAt":"2026-01-01T00:00:00Z",
		"capacity":{"minimum":"1","target":2.0,"maximum":3,"unit":"weight"},
		"compute":{"instanceTypes":{"spot":["a.b"],"weights":[{"instanceType":"a.b","weightedCapacity":2},{"instanceType":"c.d","weightedCapacity":"4"}]},
		"launchSpecification":{"imageId":"ami-1","loadBalancerNames":["old","classic"],"loadBalancersConfig":{"loadBalancers":[
			{"type":"TARGET_GROUP","arn":"arn:tg","name":"tg"},{"type":"CLASSIC","name":"classic"},{"type":"TARGET_GROUP","arn":"arn:tg2"}]},
		"tags":[{"tagKey":"team","tagValue":"x"},` + strings.Join(tags, ",") + `]}}}`
	g, err := newClient(t, says(items(document)), 0).Group(background, "sig-1")
	if err != nil {
		t.Fatal(err)
	}
	want := rollout.Group{
		ID: "sig-1", Name: "web__7", Revision: 7, ImageID: "ami-1", Capacity: rollout.Capacity{Minimum: 1, Target: 2, Maximum: 3},
		TargetGroups: []string{"arn:tg", "arn:tg2"}, LoadBalancers: []string{"classic", "old"},
		Unit: rollout.Unit{Name: "weights", Least: 2, Most: 2, Step: 2}, Weights: map[string]int{"a.b": 2, "c.d": 4}, Tags: journal.Tags(),
	}
	want.Tags["team"] = "x"
	if diff := cmp.Diff(want, g); diff != "" {
		t.Error(diff)
	}
}

func TestRealAnswersAreRead(t *testing.T) {
	for name, want := range map[string]rollout.Group{
		"imported-from-asg-response.json": {ID: "sig-74b2d2cd", Name: "Jeffrey", ImageID: "ami-00d4f478", Capacity: rollout.Capacity{Maximum: 2}},
		"sdk-python-response.json":        {ID: "sig-cf19b662", Name: "TestASG", ImageID: "ami-00d4f478"},
	} {
		groups, err := newClient(t, says(reply(200, string(fixture(t, name)))), 0).Groups(background)
		if err != nil || len(groups) != 1 {
			t.Fatalf("%s: %v %v", name, groups, err)
		}
		want.Tags = map[string]string{
			"Description": "This instance is the part of the Auto Scaling group which was created through ECS Console",
			"Name":        "ECS Instance - EC2ContainerService-omer-ecs-2",
		}
		if diff := cmp.Diff(want, groups[0]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFindTakesTheExactName(t *testing.T) {
	c := newClient(t, says(items(group("sig-1", "web", ""), group("sig-2", "web__1", ""), group("12345", "api", ""), group("sig-3", "web", ""))), 0)
	groups, err := c.Find(background, "web")
	if err != nil || len(groups) != 2 || groups[0].ID != "sig-1" || groups[1].ID != "sig-3" {
		t.Errorf("%v %v", groups, err)
	}
}

func TestFindDoesNotPassOverWhatMayBeIt(t *testing.T) {
	for name, item := range map[string]string{
		"null": `null`, "a number": `7`, "a list": `[]`, "an ID that is none": group("12345", "web", ""), "no ID": `{"name":"web"}`,
		"no name": `{"id":"sig-9","capacity":{},"compute":{}}`, "a name that is none": `{"id":"sig-9","name":["web"]}`, "nothing": `{}`,
	} {
		_, err := newClient(t, says(items(group("sig-1", "web", ""), item)), 0).Find(background, "web")
		if err == nil {
			t.Errorf("%s was passed over", name)
			continue
		}
		contains(t, err.Error(), "looking for group web", "cannot be read")
	}
}

// What cannot be read is in the list all the same, and says what is wrong with it.
func TestEntriesThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		item         string
		id, is, says string
	}{
		"null":               {`null`, "", "", "null"},
		"a string":           {`"sig-9"`, "", "", "a string"},
		"an ID that is none": {group("../../setup/account", "web__1", ""), "", "web__1", `"../../setup/account"`},
		"an ID with a blank": {group("sig-1 ", "web__1", ""), "", "web__1", `"sig-1 "`},
		"a number for an ID": {`{"id":12345,"name":"web__1"}`, "", "web__1", `12345`},
		"no name":            {`{"id":"sig-9"}`, "sig-9", "", "no name"},
		"no capacity":        {`{"id":"sig-9","name":"web__1","compute":{"launchSpecification":{}}}`, "sig-9", "web__1", "no capacity"},
		"half a capacity":    {`{"id":"sig-9","name":"web__1","capacity":{"minimum":1},"compute":{"launchSpecification":{}}}`, "sig-9", "web__1", "no capacity"},
		"a negative one":     {`{"id":"sig-9","name":"web__1","capacity":{"minimum":-1,"target":0,"maximum":0},"compute":{"launchSpecification":{}}}`, "sig-9", "web__1", "no capacity"},
		"no launch spec":     {`{"id":"sig-9","name":"web__1","capacity":{"minimum":0,"target":0,"maximum":0}}`, "sig-9", "web__1", "no launch specification"},
		"tags that are text": {tagged(`"elastigroup:revision=1"`), "sig-9", "web__1", "tags that are a string"},
		"a tag that is text": {tagged(`["elastigroup:revision=1"]`), "sig-9", "web__1", "a tag without a key, which is a string"},
	} {
		t.Run(name, func(t *testing.T) {
			groups, err := newClient(t, says(items(test.item, group("sig-1", "api__1", ""))), 0).Groups(background)
			if err != nil || len(groups) != 2 {
				t.Fatalf("%+v %v", groups, err)
			}
			if g := groups[0]; g.ID != test.id || g.Name != test.is || !strings.Contains(g.Unreadable, test.says) {
				t.Errorf("%+v", g)
			}
			if g := groups[1]; g.ID != "sig-1" || g.Unreadable != "" {
				t.Errorf("%+v", g)
			}
		})
	}
}

func tagged(tags string) string {
	return `{"id":"sig-9","name":"web__1","capacity":{"minimum":0,"target":0,"maximum":0},"compute":{"launchSpecification":{"tags":` + tags + `}}}`
}

func TestAGroupThatIsListedTwiceIsOne(t *testing.T) {
	same, other := group("sig-1", "web__1", ""), group("sig-1", "web__1", `"more":1`)
	for name, test := range map[string]struct {
		items    []string
		readable bool
	}{"alike": {[]string{same, same}, true}, "differently": {[]string{same, other}, false}} {
		groups, err := newClient(t, says(items(test.items...)), 0).Groups(background)
		if err != nil || len(groups) != 1 || (groups[0].Unreadable == "") != test.readable {
			t.Errorf("%s: %+v %v", name, groups, err)
		}
	}
}

func TestCreateSendsTheDocumentAsItStands(t *testing.T) {
	for _, wrapped := range []bool{false, true} {
		answer := group("sig-9", "web__1", "")
		if wrapped { // as the API's specification has it
			answer = `{"group":` + answer + `}`
		}
		a := says(items(answer))
		document := `{"name":"web__1","capacity":{"target":0},"new":{"key":12345678901234567890.10,"<&>":null},"compute":{"launchSpecification":{}}}`
		g, err := newClient(t, a, 0).Create(background, []byte(document))
		if err != nil || g.ID != "sig-9" {
			t.Fatalf("%v %v", g, err)
		}
		var sent struct{ Group json.RawMessage }
		if err := json.Unmarshal([]byte(a.asked()[0].body), &sent); err != nil {
			t.Fatal(err)
		}
		equalJSON(t, string(sent.Group), document)
		contains(t, string(sent.Group), "12345678901234567890.10")
	}
}

func TestResizeSendsAllThreeNumbers(t *testing.T) {
	a := says(items())
	c := newClient(t, a, 0)
	if err := c.Resize(background, "sig-1", rollout.Capacity{Minimum: 0, Target: 2, Maximum: 5}); err != nil {
		t.Fatal(err)
	}
	equalJSON(t, a.asked()[0].body, `{"capacity":{"minimum":0,"target":2,"maximum":5}}`)
	if err := c.Resize(background, "sig-1", rollout.Capacity{Minimum: 3, Target: 2, Maximum: 5}); err == nil || len(a.asked()) != 1 {
		t.Errorf("a capacity out of order was sent: %v", err)
	}
}

func TestTagChangesOnlyItsTags(t *testing.T) {
	a := says(items(`{"id":"sig-1","name":"web","capacity":{"minimum":0,"target":0,"maximum":0},"compute":{"launchSpecification":{"tags":[
		{"tagKey":"team","tagValue":"x","more":[1]},{"tagKey":"a","tagValue":"1","kept":true}]}}}`))
	if err := newClient(t, a, 0).Tag(background, "sig-1", map[string]string{"a": "2", "z": "26", "b": ""}); err != nil {
		t.Fatal(err)
	}
	put := a.asked()[1]
	if put.method != http.MethodPut || put.query["autoApplyTags"] != nil {
		t.Errorf("%+v", put)
	}
	equalJSON(t, put.body, `{"group":{"compute":{"launchSpecification":{"tags":[{"tagKey":"team","tagValue":"x","more":[1]},
		{"tagKey":"a","tagValue":"2","kept":true},{"tagKey":"b","tagValue":""},{"tagKey":"z","tagValue":"26"}]}}}}`)
}

func TestTagsThatAreThereAreNotWritten(t *testing.T) {
	a := says(items(group("sig-1", "web", "")))
	if err := newClient(t, a, 0).Tag(background, "sig-1", map[string]string{"team": "web"}); err != nil || len(a.asked()) != 1 {
		t.Errorf("%v, %d calls", err, len(a.asked()))
	}
}

// keeper stores one group's tags and merges what is put, slowly.
func keeper() *api {
	var mu sync.Mutex
	tags := json.RawMessage(`[{"tagKey":"team","tagValue":"x"}]`)
	return &api{answer: func(r *http.Request, _ int) (*http.Response, error) {
		time.Sleep(time.Second)
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPut {
			var body struct {
				Group struct {
					Compute struct {
						LaunchSpecification struct{ Tags json.RawMessage }
					}
				}
			}
			data, _ := r.GetBody()
			text, _ := io.ReadAll(data)
			if err := json.Unmarshal(text, &body); err != nil {
				return nil, err
			}
			tags = body.Group.Compute.LaunchSpecification.Tags
		}
		return items(`{"id":"sig-1","name":"web","capacity":{"minimum":0,"target":0,"maximum":0},"compute":{"launchSpecification":{"tags":` + string(tags) + `}}}`)(r)
	}}
}

func TestWritersOfTagsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := keeper()
		c, err := New(Config{Token: "t", Account: "a", Transport: rewindable{a}})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				if err := c.Tag(background, "sig-1", map[string]string{fmt.Sprint("key-", i): "v"}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait() // until one of them has its turn
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		if err := c.Tag(ctx, "sig-1", map[string]string{"late": "v"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it waited for its turn beyond its time: %v", err)
		}
		all.Wait()
		g, err := c.Group(background, "sig-1")
		if err != nil || len(g.Tags) < 11 {
			t.Errorf("%d tags are left of 11: %v %v", len(g.Tags), g.Tags, err)
		}
	})
}

// rewindable lets a fake read a body twice.
type rewindable struct{ base http.RoundTripper }

func (w rewindable) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		data, _ := io.ReadAll(r.Body)
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(data))), nil }
		r.Body, _ = r.GetBody()
	}
	return w.base.RoundTrip(r)
}

func TestWithTags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		before := rapid.MapOf(keys, rapid.String()).Draw(t, "before")
		set := rapid.MapOf(keys, rapid.String()).Draw(t, "set")
		list, _ := withTags(nil, before)
		after, changed := withTags(list, set)
		d := Document{group: map[string]any{"compute": map[string]any{"launchSpecification": map[string]any{"tags": after}}}}
		want := map[string]string{}
		differ := false
		for key, value := range before {
			want[key] = value
		}
		for key, value := range set {
			old, there := before[key]
			differ = differ || !there || old != value
			want[key] = value
		}
		if diff := cmp.Diff(want, d.Tags()); diff != "" || differ != changed || len(after) != len(want) {
			t.Fatalf("%s (changed: %t, %d entries)", diff, changed, len(after))
		}
	})
}

func equalJSON(t *testing.T, got, want string) {
	t.Helper()
	a, err1 := decode([]byte(got))
	b, err2 := decode([]byte(want))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Error(diff)
	}
}
