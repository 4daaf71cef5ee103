package rollout_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

func TestCapacity(t *testing.T) {
	for _, c := range []struct {
		capacity Capacity
		text     string
		pinned   bool
		wrong    string
	}{
		{Capacity{}, "0", true, ""},
		{Pin(4), "4", true, ""},
		{Capacity{2, 4, 8}, "4 (minimum 2, maximum 8)", false, ""},
		{Capacity{0, 0, 3}, "0 (minimum 0, maximum 3)", false, ""},
		{Capacity{4, 4, 8}, "4 (minimum 4, maximum 8)", false, ""},
		{Capacity{-1, 4, 8}, "4 (minimum -1, maximum 8)", false, "minimum is -1"},
		{Capacity{5, 4, 8}, "4 (minimum 5, maximum 8)", false, "target 4 is below minimum 5"},
		{Capacity{2, 9, 8}, "9 (minimum 2, maximum 8)", false, "maximum 8 is below target 9"},
	} {
		if got := c.capacity.String(); got != c.text {
			t.Errorf("%+v reads %q, want %q", c.capacity, got, c.text)
		}
		if got := c.capacity.Pinned(); got != c.pinned {
			t.Errorf("%s: pinned %v", c.capacity, got)
		}
		if got := fmt.Sprint(c.capacity.Valid()); c.wrong == "" && got != "<nil>" || !strings.Contains(got, c.wrong) {
			t.Errorf("%s: %q, want %q", c.capacity, got, c.wrong)
		}
	}
	if a := (Capacity{2, 4, 8}); !a.SameBounds(Capacity{2, 7, 8}) || a.SameBounds(Capacity{1, 4, 8}) || a.SameBounds(Capacity{2, 4, 9}) {
		t.Error("the bounds are minimum and maximum")
	}
}

// The capacity that a new revision is set to in the end.
func TestFinalCapacity(t *testing.T) {
	written, own, previous := Capacity{1, 3, 5}, Capacity{2, 2, 2}, Capacity{2, 4, 8}
	for what, c := range map[string]struct {
		first   bool
		written *Capacity
		want    Capacity
	}{
		"written":                   {false, &written, written},
		"left out: as the previous": {false, nil, previous},
		"first, written":            {true, &written, written},
		"first: the configuration":  {true, nil, own},
	} {
		d := release("r7")
		d.Capacity, d.OwnCapacity = c.written, own
		w := World{Groups: []Group{revision(6, "r6", Proven, previous)}}
		if c.first {
			w = World{}
		}
		if got := RolesOf(Simulate(d, w).End).Live.Capacity; got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}

func revision(n int, release string, v Verdict, c Capacity) Group {
	j := Journal{Deployment: name, Revision: n, Release: release, Verdict: v, Retain: 2}
	if v != Proven && n > 6 {
		j.Previous, j.PreviousCapacity = "sig-6", Capacity{2, 4, 8}
	}
	if v == Failed || v == Withdrawn {
		j.Failure = "Target.Timeout"
	}
	return Group{ID: fmt.Sprintf("sig-%d", n), Name: Name(name, n), Revision: n, ImageID: "ami-" + release, Capacity: c,
		Instances: c.Target, InService: c.Target, Steady: c.Target, Tags: j.Tags()}
}

func TestStatusAndStanding(t *testing.T) {
	live := revision(6, "r6", Proven, usual)
	late := revision(6, "r6", RollingOut, Capacity{})
	late.ID = "sig-6b"
	takenDown := revision(6, "r6", Proven, Capacity{})
	takenDown.Tags = takenDown.With(Memory{TakenDown: &usual}.Tags())
	held := revision(7, "r7", RollingOut, Pin(4))
	j, _ := held.Journal()
	j.Failure = "alarm"
	held.Tags = j.Tags()
	for what, c := range map[string]struct {
		groups   []Group
		status   Status
		standing string
	}{
		"nothing":  {nil, Interrupted, ""},
		"at rest":  {[]Group{revision(5, "r5", Proven, Capacity{}), live}, Stable, ""},
		"imported": {[]Group{{ID: "sig-1", Name: "web", Capacity: usual}}, Stable, ""},
		"rolling out": {[]Group{live, revision(7, "r7", RollingOut, Pin(4))}, Interrupted,
			"web__7 (ami-r7) is being rolled out and is set to 4; web__6 is set to 4 (minimum 2, maximum 8), and had 4 (minimum 2, maximum 8) before."},
		"on its way back": {[]Group{live, revision(7, "r7", Failed, Pin(0))}, Interrupted,
			"web__7 (ami-r7) failed and is on its way back: it is set to 0, web__6 to 4 (minimum 2, maximum 8). The reason: Target.Timeout."},
		"on its way back, and not to blame": {[]Group{live, revision(7, "r7", Withdrawn, Pin(0))}, Interrupted,
			"web__7 (ami-r7) is on its way back, for no fault of its own: it is set to 0, web__6 to 4 (minimum 2, maximum 8). The reason: Target.Timeout."},
		"left as it is": {[]Group{live, held}, Interrupted,
			"web__7 (ami-r7) failed and was left as it is: it is set to 4, web__6 to 4 (minimum 2, maximum 8), which had 4 (minimum 2, maximum 8) before. The reason: alarm."},
		"half taken down": {[]Group{takenDown}, Interrupted,
			"web__6 was being taken down with the whole deployment; it had 4 (minimum 2, maximum 8) and is set to 0."},
		"first one begun": {[]Group{revision(1, "r1", RollingOut, Pin(2))}, Interrupted,
			"The first deployment, web__1 (ami-r1), was begun and is set to 2."},
		"first one failed": {[]Group{revision(1, "r1", Failed, Pin(2))}, Interrupted,
			"The first deployment, web__1 (ami-r1), failed and is not taken down yet. The reason: Target.Timeout."},
		"a second copy came late": {[]Group{live, late}, Interrupted,
			"web__6 is live; a second copy of a revision, web__6 (sig-6b), was never proven and is not deleted yet."},
		"not pruned yet": {[]Group{revision(3, "r3", Proven, Capacity{}), revision(4, "r4", Proven, Capacity{}), revision(5, "r5", Proven, Capacity{}), live},
			Interrupted, "web__6 is live; older revisions that are not to be kept are not deleted yet."},
	} {
		w := World{Groups: c.groups}
		if got := StatusOf(w); got != c.status {
			t.Errorf("%s: %s, want %s", what, got, c.status)
		}
		if got := Standing(w); got != c.standing {
			t.Errorf("%s: %q, want %q", what, got, c.standing)
		}
	}
}

func TestMoved(t *testing.T) {
	live, candidate := revision(6, "r6", Proven, usual), revision(7, "r7", RollingOut, Pin(4))
	scaled := live
	scaled.Capacity.Target, scaled.Instances = 7, 7
	secondCopy := candidate
	secondCopy.ID = "sig-7b"
	planned := World{Groups: []Group{live}}
	for what, c := range map[string]struct {
		planned, found World
		want           string
	}{
		"nothing":       {planned, planned, ""},
		"autoscaled":    {planned, World{Groups: []Group{scaled}}, ""},
		"other live":    {planned, World{Groups: []Group{live, revision(7, "r7", Proven, Pin(4))}}, "the live revision is web__7 (sig-7, ami-r7); it was web__6 (sig-6, ami-r6) when this was planned"},
		"live gone":     {planned, World{}, "the live revision is none; it was web__6 (sig-6, ami-r6) when this was planned"},
		"new candidate": {planned, World{Groups: []Group{live, candidate}}, "the revision being rolled out is web__7 (sig-7, ami-r7); it was none when this was planned"},
		"candidate gone": {World{Groups: []Group{live, candidate}}, planned,
			"the revision being rolled out is none; it was web__7 (sig-7, ami-r7) when this was planned"},
		"another candidate": {World{Groups: []Group{live, candidate}}, World{Groups: []Group{live, secondCopy}},
			"the revision being rolled out is web__7 (sig-7b, ami-r7); it was web__7 (sig-7, ami-r7) when this was planned"},
		"another number": {planned, World{Groups: []Group{live, revision(8, "r8", Proven, Capacity{})}},
			"the next revision would be 9; it was 7 when this was planned"},
	} {
		if got := Moved(c.planned, c.found); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}

func TestRoles(t *testing.T) {
	four, five, live := revision(4, "r4", Proven, Capacity{}), revision(5, "r5", Proven, Capacity{}), revision(6, "r6", Proven, usual)
	candidate := revision(7, "r7", RollingOut, Pin(4))
	secondCopy := revision(7, "r7", RollingOut, Capacity{})
	secondCopy.ID = "sig-7b"
	taken := live
	taken.Capacity, taken.InService = Capacity{}, 0
	for what, c := range map[string]struct {
		groups []Group
		want   string
	}{
		"nothing":     {nil, ""},
		"at rest":     {[]Group{live, four, five}, "sig-6 live, sig-5 previous, sig-4 retained"},
		"rolling out": {[]Group{four, candidate, five, live}, "sig-7 candidate, sig-6 live, sig-5 retained, sig-4 retained"},
		// While there is a candidate the live one is the one that its journal names, whatever it is set to.
		"taken over, not proven": {[]Group{five, taken, candidate}, "sig-7 candidate, sig-6 live, sig-5 retained"},
		"first":                  {[]Group{revision(1, "r1", RollingOut, Pin(1))}, "sig-1 candidate"},
		"a second copy":          {[]Group{live, secondCopy, candidate}, "sig-7b candidate, sig-7 candidate, sig-6 live"},
		"pair": {[]Group{{ID: "b", Name: "web", Capacity: usual}, {ID: "a", Name: "web__STAGE__Harness"}},
			"b live, a previous"},
		"newer one at zero": {[]Group{live, revision(8, "r8", Proven, Capacity{})}, "sig-8 previous, sig-6 live"},
	} {
		var got []string
		for _, r := range ListRoles(World{Groups: c.groups}) {
			got = append(got, fmt.Sprintf("%s %s", r.Group.ID, r.Role))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}

// A reviewer reads the plan without scrolling: names up to 32 characters, as many groups as there may be.
func TestPlanTextStaysUnder100Columns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := stories().Draw(t, "story")
		long := rapid.StringMatching(`[a-z]{3,32}`).Draw(t, "name")
		groups := rapid.SliceOfN(rapid.StringMatching(`[a-z-]{1,32}`), 0, 6).Draw(t, "target groups")
		r := s.tell(Next)
		w := r.observe()
		for i := range w.Groups {
			w.Groups[i].Name = strings.Replace(w.Groups[i].Name, name, long, 1)
			w.Groups[i].ImageID = "ami-0123456789abcdef0"
		}
		for i := range w.Unowned {
			w.Unowned[i].Name = strings.Replace(w.Unowned[i].Name, name, long, 1)
		}
		d := s.chapters[0].d
		d.Name, d.TargetGroups, d.ImageID = long, groups, "ami-0123456789abcdef0"
		text := Simulate(d, w).Text()
		for line := range strings.Lines(text) {
			if n := len(strings.TrimRight(line, "\n")); n >= 100 {
				t.Fatalf("%d columns: %s\n%s", n, line, text)
			}
		}
	})
}
