package deployment_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// costsOf are rollouts that everybody knows: a first deployment, and releases after it.
var costsOf = []struct {
	name   string
	config object
	fails  bool
}{
	{"first deployment", nil, false},
	{"basic, new image", release("ami-2"), false},
	{"canary 25/50/75/100", release("ami-2", object{"canary": phasesWithoutBake(25, 50, 75)}), false},
	{"image never healthy", release("ami-bad", object{"healthy_timeout": "3m"}), true},
}

// phasesWithoutBake are phases that go on as soon as their instances are in service.
func phasesWithoutBake(percents ...int) object {
	phases := percentPhases(percents...)
	for _, phase := range phases["phase"].([]any) {
		delete(phase.(object), "bake")
	}
	return phases
}

// costWorld is one in which an instance is launched after 10 s and answers a minute later, and connections drain for half a minute.
func costWorld() sandbox.Config {
	config := webWorld()
	config.Boot = sandbox.Boot{
		Reconcile: sandbox.Duration(time.Second), Fulfil: sandbox.Duration(9 * time.Second), Running: sandbox.Duration(10 * time.Second), Answering: sandbox.Duration(60 * time.Second),
	}
	for i := range config.AWS.TargetGroups {
		config.AWS.TargetGroups[i].Attributes = map[string]string{"deregistration_delay.timeout_seconds": "30"}
		config.AWS.TargetGroups[i].HealthCheck.Interval = sandbox.Duration(5 * time.Second)
	}
	return config
}

// measured is what one of them costs.
func measured(t *testing.T, config object, fails bool) (c cost) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := deploymentIn(t, sandbox.New(costWorld()))
		if config == nil {
			config = release("ami-1")
		} else {
			d.apply(release("ami-1"))
			time.Sleep(time.Hour)
			d.restart()
		}
		c = d.costs(func() {
			p := d.plan(config)
			providertest.MustSucceed(t, p.diags)
			if _, diags := d.applyPlan(t.Context(), p, config); providertest.Failed(diags) != fails {
				t.Fatalf("the apply ends with\n%s", providertest.Render(diags))
			}
		})
	})
	return c
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

// together is what it costs to release so many deployments at the same time, each of which asks at moments of its own.
func together(t *testing.T, n int, first bool) (c cost) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		world := costWorld()
		world.RateLimit = 1_000_000 // it is not Spot's limit that is measured
		d := deploymentIn(t, sandbox.New(world))
		all := make([]*deployment, n)
		for i := range all {
			all[i] = d.secondResource()
		}
		each := func(do func(i int, one *deployment)) {
			d.restart() // as Terraform has a process for the plan and one for the apply
			var wait sync.WaitGroup
			for i, one := range all {
				one.server = d.server
				wait.Go(func() {
					time.Sleep(time.Duration(i) * 7 * time.Millisecond)
					do(i, one)
				})
			}
			wait.Wait()
		}
		releaseAll := func(image string) {
			config := func(i int) object {
				return release(image, object{"name": fmt.Sprint("svc-", i), "capacity": capacityOf(1, 1, 1)})
			}
			plans := make([]planned, n)
			each(func(i int, one *deployment) { plans[i] = one.plan(config(i)) })
			each(func(i int, one *deployment) {
				if _, diags := one.applyPlan(t.Context(), plans[i], config(i)); providertest.Failed(diags) {
					t.Error(providertest.Render(diags))
				}
			})
		}
		if first {
			c = d.costs(func() { releaseAll("ami-1") })
			return
		}
		releaseAll("ami-1")
		time.Sleep(time.Hour)
		c = d.costs(func() { releaseAll("ami-2") })
	})
	return c
}

// Deployments that are released side by side share what can be shared: lists come by time, and not by deployment, and what takes many names is
// asked for by few calls.
func TestWhatManyRolloutsCostTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred rollouts are run at a time")
	}
	for _, row := range []struct {
		name  string
		n     int
		first bool
		most  map[string]int
	}{
		{"100 first deployments", 100, true, map[string]int{"DescribeImages": 10, "DescribeTargetGroups": 10, "DescribeLoadBalancers": 10, "ListGroups": 120}},
		{"20 releases of one instance", 20, false, map[string]int{"DescribeImages": 10, "DescribeTargetGroups": 10, "DescribeLoadBalancers": 10, "ListGroups": 120}},
	} {
		c := together(t, row.n, row.first)
		t.Logf("%s: %.1f s, where the clouds take %.1f s, %d calls: %v", row.name, c.took.Seconds(), c.world.Seconds(), c.all(), c.calls)
		for action, most := range row.most {
			if c.calls[action] > most {
				t.Errorf("%s: %d calls of %s, want %d at most", row.name, c.calls[action], action, most)
			}
		}
	}
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

// What rollouts cost, in calls and in time that nobody needed, is no more than it was. The figures are those of a world in virtual time: means
// of several runs, since looks are spread at random.
func TestWhatRolloutsCost(t *testing.T) {
	if testing.Short() {
		t.Skip("many rollouts are run for their means")
	}
	const runs = 10
	file := filepath.Join("testdata", "costs.txt")
	var table, routes strings.Builder
	fmt.Fprintf(&table, "%-22s %9s %9s %7s %7s\n", "rollout", "took", "clouds", "ratio", "calls")
	now := map[string][2]float64{}
	for _, row := range costsOf {
		var sum cost
		sum.calls = map[string]int{}
		for range runs {
			c := measured(t, row.config, row.fails)
			sum.took, sum.world = sum.took+c.took, sum.world+c.world
			for action, n := range c.calls {
				sum.calls[action] += n
			}
		}
		ratio, calls := float64(sum.took)/float64(sum.world), float64(sum.all())/runs
		now[row.name] = [2]float64{ratio, calls}
		fmt.Fprintf(&table, "%-22s %8.1fs %8.1fs %7.3f %7.1f\n", row.name, sum.took.Seconds()/runs, sum.world.Seconds()/runs, ratio, calls)
		fmt.Fprintf(&routes, "\n%s\n", row.name)
		for _, action := range slices.SortedFunc(maps.Keys(sum.calls), func(a, b string) int { return sum.calls[b] - sum.calls[a] }) {
			fmt.Fprintf(&routes, "  %-26s %6.1f\n", action, float64(sum.calls[action])/runs)
		}
	}
	t.Logf("\n%s%s", &table, &routes)
	if *updateCosts {
		if err := os.WriteFile(file, []byte(table.String()+routes.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range costsOf {
		was := figures(t, string(committed), row.name)
		if is := now[row.name]; is[0] > was[0]*1.08 || is[1] > was[1]*1.1 {
			t.Errorf("%s: it takes %.3f times as long as the clouds do, with %.1f calls; it was %.3f, with %.1f. If that is meant: -update-costs", row.name, is[0], is[1], was[0], was[1])
		}
	}
}

// figures are the ratio and the calls of a row.
func figures(t *testing.T, table, name string) (f [2]float64) {
	t.Helper()
	for line := range strings.Lines(table) {
		rest, found := strings.CutPrefix(line, name)
		fields := strings.Fields(rest)
		if !found || len(fields) != 4 {
			continue
		}
		for i := range f {
			var err error
			if f[i], err = strconv.ParseFloat(fields[2+i], 64); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	t.Fatalf("there is no row %q", name)
	return f
}
