package timeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// read is the timeline of a file that comes in pieces.
func read(pieces ...[]byte) (*timeline.Timeline, *timeline.Lines) {
	var t timeline.Timeline
	l := &timeline.Lines{Take: func(e event.Event) { t.Add(e) }}
	for _, p := range pieces {
		_, _ = l.Write(p)
	}
	l.Flush()
	return &t, l
}

func mustEqual(t *testing.T, got, want *timeline.Timeline) {
	t.Helper()
	if diff := cmp.Diff(want.Rollouts(), got.Rollouts(), cmpopts.IgnoreUnexported(timeline.Step{})); diff != "" {
		t.Fatalf("it is another picture (-want +got):\n%s", diff)
	}
}

func only(t *testing.T, tl *timeline.Timeline) *timeline.Rollout {
	t.Helper()
	if n := len(tl.Rollouts()); n != 1 {
		t.Fatalf("there are %d rollouts", n)
	}
	return tl.Rollouts()[0]
}

// However a file is cut into pieces, and if parts of it come twice, the picture is the same.
func TestPiecesMakeTheSamePicture(t *testing.T) {
	for _, kind := range timelinetest.Kinds() {
		t.Run(kind, func(t *testing.T) {
			file := timelinetest.Lines(t, timelinetest.Events(t, kind))
			whole, lines := read(file)
			if lines.Skipped > 0 || only(t, whole).Running() {
				t.Fatalf("%d lines are no events, and it runs: %v", lines.Skipped, only(t, whole).Running())
			}
			chance := rand.New(rand.NewPCG(16, 16))
			for range 30 {
				var pieces [][]byte
				for rest := file; len(rest) > 0; {
					n := min(1+chance.IntN(700), len(rest))
					pieces, rest = append(pieces, rest[:n]), rest[n:]
				}
				got, _ := read(pieces...)
				mustEqual(t, got, whole)
			}
			twice, _ := read(file, file)
			mustEqual(t, twice, whole)
			var bytewise [][]byte
			for i := range file {
				bytewise = append(bytewise, file[i:i+1])
			}
			got, _ := read(bytewise...)
			mustEqual(t, got, whole)
			unended, _ := read(bytes.TrimSuffix(file, []byte("\n")))
			mustEqual(t, unended, whole)
		})
	}
}

// Each beginning of a rollout is one that runs, whose time is that of its last event, and it goes on to the whole.
func TestABeginningRuns(t *testing.T) {
	for _, kind := range timelinetest.Kinds() {
		events := timelinetest.Events(t, kind)
		var whole, growing timeline.Timeline
		for _, e := range events {
			whole.Add(e)
		}
		for i, e := range events {
			growing.Add(e)
			r := only(t, &growing)
			if last := i == len(events)-1; r.Running() == last || growing.Over() != last || !r.Updated.Equal(e.Time) {
				t.Fatalf("%s: after %d of %d events, at %s, it runs: %v, updated %s", kind, i+1, len(events), e.Time, r.Running(), r.Updated)
			}
		}
		mustEqual(t, &growing, &whole)
	}
}

// Rollouts that write into one file are told apart.
func TestRolloutsInOneFile(t *testing.T) {
	a, b := timelinetest.Events(t, "canary"), timelinetest.Events(t, "bluegreen")
	alone := map[string]*timeline.Rollout{}
	for _, events := range [][]event.Event{a, b} {
		tl, _ := read(timelinetest.Lines(t, events))
		alone[events[0].Deployment] = only(t, tl)
	}
	chance := rand.New(rand.NewPCG(1, 6))
	var mixed []event.Event
	for len(a)+len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && chance.IntN(2) == 0 {
			mixed, a = append(mixed, a[0]), a[1:]
		} else {
			mixed, b = append(mixed, b[0]), b[1:]
		}
	}
	tl, _ := read(timelinetest.Lines(t, mixed))
	if len(tl.Rollouts()) != 2 {
		t.Fatalf("there are %d rollouts", len(tl.Rollouts()))
	}
	for _, r := range tl.Rollouts() {
		if diff := cmp.Diff(alone[r.Deployment], r, cmpopts.IgnoreUnexported(timeline.Step{})); diff != "" {
			t.Errorf("%s is another beside one (-alone +mixed):\n%s", r.Deployment, diff)
		}
	}
}

// What a later schema adds, and what is no event, changes nothing of what is known.
func TestWhatIsNotKnownChangesNothing(t *testing.T) {
	file := timelinetest.Lines(t, timelinetest.Events(t, "failing"))
	plain, _ := read(file)
	var later bytes.Buffer
	for i, line := range bytes.SplitAfter(file, []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var object map[string]any
		if err := json.Unmarshal(line, &object); err != nil {
			t.Fatal(err)
		}
		object["schema"], object["weather"] = 9, map[string]any{"rain": []int{i}}
		if steps, ok := object["plan"].([]any); ok {
			steps[0].(map[string]any)["mood"] = "good"
		}
		text, _ := json.Marshal(object)
		later.Write(append(text, '\n'))
		later.WriteString("\n{\"half\": \nnot JSON at all\n{\"neither\": \"an event\"}\n\xff\xfe\n")
	}
	tl, lines := read(later.Bytes())
	mustEqual(t, tl, plain)
	if lines.Skipped == 0 || lines.First == nil || lines.FirstLine != 3 {
		t.Errorf("%d lines were skipped, the first in line %d: %v", lines.Skipped, lines.FirstLine, lines.First)
	}
	// An event of a kind that is not known is a sentence, and nothing else.
	r := only(t, plain)
	before := len(r.Said)
	e, err := event.Parse([]byte(fmt.Sprintf(`{"schema":2,"time":%q,"deployment":"web","run":%q,"event":"rain","message":"it rains"}`, r.Updated.Format(time.RFC3339), r.Run)))
	if err != nil {
		t.Fatal(err)
	}
	plain.Add(e)
	if len(r.Said) != before+1 || r.Said[before].Text != "it rains" || r.Running() {
		t.Errorf("it says %v", r.Said[before:])
	}
}

// A line without end is dropped, and what follows it is read.
func TestALineWithoutEnd(t *testing.T) {
	file := timelinetest.Lines(t, timelinetest.Events(t, "first"))
	whole, _ := read(file)
	endless := bytes.Repeat([]byte("x"), 1<<20)
	got, lines := read(endless, endless, endless, endless, endless, []byte("\n"), file)
	mustEqual(t, got, whole)
	if lines.Skipped != 1 || !strings.Contains(lines.First.Error(), "longer than 4 MiB") {
		t.Errorf("%d skipped: %v", lines.Skipped, lines.First)
	}
}

// What stands in the picture at the end is what the last event says, which was looked up in the clouds.
func TestThePictureIsWhatStands(t *testing.T) {
	for _, kind := range timelinetest.Kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Log("promise: the picture is what stands")
			mustStand(t, timelinetest.Events(t, kind), func(problem string) { t.Error(problem) })
		})
	}
}

// mustStand compares the picture before the last event with what that says.
func mustStand(t *testing.T, events []event.Event, report func(string)) {
	t.Helper()
	var tl timeline.Timeline
	for _, e := range events[:len(events)-1] {
		tl.Add(e)
	}
	r := only(t, &tl)
	end := events[len(events)-1].Fact.(event.Ended)
	var got, want []string
	for _, g := range r.Groups {
		if !g.Deleted {
			got = append(got, fmt.Sprint(g.Group.Group, g.GroupID, g.Revision, g.Image, g.Minimum, g.Target, g.Maximum))
		}
	}
	for _, g := range end.Groups {
		want = append(want, fmt.Sprint(g.Group, g.GroupID, g.Revision, g.Image, g.Minimum, g.Target, g.Maximum))
	}
	if !slices.Equal(got, want) {
		report(fmt.Sprintf("the picture has %q, and there stand %q", got, want))
	}
	for _, route := range end.Routes {
		if !slices.ContainsFunc(r.Routes, func(is event.Route) bool { return is.ARN == route.ARN && reflect.DeepEqual(is.Weights, route.Weights) }) {
			report(fmt.Sprintf("the picture has %v, and %v stands", r.Routes, route))
		}
	}
	last := map[string]int{}
	for _, p := range r.Capacity {
		last[p.Group] = p.Target
	}
	for _, g := range end.Groups {
		if last[g.Group] != g.Target {
			report(fmt.Sprintf("over time %s ends at %d, and stands at %d", g.Group, last[g.Group], g.Target))
		}
	}
}

// A fold that misses one kind of event is noticed.
func TestThePictureNoticesWhatIsMissing(t *testing.T) {
	t.Log("promise: the picture is what stands")
	for kind, lost := range map[string]func(event.Event) bool{
		"canary": func(e event.Event) bool {
			f, ok := e.Fact.(event.StepDone)
			return ok && f.Step.Step == "resize" && f.PhaseName == "100 %" && f.Group == "web__1"
		},
		"bluegreen": func(e event.Event) bool {
			if e.Kind() == "weights" {
				return true
			}
			f, ok := e.Fact.(event.StepDone)
			return ok && f.Step.Step == "shift"
		},
		"failing": func(e event.Event) bool { f, ok := e.Fact.(event.StepDone); return ok && f.Step.Step == "delete" },
	} {
		events := slices.DeleteFunc(timelinetest.Events(t, kind), lost)
		missed := false
		mustStand(t, events, func(string) { missed = true })
		if !missed {
			t.Errorf("%s: it is not missed", kind)
		}
	}
}

// A canary in a picture: its phases, its steps and what they waited for, and its plan beside what happened.
func TestThePictureOfACanary(t *testing.T) {
	events := timelinetest.Events(t, "failing")
	tl, _ := read(timelinetest.Lines(t, events))
	r := only(t, tl)
	var phases []string
	var sum time.Duration
	for _, p := range r.Phases(r.Updated) {
		phases = append(phases, p.Name+" "+string(p.State))
		sum += p.Took
	}
	if want := []string{"setup done", "25 % done", "50 % failed", "way back done"}; !slices.Equal(phases, want) {
		t.Errorf("its phases are %q, want %q", phases, want)
	}
	if whole := r.Took(r.Updated); sum > whole || sum < whole-time.Minute {
		t.Errorf("its phases took %s in all, and it took %s", sum, whole)
	}
	if r.New().Group.Group != "web__2" || !r.New().Deleted || r.Previous().Group.Group != "web__1" || r.Previous().InService != 4 {
		t.Errorf("new is %+v, previous %+v", r.New(), r.Previous())
	}
	if r.Back == nil || r.Back.Cause != "release" || r.Outcome() != "rolled_back" || r.Alarms[0].State != "ALARM" || r.Bake != nil {
		t.Errorf("it went back: %+v, outcome %s, alarms %v, bake %v", r.Back, r.Outcome(), r.Alarms, r.Bake)
	}
	plan, beside := r.PlanAndFact()
	happened := 0
	for _, p := range plan {
		if p.Happened != nil {
			happened++
		}
	}
	if happened != 8 || len(plan) != 13 || plan[7].Happened.State != timeline.Failed || plan[8].Happened != nil {
		t.Errorf("%d of %d steps of the plan happened: %+v", happened, len(plan), plan)
	}
	if len(beside) == 0 || beside[0].Part != "back" {
		t.Errorf("beside it there were %+v", beside)
	}
	waits := 0
	for _, s := range r.Steps {
		sum := 0.0
		for _, w := range s.Waited {
			sum += w.Took
		}
		if s.Step.Step == "await_healthy" && s.Part == "deploy" {
			if waits++; len(s.Waited) < 2 || sum > s.Took || sum < s.Took/2 || s.Took < 10 {
				t.Errorf("of a wait of %g s it says %v", s.Took, s.Waited)
			}
		}
	}
	if waits != 2 {
		t.Errorf("it waited %d times", waits)
	}
}

// A bake counts down between two events that say what is left, and not below nothing.
func TestABakeCountsDown(t *testing.T) {
	var tl timeline.Timeline
	for _, e := range timelinetest.Events(t, "canary") {
		tl.Add(e)
		r := only(t, &tl)
		if r.Bake == nil || e.Kind() != "bake" {
			continue
		}
		if left := r.BakeLeft(e.Time.Add(10 * time.Second)); left != max(time.Duration(r.Bake.Left*float64(time.Second))-10*time.Second, 0) {
			t.Errorf("10 s after %s there is %s left", e.Message(), left)
		}
		if left := r.BakeLeft(e.Time.Add(time.Hour)); left != 0 {
			t.Errorf("an hour later there is %s left", left)
		}
		if r.Current() == nil || r.Current().Step.Step != "bake" {
			t.Errorf("in a bake the step is %+v", r.Current())
		}
	}
}

// A run that was killed is told by the one that follows; a second apply that is refused does not kill the first.
func TestWhatWasKilled(t *testing.T) {
	events := timelinetest.Events(t, "canary")
	other := slices.Clone(events)
	for i := range other {
		other[i].Run, other[i].Time = "another", other[i].Time.Add(time.Hour)
	}
	var tl timeline.Timeline
	for _, e := range events[:20] {
		tl.Add(e)
	}
	tl.Add(other[0])
	if first := tl.Rollouts()[0]; first.Running() || first.Outcome() != "cut_short" || tl.Latest()[0].Run != "another" || tl.Over() {
		t.Errorf("the first one runs: %v, outcome %q; the latest is %s", first.Running(), first.Outcome(), tl.Latest()[0].Run)
	}
	tl.Add(other[len(other)-1])
	if !tl.Over() {
		t.Error("it is not over")
	}
	tl.Add(events[20])
	if first := tl.Rollouts()[0]; !first.Running() || tl.Latest()[0] != first || tl.Over() {
		t.Errorf("the first one speaks and does not run: %+v", first)
	}
}

// Whoever follows for long keeps the last rollout of some deployments, and everything that runs.
func TestForget(t *testing.T) {
	var tl timeline.Timeline
	at := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	for i := range 100 {
		for _, f := range []event.Fact{event.Begun{}, event.Ended{Outcome: "succeeded"}} {
			tl.Add(event.Event{Time: at.Add(time.Duration(i) * time.Minute), Deployment: fmt.Sprint("web", i%20), Run: fmt.Sprint(i), Fact: f})
		}
	}
	tl.Add(event.Event{Time: at, Deployment: "old", Run: "old", Fact: event.Begun{}})
	tl.Forget(5)
	if got := tl.Rollouts(); len(got) != 6 || !slices.ContainsFunc(got, func(r *timeline.Rollout) bool { return r.Run == "old" }) {
		t.Errorf("%d are kept", len(got))
	}
}
