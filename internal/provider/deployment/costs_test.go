package deployment_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

var updateCosts = flag.Bool("update-costs", false, "write what rollouts cost into testdata instead of holding it against what is there")

// cost is what a plan and the apply of it took.
type cost struct {
	// took is how long the apply was, and world for how much of that the clouds themselves were busy: instances came up, checks were due,
	// connections drained. Nobody is faster than that; what is above is time in which everything was there and nobody had looked.
	took, world time.Duration
	calls       map[string]int
}

func (c cost) all() (n int) {
	for _, of := range c.calls {
		n += of
	}
	return n
}

// costsOf are rollouts that everybody knows: a first deployment, and releases after it; and what none may exceed. Where what is aimed at is
// more than may be had, why says what is in its way.
var costsOf = []struct {
	name   string
	config object
	fails  bool
	ratio  float64
	calls  int
	why    string
}{
	{name: "first deployment", ratio: 1.05, calls: 50, why: "1.03 and 30 calls are the aim. Nobody knows yet how long these instances take to boot, so that all there is to do is to look every five " +
		"seconds. 22 calls are no looks (the plan's questions, apply's, the changes with a list after each): with 30 in all there would be a look every 12 seconds, 6 seconds late on average, which is 1.06."},
	{name: "basic, new image", config: release("ami-2"), ratio: 1.03, calls: 60},
	{name: "canary 25/50/75/100", config: release("ami-2", object{"canary": phasesWithoutBake(25, 50, 75)}), ratio: 1.03, calls: 160},
	{name: "image never healthy", config: release("ami-bad", object{"healthy_timeout": "3m"}), fails: true, ratio: 1.03, calls: 80},
}

// phasesWithoutBake are phases that go on as soon as their instances are in service.
func phasesWithoutBake(percents ...int) object {
	phases := percentPhases(percents...)
	for _, phase := range phases["phase"].([]any) {
		delete(phase.(object), "bake")
	}
	return phases
}

// costWorld is one in which an instance is launched after 10 s and answers a minute later, and connections drain for half a minute. There is a
// group of others in the account, as there always is.
func costWorld() sandbox.Config {
	config := webWorld(existing("another", "ami-1", 0, 0, 0))
	config.Boot = sandbox.Boot{
		Reconcile: sandbox.Duration(time.Second), Fulfil: sandbox.Duration(9 * time.Second), Running: sandbox.Duration(10 * time.Second), Answering: sandbox.Duration(60 * time.Second),
	}
	for i := range config.AWS.TargetGroups {
		slowGroup(&config.AWS.TargetGroups[i])
	}
	return config
}

func slowGroup(g *sandbox.TargetGroupConfig) {
	g.Attributes = map[string]string{"deregistration_delay.timeout_seconds": "30"}
	g.HealthCheck.Interval = sandbox.Duration(5 * time.Second)
}

// costs is what something costs in the deployment's world.
func (d *deployment) costs(do func()) cost {
	calls, begun := len(d.world.Calls()), time.Now()
	do()
	c := cost{took: time.Since(begun), world: busy(d.world.Timeline(), begun, time.Now()), calls: map[string]int{}}
	for _, call := range d.world.Calls()[calls:] {
		c.calls[call.Action]++
	}
	return c
}

// busy is for how much of a time the clouds were: some group had not what it was set to, in service and no more than that.
func busy(moments []sandbox.Moment, from, to time.Time) (sum time.Duration) {
	for i, m := range moments {
		end := to
		if i+1 < len(moments) {
			end = moments[i+1].Time
		}
		begin := m.Time
		if begin.Before(from) {
			begin = from
		}
		if end.After(begin) && slices.ContainsFunc(m.Groups, func(g *sandbox.GroupMoment) bool { return g.InService != g.Target || g.Instances != g.Target }) {
			sum += end.Sub(begin)
		}
	}
	return sum
}

// measured are the ratio and the calls of a rollout, means of several runs since looks are spread at random, and the sum of them all.
func measured(t *testing.T, n int) (ratio, calls float64, of cost) {
	t.Helper()
	row := costsOf[n]
	of.calls = map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		for range costRuns {
			d := deploymentIn(t, sandbox.New(costWorld()))
			config := row.config
			if config == nil {
				config = release("ami-1")
			} else {
				d.apply(release("ami-1"))
				time.Sleep(time.Hour)
				d.restart()
			}
			c := d.costs(func() {
				p := d.plan(config)
				providertest.MustSucceed(t, p.diags)
				if _, diags := d.applyPlan(t.Context(), p, config); providertest.Failed(diags) != row.fails {
					t.Fatalf("the apply ends with\n%s", providertest.Render(diags))
				}
			})
			of.took, of.world = of.took+c.took, of.world+c.world
			for action, n := range c.calls {
				of.calls[action] += n
			}
		}
	})
	return float64(of.took) / float64(of.world), float64(of.all()) / costRuns, of
}

const costRuns = 6

// What rollouts cost, in calls and in time that nobody needed, is within what they may, and no more than it was.
func TestWhatRolloutsCost(t *testing.T) {
	if testing.Short() {
		t.Skip("many rollouts are run for their means")
	}
	table := newCosts(t, "costs.txt")
	var routes, why strings.Builder
	table.line("%-22s %9s %9s %8s %7s %8s %7s", "rollout", "took", "clouds", "ratio", "limit", "calls", "limit")
	for n, row := range costsOf {
		ratio, calls, of := measured(t, n)
		mark := ""
		if row.why != "" {
			mark = "*"
			fmt.Fprintf(&why, "\n* %s: %s\n", row.name, wrapped(row.why))
		}
		table.line("%-22s %8.1fs %8.1fs %8.3f %7.2f %8.1f %7d%s", row.name, of.took.Seconds()/costRuns, of.world.Seconds()/costRuns, ratio, row.ratio, calls, row.calls, mark)
		table.holds(row.name, "times as long as the clouds take", ratio, row.ratio, 3, 1.08)
		table.holds(row.name, "calls", calls, float64(row.calls), 5, 1.1)
		fmt.Fprintf(&routes, "\n%s\n", row.name)
		for _, action := range slices.SortedFunc(maps.Keys(of.calls), func(a, b string) int { return of.calls[b] - of.calls[a] }) {
			fmt.Fprintf(&routes, "  %-30s %6.1f\n", action, float64(of.calls[action])/costRuns)
		}
	}
	table.line("%s%s", why.String(), routes.String())
	table.done()
}

// What served serves again right after a release has been found to be bad: nothing is waited for before traffic goes back.
func TestServesAgainRightAfterTheVerdict(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		d.apply(switchAtOnce("ami-1"))
		var on time.Time
		d.afterModify(2, time.Minute, func() {
			on = time.Now()
			d.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute")
		})
		calls := len(d.world.Calls())
		_, diags := d.tryApply(switchAtOnce("ami-2"))
		mustExplain(t, diags, "alarm web-5xx", "as before")
		var verdict, again time.Time
		shifts := 0
		for _, c := range d.world.Calls()[calls:] {
			switch {
			case c.Action == "ModifyListener":
				if shifts++; shifts == 3 { // production and stage went over, and production comes back
					again = c.Time
				}
			case c.Action == "DescribeAlarms" && shifts == 2 && verdict.IsZero() && c.Time.After(on):
				verdict = c.Time
			}
		}
		if verdict.IsZero() || again.Before(verdict) || again.Sub(verdict) > 2*time.Second {
			t.Errorf("the verdict is of %s, and traffic is back at %s", verdict, again)
		}
	})
}
