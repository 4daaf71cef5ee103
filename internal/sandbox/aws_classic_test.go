package sandbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
)

func TestClassicBalancer(t *testing.T) {
	inAWS(t, twoTargetGroups().with("web__1", "ami-0a1", 1, "old"), func(t *testing.T, c clients) {
		first := c.instances(t, "web__1")[0]
		health := func(ids ...string) string {
			t.Helper()
			input := &elasticloadbalancing.DescribeInstanceHealthInput{LoadBalancerName: aws.String("old")}
			for _, id := range ids {
				input.Instances = append(input.Instances, elbtypes.Instance{InstanceId: aws.String(id)})
			}
			counts := map[string]int{}
			for _, s := range must(c.elb.DescribeInstanceHealth(t.Context(), input))(t).InstanceStates {
				counts[fmt.Sprintf("%s/%s %s", *s.State, *s.ReasonCode, *s.Description)]++
			}
			return spoken(counts)
		}
		want := func(when, want string, ids ...string) {
			t.Helper()
			if got := health(ids...); got != want {
				t.Errorf("%s: got %q, want %q", when, got, want)
			}
		}
		const (
			inService  = "InService/N/A N/A"
			notYet     = "OutOfService/Instance Instance has not passed the configured HealthyThreshold number of health checks consecutively."
			failed     = "OutOfService/Instance Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
			leaving    = "InService/N/A Instance deregistration currently in progress."
			registered = "OutOfService/ELB Instance registration is still in progress."
			unknown    = "OutOfService/Instance Instance is not currently registered with the LoadBalancer."
		)
		want("at first", "1 "+inService)
		if !c.serves(first) {
			t.Error("an instance in service does not serve")
		}
		c.world.SetCapacity("web__1", 2, 2, 2)
		c.sleep(29 * time.Second) // reconcile 2, fulfil 5, run 20
		want("just registered", "1 "+inService+", 1 "+registered)
		c.sleep(5 * time.Second)
		want("in its first checks", "1 "+inService+", 1 "+notYet)
		c.sleep(80 * time.Second)
		want("before ten good checks", "1 "+inService+", 1 OutOfService/Instance Instance has not passed the configured HealthyThreshold number of health checks consecutively.")
		c.sleep(40 * time.Second)
		want("after ten good checks", "2 "+inService)

		c.world.SetAnswering(first, false, "Request timed out")
		c.sleep(25 * time.Second)
		want("after two bad checks", "1 "+failed, first)

		second := c.instances(t, "web__1")[1]
		left := must(c.elb.DeregisterInstancesFromLoadBalancer(t.Context(), &elasticloadbalancing.DeregisterInstancesFromLoadBalancerInput{
			LoadBalancerName: aws.String("old"), Instances: []elbtypes.Instance{{InstanceId: aws.String(second)}}}))(t)
		if len(left.Instances) != 1 || *left.Instances[0].InstanceId != first {
			t.Errorf("left are %+v", left.Instances)
		}
		want("while it drains", "1 "+leaving, second)
		if c.serves(second) {
			t.Error("a draining instance serves")
		}
		c.sleep(31 * time.Second)
		want("after draining", "1 "+unknown, second)

		must(c.elb.RegisterInstancesWithLoadBalancer(t.Context(), &elasticloadbalancing.RegisterInstancesWithLoadBalancerInput{
			LoadBalancerName: aws.String("old"), Instances: []elbtypes.Instance{{InstanceId: aws.String(second)}}}))(t)
		want("registered again", "1 "+registered, second)

		c.world.ReclaimAtOnce(first)
		want("a terminated one is left out", "", first)

		_, err := c.elb.DescribeInstanceHealth(t.Context(), &elasticloadbalancing.DescribeInstanceHealthInput{LoadBalancerName: aws.String("old"),
			Instances: []elbtypes.Instance{{InstanceId: aws.String("i-0unknown")}}})
		wantRefusal(t, err, 400, "InvalidInstance", "i-0unknown")
		_, err = c.elb.DescribeInstanceHealth(t.Context(), &elasticloadbalancing.DescribeInstanceHealthInput{LoadBalancerName: aws.String("gone")})
		wantRefusal(t, err, 400, "LoadBalancerNotFound", "named 'gone'")
		_, err = c.elb.DescribeLoadBalancers(t.Context(), &elasticloadbalancing.DescribeLoadBalancersInput{LoadBalancerNames: []string{"old", "gone"}})
		wantRefusal(t, err, 400, "LoadBalancerNotFound", "named 'gone'")
		described := must(c.elb.DescribeLoadBalancers(t.Context(), &elasticloadbalancing.DescribeLoadBalancersInput{}))(t).LoadBalancerDescriptions
		if len(described) != 1 || *described[0].LoadBalancerName != "old" || *described[0].HealthCheck.Interval != 10 {
			t.Errorf("got %+v", described)
		}
	})
}
