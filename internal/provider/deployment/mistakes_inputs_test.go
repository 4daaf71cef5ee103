package deployment_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// withImage changes the image that is released, ami-9.
func withImage(change func(*sandbox.Image)) func(*sandbox.Config) {
	return func(c *sandbox.Config) {
		for i := range c.Images {
			if c.Images[i].ID == "ami-9" {
				change(&c.Images[i])
			}
		}
	}
}

// inState puts it into a state.
func inState(state string) func(*sandbox.Config) {
	return withImage(func(i *sandbox.Image) { i.State = state })
}

// withTypes is a configuration whose instance types are these.
func withTypes(onDemand string, spot ...any) object {
	return documented(func(d object) {
		memberAt(d, "compute")["instanceTypes"] = object{"ondemand": onDemand, "spot": spot}
	})
}

// imageMistakes are about what is released. An image of another region, or one that is not shared with the account, is to EC2
// the same as one that never was.
var imageMistakes = map[string]mistake{
	"missing, elsewhere or not shared": {noticed: byPlan, world: func(c *sandbox.Config) {
		c.Images = slices.DeleteFunc(c.Images, func(i sandbox.Image) bool { return i.ID == "ami-9" })
	}, at: "image_id", says: []string{"not found", "image ami-9 in region us-east-1", "'[ami-9]' does not exist", "in one region only", "shared with this one", "asked in region us-east-1, account 123456789012"}},
	"deregistered between plan and apply": {noticed: byPlan, befalls: func(w *sandbox.World) { w.RemoveImage("ami-9") },
		at: "image_id", says: []string{"not found", "ami-9"}},
	"no ID of an image": {noticed: byPlan, others: object{"image_id": "web-2026.11"},
		at: "image_id", says: []string{"not found", "web-2026.11", "ami- and hexadecimal digits"}},
	"the name of an image": {noticed: byPlan, others: object{"image_id": "web-2026.11"}, world: func(c *sandbox.Config) {
		c.Images = append(c.Images, sandbox.Image{ID: "ami-0c7", Name: "web-2026.11"})
	}, at: "image_id", says: []string{"not found", "Did you mean ami-0c7 (web-2026.11)?"}},
	"pending": {noticed: byPlan, world: inState("pending"), at: "image_id", says: []string{"ami-9 is pending", "available", "Apply again when it is"}},
	"failed":  {noticed: byPlan, world: inState("failed"), at: "image_id", says: []string{"ami-9 is failed", "available", "Choose another one"}},
	"deregistered, and still listed": {noticed: byPlan, world: inState("deregistered"),
		at: "image_id", says: []string{"ami-9 is deregistered", "Choose another one"}},
	"disabled": {noticed: byPlan, world: inState("disabled"), at: "image_id", says: []string{"ami-9 is disabled", "Choose another one"}},
	"of another architecture": {noticed: byPlan, world: withImage(func(i *sandbox.Image) { i.Architecture = "arm64" }),
		at: "image_id", says: []string{"ami-9 is built for arm64", "none of the group's instance types", "c5.large, m5.large"}},
	"of another architecture than some types": {noticed: byPlan, warned: true, others: withTypes("m5.large", "m5.large", "m7g.large"),
		at: "image_id", says: []string{"ami-9 is built for x86_64", "cannot boot it: m7g.large", "take them out"}},
	"an image that is null among several": {noticed: byValidation, others: object{"image_id": nil, "image_ids": []any{"ami-9", nil}},
		at: "image_ids", says: []string{"An element of image_ids is null", "Leave it out"}},
	"a target group that is null": {noticed: byValidation, others: object{"target_group_arns": []any{providertest.WebARN, nil}},
		at: "target_group_arns.1", says: []string{"An element of target_group_arns is null", "Leave it out"}},
	"an alarm that is null": {noticed: byValidation, others: object{"verify": object{"alarms": []any{nil}}},
		at: "verify.alarms.0", says: []string{"An element of alarms is null", "Leave it out"}},
	"an ID with white space in it": {noticed: byValidation, others: object{"image_id": "ami-9 ami-8"}, at: "image_id", says: []string{"white space"}},
	"an empty ID":                  {noticed: byValidation, others: object{"image_id": ""}, at: "image_id", says: []string{"at least 1"}},
}

// written is a text as the configuration.
func written(text string) object { return object{"configuration": text} }

// azure and gcp are Elastigroups as Spot's console exports them there, cut short.
const (
	azure = `{"group": {"name": "web", "resourceGroupName": "web", "region": "eastus", "capacity": {"minimum": 1, "target": 1, "maximum": 1},
		"strategy": {"spotPercentage": 100}, "compute": {"os": "Linux", "vmSizes": {"odSizes": ["standard_a1"]}, "launchSpecification": {}}}}`
	gcp = `{"group": {"name": "web", "capacity": {"minimum": 1, "target": 1, "maximum": 1}, "strategy": {"preemptiblePercentage": 100},
		"compute": {"instanceTypes": {"ondemand": "n1-standard-1", "preemptible": ["n1-standard-1"]}, "launchSpecification": {}}}}`
)

// configurationMistakes are about the Elastigroup's JSON.
var configurationMistakes = map[string]mistake{
	"not JSON":             {noticed: byValidation, others: written("{\n  \"capacity\": ,"), at: "configuration", says: []string{"not JSON", "line 2, column 15"}},
	"empty":                {noticed: byValidation, others: written(""), at: "configuration", says: []string{"empty", "JSON of an Elastigroup"}},
	"a path to a file":     {noticed: byValidation, others: written("./elastigroup.json"), at: "configuration", says: []string{`the path of a file and not what is in it: write file("./elastigroup.json")`}},
	"a path of Windows":    {noticed: byValidation, others: written(`C:\web\group.json`), at: "configuration", says: []string{"the path of a file", `write file("C:\\web\\group.json")`}},
	"no JSON at all":       {noticed: byValidation, others: written("group: web"), at: "configuration", says: []string{"not JSON", "line 1, column 1"}},
	"an array":             {noticed: byValidation, others: written(`[{"group": {}}]`), at: "configuration", says: []string{"an array", "has to be an object"}},
	"no group at all":      {noticed: byValidation, others: written(`{"resource": {}}`), at: "configuration", says: []string{"neither capacity nor compute.launchSpecification"}},
	"a whole answer":       {noticed: byValidation, others: written(`{"response": {"items": []}}`), at: "configuration", says: []string{"whole answer of Spot's API", "response.items[0]"}},
	"of Azure":             {noticed: byValidation, others: written(azure), at: "configuration", says: []string{"resourceGroupName", "only an Elastigroup on Azure", "export one on AWS"}},
	"of GCP":               {noticed: byValidation, others: written(gcp), at: "configuration", says: []string{"preemptible", "only an Elastigroup on GCP", "export one on AWS"}},
	"no strategy":          {noticed: byValidation, others: documented(func(d object) { delete(d, "strategy") }), at: "configuration", says: []string{"strategy: it is missing"}},
	"no compute":           {noticed: byValidation, others: documented(func(d object) { delete(d, "compute") }), at: "configuration", says: []string{"compute: it is missing"}},
	"no capacity anywhere": {noticed: byValidation, others: bothChanges(documented(func(d object) { delete(d, "capacity") }), object{"capacity": nil}), at: "configuration", says: []string{"capacity: it is missing"}},
	"stateful": {noticed: byValidation, others: documented(func(d object) {
		memberAt(d, "strategy")["persistence"] = object{"shouldPersistRootDevice": true}
	}), at: "configuration", says: []string{"shouldPersistRootDevice", "stateful", "two revisions at a time"}},
	"Intelligent Traffic Flow": {noticed: byValidation, others: documented(func(d object) {
		memberAt(d, "compute", "launchSpecification")["itf"] = object{"loadBalancers": []any{object{"loadBalancerArn": providertest.AppARN}}}
	}), at: "configuration", says: []string{"itf", "sets the weights of listener rules itself"}},
	"instances that end while they drain": {noticed: byPlan, warned: true, others: documented(func(d object) { memberAt(d, "strategy")["drainingTimeout"] = 30 }),
		at: "target_group_arns.0", says: []string{"Target group web gives", "1m", "30s", "a drainingTimeout of 60"}},
	"too much user data in it": {noticed: byValidation, others: bothChanges(documented(func(d object) {
		memberAt(d, "compute", "launchSpecification")["userData"] = base64.StdEncoding.EncodeToString(make([]byte, 17000))
	}), object{"user_data": nil}), at: "configuration", says: []string{"userData", "17000 bytes", "16384"}},
}

// launching changes the launch specification.
func launching(change func(launch object)) object {
	return documented(func(d object) { change(memberAt(d, "compute", "launchSpecification")) })
}

// integrated has a third party's integration.
func integrated(name string, settings object) object {
	return documented(func(d object) { d["thirdPartiesIntegration"] = object{name: settings} })
}

// refusedMistakes are about configurations that Spot would refuse when it creates the group.
var refusedMistakes = map[string]mistake{
	"risk and onDemandCount": {noticed: byValidation, others: documented(func(d object) { memberAt(d, "strategy")["onDemandCount"] = 1 }),
		at: "configuration", says: []string{"strategy: risk and onDemandCount are both set", "takes one of them"}},
	"user data in it that is not base64": {noticed: byValidation, others: bothChanges(launching(func(l object) { l["userData"] = providertest.Boot }), object{"user_data": nil}),
		at: "configuration", says: []string{"compute.launchSpecification.userData: it is not base64 in one line", "base64encode", "user_data"}},
	"a shutdown script in plain text": {noticed: byValidation, others: launching(func(l object) { l["shutdownScript"] = "poweroff!" }),
		at: "configuration", says: []string{"compute.launchSpecification.shutdownScript: it is not base64"}},
	"user data in lines": {noticed: byValidation, others: object{"user_data": nil, "user_data_base64": providertest.BootBase64[:20] + "\n" + providertest.BootBase64[20:]},
		at: "user_data_base64", says: []string{"not base64 in one line"}},
	"credentials beside the group": {noticed: byValidation, others: written(asJSON(object{"credentials": object{"token": providertest.Secret}, "group": webDocument()})),
		at: "configuration", says: []string{`credentials: it stands beside "group"`, "take it out"}},
	"no product": {noticed: byValidation, others: documented(func(d object) { delete(memberAt(d, "compute"), "product") }),
		at: "configuration", says: []string{"compute.product: it is missing"}},
	"zones and subnets": {noticed: byValidation, others: documented(func(d object) { memberAt(d, "compute")["subnetIds"] = []any{"subnet-1"} }), times: 2,
		at: "configuration", says: []string{"compute: availabilityZones and subnetIds are both set"}},
	"a number in quotes": {noticed: byValidation, others: documented(func(d object) { memberAt(d, "strategy")["drainingTimeout"] = "120" }),
		at: "configuration", says: []string{"strategy.drainingTimeout: it is a string; it has to be a whole number"}},
	"one security group": {noticed: byValidation, others: launching(func(l object) { l["securityGroupIds"] = "sg-1" }),
		at: "configuration", says: []string{"securityGroupIds: it is a string; it has to be an array of strings"}},
	"a time-table in words": {noticed: byValidation, others: documented(func(d object) {
		d["scheduling"] = object{"tasks": []any{object{"taskType": "scale", "cronExpression": "every evening"}}}
	}), at: "configuration", says: []string{"scheduling.tasks[0].cronExpression", "every evening", "no cron expression"}},
	"a unit of none": {noticed: byValidation, others: documented(func(d object) { memberAt(d, "capacity")["unit"] = "kilogram" }),
		at: "configuration", says: []string{`capacity.unit: it has to be "instance" or "weight"`}},
	"a member that there is not": {noticed: byPlan, warned: true, others: documented(func(d object) { memberAt(d, "strategy")["drainTimeout"] = 60 }),
		at: "configuration", says: []string{"strategy.drainTimeout: no member of that name is known; did you mean drainingTimeout? It is sent as it stands.", "sent as it stands", "refuses to create the group"}},
	"a member with a letter too many": {noticed: byPlan, warned: true, others: documented(func(d object) {
		memberAt(d, "compute", "launchSpecification")["healthCheckGracePeriodd"] = 60
	}), at: "configuration", says: []string{"compute.launchSpecification.healthCheckGracePeriodd: no member of that name is known; did you mean healthCheckGracePeriod?"}},
	"a member that has its place elsewhere": {noticed: byPlan, warned: true, others: documented(func(d object) { memberAt(d, "compute")["drainingTimeout"] = 60 }),
		at: "configuration", says: []string{"compute.drainingTimeout: no member of that name is known; did you mean strategy.drainingTimeout?"}},
	"a word that there is not": {noticed: byPlan, warned: true, others: documented(func(d object) { memberAt(d, "strategy")["availabilityVsCost"] = "Balanced" }),
		at: "configuration", says: []string{"strategy.availabilityVsCost: of its values those known are costOriented, availabilityOriented"}},
}

// sharingMistakes are about what two revisions cannot both have, or not as people would think.
var sharingMistakes = map[string]mistake{
	"a fixed network interface": {noticed: byValidation, others: launching(func(l object) {
		l["networkInterfaces"] = []any{object{"deviceIndex": 0, "networkInterfaceId": "eni-1"}}
	}), at: "configuration", says: []string{"compute.launchSpecification.networkInterfaces[0].networkInterfaceId", "eni-1 is attached to one instance at a time", "leave it out"}},
	"a fixed address": {noticed: byValidation, others: launching(func(l object) {
		l["networkInterfaces"] = []any{object{"deviceIndex": 0}, object{"deviceIndex": 1, "privateIpAddresses": []any{object{"privateIpAddress": "10.0.0.9", "primary": true}}}}
	}), at: "configuration", says: []string{"networkInterfaces[1].privateIpAddresses", "one instance at a time", "load balancer"}},
	"Elastic Beanstalk": {noticed: byValidation, others: integrated("elasticBeanstalk", object{"environmentId": "e-1"}),
		at: "configuration", says: []string{"thirdPartiesIntegration.elasticBeanstalk", "environment has one group", "take it out"}},
	"Route 53": {noticed: byValidation, others: integrated("route53", object{"domains": []any{object{"hostedZoneId": "Z1", "recordSets": []any{object{"name": "a.example.com"}}}}}),
		at: "configuration", says: []string{"thirdPartiesIntegration.route53.domains[0].recordSets", "same Route 53 record sets", "target_group_arns"}},
	"Elastic IP addresses": {noticed: byPlan, warned: true, others: documented(func(d object) { memberAt(d, "compute")["elasticIps"] = []any{"eipalloc-1", "eipalloc-2"} }),
		at: "configuration", says: []string{"compute.elasticIps", "eipalloc-1, eipalloc-2", "start without an address", "as many as both have together"}},
	"CodeDeploy": {noticed: byPlan, warned: true, others: integrated("codeDeploy", object{"deploymentGroups": []any{object{"applicationName": "a", "deploymentGroupName": "b"}}}),
		at: "configuration", says: []string{"thirdPartiesIntegration.codeDeploy", "goes to both alike", "Deploy nothing while a rollout runs"}},
	"a drainingTimeout below connection draining": {noticed: byPlan, warned: true, others: object{"target_group_arns": nil, "load_balancer_names": []any{"old"}},
		world: func(c *sandbox.Config) {
			c.AWS.ClassicLoadBalancers = []sandbox.ClassicBalancerConfig{{Name: "old", HealthCheck: sandbox.HealthCheckConfig{HealthyThreshold: 2}, Draining: sandbox.Duration(5 * time.Minute)}}
		}, at: "load_balancer_names.0", says: []string{"Classic load balancer old", "5m to end", "1m after", "Write a drainingTimeout of 300"}},
	"OpsWorks": {noticed: byPlan, warned: true, others: integrated("opsWorks", object{"layerId": "l"}),
		at: "configuration", says: []string{"thirdPartiesIntegration.opsWorks", "same OpsWorks layer"}},
}

// attributeMistakes are about single attributes.
var attributeMistakes = map[string]mistake{
	"a revision's name":         {noticed: byValidation, others: object{"name": "web__7"}, at: "name", says: []string{"web__7"}},
	"a name that ends in _":     {noticed: byValidation, others: object{"name": "web_"}, at: "name", says: []string{"web_"}},
	"an empty name":             {noticed: byValidation, others: object{"name": ""}, at: "name", says: []string{"name"}},
	"minimum above target":      {noticed: byValidation, others: object{"capacity": capacityOf(5, 4, 8)}, at: "capacity", says: []string{"Target 4 is below minimum 5"}},
	"target above maximum":      {noticed: byValidation, others: object{"capacity": capacityOf(2, 9, 8)}, at: "capacity", says: []string{"Maximum 8 is below target 9"}},
	"a negative minimum":        {noticed: byValidation, others: object{"capacity": capacityOf(-1, 4, 8)}, at: "capacity.minimum", says: []string{"-1", "at least 0"}},
	"a capacity of 0":           {noticed: byValidation, warned: true, others: object{"capacity": capacityOf(0, 0, 8)}, at: "capacity.target", says: []string{"capacity.target is 0, so a release has no instance", "nothing serves", "at least 1"}},
	"a capacity of 0 at first":  {noticed: byValidation, warned: true, others: bothChanges(running, object{"capacity": capacityOf(0, 0, 8)}), at: "capacity.target", says: []string{"so a first deployment, and a release while nothing runs, has no instance", "at least 1"}},
	"a canary of a capacity 0":  {noticed: byValidation, warned: true, others: bothChanges(inPhases(countPhase(1), countPhase(2)), object{"capacity": capacityOf(0, 0, 8)}), at: "capacity.target", says: []string{"capacity.target is 0"}},
	"a duration without a unit": {noticed: byValidation, others: object{"healthy_timeout": "300"}, at: "healthy_timeout", says: []string{`"300" is not a duration`, `"5m"`}},
	"a duration in words":       {noticed: byValidation, others: object{"healthy_timeout": "5 minutes"}, at: "healthy_timeout", says: []string{`"5 minutes" is not a duration`, `"5m"`}},
	"a negative duration":       {noticed: byValidation, others: object{"healthy_timeout": "-5m"}, at: "healthy_timeout", says: []string{"-5m is not between 1s and 24h"}},
	"a negative healthy time":   {noticed: byValidation, others: object{"verify": object{"min_healthy_time": "-1s"}}, at: "verify.min_healthy_time", says: []string{"-1s"}},
	"more than all healthy":     {noticed: byValidation, others: object{"verify": object{"healthy_percent": 101}}, at: "verify.healthy_percent", says: []string{"101", "100"}},
	"nobody healthy":            {noticed: byValidation, others: object{"verify": object{"healthy_percent": 0}}, at: "verify.healthy_percent", says: []string{"between 1 and 100"}},
	"negative retain":           {noticed: byValidation, others: object{"retain": -1}, at: "retain", says: []string{"-1"}},
	"a resize_order of none":    {noticed: byValidation, others: object{"resize_order": "sideways"}, at: "resize_order", says: []string{"new_first", "previous_first"}},
	"an on_failure of none":     {noticed: byValidation, others: object{"on_failure": "shrug"}, at: "on_failure", says: []string{"rollback", "hold"}},
	"an on_interrupt of none":   {noticed: byValidation, others: object{"on_interrupt": "shrug"}, at: "on_interrupt", says: []string{"rollback", "hold"}},
	"user data twice": {noticed: byValidation, others: object{"user_data_base64": providertest.BootBase64},
		at: "user_data", says: []string{"user_data_base64", "cannot be specified"}},
	"user data that is not base64": {noticed: byValidation, others: object{"user_data": nil, "user_data_base64": "#!/bin/sh"},
		at: "user_data_base64", says: []string{"not base64", "plain text goes into user_data"}},
	"user data encoded twice": {noticed: byValidation, warned: true, others: object{"user_data": providertest.BootBase64},
		at: "user_data", says: []string{"base64 of a script", "Write it as user_data_base64"}},
	"too much user data": {noticed: byValidation, others: object{"user_data": "#!/bin/sh\n" + strings.Repeat("#", 16384)},
		at: "user_data", says: []string{"16394 bytes", "16384", "gzip"}},
	"too much user data in base64": {noticed: byValidation, others: object{"user_data": nil, "user_data_base64": base64.StdEncoding.EncodeToString(make([]byte, 16385))},
		at: "user_data_base64", says: []string{"16385 bytes", "16384"}},

	"a group of that name that is another's": {noticed: byPlan, world: standingAlready(existing("web__1", "ami-1", 2, 4, 8)),
		at: "name", says: []string{"web__1"}, onApply: &told{says: []string{"web__1"}}},
	"a deployment of that name in another state": {noticed: byPlan, world: standingAlready(provenGroup(3, 2, 4, 8)),
		at: "name", says: []string{`"web" is live with web__3`, "another state", "terraform import ADDRESS web"}},
}

// standingAlready puts a group into the world.
func standingAlready(group json.RawMessage) func(*sandbox.Config) {
	return func(c *sandbox.Config) { c.Groups = append(c.Groups, group) }
}
