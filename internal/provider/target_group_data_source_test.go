package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	webARN   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"
	stageARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/stage/0123456789abcdef"
	idleARN  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/idle/0123456789abcdef"
	appARN   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/app/0123456789abcdef"
)

// balancedWorld has a load balancer with two target groups, one of which a group of two healthy instances fills, and a
// target group that nothing uses.
func balancedWorld(t *testing.T) sandbox.Config {
	return sandbox.Config{
		Images: []sandbox.Image{{ID: "ami-0a1", Name: "web-1"}},
		Groups: rawGroups(t, webGroup("sig-00000001", "web__1", 2)),
		AWS: sandbox.AWSConfig{
			TargetGroups: []sandbox.TargetGroupConfig{
				{Name: "web", ARN: webARN, Port: 8080, VPC: "vpc-1", Tags: map[string]string{"app": "web", "stage": "production"}, Attributes: map[string]string{
					"deregistration_delay.timeout_seconds":  "30",
					"stickiness.enabled":                    "true",
					"stickiness.type":                       "lb_cookie",
					"stickiness.lb_cookie.duration_seconds": "3600",
					"slow_start.duration_seconds":           "60",
				}},
				{Name: "stage", ARN: stageARN, Tags: map[string]string{"app": "web", "stage": "test"}},
				{Name: "idle", ARN: idleARN},
			},
			LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", ARN: appARN, Listeners: []sandbox.ListenerConfig{
				{Port: 80, TargetGroup: "web"},
				{Port: 8080, TargetGroup: "stage", Stage: true},
			}}},
		},
	}
}

func TestTargetGroup(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		want   string // the ARN found, or
		at     string // where the only error is, and
		says   []string
	}{
		"by ARN":                  {config: object{"arn": stageARN}, want: stageARN},
		"by name":                 {config: object{"name": "web"}, want: webARN},
		"by tags":                 {config: object{"tags": object{"app": "web", "stage": "test"}}, want: stageARN},
		"the ARN wins":            {config: object{"arn": webARN, "name": "stage"}, want: webARN},
		"by name and tags":        {config: object{"name": "web", "tags": object{"app": "web"}}, want: webARN},
		"an empty string is none": {config: object{"arn": "", "name": "idle"}, want: idleARN},

		"nothing asked":      {config: object{}, says: []string{"arn", "name", "tags"}},
		"only empty strings": {config: object{"arn": "", "name": ""}, says: []string{"all empty"}},
		"several":            {config: object{"tags": object{"app": "web"}}, says: []string{"Target group cannot be read", "2 target groups"}},
		"no such name":       {config: object{"name": "nothing"}, says: []string{"Target group not found", "nothing"}},
		"no such tags":       {config: object{"name": "web", "tags": object{"stage": "test"}}, says: []string{"web", "stage=test"}},
		"a balancer's ARN":   {config: object{"arn": appARN}, at: "arn", says: []string{"targetgroup"}},
		"no ARN":             {config: object{"arn": "web"}, at: "arn", says: []string{"targetgroup"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := inWorld(t, balancedWorld(t))
			state, diags := s.read("elastigroup_target_group", test.config)
			if test.want == "" {
				mustSay(t, diags, problem, test.at, test.says...)
				return
			}
			mustSucceed(t, diags)
			if state["arn"] != test.want {
				t.Errorf("found %v, want %s", state["arn"], test.want)
			}
		})
	}
}

func TestTargetGroupAttributes(t *testing.T) {
	s, _ := inWorld(t, balancedWorld(t))
	state, diags := s.read("elastigroup_target_group", object{"name": "web"})
	mustSucceed(t, diags)
	want := object{
		"id": webARN, "arn": webARN, "arn_suffix": "targetgroup/web/0123456789abcdef", "name": "web",
		"port": 8080, "protocol": "HTTP", "target_type": "instance", "vpc_id": "vpc-1",
		"load_balancer_arns": []any{appARN}, "tags": object{"app": "web", "stage": "production"},
		"deregistration_delay": "30", "slow_start": 60, "connection_termination": false, "proxy_protocol_v2": false,
		"lambda_multi_value_headers_enabled": false,
		"stickiness":                         []any{object{"enabled": true, "type": "lb_cookie", "cookie_duration": 3600, "cookie_name": nil}},
		"health":                             object{"healthy": 2, "unhealthy": 0, "initial": 0, "draining": 0, "unused": 0},
		"health_check": []any{object{
			"enabled": true, "healthy_threshold": 5, "unhealthy_threshold": 2, "interval": 30, "timeout": 5,
			"matcher": "200", "path": "/", "port": "traffic-port", "protocol": "HTTP",
		}},
	}
	got := object{}
	for name := range want {
		got[name] = state[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A role without elasticloadbalancing:DescribeTags can still read target groups. That it has no tags is not claimed.
func TestTargetGroupWithoutLeaveToReadTags(t *testing.T) {
	s, world := inWorld(t, balancedWorld(t))
	world.Fail(sandbox.Fault{Service: "elbv2", Action: "DescribeTags", Times: -1, Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "no"})
	state, diags := s.read("elastigroup_target_group", object{"name": "web"})
	mustSucceed(t, diags)
	if state["tags"] != nil {
		t.Errorf("tags are %v, want null", state["tags"])
	}
}

func TestTargetGroupOfUnknownArguments(t *testing.T) {
	s, _ := inWorld(t, balancedWorld(t))
	for _, name := range []string{"arn", "name", "tags"} {
		if diags := s.validate("elastigroup_target_group", object{name: unknown}); len(diags) > 0 {
			t.Errorf("%s:\n%s", name, render(diags))
		}
	}
	if diags := s.validate("elastigroup_target_groups", object{"load_balancer_arn": unknown, "tags": unknown}); len(diags) > 0 {
		t.Errorf("several:\n%s", render(diags))
	}
}

func TestTargetGroups(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		want   []any
	}{
		"all":                    {object{}, []any{idleARN, stageARN, webARN}},
		"of a load balancer":     {object{"load_balancer_arn": appARN}, []any{stageARN, webARN}},
		"of tags":                {object{"tags": object{"stage": "production"}}, []any{webARN}},
		"of both":                {object{"load_balancer_arn": appARN, "tags": object{"stage": "test"}}, []any{stageARN}},
		"an empty string is any": {object{"load_balancer_arn": ""}, []any{idleARN, stageARN, webARN}},
		"none":                   {object{"tags": object{"app": "db"}}, []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := inWorld(t, balancedWorld(t))
			state, diags := s.read("elastigroup_target_groups", test.config)
			mustSucceed(t, diags)
			if diff := cmp.Diff(test.want, state["arns"]); diff != "" {
				t.Errorf("arns (-want +got)\n%s", diff)
			}
			if state["id"] != "us-east-1" {
				t.Errorf("id is %v, want the region", state["id"])
			}
		})
	}
}

func TestTargetGroupsAreRefused(t *testing.T) {
	s, world := inWorld(t, balancedWorld(t))
	_, diags := s.read("elastigroup_target_groups", object{"load_balancer_arn": webARN})
	mustSay(t, diags, problem, "load_balancer_arn", "loadbalancer")
	if calls := world.Calls(); len(calls) > 0 {
		t.Errorf("asked about what is no load balancer: %v", calls)
	}
	world.Fail(sandbox.Fault{Service: "elbv2", Times: -1, Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "not you"})
	_, diags = s.read("elastigroup_target_groups", nil)
	mustSay(t, diags, problem, "", "AccessDenied", "not you", "Listing target groups")
}
