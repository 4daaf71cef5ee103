package rollout_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

var record = flag.Bool("record", false, "write the recordings in testdata/takeover that are not there yet")

// recording is what a version of the provider left in the clouds, and what it said of it: by its plan for the same deployment, and by
// the one for the next release. Recordings are of an earlier version, and what the clouds had then is never written anew; where a plan gets
// better words, they have them, too.
type recording struct {
	Groups           []recordedGroup
	Routes           []Route `json:",omitempty"`
	Status           Status
	Standing         string   `json:",omitempty"`
	Same, Next       []string // the plans, line by line
	SameDoes, NextDo []string // their steps
}

// recordedGroup is a group by what Spot and the balancers say of it, so that it is read by any version.
type recordedGroup struct {
	ID, Name, Image string
	Revision        int
	Capacity        Capacity
	Instances       int
	TargetGroups    []string `json:",omitempty"`
	Tags            map[string]string
}

// takeover is a point in the life of a deployment where one version of the provider may follow another one.
type takeover struct {
	d    func(release string) Deployment
	make func(s *script, d func(release string) Deployment)
	rest bool
}

// takeovers are points of each strategy, at rest and half way.
func takeovers() map[string]takeover {
	plain := func(s *script) { s.has(6, "r6", usual) }
	keeping := func(r string) Deployment {
		d := blueGreen(r)
		d.BlueGreen.KeepPrevious = true
		return d
	}
	holding := func(d func(string) Deployment) func(string) Deployment {
		return func(r string) Deployment { h := d(r); h.HoldAfter = 1; return h }
	}
	released := func(has func(*script)) func(*script, func(string) Deployment) {
		return func(s *script, d func(string) Deployment) { has(s); s.apply(d("r7"), nil) }
	}
	killed := func(has func(*script), at func(Step) bool) func(*script, func(string) Deployment) {
		return func(s *script, d func(string) Deployment) { has(s); s.apply(d("r7"), at) }
	}
	failed := func(has func(*script), at func(Step) bool) func(*script, func(string) Deployment) {
		return func(s *script, d func(string) Deployment) { has(s); s.fitness["r7"] = 0; s.apply(d("r7"), at) }
	}
	again := func(s *script, d func(string) Deployment) {
		s.staged()
		s.apply(d("r7"), nil)
		s.apply(d("r8"), nil)
		s.apply(d("r7"), func(step Step) bool { return step.Kind == Settle })
	}
	phase := func(n int) func(Step) bool { return func(s Step) bool { return s.Kind == Bake && s.Phase == n } }
	stage := func(s Step) bool { return s.Kind == Shift && s.ARN == stageListener }
	return map[string]takeover{
		"basic-at-rest":            {release, released(plain), true},
		"basic-half-way":           {release, killed(plain, atStep(Resize, 6)), false},
		"basic-failed-at-rest":     {release, failed(plain, nil), false},
		"basic-going-back":         {release, failed(plain, atStep(Delete, 7)), false},
		"first-deployment":         {release, killed(func(*script) {}, atStep(AwaitHealthy, 7)), false},
		"canary-at-rest":           {canary, released(plain), true},
		"canary-half-way":          {canary, killed(plain, phase(2)), false},
		"canary-holding":           {holding(canary), released(plain), false},
		"blue-green-at-rest":       {blueGreen, released((*script).staged), true},
		"blue-green-kept-on-stage": {keeping, released((*script).staged), true},
		"blue-green-half-way":      {blueGreen, killed((*script).staged, stage), false},
		"blue-green-coming-back":   {keeping, again, false},
		"shift-at-rest":            {shifting, released((*script).weighted), true},
		"shift-half-way":           {shifting, killed((*script).weighted, phase(1)), false},
		"shift-holding":            {holding(shifting), released((*script).weighted), false},
	}
}

// A deployment that an earlier version released, or left half way, is taken over: at rest nothing is to be done, and what goes on from
// there goes on as it would have, said in the same words.
func TestDeploymentsOfAnEarlierVersionAreTakenOver(t *testing.T) {
	for name, point := range takeovers() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", "takeover", name+".json")
			if _, err := os.Stat(file); err != nil && *record {
				s := newScript()
				point.make(s, point.d)
				saved := newRecording(s.observe())
				saved.says(point)
				write(t, file, saved)
			}
			was := read(t, file)
			is := recording{Groups: was.Groups, Routes: was.Routes}
			is.says(point)
			if diff := cmp.Diff(was, is); diff != "" {
				t.Errorf("it is taken over otherwise than its own version would have gone on (-was +is):\n%s", diff)
			}
			if plan := is.Same; point.rest && (len(plan) > 0 || len(is.SameDoes) != 1) {
				t.Errorf("at rest something is to be done: %v", is.SameDoes)
			}
			if len(is.NextDo) < 3 {
				t.Errorf("the next release does nothing: %v", is.NextDo)
			}
			for _, g := range was.Groups {
				j, ok := ParseJournal(g.Tags)
				if !ok {
					t.Fatalf("%s: %v", g.Name, CheckTags(g.Tags))
				}
				for key, value := range j.Tags() {
					if was, there := g.Tags[key]; was != value && (there || value != "none") { // it may not have had the tag
						t.Errorf("%s: its tag %s is %q, and would be written as %q", g.Name, key, was, value)
					}
				}
			}
		})
	}
}

// A version that does not read a tag any more is noticed: each of those that are written while a rollout is under way counts in what
// is said of one of the recordings.
func TestTakeoverNoticesTagsThatAreNotRead(t *testing.T) {
	unread := map[string]bool{}
	for name, point := range takeovers() {
		was := read(t, filepath.Join("testdata", "takeover", name+".json"))
		for _, g := range was.Groups {
			for key := range g.Tags {
				if _, known := unread[key]; !known {
					unread[key] = true
				}
				is := recording{Groups: slices.Clone(was.Groups), Routes: was.Routes}
				for i := range is.Groups {
					is.Groups[i].Tags = maps.Clone(is.Groups[i].Tags)
					delete(is.Groups[i].Tags, key)
				}
				is.says(point)
				if is.Groups = was.Groups; !cmp.Equal(was, is) {
					unread[key] = false
				}
			}
		}
	}
	for key, unread := range unread {
		switch strings.TrimPrefix(key, "elastigroup:") {
		case "owner", "alarms-on-at-start", "taken-down-from", "retain": // no recording has one, or more revisions than are retained
		default:
			if unread {
				t.Errorf("without %s all is said as it was", key)
			}
		}
	}
}

// newRecording is of a world.
func newRecording(w World) recording {
	r := recording{Routes: w.Routes}
	for _, g := range w.Groups {
		r.Groups = append(r.Groups, recordedGroup{g.ID, g.Name, g.ImageID, g.Revision, g.Capacity, g.Instances, g.TargetGroups, g.Tags})
	}
	return r
}

// world is what was recorded, with all instances in service.
func (r recording) world() World {
	w := World{Routes: slices.Clone(r.Routes)}
	for _, g := range r.Groups {
		w.Groups = append(w.Groups, Group{ID: g.ID, Name: g.Name, ImageID: g.Image, Revision: g.Revision, Capacity: g.Capacity,
			Instances: g.Instances, InService: g.Instances, Steady: g.Instances, TargetGroups: g.TargetGroups, Tags: maps.Clone(g.Tags)})
	}
	return w
}

// says fills in what this version says of the world.
func (r *recording) says(point takeover) {
	w := r.world()
	simulated := func(d Deployment) Preview {
		w.Failure = failureWritten(nil, d, w)
		return Simulate(d, w)
	}
	same, next := simulated(point.d("r7")), simulated(point.d("r9"))
	r.Status, r.Standing = StatusOf(w), Standing(w)
	r.Same, r.SameDoes = lines(same.Text()), does(same)
	r.Next, r.NextDo = lines(next.Text()), does(next)
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func does(p Preview) []string {
	var all []string
	for _, s := range slices.Concat(p.Steps, p.Later) {
		all = append(all, s.String())
	}
	return all
}

func read(t *testing.T, file string) recording {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t *testing.T, file string, r recording) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
