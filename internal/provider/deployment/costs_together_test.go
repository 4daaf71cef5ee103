package deployment_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// many are deployments that are released at the same time, of one instance each.
type many struct {
	name  string
	n     int
	first bool // it is their first deployment
	own   bool // each is behind a load balancer of its own, with a target group of its own
	// lists and health are the most lists and questions about targets; what else takes many names is asked for mostOfMany times at the most.
	lists, health int
}

// togetherOf are such as Terraform may be asked for. Where they are not told to have their own, they are behind one target group.
var togetherOf = []many{
	{"20 releases", 20, false, false, 40, 160},
	{"100 first deployments", 100, true, false, 60, 160},
	{"100 first, own balancers", 100, true, true, 100, 1200},
	{"100 releases", 100, false, false, 100, 200},
}

const mostOfMany = 5

// manyNames are the reads that take many names.
var manyNames = []string{"DescribeImages", "DescribeTargetGroups", "DescribeLoadBalancers"}

// together is what it costs to release them, each of which asks at moments of its own.
func (m many) together(t *testing.T) (c cost) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		world := costWorld()
		world.RateLimit = 1_000_000 // it is not Spot's limit that is measured
		if m.own {
			world.AWS = withOwn(world.AWS, m.n)
		}
		d := deploymentIn(t, sandbox.New(world))
		all := make([]*deployment, m.n)
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
				config := release(image, object{"name": fmt.Sprint("svc-", i), "capacity": capacityOf(1, 1, 1)})
				if m.own {
					config["target_group_arns"] = []any{ownARN(i)}
				}
				return config
			}
			plans := make([]planned, m.n)
			each(func(i int, one *deployment) { plans[i] = one.plan(config(i)) })
			each(func(i int, one *deployment) {
				if _, diags := one.applyPlan(t.Context(), plans[i], config(i)); providertest.Failed(diags) {
					t.Error(providertest.Render(diags))
				}
			})
		}
		if !m.first {
			releaseAll("ami-1")
			time.Sleep(time.Hour)
		}
		c = d.costs(func() { releaseAll(map[bool]string{true: "ami-1", false: "ami-2"}[m.first]) })
	})
	return c
}

// withOwn are clouds with a load balancer and a target group for each of so many.
func withOwn(config sandbox.AWSConfig, n int) sandbox.AWSConfig {
	for i := range n {
		group := sandbox.TargetGroupConfig{Name: fmt.Sprint("own-", i), ARN: ownARN(i)}
		slowGroup(&group)
		config.TargetGroups = append(config.TargetGroups, group)
		config.LoadBalancers = append(config.LoadBalancers, sandbox.LoadBalancerConfig{Name: group.Name, Listeners: []sandbox.ListenerConfig{{Port: 80, TargetGroup: group.Name}}})
	}
	return config
}

func ownARN(i int) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/own-%d/%016x", i, i)
}

// Deployments that are released side by side share what can be shared: lists come by time, and not by deployment, as does what is asked about
// targets, and what takes many names is asked for by few calls.
func TestWhatManyRolloutsCostTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred rollouts are run at a time")
	}
	table := newCosts(t, "costs-together.txt")
	table.line("%-26s %7s %8s %8s %7s %9s %7s %7s %7s", "at the same time", "took", "calls", "lists", "limit", "targets", "limit", "others", "limit")
	for _, m := range togetherOf {
		if m.n == 100 && (!m.first || m.own) && !*exhaustive && !*updateCosts {
			continue // make bench runs it: most of the time that this takes
		}
		c := m.together(t)
		others := 0
		for _, action := range manyNames {
			others = max(others, c.calls[action])
		}
		lists, health := c.calls["ListGroups"], c.calls["DescribeTargetHealth"]
		table.line("%-26s %6.1fs %8d %8d %7d %9d %7d %7d %7d", m.name, c.took.Seconds(), c.all(), lists, m.lists, health, m.health, others, mostOfMany)
		table.holds(m.name, "lists", float64(lists), float64(m.lists), 3, 1.5)
		table.holds(m.name, "questions about targets", float64(health), float64(m.health), 5, 1.5)
		table.holds(m.name, "calls of a read that takes many names", float64(others), mostOfMany, 7, 0)
	}
	table.done()
}
