package aws_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// moto starts moto's server, a pretend AWS that others wrote, and answers with where it listens. It is stopped when the test
// ends. The test is skipped where there is none.
func moto(t *testing.T) (endpoint string) {
	t.Helper()
	path := os.Getenv("MOTO_SERVER")
	if path == "" {
		var err error
		if path, err = exec.LookPath("moto_server"); err != nil {
			t.Skip("there is no moto_server on PATH, and MOTO_SERVER does not name one: this second opinion is left out")
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(free.Addr().String())
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(path, "-H", "127.0.0.1", "-p", port)
	if err := server.Start(); err != nil {
		t.Skipf("%s does not start: %v", path, err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill() // it has nothing to tidy up
		_ = server.Wait()
	})
	endpoint = "http://127.0.0.1:" + port
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get(endpoint + "/moto-api/data.json")
		if err == nil {
			_ = answer.Body.Close()
			return endpoint
		}
		if time.Since(begun) > 12*time.Second {
			t.Skipf("%s does not answer: %v", path, err)
		}
	}
}

// second is a load balancer in moto with two target groups.
type second struct {
	elbv2       *elasticloadbalancingv2.Client
	client      *aws.Client
	balancer    string
	blue, green string
}

func inMoto(t *testing.T) second {
	t.Helper()
	endpoint := moto(t)
	ctx := t.Context()
	config := sdk.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret-of-the-test", "")}
	s := second{elbv2: elasticloadbalancingv2.NewFromConfig(config)}
	subnets, err := ec2.NewFromConfig(config).DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
	must(t, err)
	made, err := s.elbv2.CreateLoadBalancer(ctx, &elasticloadbalancingv2.CreateLoadBalancerInput{
		Name: sdk.String("web"), Subnets: []string{*subnets.Subnets[0].SubnetId, *subnets.Subnets[1].SubnetId},
	})
	must(t, err)
	s.balancer = *made.LoadBalancers[0].LoadBalancerArn
	for name, arn := range map[string]*string{"blue": &s.blue, "green": &s.green} {
		group, err := s.elbv2.CreateTargetGroup(ctx, &elasticloadbalancingv2.CreateTargetGroupInput{
			Name: &name, Protocol: types.ProtocolEnumHttp, Port: sdk.Int32(80), VpcId: subnets.Subnets[0].VpcId,
		})
		must(t, err)
		*arn = *group.TargetGroups[0].TargetGroupArn
	}
	s.client, err = aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: "secret-of-the-test",
		Endpoints: aws.Endpoints{EC2: endpoint, ELB: endpoint, ELBv2: endpoint, CloudWatch: endpoint, STS: endpoint}})
	must(t, err)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listener makes one, and answers with its ARN.
func (s second) listener(t *testing.T, port int32, actions ...types.Action) string {
	t.Helper()
	made, err := s.elbv2.CreateListener(t.Context(), &elasticloadbalancingv2.CreateListenerInput{
		LoadBalancerArn: &s.balancer, Protocol: types.ProtocolEnumHttp, Port: &port, DefaultActions: actions,
	})
	must(t, err)
	return *made.Listeners[0].ListenerArn
}

// to is a forward action to target groups of one weight each.
func to(sticky bool, groups ...rollout.Share) types.Action {
	config := &types.ForwardActionConfig{}
	for _, g := range groups {
		config.TargetGroups = append(config.TargetGroups, types.TargetGroupTuple{TargetGroupArn: &g.TargetGroup, Weight: sdk.Int32(int32(g.Weight))})
	}
	if sticky {
		config.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: sdk.Bool(true), DurationSeconds: sdk.Int32(900)}
	}
	return types.Action{Type: types.ActionTypeEnumForward, ForwardConfig: config}
}

// A switch, a shift and the way back, by the calls that a rollout makes of a listener, a rule and a default rule: moto takes
// them, shows them, and keeps everything else.
func TestTrafficInMoto(t *testing.T) {
	s := inMoto(t)
	ctx := t.Context()
	share := func(group string, weight int) rollout.Share { return rollout.Share{TargetGroup: group, Weight: weight} }
	production := s.listener(t, 80, to(false, share(s.blue, 1)))
	stage := s.listener(t, 8080, to(false, share(s.green, 1)))
	weighted := s.listener(t, 81, to(true, share(s.blue, 100), share(s.green, 0)))
	rule, err := s.elbv2.CreateRule(ctx, &elasticloadbalancingv2.CreateRuleInput{
		ListenerArn: &production, Priority: sdk.Int32(10), Actions: []types.Action{to(true, share(s.blue, 100), share(s.green, 0))},
		Conditions: []types.RuleCondition{{Field: sdk.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{Values: []string{"/api/*"}}}},
	})
	must(t, err)

	single := func(group string) rollout.Forward { return rollout.Forward{share(group, 1)} }
	at := func(percent int) rollout.Forward {
		return rollout.Forward{share(s.blue, 100-percent), share(s.green, percent)}
	}
	shift := []rollout.Forward{at(0), at(10), at(50), at(100), at(0)}
	for name, test := range map[string]struct {
		arn     string
		sticky  bool
		through []rollout.Forward // from what it is
	}{
		"production of a switch": {production, false, []rollout.Forward{single(s.blue), single(s.green), single(s.blue)}},
		"stage of a switch":      {stage, false, []rollout.Forward{single(s.green), single(s.blue), single(s.green)}},
		"a listener":             {weighted, true, shift},
		"a rule":                 {*rule.Rules[0].RuleArn, true, shift},
		"a default rule":         {s.defaultRule(t, weighted), true, shift},
	} {
		t.Run(name, func(t *testing.T) {
			for i, wanted := range test.through {
				if i > 0 {
					must(t, s.client.SetTraffic(ctx, test.arn, test.through[i-1], wanted))
				}
				shows, err := s.client.Traffic(ctx, test.arn)
				must(t, err)
				if !shows.Same(wanted) {
					t.Fatalf("it forwards to %s, want %s", shows, wanted)
				}
			}
			route, err := s.client.Route(ctx, test.arn)
			must(t, err)
			if want := (aws.Stickiness{Enabled: test.sticky}); route.Stickiness.Enabled != want.Enabled || test.sticky && route.Stickiness.Duration != 15*time.Minute {
				t.Errorf("stickiness is %+v", route.Stickiness)
			}
			last := test.through[len(test.through)-1]
			if err := s.client.SetTraffic(ctx, test.arn, rollout.Forward{share(s.blue, 30), share(s.green, 70)}, rollout.Forward{share(s.blue, 20), share(s.green, 80)}); err == nil ||
				!strings.Contains(err.Error(), "someone else") {
				t.Errorf("what someone else has moved to %s was changed: %v", last, err)
			}
		})
	}
}

// defaultRule is that of a listener.
func (s second) defaultRule(t *testing.T, listener string) string {
	t.Helper()
	rules, err := s.elbv2.DescribeRules(context.Background(), &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &listener})
	must(t, err)
	for _, r := range rules.Rules {
		if sdk.ToBool(r.IsDefault) {
			return *r.RuleArn
		}
	}
	t.Fatal(fmt.Sprint("no default rule of ", listener))
	return ""
}
