package watch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// readOnly lets through what reads alone, and fails the test for everything else.
type readOnly struct {
	t     *testing.T
	next  http.RoundTripper
	calls map[string]int
}

var reads = regexp.MustCompile(`^(Describe|Get|List)[A-Z]`)

func (r readOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	call := req.Method + " " + req.URL.Path
	if req.Method != http.MethodGet {
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		action := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
		if m := regexp.MustCompile(`(^|&)Action=(\w+)`).FindSubmatch(body); m != nil {
			action = string(m[2])
		}
		if call = action; !reads.MatchString(action) {
			r.t.Errorf("watching calls %s %s %s", req.Method, req.URL, action)
		}
	}
	r.calls[call]++
	return r.next.RoundTrip(req)
}

// looks is a colleague who watches a world, and what he sees.
func looks(t *testing.T, s *timelinetest.Scene, names ...string) (*clouds, readOnly) {
	t.Helper()
	only := readOnly{t, s.World.Transport(), map[string]int{}}
	elastigroups, err := spot.New(spot.Config{Token: timelinetest.Token, Account: "act-sandbox", Endpoint: "http://spot.test", MaxRetries: 10, Transport: only})
	if err != nil {
		t.Fatal(err)
	}
	balancers, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: timelinetest.SecretKey, MaxRetries: 10, Transport: only})
	if err != nil {
		t.Fatal(err)
	}
	c := &clouds{spot: elastigroups, aws: balancers, alarms: []string{"web-5xx"}, every: lookAgain}
	for _, name := range names {
		c.all = append(c.all, c.deployment(name))
	}
	return c, only
}

// A colleague on another machine sees each rollout from its beginning to its end, with the same groups, capacities and traffic as its own
// events have, and changes nothing.
func TestTheCloudsShowWhatTheEventsShow(t *testing.T) {
	for name, test := range map[string]struct {
		deployment string
		run        func(s *timelinetest.Scene) *runner.Run
		outcome    string
		code       int
		says       []string
	}{
		"a canary": {"web", func(s *timelinetest.Scene) *runner.Run { return s.Canary("ami-2") }, "succeeded", exitWell,
			[]string{"web__2 0 of 1 in service: 1 initial", "web__2 has 1 in service", "web__1 4 (minimum 2, maximum 8) -> 3", "alarms: web-5xx OK"}},
		"one that fails": {"web", func(s *timelinetest.Scene) *runner.Run {
			s.When("begun bake 50 %", s.Trip)
			return s.Canary("ami-2")
		}, "rolled_back", exitFailed, []string{"goes back: ", "9 errors a minute", "web__2 deleted", "alarms: web-5xx ALARM"}},
		"blue/green": {"shop", func(s *timelinetest.Scene) *runner.Run { return s.BlueGreen("ami-2") }, "succeeded", exitWell,
			[]string{"forwards to blue 90 %, green 10 %", "forwards to blue 0 %, green 100 %"}},
		"one that holds": {"web", func(s *timelinetest.Scene) *runner.Run {
			run := s.Canary("ami-2")
			run.Deployment.HoldAfter = 1
			return run
		}, "succeeded", exitWell, []string{"web__2 holds after phase 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			timelinetest.In(t, func(t *testing.T, s *timelinetest.Scene) {
				c, only := looks(t, s, test.deployment)
				run := test.run(s)
				done := make(chan struct{})
				go func() { run.Do(t.Context()); close(done) }()
				time.Sleep(5 * time.Second) // it has begun
				w := start(t, settings{timeout: 2 * time.Hour}, c)
				w.mustEnd(t, test.code)
				<-done
				out := w.out.String()
				for _, words := range test.says {
					if !strings.Contains(out, words) {
						t.Errorf("it does not say %q:\n%s", words, out)
					}
				}
				if calls := fmt.Sprint(only.calls); len(only.calls) < 3 || strings.Contains(calls, "POST") || strings.Contains(calls, "PUT") {
					t.Errorf("it calls %v", only.calls)
				}
			})
		})
	}
}

// After each look the picture from the clouds has the groups, capacities and weights that the events of the run have led to by then.
func TestBothPicturesAreTheSame(t *testing.T) {
	for name, run := range map[string]func(s *timelinetest.Scene) *runner.Run{
		"canary": func(s *timelinetest.Scene) *runner.Run {
			s.When("begun bake 50 %", s.Trip)
			return s.Canary("ami-2")
		},
		"blue/green": func(s *timelinetest.Scene) *runner.Run { return s.BlueGreen("ami-2") },
	} {
		t.Run(name, func(t *testing.T) {
			timelinetest.In(t, func(t *testing.T, s *timelinetest.Scene) {
				r := run(s)
				c, _ := looks(t, s, r.Deployment.Name)
				done := make(chan struct{})
				go func() { r.Do(t.Context()); close(done) }()
				time.Sleep(time.Second)
				var seen timeline.Timeline
				compared, differs := 0, 0
				for range 200 {
					time.Sleep(7 * time.Second)
					facts, note, err := c.look(t.Context(), c.all[0])
					if err != nil || note != "" {
						t.Fatal(note, err)
					}
					for _, f := range facts {
						seen.Add(event.Event{Time: c.all[0].tick(), Deployment: r.Deployment.Name, Run: c.all[0].run, Fact: f})
					}
					var said timeline.Timeline
					for _, e := range s.SoFar() {
						said.Add(e)
					}
					a, b := stand(seen.Latest()[0]), stand(said.Latest()[0])
					if compared++; a != b {
						if differs++; differs > 1 { // a call may have taken effect before its end is said
							t.Fatalf("the clouds show\n%s\nand the events\n%s", a, b)
						}
					} else {
						differs = 0
					}
				}
				<-done
				if o := seen.Latest()[0].Outcome(); o != s.Events[len(s.Events)-1].Fact.(event.Ended).Outcome {
					t.Errorf("the clouds show that it %s", o)
				}
			})
		})
	}
}

// stand is what a picture says stands, as far as both ways know it.
func stand(r *timeline.Rollout) string {
	var b strings.Builder
	for _, g := range r.Groups {
		if !g.Deleted {
			fmt.Fprintf(&b, "%s %s %s %d/%d/%d\n", g.Group.Group, g.GroupID, g.Image, g.Minimum, g.Target, g.Maximum)
		}
	}
	for _, route := range r.Routes {
		fmt.Fprintf(&b, "%s %v\n", route.ARN, route.Weights)
	}
	return b.String()
}

// Where no rollout is under way that is said, and it ends; with -follow it waits for one. A deployment that does not exist is an error.
func TestTheCloudsAtRest(t *testing.T) {
	timelinetest.In(t, func(t *testing.T, s *timelinetest.Scene) {
		c, only := looks(t, s, "web", "shop")
		w := start(t, settings{}, c)
		w.mustEnd(t, exitWell)
		if out := w.out.String(); !strings.Contains(out, "web: no rollout is under way") || !strings.Contains(out, "shop: no rollout is under way") {
			t.Errorf("it says\n%s", out)
		}
		if len(s.World.Changes()) > 0 {
			t.Errorf("it has changed %v", s.World.Changes())
		}
		if len(only.calls) == 0 {
			t.Error("it has asked nobody")
		}
		c, _ = looks(t, s, "web", "nobody")
		w = start(t, settings{}, c)
		w.mustEnd(t, exitError)
		if notes := w.notes.String(); !strings.Contains(notes, `there is no such deployment as "nobody": no group of the Spot account is of that name`) {
			t.Errorf("it notes %q", notes)
		}
		c, _ = looks(t, s, "web")
		c.follow = true
		w = start(t, settings{follow: true}, c)
		w.mustGoOn(t)
		s.Canary("ami-2").Do(t.Context())
		time.Sleep(time.Minute)
		w.stop()
		w.mustEnd(t, exitWell)
		if out := w.out.String(); !strings.Contains(out, "web__2 0 -> 1") && !strings.Contains(out, "web__2 1 -> 2") || !strings.Contains(out, "web: succeeded after") {
			t.Errorf("with -follow it says\n%s", out)
		}
	})
}

// One without AWS credentials sees what Spot says; one whose token is refused is told.
func TestTheCloudsWithLess(t *testing.T) {
	timelinetest.In(t, func(t *testing.T, s *timelinetest.Scene) {
		c, _ := looks(t, s, "web")
		none, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: "x", MaxRetries: -1, Transport: server(func(*http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("no route to host")
		})})
		if err != nil {
			t.Fatal(err)
		}
		c.aws, c.alarms = none, nil
		c.all = []*deployment{c.deployment("web")}
		w := start(t, settings{}, c)
		w.mustEnd(t, exitWell)
		if notes := w.notes.String(); !strings.Contains(notes, `"in service" is Spot's own word`) || !strings.Contains(notes, "no route to host") {
			t.Errorf("it notes %q", notes)
		}
		refused, err := spot.New(spot.Config{Token: "another", Account: "act-sandbox", Endpoint: "http://spot.test", Transport: s.World.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		c.spot = refused
		c.all = []*deployment{c.deployment("web")}
		w = start(t, settings{}, c)
		w.mustEnd(t, exitError)
		if notes := w.notes.String(); !strings.Contains(notes, "watch: Spot cannot be asked: ") || strings.Contains(notes, "another") {
			t.Errorf("it notes %q", notes)
		}
	})
}

// A deployment that was imported has no tags yet: what bears its name is shown.
func TestTheCloudsShowAnImportedDeployment(t *testing.T) {
	d := &deployment{name: "web", adopted: map[string]bool{}}
	imported := rollout.Group{ID: "sig-1", Name: "web__1"}
	if !d.adopts(rollout.World{Unowned: []rollout.Group{imported}}) || !d.adopted["sig-1"] {
		t.Error("it is not shown")
	}
	if d.adopts(rollout.World{Unowned: []rollout.Group{imported}}) {
		t.Error("it is new for ever")
	}
	// Beside groups that are the deployment's, only what a candidate calls its previous revision is.
	d = &deployment{name: "web", adopted: map[string]bool{}}
	candidate := rollout.Group{ID: "sig-2", Name: "web__2", Tags: rollout.Journal{Deployment: "web", Revision: 2, Release: "x", Verdict: rollout.RollingOut, Previous: "sig-1"}.Tags()}
	if !d.adopts(rollout.World{Groups: []rollout.Group{candidate}, Unowned: []rollout.Group{imported, {ID: "sig-9", Name: "web__9"}}}) || d.adopted["sig-9"] {
		t.Errorf("it takes %v", d.adopted)
	}
}

// leavingOut is Spot with a list that leaves out what a test wants it to.
type leavingOut struct {
	next     http.RoundTripper
	leavesTo func() int // how many groups the list has at the most; below 0 is all
}

func (f leavingOut) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := f.next.RoundTrip(req)
	most := f.leavesTo()
	if err != nil || most < 0 || req.Method != http.MethodGet || req.URL.Path != "/aws/ec2/group" {
		return resp, err
	}
	var answer struct {
		Request  json.RawMessage `json:"request"`
		Response struct {
			Items []json.RawMessage `json:"items"`
		} `json:"response"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, err
	}
	resp.Body.Close()
	answer.Response.Items = answer.Response.Items[:min(most, len(answer.Response.Items))]
	text, err := json.Marshal(answer)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	resp.Header.Del("Content-Length")
	return resp, err
}

// A list of Spot's that leaves groups out for a while deletes nothing, ends nothing, and is said.
func TestAListThatLeavesGroupsOut(t *testing.T) {
	for _, most := range []int{0, 1} {
		timelinetest.In(t, func(t *testing.T, s *timelinetest.Scene) {
			c, _ := looks(t, s, "web")
			began, short := time.Now(), false
			elastigroups, err := spot.New(spot.Config{Token: timelinetest.Token, Account: "act-sandbox", Endpoint: "http://spot.test", MaxRetries: 10, Transport: leavingOut{s.World.Transport(), func() int {
				if after := time.Since(began); short && after > 3*time.Minute && after < 5*time.Minute {
					return most
				}
				return -1
			}}})
			if err != nil {
				t.Fatal(err)
			}
			short = true
			c.spot = elastigroups
			c.all = []*deployment{c.deployment("web")}
			done := make(chan struct{})
			go func() { s.Canary("ami-2").Do(t.Context()); close(done) }()
			time.Sleep(5 * time.Second)
			w := start(t, settings{}, c)
			w.mustEnd(t, exitWell)
			<-done
			if out := w.out.String(); strings.Contains(out, "deleted") || strings.Contains(out, "rolled back") || !strings.Contains(out, "web: succeeded after") {
				t.Errorf("with a list of %d it says\n%s", most, out)
			}
			if notes := w.notes.String(); !strings.Contains(notes, "Spot's list leaves out web__") {
				t.Errorf("with a list of %d it notes\n%s", most, notes)
			}
		})
	}
}

// With -wait it is there before a rollout begins, and before the deployment does, and ends with the rollout.
func TestWaitingForARollout(t *testing.T) {
	for name, test := range map[string]struct {
		deployment string
		run        func(s *timelinetest.Scene) *runner.Run
		code       int
		says       string
	}{
		"a release":      {"web", func(s *timelinetest.Scene) *runner.Run { return s.Canary("ami-2") }, exitWell, "web: succeeded after"},
		"one that fails": {"web", func(s *timelinetest.Scene) *runner.Run { return s.Run("web", "ami-bad", timelinetest.WebARN) }, exitFailed, "web: rolled back after"},
		"a first deployment": {"fresh", func(s *timelinetest.Scene) *runner.Run {
			run := s.Run("fresh", "ami-2", timelinetest.WebARN)
			run.Deployment.Capacity = &rollout.Capacity{Minimum: 1, Target: 2, Maximum: 3}
			return run
		}, exitWell, "fresh: succeeded after"},
	} {
		t.Run(name, func(t *testing.T) {
			timelinetest.In(t, func(t *testing.T, s *timelinetest.Scene) {
				c, _ := looks(t, s, test.deployment)
				c.follow = true
				w := start(t, settings{wait: true}, c)
				w.mustGoOn(t)
				test.run(s).Do(t.Context())
				w.mustEnd(t, test.code)
				if out := w.out.String(); !strings.Contains(out, test.says) {
					t.Errorf("it says\n%s", out)
				}
				if notes := w.notes.String(); test.deployment == "fresh" && !strings.Contains(notes, `there is no such deployment as "fresh"`) {
					t.Errorf("it waits without a word:\n%s", notes)
				}
			})
		})
	}
	for _, args := range [][]string{{"-wait", "-follow", "web"}, {"-every", "10ms", "web"}} {
		if code := Main(args, nil, io.Discard, io.Discard, "test"); code != exitUsage {
			t.Errorf("%q ends with %d", args, code)
		}
	}
}

// With -wait a file of rollouts that are over is not the end.
func TestWaitingInAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "rollout.jsonl")
		appendTo(t, file, timelinetest.Lines(t, timelinetest.Recorded(t, "canary")))
		w := start(t, settings{wait: true}, followed{file})
		w.mustGoOn(t)
		appendTo(t, file, bytes.ReplaceAll(timelinetest.Lines(t, timelinetest.Recorded(t, "failing")), []byte(`"run":"000000000001"`), []byte(`"run":"000000000002"`)))
		w.mustEnd(t, exitFailed)
	})
}
