package rollout_test

import (
	"testing"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Behind the guard the promises hold even where Next is broken: each of these variants breaks its rule without it, and not with it.
func TestBrokenVariantsBehindTheGuard(t *testing.T) {
	t.Parallel()
	for what, v := range map[string]struct {
		stories func() *rapid.Generator[story]
		variant
	}{
		"shrinks the previous before the candidate is healthy, behind the guard": {stories, variant{"capacity", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == AwaitHealthy && s.Part == Deploy && c.Live != nil && c.Live.Capacity.Target > 0 {
				return Step{Kind: Resize, Part: Deploy, Group: *c.Live, Licence: Replace}
			}
			return s
		})}},
		"takes the candidate before the previous is back, behind the guard": {stories, variant{"capacity", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == AwaitHealthy && s.Part == Back {
				return undoing(c)
			}
			return s
		})}},
		"deletes without waiting for empty, behind the guard": {stories, variant{"deletes nothing that runs", instead(func(_ Deployment, _ World, _ Roles, s Step) Step {
			if s.Kind == AwaitDrained {
				return Step{Kind: Delete, Part: Back, Group: s.Group, Licence: Undo}
			}
			return s
		})}},
		"leaves production with what is gone, behind the guard": {routed, variant{"production serves", instead(takesFirst)}},
		"deletes what came back, behind the guard":              {reverts, variant{"what was there before stays", instead(deletesTheFormer)}},
		"empties what still ran, behind the guard":              {reverts, variant{"what was there before stays", instead(emptiesTheFormer)}},
		"prunes on the way back, behind the guard":              {reverts, variant{"what was there before stays", instead(prunesTooSoon)}},
		"takes by no licence at all, behind the guard": {stories, variant{"capacity", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == AwaitHealthy && s.Part == Deploy && c.Live != nil && c.Live.Capacity.Target > 0 {
				return Step{Kind: Resize, Part: Deploy, Group: *c.Live}
			}
			return s
		})}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			told, broke, stopped := v.stories(), false, false
			guarded := func(d Deployment, w World) Step {
				s := v.broken(d, w)
				if why := Guard(d, w, s); why != "" {
					stopped = true
					return Step{Kind: Stay, Group: s.Group, Why: WhyReleaseFailed, Detail: why}
				}
				return s
			}
			for i := range chances / 10 {
				broke = broke || len(told.Example(i).tell(v.broken).broke(v.rule)) > 0
				if broken := told.Example(i).tell(guarded).broke(v.rule); len(broken) > 0 {
					t.Fatalf("story %d: %s", i, broken[0].how)
				}
			}
			if !broke || !stopped {
				t.Errorf("it broke its rule without the guard: %v; the guard stopped it: %v", broke, stopped)
			}
			t.Logf("promise: %s", "the guard")
		})
	}
}

// What the guard says has the numbers, and a person understands it alone.
func TestWhatTheGuardSays(t *testing.T) {
	live, candidate := revision(6, "r6", Proven, Pin(4)), revision(7, "r7", RollingOut, Pin(4))
	candidate.InService = 1
	j, _ := candidate.Journal()
	j.PreviousCapacity = Capacity{2, 4, 8}
	candidate.Tags = j.Tags()
	w := World{Groups: []Group{live, candidate}}
	for what, c := range map[string]struct {
		step Step
		want string
	}{
		"downsize": {Step{Kind: Resize, Part: Deploy, Group: live, Licence: Replace}, "setting web__6 from 4 to 0 could leave 1 in service, and 4 are promised " +
			"(in service now: web__6 4, web__7 1)"},
		"delete":             {Step{Kind: Delete, Part: Back, Group: candidate, Licence: Undo}, "deleting web__7 would end the 4 instances that it has, of a target of 4"},
		"grow":               {Step{Kind: Resize, Part: Deploy, Group: live, Capacity: Pin(5)}, ""},
		"what is spare":      {Step{Kind: Resize, Part: Deploy, Group: live, Capacity: Pin(3), Licence: Replace}, ""},
		"no reason is given": {Step{Kind: Resize, Part: Deploy, Group: live, Capacity: Pin(3)}, "setting web__6 from 4 to 3: nothing says what entitles to that"},
		"not such a group": {Step{Kind: Resize, Part: Back, Group: live, Licence: Undo},
			`setting web__6 from 4 to 0 (the live revision, "undo") is not for such a group`},
		"of no such use": {Step{Kind: Delete, Part: Back, Group: candidate, Licence: Fit}, `deleting web__7 (a new group, "fit") does not delete`},
		"less than it had": {Step{Kind: Resize, Part: Back, Group: live, Capacity: Pin(3), Licence: Restore},
			`setting web__6 from 4 to 3 (the live revision, "restore") would leave less than it had before: 4 (minimum 2, maximum 8)`},
		"not all of it goes": {Step{Kind: Resize, Part: TakeDown, Group: live, Licence: Destroy},
			`setting web__6 from 4 to 0 (the live revision, "destroy") is for a deployment that is to be taken down`},
	} {
		if got := Guard(release("r7"), w, c.step); got != c.want {
			t.Errorf("%s: %q, want: %q", what, got, c.want)
		}
	}
}

// A revision that is to stand at zero is switched to as any other, once: there is nothing to wait for, and nothing to undo.
func TestASwitchToNothingEnds(t *testing.T) {
	pair := RoutePair{ProductionARN: "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"}
	blue, green := "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/1", "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/green/2"
	live := revision(6, "r6", Proven, Capacity{2, 4, 8})
	live.TargetGroups = []string{blue}
	d := release("r7")
	d.Capacity, d.BlueGreen = &Capacity{0, 0, 8}, &BlueGreen{Routes: []RoutePair{pair}}
	p := Simulate(d, World{Groups: []Group{live}, Routes: []Route{{RoutePair: pair, Production: Forward{{blue, 100}, {green, 0}}}}})
	if end := RolesOf(p.End); p.Refused() || end.Live.Name != "web__7" || end.Live.Capacity != (Capacity{0, 0, 8}) {
		t.Errorf("it ends with %v:\n%s", end.Live, p.Text())
	}
}
