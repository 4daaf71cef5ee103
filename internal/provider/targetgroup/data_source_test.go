package targetgroup_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func TestTargetGroup(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		want   string // the ARN found, or
		at     string // where the only error is, and
		says   []string
	}{
		"by ARN":                  {config: object{"arn": providertest.StageARN}, want: providertest.StageARN},
		"by name":                 {config: object{"name": "web"}, want: providertest.WebARN},
		"by tags":                 {config: object{"tags": object{"app": "web", "stage": "test"}}, want: providertest.StageARN},
		"the ARN wins":            {config: object{"arn": providertest.WebARN, "name": "stage"}, want: providertest.WebARN},
		"by name and tags":        {config: object{"name": "web", "tags": object{"app": "web"}}, want: providertest.WebARN},
		"an empty string is none": {config: object{"arn": "", "name": "idle"}, want: providertest.IdleARN},

		"nothing asked":      {config: object{}, says: []string{"arn", "name", "tags"}},
		"only empty strings": {config: object{"arn": "", "name": ""}, says: []string{"all empty"}},
		"several":            {config: object{"tags": object{"app": "web"}}, says: []string{"Target group cannot be read", "2 target groups"}},
		"no such name":       {config: object{"name": "nothing"}, says: []string{"Target group not found", "nothing", "region us-east-1, account 123456789012", "The target groups there: "}},
		"a typo":             {config: object{"name": "sstage"}, says: []string{"Target group not found", "Did you mean " + providertest.StageARN + "?"}},
		"another region's":   {config: object{"arn": strings.Replace(providertest.WebARN, "us-east-1", "eu-west-1", 1)}, at: "arn", says: []string{"Target group of another region", "is in region eu-west-1"}},
		"no such tags":       {config: object{"name": "web", "tags": object{"stage": "test"}}, says: []string{"web", "stage=test", "account 123456789012."}},
		"a balancer's ARN":   {config: object{"arn": providertest.AppARN}, at: "arn", says: []string{"targetgroup"}},
		"no ARN":             {config: object{"arn": "web"}, at: "arn", says: []string{"targetgroup"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := providertest.ServeIn(t, providertest.BalancedWorld(t))
			state, diags := s.Read("elastigroup_target_group", test.config)
			if test.want == "" {
				providertest.MustSay(t, diags, providertest.Error, test.at, test.says...)
				return
			}
			providertest.MustSucceed(t, diags)
			if state["arn"] != test.want {
				t.Errorf("found %v, want %s", state["arn"], test.want)
			}
		})
	}
}

func TestTargetGroupAttributes(t *testing.T) {
	s, _ := providertest.ServeIn(t, providertest.BalancedWorld(t))
	state, diags := s.Read("elastigroup_target_group", object{"name": "web"})
	providertest.MustSucceed(t, diags)
	want := object{
		"id": providertest.WebARN, "arn": providertest.WebARN, "arn_suffix": "targetgroup/web/0123456789abcdef", "name": "web",
		"port": 8080, "protocol": "HTTP", "target_type": "instance", "vpc_id": "vpc-1",
		"load_balancer_arns": []any{providertest.AppARN}, "tags": object{"app": "web", "stage": "production"},
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
	s, world := providertest.ServeIn(t, providertest.BalancedWorld(t))
	world.Fail(sandbox.Fault{Service: "elbv2", Action: "DescribeTags", Times: -1, Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "no"})
	state, diags := s.Read("elastigroup_target_group", object{"name": "web"})
	providertest.MustSucceed(t, diags)
	if state["tags"] != nil {
		t.Errorf("tags are %v, want null", state["tags"])
	}
}

func TestTargetGroupOfUnknownArguments(t *testing.T) {
	s, _ := providertest.ServeIn(t, providertest.BalancedWorld(t))
	for _, name := range []string{"arn", "name", "tags"} {
		if diags := s.Validate("elastigroup_target_group", object{name: unknown}); len(diags) > 0 {
			t.Errorf("%s:\n%s", name, providertest.Render(diags))
		}
	}
	if diags := s.Validate("elastigroup_target_groups", object{"load_balancer_arn": unknown, "tags": unknown}); len(diags) > 0 {
		t.Errorf("several:\n%s", providertest.Render(diags))
	}
}

func TestTargetGroups(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		want   []any
	}{
		"all":                    {object{}, []any{providertest.IdleARN, providertest.StageARN, providertest.WebARN}},
		"of a load balancer":     {object{"load_balancer_arn": providertest.AppARN}, []any{providertest.StageARN, providertest.WebARN}},
		"of tags":                {object{"tags": object{"stage": "production"}}, []any{providertest.WebARN}},
		"of both":                {object{"load_balancer_arn": providertest.AppARN, "tags": object{"stage": "test"}}, []any{providertest.StageARN}},
		"an empty string is any": {object{"load_balancer_arn": ""}, []any{providertest.IdleARN, providertest.StageARN, providertest.WebARN}},
		"none":                   {object{"tags": object{"app": "db"}}, []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := providertest.ServeIn(t, providertest.BalancedWorld(t))
			state, diags := s.Read("elastigroup_target_groups", test.config)
			providertest.MustSucceed(t, diags)
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
	s, world := providertest.ServeIn(t, providertest.BalancedWorld(t))
	_, diags := s.Read("elastigroup_target_groups", object{"load_balancer_arn": providertest.WebARN})
	providertest.MustSay(t, diags, providertest.Error, "load_balancer_arn", "loadbalancer")
	if calls := world.Calls(); len(calls) > 0 {
		t.Errorf("asked about what is no load balancer: %v", calls)
	}
	world.Fail(sandbox.Fault{Service: "elbv2", Times: -1, Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "not you"})
	_, diags = s.Read("elastigroup_target_groups", nil)
	providertest.MustSay(t, diags, providertest.Error, "", "AccessDenied", "not you", "Listing target groups")
}
