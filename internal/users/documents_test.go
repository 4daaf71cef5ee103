package users_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
)

// plainDocument is a small Elastigroup.
func plainDocument() attrs {
	return attrs{
		"capacity": attrs{"minimum": 2, "target": 4, "maximum": 8, "unit": "instance"},
		"strategy": attrs{"risk": 100, "fallbackToOd": true, "availabilityVsCost": "balanced", "drainingTimeout": 5},
		"compute": attrs{
			"product":           "Linux/UNIX",
			"instanceTypes":     attrs{"ondemand": "m5.large", "spot": []any{"m5.large", "c5.large"}},
			"availabilityZones": []any{attrs{"name": "us-east-1a", "subnetIds": []any{"subnet-1"}}},
			"launchSpecification": attrs{
				"imageId": "ami-1", "securityGroupIds": []any{"sg-1"}, "monitoring": false,
				"healthCheckType": "TARGET_GROUP", "healthCheckGracePeriod": 60,
				"tags": []any{attrs{"tagKey": "app", "tagValue": "web"}},
			},
		},
	}
}

// documents are the kinds of Elastigroup documents that users have, and what each is.
var documents = map[string]func(attrs){
	"plain": func(attrs) {},
	"as the console exports it": func(d attrs) {
		d["name"], d["id"], d["createdAt"], d["updatedAt"] = "exported", "sig-00000000", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"
		d["multai"], d["scaling"], d["scheduling"], d["thirdPartiesIntegration"] = nil, attrs{"up": nil, "down": nil}, nil, attrs{}
		in(d, "strategy")["onDemandCount"], in(d, "strategy")["persistence"] = nil, attrs{}
		launch := in(d, "compute", "launchSpecification")
		launch["keyPair"], launch["iamRole"], launch["userData"] = nil, nil, nil
		in(d, "compute")["elasticIps"] = nil
	},
	"wrapped in group": func(attrs) {},
	"with a task that scales in the evening": func(d attrs) {
		d["scheduling"] = attrs{"tasks": []any{attrs{"taskType": "scale", "cronExpression": "0 18 * * *", "isEnabled": true,
			"scaleMinCapacity": 1, "scaleTargetCapacity": 3, "scaleMaxCapacity": 8}}}
	},
	twoArchitectures: func(d attrs) {
		in(d, "compute", "instanceTypes")["spot"] = []any{"m5.large", "m7g.large", "c5.large"}
	},
	"counted in weights": func(d attrs) {
		in(d, "capacity")["unit"] = "weight"
		in(d, "compute", "instanceTypes")["weights"] = []any{attrs{"instanceType": "m5.large", "weightedCapacity": 2}, attrs{"instanceType": "c5.large", "weightedCapacity": 2}}
	},
	"counted in weights, without a list of them": func(d attrs) { in(d, "capacity")["unit"] = "weight" },
	"with an Elastic IP":                         func(d attrs) { in(d, "compute")["elasticIps"] = []any{"eipalloc-1"} },
	"that drains for 1 second":                   func(d attrs) { in(d, "strategy")["drainingTimeout"] = 1 },
	"in a zone that the balancer has not": func(d attrs) {
		in(d, "compute")["availabilityZones"] = []any{attrs{"name": "us-east-1c", "subnetIds": []any{"subnet-1-us-east-1c"}}}
	},
	"with a member that there is not": func(d attrs) { d["multi"] = attrs{"a": 1} },
	"that Spot imported from an Auto Scaling group": taken(func() attrs {
		d := collectedDocument("imported-from-asg-response.json")["response"].(attrs)["items"].([]any)[0].(attrs)
		in(d, "compute", "launchSpecification")["healthCheckType"] = "TARGET_GROUP"
		return d
	}),
	"with nearly every field there is": taken(func() attrs {
		d := in(collectedDocument("sdk-python-create.json"), "group")
		delete(in(d, "strategy"), "persistence")
		delete(in(d, "compute"), "elasticIps")
		delete(in(d, "thirdPartiesIntegration"), "elasticBeanstalk")
		delete(in(d, "thirdPartiesIntegration"), "route53")
		delete(in(d, "compute", "launchSpecification"), "loadBalancersConfig")
		in(d, "compute", "launchSpecification")["healthCheckType"] = "TARGET_GROUP"
		return d
	}),
	"of a stateful group":               taken(func() attrs { return in(collectedDocument("sdk-python-create.json"), "group") }),
	"with risk and onDemandCount":       func(d attrs) { in(d, "strategy")["onDemandCount"] = 1 },
	"with user data that is not base64": func(d attrs) { in(d, "compute", "launchSpecification")["userData"] = "#!/bin/sh" },
}

// collected is a document that others have published; see ../spot/testdata/README.md.
func collectedDocument(file string) attrs {
	raw, err := os.ReadFile("../spot/testdata/" + file)
	if err != nil {
		panic(err)
	}
	var d attrs
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(raw), "us-west-2", "us-east-1")), &d); err != nil {
		panic(err)
	}
	return d
}

// documentKinds are the names of all kinds of documents.
func documentKinds() []string {
	return slices.Sorted(maps.Keys(documents))
}

// taken makes a document one that others have published.
func taken(from func() attrs) func(attrs) {
	return func(d attrs) {
		clear(d)
		maps.Copy(d, from())
	}
}

// tasked tells whether a document moves capacity by itself.
func tasked(kind string) bool {
	return kind == "with a task that scales in the evening" || kind == "with nearly every field there is"
}

func documentOf(kind string) attrs {
	d := plainDocument()
	documents[kind](d)
	if kind == "wrapped in group" {
		return attrs{"group": d}
	}
	return d
}
