package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// health is how the targets of a group are, as a test reads it best: "2 healthy, 1 unhealthy (Target.Timeout: …)".
func (c clients) health(t *testing.T, arn string, ids ...string) string {
	t.Helper()
	input := &elbv2.DescribeTargetHealthInput{TargetGroupArn: aws.String(arn)}
	for _, id := range ids {
		input.Targets = append(input.Targets, types.TargetDescription{Id: aws.String(id)})
	}
	counts := map[string]int{}
	for _, d := range must(c.elbv2.DescribeTargetHealth(t.Context(), input))(t).TargetHealthDescriptions {
		word := string(d.TargetHealth.State)
		if d.TargetHealth.Reason != "" {
			word += fmt.Sprintf(" (%s: %s)", d.TargetHealth.Reason, aws.ToString(d.TargetHealth.Description))
		}
		counts[word]++
	}
	return spoken(counts)
}

func spoken(counts map[string]int) string {
	var all []string
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%d %s", counts[word], word))
	}
	return strings.Join(all, ", ")
}

const (
	registering = "initial (Elb.RegistrationInProgress: Target registration is in progress)"
	firstChecks = "initial (Elb.InitialHealthChecking: Initial health checks in progress)"
	mismatch    = "unhealthy (Target.ResponseCodeMismatch: Health checks failed with these codes: [503])"
	notInUse    = "unused (Target.NotInUse: Target group is not configured to receive traffic from the load balancer)"
	terminated  = "unused (Target.InvalidState: Target is in the terminated state)"
	unknownHere = "unused (Target.NotRegistered: Target is not registered to the target group)"
	drains      = "draining (Target.DeregistrationInProgress: Target deregistration is in progress)"
)

func (c clients) wantHealth(t *testing.T, when, arn, want string) {
	t.Helper()
	if got := c.health(t, arn); got != want {
		t.Errorf("%s: %s has %q, want %q", when, nameIn(arn), got, want)
	}
}

// The life of a target: it registers, boots, turns healthy, crashes, comes back, drains, and is forgotten.
func TestTargetLife(t *testing.T) {
	config := twoTargetGroups()
	config.Boot = Boot{Running: Duration(20 * time.Second), Answering: Duration(48 * time.Second)}
	inAWS(t, config, func(t *testing.T, c clients) {
		if _, err := c.world.AddGroup(groupOf("web__1", "ami-0a1", 1, blueARN)); err != nil {
			t.Fatal(err)
		}
		until := func(state string) time.Duration {
			t.Helper()
			began := time.Now()
			for !strings.HasPrefix(c.health(t, blueARN), state) {
				if time.Since(began) > 10*time.Minute {
					t.Fatalf("it is never %q, it is %q", state, c.health(t, blueARN))
				}
				c.sleep(100 * time.Millisecond)
			}
			return time.Since(began).Round(time.Second)
		}
		within := func(what string, took, least, most time.Duration) {
			t.Helper()
			if took < least || took > most {
				t.Errorf("%s took %v, want %v to %v", what, took, least, most)
			}
		}

		until("1 " + registering)
		within("registration", until("1 "+firstChecks), 5*time.Second, 5*time.Second)
		// It answers 28 s after it runs: the checks 10 and 20 s after its registration fail.
		within("the first two checks", until("1 "+mismatch), 20*time.Second, 20*time.Second)
		within("five good checks", until("1 healthy"), 45*time.Second, 50*time.Second)

		id := c.instances(t, "web__1")[0]
		if !c.serves(id) {
			t.Error("a healthy target of the production listener's group does not serve")
		}
		c.world.SetAnswering(id, false, "Request timed out")
		within("two bad checks", until("1 unhealthy (Target.Timeout: Request timed out)"), 10*time.Second, 20*time.Second)
		if c.serves(id) {
			t.Error("an unhealthy target serves")
		}
		c.world.SetAnswering(id, true, "")
		within("coming back", until("1 healthy"), 40*time.Second, 50*time.Second)

		c.world.SetAnswering(id, false, "Health checks failed with these codes: [503]")
		c.sleep(5 * time.Second)
		c.world.SetAnswering(id, true, "")
		c.sleep(time.Minute)
		c.wantHealth(t, "after less than two failed checks", blueARN, "1 healthy")

		must(c.elbv2.DeregisterTargets(t.Context(), &elbv2.DeregisterTargetsInput{TargetGroupArn: aws.String(blueARN),
			Targets: []types.TargetDescription{{Id: aws.String(id)}, {Id: aws.String("i-0unknown")}}}))(t)
		c.wantHealth(t, "once deregistered", blueARN, "1 "+drains)
		if c.serves(id) {
			t.Error("a draining target serves")
		}
		c.sleep(59 * time.Second)
		c.wantHealth(t, "just before the delay is over", blueARN, "1 "+drains)
		c.sleep(2 * time.Second)
		c.wantHealth(t, "after the delay", blueARN, "")
		if got := c.health(t, blueARN, id); got != "1 "+unknownHere {
			t.Errorf("a target that is not registered is %q", got)
		}
	})
}

// serves tells whether production traffic reaches an instance.
func (c clients) serves(id string) bool {
	var yes bool
	c.world.locked(func() { yes = c.world.serving(id) })
	return yes
}

func TestTargetNeverHealthy(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		if _, err := c.world.AddGroup(groupOf("web__2", "ami-0bad", 2, blueARN)); err != nil {
			t.Fatal(err)
		}
		c.sleep(5 * time.Minute)
		c.wantHealth(t, "after five minutes", blueARN, "2 "+mismatch)
	})
}

func TestTargetsOfUnusedGroup(t *testing.T) {
	inAWS(t, twoTargetGroups().with("web__1", "ami-0a1", 2, spareARN), func(t *testing.T, c clients) {
		c.wantHealth(t, "at first", spareARN, "2 "+notInUse)
		must(c.elbv2.ModifyListener(t.Context(), share(productionARN, of(blueARN, 1), of(spareARN, 0))))(t)
		c.wantHealth(t, "once an action names it", spareARN, "2 "+firstChecks)
		c.sleep(11 * time.Second)
		c.wantHealth(t, "a check later", spareARN, "2 healthy")
		if id := c.instances(t, "web__1")[0]; c.serves(id) {
			t.Error("a target serves at weight 0")
		}
		must(c.elbv2.ModifyListener(t.Context(), share(productionARN, of(blueARN, 0), of(spareARN, 1))))(t)
		c.sleep(9 * time.Second)
		if id := c.instances(t, "web__1")[0]; c.serves(id) {
			t.Error("it serves before traffic has followed")
		}
		c.sleep(2 * time.Second)
		if id := c.instances(t, "web__1")[0]; !c.serves(id) {
			t.Error("it does not serve at weight 1")
		}
		must(c.elbv2.ModifyListener(t.Context(), forwardTo(productionARN, blueARN)))(t)
		c.wantHealth(t, "once no action names it", spareARN, "2 "+notInUse)

		id := c.instances(t, "web__1")[0]
		c.sleep(time.Minute)
		must(c.elbv2.DeregisterTargets(t.Context(), &elbv2.DeregisterTargetsInput{TargetGroupArn: aws.String(spareARN),
			Targets: []types.TargetDescription{{Id: aws.String(id)}}}))(t)
		c.wantHealth(t, "a target without traffic does not drain", spareARN, "1 "+notInUse)
	})
}

// Exchanging production and stage: production first keeps users served all the time, stage first does not.
func TestSwapOrder(t *testing.T) {
	for _, test := range []struct {
		name          string
		first, second *elbv2.ModifyListenerInput
		outage        bool
	}{
		{"production first", forwardTo(productionARN, greenARN), forwardTo(stageARN, blueARN), false},
		{"stage first", forwardTo(stageARN, blueARN), forwardTo(productionARN, greenARN), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := twoTargetGroups().with("web__1", "ami-0a1", 2, blueARN).with("web__2", "ami-0a1", 2, greenARN)
			config.AWS.LoadBalancers[0].Listeners[0].Rules = nil
			config.AWS.TargetGroups[1].HealthCheck = HealthCheckConfig{} // every 30 s, as AWS has it
			inAWS(t, config, func(t *testing.T, c clients) {
				blue, green := c.instances(t, "web__1")[0], c.instances(t, "web__2")[0]
				if !c.serves(blue) || c.serves(green) {
					t.Fatal("not blue serves at first, but green")
				}
				must(c.elbv2.ModifyListener(t.Context(), test.first))(t)
				outage := false
				for n := range 90 {
					if n == 15 {
						must(c.elbv2.ModifyListener(t.Context(), test.second))(t)
					}
					c.sleep(time.Second)
					outage = outage || !c.serves(blue) && !c.serves(green)
				}
				if outage != test.outage {
					t.Errorf("outage: %v, want %v", outage, test.outage)
				}
				if c.serves(blue) || !c.serves(green) {
					t.Error("not green serves in the end, but blue")
				}
				c.wantHealth(t, "in the end", blueARN, "2 healthy")
				c.wantHealth(t, "in the end", greenARN, "2 healthy")
			})
		})
	}
}

// Between the calls of a swap the group that no action names any more is not checked, and serves on until traffic follows.
func TestLingeringTargets(t *testing.T) {
	inAWS(t, twoTargetGroups().with("web__1", "ami-0a1", 2, blueARN), func(t *testing.T, c clients) {
		ids := c.instances(t, "web__1")
		must(c.elbv2.ModifyListener(t.Context(), forwardTo(productionARN, greenARN)))(t)
		for _, r := range []string{apiRuleARN, loginRuleARN} {
			must(c.elbv2.ModifyRule(t.Context(), &elbv2.ModifyRuleInput{RuleArn: aws.String(r), Actions: []types.Action{
				{Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String(greenARN)}}}))(t)
		}
		c.wantHealth(t, "once no action names it", blueARN, "2 "+notInUse)
		if !c.serves(ids[0]) {
			t.Error("it ceased to serve before traffic followed")
		}
		c.world.SetAnswering(ids[0], false, "Request timed out")
		if c.serves(ids[0]) || !c.serves(ids[1]) {
			t.Error("a lingering target serves though it does not answer, or another one does not though it does")
		}
		c.sleep(11 * time.Second)
		if c.serves(ids[1]) {
			t.Error("it serves after traffic has followed")
		}
	})
}

func TestTargetsOfReclaimedInstances(t *testing.T) {
	inAWS(t, twoTargetGroups().with("web__1", "ami-0a1", 2, blueARN), func(t *testing.T, c clients) {
		id := c.instances(t, "web__1")[0]
		c.world.ReclaimAtOnce(id)
		if got := c.health(t, blueARN, id); got != "1 "+terminated || c.serves(id) {
			t.Errorf("the target of a reclaimed instance is %q, serving %v", got, c.serves(id))
		}
		c.sleep(5 * time.Minute)
		c.wantHealth(t, "after its replacement", blueARN, "2 healthy")
		if got := c.health(t, blueARN, id); got != "1 "+unknownHere {
			t.Errorf("in the end it is %q", got)
		}
	})
}

// Spot terminates an instance before the deregistration delay is over: its target drains to the end of it.
func TestDrainingOutlivesInstance(t *testing.T) {
	config := twoTargetGroups().with("web__1", "ami-0a1", 2, blueARN)
	config.AWS.TargetGroups[0].Attributes = nil // 300 s, as AWS has it
	inAWS(t, config, func(t *testing.T, c clients) {
		c.world.SetCapacity("web__1", 1, 1, 1)
		c.sleep(290 * time.Second)
		if n := len(c.instances(t, "web__1")); n != 1 {
			t.Fatalf("%d instances are left, want 1", n)
		}
		c.wantHealth(t, "before the delay is over", blueARN, "1 "+drains+", 1 healthy")
		c.sleep(15 * time.Second)
		c.wantHealth(t, "after the delay", blueARN, "1 healthy")
	})
}

// An instance on two ports is two targets; one that drains is taken back.
func TestRegisterTargets(t *testing.T) {
	inAWS(t, twoTargetGroups().with("web__1", "ami-0a1", 1, greenARN), func(t *testing.T, c clients) {
		id := c.instances(t, "web__1")[0]
		register := func(targets ...types.TargetDescription) error {
			_, err := c.elbv2.RegisterTargets(t.Context(), &elbv2.RegisterTargetsInput{TargetGroupArn: aws.String(blueARN), Targets: targets})
			return err
		}
		one := types.TargetDescription{Id: aws.String(id)}
		if err := register(one, types.TargetDescription{Id: aws.String(id), Port: aws.Int32(8080)}); err != nil {
			t.Fatal(err)
		}
		c.sleep(time.Minute)
		c.wantHealth(t, "registered twice", blueARN, "2 healthy")
		must(c.elbv2.DeregisterTargets(t.Context(), &elbv2.DeregisterTargetsInput{TargetGroupArn: aws.String(blueARN), Targets: []types.TargetDescription{
			{Id: aws.String(id), Port: aws.Int32(80)}}}))(t)
		c.wantHealth(t, "deregistered on a port", blueARN, "1 "+drains+", 1 healthy")
		if err := register(one); err != nil {
			t.Fatal(err)
		}
		c.wantHealth(t, "taken back", blueARN, "1 healthy, 1 "+registering)
		c.sleep(2 * time.Minute)
		c.wantHealth(t, "after the delay that is void", blueARN, "2 healthy")

		wantRefusal(t, register(types.TargetDescription{Id: aws.String("i-0unknown")}), 400, "InvalidTarget", "'i-0unknown'")
		c.world.ReclaimAtOnce(id)
		wantRefusal(t, register(one), 400, "InvalidTarget", id)
	})
}

func TestNetworkTargets(t *testing.T) {
	inAWS(t, twoTargetGroups().with("web__1", "ami-0bad", 1, tcpARN), func(t *testing.T, c clients) {
		c.wantHealth(t, "behind TCP", tcpARN, "1 unhealthy (Target.FailedHealthChecks: Health checks failed with these codes: [503])")
	})
}

// States that nothing in the world leads to are set by hand.
func TestSetTargetHealth(t *testing.T) {
	inAWS(t, twoTargetGroups().with("web__1", "ami-0a1", 2, blueARN), func(t *testing.T, c clients) {
		ids := c.instances(t, "web__1")
		if !c.world.SetTargetHealth(blueARN, ids[0], "unhealthy", "Elb.InternalError", "Health checks failed due to an internal error") {
			t.Fatal("there is no such target")
		}
		want := "1 healthy, 1 unhealthy (Elb.InternalError: Health checks failed due to an internal error)"
		c.wantHealth(t, "once set", blueARN, want)
		c.world.SetAnswering(ids[0], false, "Request timed out")
		c.world.SetAnswering(ids[0], true, "")
		c.sleep(5 * time.Minute)
		c.wantHealth(t, "later", blueARN, want)
		if c.serves(ids[0]) {
			t.Error("it serves")
		}
		c.world.SetTargetHealth(blueARN, ids[0], "", "", "")
		c.sleep(time.Minute)
		c.wantHealth(t, "once it is checked again", blueARN, "2 healthy")
		if c.world.SetTargetHealth(greenARN, ids[0], "unavailable", "", "") || c.world.SetTargetHealth(goneARN, ids[0], "unavailable", "", "") {
			t.Error("a target was set that there is not")
		}
	})
}

func TestJudgesOfBalancing(t *testing.T) {
	config := twoTargetGroups().with("web__1", "ami-0a1", 3, blueARN).with("web__2", "ami-0bad", 1, greenARN).with("web__3", "ami-0a1", 1, spareARN)
	inAWS(t, config, func(t *testing.T, c clients) {
		c.world.SetCapacity("web__1", 2, 2, 2)
		c.sleep(10 * time.Second)
		groups := c.world.TargetGroups()
		want := []TargetGroupMoment{
			{ARN: blueARN, Name: "web-blue", Healthy: 2, Draining: 1},
			{ARN: greenARN, Name: "web-green", Unhealthy: 1},
			{ARN: spareARN, Name: "spare", Unused: 1},
			{ARN: otherARN, Name: "other"},
			{ARN: tcpARN, Name: "tcp"},
		}
		if !slices.Equal(groups, want) {
			t.Errorf("got %+v\nwant %+v", groups, want)
		}
		var routes []string
		for _, r := range c.world.Routes() {
			routes = append(routes, r.ARN)
		}
		if want := []string{productionARN, apiRuleARN, loginRuleARN, stageARN}; !slices.Equal(sorted(routes[:4]), sorted(want)) || len(routes) != 6 {
			t.Errorf("got %v", routes)
		}

		must(c.elbv2.ModifyListener(t.Context(), share(productionARN, of(blueARN, 3), of(greenARN, 1))))(t)
		c.sleep(15 * time.Second)
		timeline := c.world.Timeline()
		last := timeline[len(timeline)-1]
		if last.TargetGroups[0].Healthy != 2 || len(last.Routes[0].Weights) != 2 {
			t.Errorf("the timeline does not follow: %+v", last)
		}
	})
}

func sorted(all []string) []string { return slices.Sorted(slices.Values(all)) }
