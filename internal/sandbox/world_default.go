package sandbox

import "encoding/json"

// Default is the world that the sandbox command serves without a world file: something to release images on at once. It has
// a load balancer with a production listener (443) and a test listener (8443) before the target groups web-blue and
// web-green, a target group of its own for canary and basic rollouts (web, listener 80), a classic balancer, images good
// and bad, one of which answers 3 % of its requests with an error, alarms, and web-smoke, a function that tests a candidate.
func Default() Config {
	return Config{
		Images: []Image{
			{ID: "ami-0a10000000000001", Name: "web-2026.10.1", Tags: map[string]string{"app": "web"}},
			{ID: "ami-0a10000000000002", Name: "web-2026.11.1", Tags: map[string]string{"app": "web"}},
			{ID: "ami-0a10000000000003", Name: "web-2026.11.2", Tags: map[string]string{"app": "web"}},
			{ID: "ami-0a10000000000004", Name: "web-2026.11.3-slow", Tags: map[string]string{"app": "web"}},
			{ID: "ami-0a10000000000bad", Name: "web-2026.11.4-broken", Tags: map[string]string{"app": "web"}},
			{ID: "ami-0a10000000000e44", Name: "web-2026.11.6-errors", Tags: map[string]string{"app": "web"}, Behaviour: Behaviour{ErrorRatio: 0.03}},
			{ID: "ami-0a10000000000c5a", Name: "web-2026.11.5-crash", Tags: map[string]string{"app": "web"}},
		},
		Boot: Boot{Jitter: 0.15},
		AWS: AWSConfig{
			TargetGroups: []TargetGroupConfig{
				{Name: "web", VPC: "vpc-0a1"}, {Name: "web-blue", VPC: "vpc-0a1"}, {Name: "web-green", VPC: "vpc-0a1"},
			},
			LoadBalancers: []LoadBalancerConfig{{Name: "web", VPC: "vpc-0a1", Listeners: []ListenerConfig{
				{Port: 80, TargetGroup: "web", RequestsPerMinute: 600},
				{Port: 443, Protocol: "HTTPS", TargetGroup: "web-blue", RequestsPerMinute: 6000},
				{Port: 8443, Protocol: "HTTPS", TargetGroup: "web-green", Stage: true},
			}}},
			ClassicLoadBalancers: []ClassicBalancerConfig{{Name: "web-classic", VPC: "vpc-0a1"}},
			Alarms:               []AlarmConfig{{Name: "web-5xx", State: "OK"}, {Name: "web-latency", State: "OK"}},
			Functions:            []FunctionConfig{{Name: "web-smoke"}},
		},
	}
}

// ExampleGroup is an Elastigroup document that the default world takes, as a user would write it.
func ExampleGroup() json.RawMessage {
	return json.RawMessage(`{
  "group": {
    "name": "web",
    "description": "web servers",
    "capacity": {"minimum": 2, "target": 4, "maximum": 8, "unit": "instance"},
    "strategy": {"risk": 100, "availabilityVsCost": "balanced", "fallbackToOd": true, "drainingTimeout": 120},
    "compute": {
      "product": "Linux/UNIX",
      "instanceTypes": {"ondemand": "m5.large", "spot": ["m5.large", "m5a.large", "c5.large"]},
      "availabilityZones": [
        {"name": "us-east-1a", "subnetIds": ["subnet-0a1"]},
        {"name": "us-east-1b", "subnetIds": ["subnet-0b2"]}
      ],
      "launchSpecification": {
        "imageId": "ami-0a10000000000001",
        "securityGroupIds": ["sg-0a1"],
        "healthCheckType": "TARGET_GROUP",
        "healthCheckGracePeriod": 300,
        "monitoring": false,
        "tags": [{"tagKey": "app", "tagValue": "web"}]
      }
    }
  }
}
`)
}
