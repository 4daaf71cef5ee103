package aws

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

func attributesXML(pairs ...string) reply {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "<member><Key>%s</Key><Value>%s</Value></member>", pairs[i], pairs[i+1])
	}
	return ok("DescribeTargetGroupAttributes", "<Attributes>"+b.String()+"</Attributes>")
}

var albAttributes = attributesXML(
	"deregistration_delay.timeout_seconds", "300", "stickiness.enabled", "true", "stickiness.type", "app_cookie",
	"stickiness.app_cookie.cookie_name", "SESSION", "stickiness.app_cookie.duration_seconds", "600",
	"stickiness.lb_cookie.duration_seconds", "86400", "slow_start.duration_seconds", "30",
	"load_balancing.algorithm.type", "round_robin", "load_balancing.algorithm.anomaly_mitigation", "off",
	"load_balancing.cross_zone.enabled", "use_load_balancer_configuration",
)

func TestFindTargetGroup(t *testing.T) {
	f := newFake(t)
	f.always("elbv2 DescribeTargetGroups", groupsXML(groupXML("web-blue", blueARN, albARN)))
	f.always("elbv2 DescribeTags", ok("DescribeTags", "<TagDescriptions>"+tagsXML(blueARN, "app", "web", "empty", "")+"</TagDescriptions>"))
	f.always("elbv2 DescribeTargetGroupAttributes", albAttributes)
	got, err := f.client().FindTargetGroup(t.Context(), TargetGroupQuery{Name: "web-blue"})
	if err != nil {
		t.Fatal(err)
	}
	want := TargetGroupDetails{
		ARN: blueARN, ARNSuffix: "targetgroup/web-blue/1111111111111111", Name: "web-blue", Port: 8080, Protocol: "HTTP",
		ProtocolVersion: "HTTP1", TargetType: "instance", IPAddressType: "ipv4", VPC: "vpc-1", LoadBalancers: []string{albARN},
		HealthCheck: HealthCheck{Enabled: true, HealthyThreshold: 3, UnhealthyThreshold: 2, Interval: 30, Timeout: 5,
			Matcher: "200", Path: "/up", Port: "traffic-port", Protocol: "HTTP"},
		Stickiness:          TargetStickiness{Enabled: true, Type: "app_cookie", CookieName: "SESSION", Duration: 600},
		DeregistrationDelay: "300", SlowStart: 30, LoadBalancingAlgorithm: "round_robin",
		LoadBalancingAnomalyMitigation: "off", LoadBalancingCrossZone: "use_load_balancer_configuration",
		Tags: map[string]string{"app": "web", "empty": ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if form := f.calls[0].form; form.Get("Names.member.1") != "web-blue" || form.Has("PageSize") {
		t.Errorf("asked %v", form)
	}
}

func TestTargetGroupOfANetworkLoadBalancer(t *testing.T) {
	f := newFake(t)
	f.always("elbv2 DescribeTargetGroups", groupsXML(groupXML("web-blue", blueARN)))
	f.always("elbv2 DescribeTags", ok("DescribeTags", "<TagDescriptions/>"))
	f.always("elbv2 DescribeTargetGroupAttributes", attributesXML(
		"stickiness.enabled", "false", "stickiness.type", "source_ip", "preserve_client_ip.enabled", "true",
		"proxy_protocol_v2.enabled", "true", "deregistration_delay.connection_termination.enabled", "true",
	))
	got, err := f.client().FindTargetGroup(t.Context(), TargetGroupQuery{ARN: blueARN})
	if err != nil {
		t.Fatal(err)
	}
	if got.PreserveClientIP != "true" || !got.ProxyProtocolV2 || !got.ConnectionTermination || got.SlowStart != 0 ||
		got.Stickiness != (TargetStickiness{Type: "source_ip"}) {
		t.Errorf("got %+v", got)
	}
}

func TestFindTargetGroupByTags(t *testing.T) {
	three := groupsXML(groupXML("web-blue", blueARN), groupXML("web-green", greenARN), groupXML("db", blueARN+"3"))
	tags := ok("DescribeTags", "<TagDescriptions>"+tagsXML(blueARN, "app", "web", "colour", "blue")+
		tagsXML(greenARN, "app", "web", "colour", "")+tagsXML(blueARN+"3")+"</TagDescriptions>")
	denied := refused(403, "AccessDenied", "no tags for you")
	tests := map[string]struct {
		query TargetGroupQuery
		tags  reply
		found string
		gone  bool
		want  string
	}{
		"one":           {TargetGroupQuery{Tags: map[string]string{"app": "web", "colour": "blue"}}, tags, "web-blue", false, ""},
		"empty value":   {TargetGroupQuery{Tags: map[string]string{"colour": ""}}, tags, "web-green", false, ""},
		"several":       {TargetGroupQuery{Tags: map[string]string{"app": "web"}}, tags, "", false, "looking for target group with tag app=web: 2 target groups match"},
		"none":          {TargetGroupQuery{Tags: map[string]string{"app": "shop"}}, tags, "", true, "looking for target group with tag app=shop: it does not exist"},
		"tags denied":   {TargetGroupQuery{Tags: map[string]string{"app": "web"}}, denied, "", false, "IAM action elasticloadbalancing:DescribeTags"},
		"none asked":    {TargetGroupQuery{}, tags, "", false, "3 target groups match"},
		"ARN and a tag": {TargetGroupQuery{ARN: blueARN, Name: "web-green", Tags: map[string]string{"colour": "red"}}, tags, "", true, "looking for target group " + blueARN + " with tag colour=red"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.always("elbv2 DescribeTargetGroups", three)
			f.always("elbv2 DescribeTags", tt.tags)
			f.always("elbv2 DescribeTargetGroupAttributes", albAttributes)
			got, err := f.client().FindTargetGroup(t.Context(), tt.query)
			if tt.want == "" {
				if err != nil || got.Name != tt.found {
					t.Errorf("got %s, %v", got.Name, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, runner.ErrGone) != tt.gone {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestTagsThatMayNotBeRead(t *testing.T) {
	f := newFake(t)
	f.always("elbv2 DescribeTargetGroups", groupsXML(groupXML("web-blue", blueARN)))
	f.always("elbv2 DescribeTags", refused(403, "AccessDenied", "no tags for you"))
	f.always("elbv2 DescribeTargetGroupAttributes", albAttributes)
	got, err := f.client().FindTargetGroup(t.Context(), TargetGroupQuery{ARN: blueARN})
	if err != nil || got.Tags != nil || got.Name != "web-blue" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestTargetGroups(t *testing.T) {
	f := newFake(t)
	arn := func(i int) string { return fmt.Sprintf("%stargetgroup/g%02d/1", account, i) }
	page := func(from, to int, marker string) reply {
		var b strings.Builder
		for i := from; i < to; i++ {
			b.WriteString(groupXML("g", arn(i)))
		}
		return ok("DescribeTargetGroups", "<TargetGroups>"+b.String()+"</TargetGroups>"+marker)
	}
	f.on("elbv2 DescribeTargetGroups", func(c call) reply {
		if c.form.Get("Marker") == "" {
			return page(20, 45, "<NextMarker>more</NextMarker>")
		}
		return page(0, 20, "")
	})
	f.on("elbv2 DescribeTags", func(c call) reply {
		if c.form.Has("ResourceArns.member.21") {
			return refused(400, "ValidationError", "at most 20")
		}
		var b strings.Builder
		for i := 1; c.form.Has(fmt.Sprintf("ResourceArns.member.%d", i)); i++ {
			arn := c.form.Get(fmt.Sprintf("ResourceArns.member.%d", i))
			b.WriteString(tagsXML(arn, "odd", fmt.Sprint(strings.ContainsAny(arn[len(arn)-3:len(arn)-2], "13579"))))
		}
		return ok("DescribeTags", "<TagDescriptions>"+b.String()+"</TagDescriptions>")
	})
	c := f.client()
	all, err := c.TargetGroups(t.Context(), TargetGroupsQuery{LoadBalancerARN: albARN})
	if err != nil || len(all) != 45 || all[0] != arn(0) || all[44] != arn(44) {
		t.Fatalf("got %d, %v", len(all), err)
	}
	if f.count("elbv2 DescribeTags") != 0 || f.calls[0].form.Get("LoadBalancerArn") != albARN {
		t.Errorf("asked %v", f.calls[0].form)
	}
	odd, err := c.TargetGroups(t.Context(), TargetGroupsQuery{Tags: map[string]string{"odd": "true"}})
	if err != nil || len(odd) != 22 || odd[0] != arn(1) {
		t.Errorf("got %d, %v", len(odd), err)
	}
	if n := f.count("elbv2 DescribeTags"); n != 3 {
		t.Errorf("%d calls for the tags of 45", n)
	}
}
