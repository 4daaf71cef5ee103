package deployment_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

var (
	promisedCreate = regexp.MustCompile(`(web\S*)\s+created at 0`)
	promisedResize = regexp.MustCompile(`(web\S*)\s+(\d+) -> (\d+)`)
	promisedDelete = regexp.MustCompile(`(web\S*)\s+deleted`)

	headRole = regexp.MustCompile(`\b(new|previous) (web\S*) \(`)
)

// byName is a rollout_plan whose steps name the groups that its head calls new and previous.
func byName(text string) string {
	for _, role := range headRole.FindAllStringSubmatch(text, -1) {
		text = regexp.MustCompile(`\b`+role[1]+`\b`).ReplaceAllString(text, role[2])
	}
	return text
}

// changesPromised is what a rollout_plan says will be done, in the words of changesMade.
func changesPromised(text string) []string {
	var steps []string
	for line := range strings.Lines(byName(text)) {
		if strings.HasPrefix(line, "on failure") {
			break
		}
		if m := promisedCreate.FindStringSubmatch(line); m != nil {
			steps = append(steps, "create "+m[1])
		}
		for _, m := range promisedResize.FindAllStringSubmatch(line, -1) {
			steps = append(steps, fmt.Sprintf("%s %s -> %s", m[1], m[2], m[3]))
		}
		for _, m := range promisedDelete.FindAllStringSubmatch(line, -1) {
			steps = append(steps, "delete "+m[1])
		}
	}
	return steps
}

// situation is a history that an earlier release left behind, and what is wanted next.
type situation struct {
	history []json.RawMessage
	config  object
	live    int // instances of the newest revision
	wanted  int
	dips    bool // what is wanted gives up more than what is promised otherwise
}

// randomSituation makes up a situation.
func randomSituation(r *rand.Rand) situation {
	s := situation{config: release(fmt.Sprintf("ami-%d", 1+r.IntN(9)), object{"retain": r.IntN(4)})}
	revision := 0
	ours := r.IntN(4) > 0
	older := r.IntN(6)
	for n := older; n >= 0; n-- {
		revision += 1 + r.IntN(3)
		c := [3]int{}
		switch {
		case n == 0:
			c = someSize(r)
			s.live = c[1]
		case r.IntN(4) == 0:
			c = [3]int{0, 1 + r.IntN(3), 4}
		}
		if ours {
			s.history = append(s.history, provenGroup(revision, c[0], c[1], c[2]))
			continue
		}
		s.history = append(s.history, existing(rollout.Name("web", revision), fmt.Sprintf("ami-%d", revision%9+1), c[0], c[1], c[2]))
	}
	s.wanted = s.live
	if r.IntN(3) > 0 {
		c := someSize(r)
		s.config["capacity"], s.wanted = capacityOf(c[0], c[1], c[2]), c[1]
	} else {
		s.config["capacity"] = nil
	}
	if r.IntN(3) == 0 {
		s.config["resize_order"] = "previous_first"
	}
	return s
}

func someSize(r *rand.Rand) [3]int {
	target := 1 + r.IntN(6)
	return [3]int{r.IntN(target + 1), target, target + r.IntN(4)}
}

// What a reviewer reads is what runs: the changes that the plan lists are the calls that apply makes, one by one.
func TestPlanIsWhatRuns(t *testing.T) {
	situations := 100
	switch {
	case testing.Short():
		situations = 40
	case *exhaustive:
		situations = 400
	}
	asPlanned(t, situations, func(seed int) (situation, sandbox.Config) {
		s := randomSituation(rand.New(rand.NewPCG(uint64(seed), 7)))
		return s, webWorld(s.history...)
	})
}

// asPlanned has many situations run as planned. At least half of them have to be such that anything is released.
func asPlanned(t *testing.T, situations int, imagine func(seed int) (situation, sandbox.Config)) {
	t.Helper()
	released := atLeast(t, situations/2, "released anything")
	for seed := range situations {
		t.Run(fmt.Sprint("situation ", seed), func(t *testing.T) {
			s, world := imagine(seed)
			t.Log(asJSON(s.config["canary"]))
			if s.mustRunAsPlanned(t, world) {
				released.Add(1)
			}
		})
	}
}

// atLeast counts cases that run beside each other, so that a test of chance does not pass by testing nothing. The count is checked
// when all have run, unless some were picked by their names.
func atLeast(t *testing.T, least int, what string) *atomic.Int64 {
	t.Helper()
	var count atomic.Int64
	t.Cleanup(func() {
		if n := int(count.Load()); n < least && !strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
			t.Errorf("only %d cases %s, want at least %d", n, what, least)
		}
	})
	return &count
}

// mustRunAsPlanned plans and applies in the situation, and compares. It tells whether anything was released.
func (s situation) mustRunAsPlanned(t *testing.T, config sandbox.Config) (released bool) {
	t.Helper()
	inBubble(t, config, func(t *testing.T, d *deployment) {
		imported(t, d)
		p := d.plan(s.config)
		if providertest.Failed(p.diags) {
			t.Fatal(providertest.Render(p.diags))
		}
		before := standing(d.world)
		run, quiet := d.watch(), memberOf(t, p.value, "rollout_plan").Equal(memberOf(t, d.state, "rollout_plan"))
		state, diags := d.applyPlan(t.Context(), p, s.config)
		if providertest.Failed(diags) {
			t.Fatalf("%s\nbefore:\n%s", providertest.Render(diags), before)
		}
		if quiet {
			run.mustDo() // what is wanted is live, so that the plan still says what the last one said
			return
		}
		text := state["rollout_plan"].(string)
		if did, said := run.did(), changesPromised(text); !slices.Equal(did, said) {
			t.Errorf("%s\nthe plan says\n%s\nread as\n  %s\nthe run did\n  %s", before, text,
				strings.Join(said, "\n  "), strings.Join(did, "\n  "))
		}
		if s.config["resize_order"] == nil && !s.dips {
			run.mustServe(min(s.live, s.wanted))
		}
		for line := range strings.Lines(text) {
			if len([]rune(strings.TrimSuffix(line, "\n"))) >= 100 {
				t.Errorf("a line of the plan is too long: %s", line)
			}
		}
		d.mustBeSettled(s.config)
		neverDeletesInstances(t, d.world)
		released = len(run.did()) > 2
	})
	return released
}

// After a kill the plan says what is left to do: to go on, to go back, or to go back and on to another release.
func TestPlanIsWhatRunsAfterAKill(t *testing.T) {
	for name, next := range map[string]object{"same": release("ami-2"), "back": release("ami-1"), "other": release("ami-3", object{"capacity": capacityOf(1, 5, 9)})} {
		for n := 1; n <= 5; n++ {
			t.Run(fmt.Sprintf("%s after change %d", name, n), func(t *testing.T) {
				inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
					d.apply(release("ami-1"))
					prior := d.state
					ctx, dead := kill(d, killPoint{true, n, true})
					d.applyUnder(ctx, release("ami-2"))
					d.world.Intercept(nil, nil)
					if !dead() {
						t.Fatalf("the run makes less than %d changes", n)
					}
					d.state, d.private = prior, nil
					d.restart()
					p := d.plan(next)
					if providertest.Failed(p.diags) {
						t.Fatal(providertest.Render(p.diags))
					}
					run, quiet := d.watch(), memberOf(t, p.value, "rollout_plan").Equal(memberOf(t, d.state, "rollout_plan"))
					state, diags := d.applyPlan(t.Context(), p, next)
					if providertest.Failed(diags) {
						t.Fatal(providertest.Render(diags))
					}
					text := state["rollout_plan"].(string)
					said := changesPromised(text)
					if quiet {
						said = nil // what is wanted is live, so that the plan still says what the last one said
					}
					if did := run.did(); !slices.Equal(did, said) {
						t.Errorf("the plan says\n%s\nthe run did\n  %s", text, strings.Join(did, "\n  "))
					}
					d.mustBeSettled(next)
				})
			})
		}
	}
}

// TestPromised keeps the reading honest.
func TestPromised(t *testing.T) {
	text := `basic        previous web__4 (ami-1, 4 instances) -> new web__5 (ami-2, 4 instances)
setup        new        created at 0 in target group "web"
             web__1     2 -> 0   left over from an earlier release
100 %        new        0 -> 4   then previous 4 -> 0   new minimum 2, maximum 8
after        web__2     deleted
             previous, web__3 kept at 0
on failure   previous back to 4 (minimum 2, maximum 8), new deleted
`
	want := []string{"create web__5", "web__1 2 -> 0", "web__5 0 -> 4", "web__4 4 -> 0", "delete web__2"}
	if got := changesPromised(text); !slices.Equal(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
}
