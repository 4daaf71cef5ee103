package deployment_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	mib = 1 << 20
	kib = 1 << 10

	mostLists = 1   // of the groups of an account that a plan takes, however many deployments it has
	mostLive  = 100 // MiB that live in the provider's process at a time, by 200 deployments among 5,000 groups of others
	// mostMore is how many times more one deployment more may take in a large workspace than in a small one, and a group of others by many
	// deployments than by few: with what is made for each pair of them it would be many times.
	mostMore = 1.3
)

var (
	workspaces = []int{10, 50, 100, 200, 500}
	accounts   = []int{0, 1000, 5000}
)

// growthRow names a workspace of so many deployments among so many groups of others.
func growthRow(deployments, foreign int) string {
	return fmt.Sprintf("%d among %d others", deployments, foreign)
}

// What a plan takes grows with the deployments of a workspace and with the groups of the account, and not with the one times the other. A
// sample of it is taken with every test, which cannot show that much, and all of it by make bench.
func TestPlansGrowWithTheWorkspace(t *testing.T) {
	if *updateCosts && !*exhaustive {
		t.Fatal("the file has all rows: -exhaustive")
	}
	o, table := outsideOf(t), newCosts(t, "growth.txt")
	weights := map[[2]int]weight{}
	table.line("%-24s %6s %6s %6s %12s %9s %6s %6s", "one plan of deployments", "lists", "limit", "calls", "allocated", "each", "live", "limit")
	for _, deployments := range workspaces {
		for _, foreign := range accounts {
			if !*exhaustive && (deployments > 10 || foreign > 1000) {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				w := workspaceOf(t, deployments, foreign).weighed(o, *exhaustive)
				row, limit := growthRow(deployments, foreign), mostLive*max(1, deployments/200)
				weights[[2]int{deployments, foreign}] = w
				table.line("%-24s %6d %6d %6d %8.1f MiB %5.0f KiB %6.1f %6d", row, w.calls["ListGroups"], mostLists, w.all(),
					float64(w.allocated)/mib, float64(w.allocated)/kib/float64(deployments), float64(w.live)/mib, limit)
				t.Logf("%s: %s of processors, and %s of virtual time; %v", row, w.worked, w.waited, w.calls)
				table.holds(row, "lists", float64(w.calls["ListGroups"]), mostLists, 1, 0)
				table.holds(row, "calls", float64(w.all()), float64(2*deployments+20), 3, 1.2)
				table.holds(row, "MiB allocated", float64(w.allocated)/mib, float64(10*deployments+20+foreign/50), 4, 1.1)
				table.holds(row, "MiB live", float64(w.live)/mib, float64(limit), 8, 0) // it depends on when there was time to collect
			})
		}
	}
	if *exhaustive {
		each(t, table, o)
		growsInALine(t, weights)
	}
	table.done()
}

// growsInALine fails the test where a large workspace takes more for one deployment more, or for a group of others, than a small one.
func growsInALine(t *testing.T, weights map[[2]int]weight) {
	t.Helper()
	more := func(from, to [2]int, by int) float64 {
		return float64(weights[to].allocated-weights[from].allocated) / float64(by)
	}
	for _, foreign := range accounts {
		few, many := more([2]int{10, foreign}, [2]int{100, foreign}, 90), more([2]int{100, foreign}, [2]int{500, foreign}, 400)
		t.Logf("among %d others, one deployment more takes %.0f KiB in a workspace of 10 to 100, and %.0f in one of 100 to 500", foreign, few/kib, many/kib)
		if many > few*mostMore {
			t.Errorf("among %d others, one deployment more takes %.0f KiB in a workspace of 100 to 500, and %.0f in one of 10 to 100", foreign, many/kib, few/kib)
		}
	}
	for _, deployments := range workspaces[1:] {
		few, many := more([2]int{10, 0}, [2]int{10, 5000}, 5000), more([2]int{deployments, 0}, [2]int{deployments, 5000}, 5000)
		t.Logf("a group of others takes %.2f KiB by 10 deployments, and %.2f by %d", few/kib, many/kib, deployments)
		if many > few*mostMore {
			t.Errorf("a group of others takes %.2f KiB by %d deployments, and %.2f by 10: each deployment takes something for it", many/kib, deployments, few/kib)
		}
	}
}

// each are deployments that are large by themselves.
func each(t *testing.T, table *costTable, o *outside) {
	t.Helper()
	table.line("\n%-24s %6s %6s %6s %12s %12s %6s", "one deployment", "lists", "calls", "limit", "allocated", "answers", "live")
	thousand := object{"capacity": capacityOf(1000, 1000, 1000)}
	for _, one := range []struct {
		name   string
		groups func() sandbox.Config
		config object
		// calls and MiB allocated are the most that may be.
		calls     int
		allocated float64
	}{
		{"of 1,000 instances, plan", func() sandbox.Config { return webWorld(existing("web__1", "ami-1", 1000, 1000, 1000)) }, thousand, 10, 20},
		{"of 50 retained, plan", retaining, object{"retain": 50}, 10, 120},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := planningOf(t, one.groups(), []string{"web"}, one.config).weighed(o, true)
			eachRow(table, one.name, w, one.calls)
			table.holds(one.name, "MiB allocated", float64(w.allocated)/mib, one.allocated, 4, 1.1)
			table.holds(one.name, "MiB live", float64(w.live)/mib, 40, 8, 0)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		world := costWorld()
		world.Groups = append(world.Groups, existing("web__1", "ami-1", 1000, 1000, 1000))
		d := deploymentIn(t, sandbox.New(world))
		counted := &sameList{through: d.world.Transport()}
		d.through = counted
		d.restart()
		if diags := d.load("web"); providertest.Failed(diags) {
			t.Fatal(providertest.Render(diags))
		}
		time.Sleep(time.Hour)
		d.restart()
		counted.answers = 0
		c := d.costs(func() { d.apply(release("ami-2", thousand)) })
		eachRow(table, "of 1,000, plan and apply", weight{calls: c.calls, answers: counted.answers}, 100)
		table.holds("of 1,000, plan and apply", "MiB answered", float64(counted.answers)/mib, 100, 6, 1.2)
		var routes strings.Builder
		for _, action := range slices.SortedFunc(maps.Keys(c.calls), func(a, b string) int { return c.calls[b] - c.calls[a] }) {
			fmt.Fprintf(&routes, "\n  %-30s %6d", action, c.calls[action])
		}
		table.line("\na release of 1,000 instances%s", routes.String())
	})
}

// eachRow is the row of one deployment.
func eachRow(table *costTable, name string, w weight, calls int) {
	heap := fmt.Sprintf("%8s MiB %8.1f MiB %6s", "-", float64(w.answers)/mib, "-")
	if w.allocated > 0 {
		heap = fmt.Sprintf("%8.1f MiB %8.1f MiB %6.1f", float64(w.allocated)/mib, float64(w.answers)/mib, float64(w.live)/mib)
	}
	table.line("%-24s %6d %6d %6d %s", name, w.calls["ListGroups"], w.all(), calls, heap)
	table.holds(name, "calls", float64(w.all()), float64(calls), 2, 1.2)
}

// retaining has a deployment with fifty former revisions.
func retaining() sandbox.Config {
	config := webWorld()
	for revision := range 50 {
		config.Groups = append(config.Groups, provenGroup(revision+1, 0, 0, 0))
	}
	config.Groups = append(config.Groups, provenGroup(51, 2, 4, 8))
	return config
}

// workspaceOf has so many deployments, in an account with so many groups of others, and the plan is to release another image of each.
func workspaceOf(t *testing.T, deployments, foreign int) planning {
	t.Helper()
	config := webWorld()
	names := make([]string, deployments)
	for i := range names {
		names[i] = fmt.Sprint("svc-", i)
		config.Groups = append(config.Groups, existing(rollout.Name(names[i], 1), "ami-1", 2, 4, 8))
	}
	for i := range foreign {
		config.Groups = append(config.Groups, existing(fmt.Sprintf("foreign-%d", i), "ami-1", 0, 0, 0))
	}
	return planningOf(t, config, names)
}

// planningOf are deployments of these names in a world, and a release of each that is to be planned.
func planningOf(t *testing.T, config sandbox.Config, names []string, others ...object) planning {
	t.Helper()
	config.RateLimit = 1_000_000 // it is not Spot's limit that is measured
	world := sandbox.New(config)
	p := planning{clouds: &sameList{through: world.Transport(), keeps: true}}
	p.d = &deployment{t: t, world: world, through: p.clouds, unlogged: true}
	p.d.restart()
	server, of := *p.d.server, map[*overheard]string{}
	for _, name := range names {
		heard := &overheard{ProviderServer: server.ProviderServer}
		p.requests, of[heard] = append(p.requests, heard), name
	}
	p.each(func(heard *overheard) {
		one, mine := p.d.secondResource(), server
		mine.ProviderServer, one.server = heard, &mine
		diags := one.load(of[heard])
		if diags = append(diags, one.plan(release("ami-2", append(others, object{"name": of[heard]})...)).diags...); providertest.Failed(diags) {
			t.Error(providertest.Render(diags))
		}
		heard.ProviderServer = nil
	})
	return p
}
