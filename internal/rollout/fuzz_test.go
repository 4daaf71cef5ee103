package rollout_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// What a fuzzer writes is text that a person reads, too: a group a paragraph, and a tag a line, "verdict: proven", without the part of its
// key that they have in common. The corpus in testdata/fuzz is such text.

// fuzzedTags reads lines of tags.
func fuzzedTags(text string) map[string]string {
	tags := map[string]string{}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		tags["elastigroup:"+key] = value
	}
	return tags
}

// tagLines writes tags as fuzzedTags reads them.
func tagLines(all ...map[string]string) string {
	var b strings.Builder
	for _, tags := range all {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			fmt.Fprintf(&b, "%s: %s\n", strings.TrimPrefix(key, "elastigroup:"), tags[key])
		}
	}
	return b.String()
}

// journalSeeds are journals and memories such as rollouts write, and such as somebody has edited.
func journalSeeds() []string {
	was := Route{RoutePair: RoutePair{ProductionARN: fuzzedListener, StageARN: fuzzedStage}, Production: fuzzedForward(100), Stage: fuzzedForward(0)}
	whole := Journal{
		Deployment: "web", Revision: 7, Release: "r7", Order: 9, Verdict: RollingOut, Previous: "sig-1", PreviousCapacity: Capacity{Minimum: 2, Target: 4, Maximum: 8},
		Passed: 2, Holding: true, HoldingWith: &Sizes{Candidate: 1, Live: 3}, Routes: []Route{was}, Retain: 3, KeepsPrevious: true, Owner: "terraform-1a2b",
		AlarmsOn: AlarmsOnAtStart(time.Unix(1_795_000_000, 0), []string{"web-5xx"}), Failure: "2 of 4 unhealthy",
	}
	back := whole
	back.Verdict, back.Before = Reverting, &Earlier{Capacity: Pin(2), Order: 3, Retain: 3, Previous: "sig-1", PreviousCapacity: Pin(4)}
	memory := Memory{Failed: []string{"r6/1b2c", "r5"}, Last: "web__6 (ami-6): Target.Timeout", TakenDown: &Capacity{Minimum: 2, Target: 4, Maximum: 8}}
	seeds := []string{
		tagLines(Journal{Deployment: "web", Revision: 1, Verdict: Proven}.Tags()), tagLines(whole.Tags()), tagLines(back.Tags()), tagLines(whole.Tags(), memory.Tags()),
		"failed-last: none\n", "revision: 7\nverdict: proven\n",
	}
	for key, value := range map[string]string{
		"revision": "9223372036854775807", "retain": "-1", "routes": "16", "release-number": "-1", "phases": "2 passed - holding with -1 beside 3",
		"previous-capacity": "minimum=0 target=0 maximum=2147483648", "before-return": "release-number=0 retain=-5 minimum=0 target=0 maximum=0",
		"alarms-on-at-start": "0000-00-00T00:00:00.000Z a", "failure": "\u202e\x00,;", "owner": strings.Repeat("o", 600), "route-1-was": "production a=1000",
		"taken-down-from": "minimum=3 target=2 maximum=1", "failed-releases": strings.Repeat("r ", 30),
	} {
		tags := whole.Tags()
		tags["elastigroup:"+key] = value
		seeds = append(seeds, tagLines(tags, map[string]string{"elastigroup:" + key: value}))
	}
	return seeds
}

// FuzzTags has tags that anybody may have edited: what is read of them is within bounds and is written back the same, and what makes no
// sense is named.
func FuzzTags(f *testing.F) {
	seedsTags(f)
	f.Fuzz(fuzzTags)
}

func TestFreshTags(t *testing.T) { fresh.Run(t, time.Second, seedsTags, fuzzTags) }

func seedsTags(f fresh.Adder) {
	for _, seed := range journalSeeds() {
		f.Add(seed)
	}
}

func fuzzTags(t *testing.T, text string) {
	tags := fuzzedTags(text)
	bad := CheckTags(tags)
	if bad != nil {
		value := tags[bad.Key]
		if said := bad.Error(); !strings.Contains(said, bad.Key) || !strings.Contains(said, strconv.Quote(QuoteUpTo(value, 80))) || bad.Wants == "" || len(said) > 700 {
			t.Fatalf("%q is said to be: %v", tags, bad)
		}
	}
	g := Group{Name: "web__7", Revision: 7, Tags: tags}
	m := g.Memory()
	if bad == nil {
		if diff := cmp.Diff(readAgain(m), Group{Tags: readAgain(m).Tags()}.Memory()); diff != "" {
			t.Fatalf("%q is written back as another memory: %s", tags, diff)
		}
	}
	j, ok := ParseJournal(tags)
	if !ok {
		if bad == nil && tags["elastigroup:deployment"] != "" {
			t.Fatalf("%q cannot be read, and nothing is wrong with them", tags)
		}
		return
	}
	if wrong := beyond(j); wrong != "" {
		t.Fatalf("%q is read as %+v: %s", tags, j, wrong)
	}
	j.Failure = Journal{Failure: j.Failure}.Tags()["elastigroup:failure"] // what is said is made fit for a tag
	if j.Failure == "none" {
		j.Failure = ""
	}
	got, ok := ParseJournal(j.Tags())
	if diff := cmp.Diff(j, got); !ok || diff != "" {
		t.Fatalf("%q is written back as another journal: %v %s", tags, ok, diff)
	}
}

// readAgain is a memory as the tags keep it: with as much as fits.
func readAgain(m Memory) Memory { return Group{Tags: m.Tags()}.Memory() }

// beyond says which number of a journal is out of its range.
func beyond(j Journal) string {
	capacities := []Capacity{j.PreviousCapacity}
	if j.Before != nil {
		capacities = append(capacities, j.Before.Capacity, j.Before.PreviousCapacity)
	}
	for _, c := range capacities {
		if c.Valid() != nil || c.Maximum > 1<<31-1 {
			return fmt.Sprintf("a capacity of %s", c)
		}
	}
	for _, r := range j.Routes {
		for _, s := range slices.Concat(r.Production, r.Stage) {
			if s.Weight < 0 || s.Weight > 999 || s.TargetGroup == "" {
				return fmt.Sprintf("%+v", s)
			}
		}
		if r.ProductionARN == "" || len(r.Production) == 0 || (r.StageARN == "") != (len(r.Stage) == 0) {
			return fmt.Sprintf("%+v", r)
		}
	}
	switch {
	case j.Revision < 1 || j.Revision > MostRevision:
		return "the revision"
	case j.Order < 0 || j.Order > MostRevision || j.Order != 0 && j.Order <= j.Revision:
		return "the release's number"
	case j.Retain < 0 || j.Retain > MostRetain:
		return "what is retained"
	case j.Passed < 0 || j.Passed > 1000 || j.HoldingWith != nil && (!j.Holding || min(j.HoldingWith.Candidate, j.HoldingWith.Live) < 0):
		return "the phases"
	case len(j.Routes) > 16:
		return "the routes"
	case j.Before != nil && (j.Before.Order < 0 || j.Before.Order > MostRevision || j.Before.Retain < 0 || j.Before.Retain > MostRetain):
		return "what it was before"
	}
	return ""
}

// The listeners of a fuzzed world, and where they may forward.
const (
	fuzzedListener = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
	fuzzedStage    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/0467ef3c8400ae65"
	fuzzedBlue     = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/73e2d6bc24d8a067"
	fuzzedGreen    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/green/1f0c44d8a0673e2d"
)

// fuzzedForward forwards so many percent to blue, and the rest to green.
func fuzzedForward(blue int) Forward {
	return Forward{{TargetGroup: fuzzedBlue, Weight: blue}, {TargetGroup: fuzzedGreen, Weight: 100 - blue}}
}

// fuzzedWorld reads paragraphs of groups: "web__7 2/4/8 4" is its name, what it is set to, and how many instances there are, all of them in
// service; its tags follow. What cannot be read is 0. It has those groups that a run would have: not those whose tags it refuses, unless
// everything goes, nor those whose name is another revision's.
func fuzzedWorld(text string, blue int, gone bool) World {
	w := World{}
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i == 9 {
			break
		}
		head, rest, _ := strings.Cut(paragraph, "\n")
		fields := append(strings.Fields(head), "", "", "")
		if len(fields[0]) > 300 {
			continue // nobody has such a name, and Spot's client takes none of a thousand bytes
		}
		g := Group{ID: fmt.Sprintf("sig-%d", i+1), Name: fields[0], ImageID: "ami-1", Tags: fuzzedTags(rest), TargetGroups: []string{[]string{fuzzedBlue, fuzzedGreen}[i%2]}}
		g.Revision, _ = RevisionOf("web", g.Name)
		sizes := append(strings.Split(fields[1], "/"), "", "", "")
		for n, at := range []*int{&g.Capacity.Minimum, &g.Capacity.Target, &g.Capacity.Maximum} {
			*at, _ = strconv.Atoi(sizes[n])
			*at = min(*at, 1_000_000)
		}
		g.Capacity = g.Capacity.InOrder()
		g.Instances, _ = strconv.Atoi(fields[2])
		g.Instances = min(max(g.Instances, 0), 1_000_000)
		g.InService, g.Steady = g.Instances, g.Instances
		j, ok := g.Journal()
		if !gone && (CheckTags(g.Tags) != nil || ok && (j.Deployment != "web" || g.Name != Name("web", j.Revision))) {
			continue
		}
		w.Groups = append(w.Groups, g)
	}
	pairs := []RoutePair{{ProductionARN: fuzzedListener, StageARN: fuzzedStage}}
	for _, g := range w.Groups {
		j, _ := g.Journal()
		for _, r := range j.Routes {
			if !slices.Contains(pairs, r.RoutePair) && len(pairs) < 4 {
				pairs = append(pairs, r.RoutePair)
			}
		}
	}
	for _, pair := range pairs {
		r := Route{RoutePair: pair, Production: fuzzedForward(blue)}
		if pair.StageARN != "" {
			r.Stage = fuzzedForward(100 - blue)
		}
		w.Routes = append(w.Routes, r)
	}
	return w
}

// fuzzedDeployment is the deployment web as somebody may want it. Each bit of the shape is something that may be written or not.
func fuzzedDeployment(release string, shape uint16, target, retain uint8) Deployment {
	has := func(bit int) bool { return shape&(1<<bit) != 0 }
	d := Deployment{Name: "web", Release: release, Trial: "t", ImageID: "ami-2", TargetGroups: []string{fuzzedBlue}, Retain: int(retain) % 6, OnFailure: Rollback,
		HealthyPercent: 100, OwnCapacity: Pin(int(target) % 5), Gone: has(0), Running: has(1)}
	if has(2) {
		d.Capacity = &Capacity{Minimum: int(target) / 2, Target: int(target), Maximum: 2 * int(target)}
		d.Given = &Capacity{Minimum: 1, Target: 2, Maximum: 4}
	}
	if has(3) {
		d.OnFailure, d.ResizeOrder = Hold, PreviousFirst
	}
	half := 50
	switch {
	case has(4) && has(5):
		d.BlueGreen = &BlueGreen{Routes: []RoutePair{{ProductionARN: fuzzedListener, StageARN: fuzzedStage}}, KeepPrevious: has(6), Settle: time.Second}
	case has(4):
		d.BlueGreen = &BlueGreen{Routes: []RoutePair{{ProductionARN: fuzzedListener}}, Shift: []Weight{{Percent: 10, Bake: time.Minute}, {Percent: 60}}, Bake: time.Minute}
	case has(5):
		d.Canary = []Phase{{Percent: 25, Bake: time.Minute}, {Count: 3, PreviousPercent: &half}}
	}
	if has(7) {
		d.HoldAfter = 1
	}
	if has(8) {
		d.Owner = "terraform-1a2b"
		d.Creates = has(9)
	}
	return d
}

// FuzzWorld puts groups with any tags before what decides: it always comes to an end, in words that can be read, and takes nothing away
// that the guard would not let go.
func FuzzWorld(f *testing.F) {
	seedsWorld(f)
	f.Fuzz(fuzzWorld)
}

func TestFreshWorlds(t *testing.T) { fresh.Run(t, 3*time.Second, seedsWorld, fuzzWorld) }

func seedsWorld(f fresh.Adder) {
	live := "web__1 2/4/8 4\n" + tagLines(Journal{Deployment: "web", Revision: 1, Release: "r1", Verdict: Proven, Retain: 2}.Tags())
	candidate := Journal{Deployment: "web", Revision: 7, Release: "r7", Verdict: RollingOut, Previous: "sig-1", PreviousCapacity: Capacity{Minimum: 2, Target: 4, Maximum: 8}, Retain: 1,
		Passed: 1, Holding: true, HoldingWith: &Sizes{Candidate: 1, Live: 3}, Routes: []Route{{RoutePair: RoutePair{ProductionARN: fuzzedListener, StageARN: fuzzedStage}, Production: fuzzedForward(100), Stage: fuzzedForward(0)}}}
	half := live + "\nweb__7 1/1/1 1\n" + tagLines(candidate.Tags())
	for shape := range uint16(16) {
		f.Add(live, "r2", shape<<3|4, uint8(4), uint8(shape), uint8(100))
		f.Add(half, "r7", shape<<4|4, uint8(4), uint8(1), uint8(90))
		f.Add(half, "r1", shape<<3, uint8(3), uint8(0), uint8(0))
	}
	for i, tags := range journalSeeds() {
		f.Add(live+"\nweb__7 0/1/3 2\n"+tags, "r7", uint16(i)<<4, uint8(5), uint8(2), uint8(50))
		f.Add(live+"\nweb__7 0/0/3 0\n"+tags, "r8", uint16(1), uint8(5), uint8(2), uint8(50))
	}
}

func fuzzWorld(t *testing.T, text, release string, shape uint16, target, retain, blue uint8) {
	if words := strings.Fields(release); len(words) != 1 || len(release) > 64 || words[0] != release {
		release = "r2" // a fingerprint is one word
	}
	d := fuzzedDeployment(release, shape, target, retain)
	w := fuzzedWorld(text, int(blue)%101, d.Gone)
	plan := Simulate(d, w)
	for _, s := range plan.Steps {
		if s.Why == WhyEndless {
			t.Fatalf("%s\n%+v", s.Because(), plan.Steps)
		}
		if bad := CheckTags(s.Tags()); bad != nil && (s.Kind == Create || s.Kind == Record || s.Kind == Remember) {
			t.Fatalf("what is written by %q cannot be read back: %v", s, bad)
		}
		if err := s.Capacity.Valid(); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if next := Next(d, w); !cmp.Equal(next, plan.Steps[0]) {
		t.Fatalf("it is to %s, and the plan begins with %s", next, plan.Steps[0])
	}
	for _, line := range strings.Split(plan.Text(), "\n") {
		if len(line) > 2000 {
			t.Fatalf("a line of %d bytes: %.200s", len(line), line)
		}
	}
	if said := Standing(w); len(said) > 3000 {
		t.Fatalf("where it stands is said in %d bytes", len(said))
	}
	if moved := Moved(w, w); moved != "" {
		t.Fatalf("nothing has moved, and it is said that %s", moved)
	}
	StatusOf(w)
	w.Failure = &Failure{Release: release, Reason: "unhealthy"}
	if last := Simulate(d, w).Steps; last[len(last)-1].Why == WhyEndless {
		t.Fatalf("after a failure: %s", last[len(last)-1].Because())
	}
}
