package providertest

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// What diagnostics are.
const (
	Error   = tfprotov6.DiagnosticSeverityError
	Warning = tfprotov6.DiagnosticSeverityWarning
)

// Target groups of the worlds, and their load balancer.
const (
	WebARN   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"
	StageARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/stage/0123456789abcdef"
	IdleARN  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/idle/0123456789abcdef"
	AppARN   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/app/0123456789abcdef"
)

// ImagesWorld has the account's own web images, the middle one last in the listing, and another account's that is newer.
var ImagesWorld = sandbox.Config{Images: []sandbox.Image{
	{ID: "ami-0a1", Name: "web-1", CreationDate: "2026-11-01T10:00:00.000Z", Tags: map[string]string{"stage": "released"}},
	{ID: "ami-0a3", Name: "web-3", CreationDate: "2026-11-03T10:00:00.000Z", Architecture: "arm64"},
	{ID: "ami-0a2", Name: "web-2", CreationDate: "2026-11-02T10:00:00.000Z", Tags: map[string]string{"stage": "released"}},
	{ID: "ami-0b1", Name: "db-1", CreationDate: "2026-11-04T10:00:00.000Z"},
	{ID: "ami-0c1", Name: "web-4", CreationDate: "2026-11-05T10:00:00.000Z", Owner: "999999999999", Public: true},
	{ID: "ami-0d1", Name: "web-old", CreationDate: "2026-11-06T10:00:00.000Z", Owner: "999999999999", Public: true, DeprecationTime: "2020-01-01T00:00:00.000Z"},
}}

// BalancedWorld has a load balancer with two target groups, one of which a group of two healthy instances fills, and a
// target group that nothing uses.
func BalancedWorld(t testing.TB) sandbox.Config {
	return sandbox.Config{
		Images: []sandbox.Image{{ID: "ami-0a1", Name: "web-1"}},
		Groups: RawGroups(t, WebGroup("sig-00000001", "web__1", 2)),
		AWS: sandbox.AWSConfig{
			TargetGroups: []sandbox.TargetGroupConfig{
				{Name: "web", ARN: WebARN, Port: 8080, VPC: "vpc-1", Tags: map[string]string{"app": "web", "stage": "production"}, Attributes: map[string]string{
					"deregistration_delay.timeout_seconds":  "30",
					"stickiness.enabled":                    "true",
					"stickiness.type":                       "lb_cookie",
					"stickiness.lb_cookie.duration_seconds": "3600",
					"slow_start.duration_seconds":           "60",
				}},
				{Name: "stage", ARN: StageARN, Tags: map[string]string{"app": "web", "stage": "test"}},
				{Name: "idle", ARN: IdleARN},
			},
			LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", ARN: AppARN, Listeners: []sandbox.ListenerConfig{
				{Port: 80, TargetGroup: "web"},
				{Port: 8080, TargetGroup: "stage", Stage: true},
			}}},
		},
	}
}

// WebGroup is an Elastigroup as the API has it.
func WebGroup(id, name string, instances int) Object {
	return Object{
		"id": id, "name": name, "region": "us-east-1",
		"capacity": Object{"minimum": 1, "target": instances, "maximum": 5, "unit": "instance"},
		"strategy": Object{"risk": 100, "fallbackToOd": true, "availabilityVsCost": "balanced"},
		"compute": Object{
			"product":           "Linux/UNIX",
			"instanceTypes":     Object{"ondemand": "m5.large", "spot": []any{"m5.large"}},
			"availabilityZones": []any{Object{"name": "us-east-1a", "subnetIds": []any{"subnet-1"}}},
			"launchSpecification": Object{
				"imageId": "ami-0a1", "securityGroupIds": []any{"sg-1"}, "monitoring": false, "userData": BootBase64,
				"tags": []any{Object{"tagKey": "app", "tagValue": "web"}},
				"loadBalancersConfig": Object{"loadBalancers": []any{
					Object{"type": "TARGET_GROUP", "name": "web", "arn": WebARN},
				}},
			},
		},
	}
}

// RawGroups are documents as a world takes them.
func RawGroups(t testing.TB, groups ...Object) []json.RawMessage {
	t.Helper()
	var raw []json.RawMessage
	for _, group := range groups {
		document, err := json.Marshal(group)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, document)
	}
	return raw
}
