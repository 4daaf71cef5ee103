package template_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template/templatetest"
)

const group = ":targetgroup/web/0123456789abcdef"

// Each mistake is noticed before anything is applied, at its argument.
func TestProblems(t *testing.T) {
	for name, test := range map[string]struct{ arguments, at, says string }{
		// Values.
		"enumeration":        {`orientation = "cheap"`, "orientation", `is "cheap"; it has to be "costOriented", "availabilityOriented", "balanced", "cheapest" or "equalAzDistribution"`},
		"bounds":             {`spot_percentage = 101`, "spot_percentage", "is 101; it has to be from 0 to 100"},
		"lower bound":        {`min_size = -1`, "min_size", "is -1; it has to be at least 0"},
		"whole numbers":      {`max_size = 1.5`, "max_size", "is 1.5; it has to be a whole number"},
		"number enumeration": {`minimum_instance_lifetime = 2`, "minimum_instance_lifetime", "is 2; it has to be 1, 3, 6, 12 or 24"},
		"in a block":         {"metadata_options {\n  http_tokens = \"requird\"\n}", "metadata_options.http_tokens", `is "requird"`},
		"in a list of blocks": {
			"signal {\n  name = \"INSTANCE_READY\"\n}\nsignal {\n  name = \"READY\"\n}", "signal.1.name", `signal.name is "READY"`},
		"deep down": {
			"scaling_up_policy {\n  metric_name = \"m\"\n  namespace = \"n\"\n  step_adjustment {\n    threshold = 1\n    action {\n      type = \"shrink\"\n    }\n  }\n}",
			"scaling_up_policy.0.step_adjustment.0.action.type", `is "shrink"`},
		"null in a list":    {`security_groups = [null]`, "security_groups.0", "has a null element"},
		"missing in a list": {"tag {\n  value = \"web\"\n}", "", "key"},
		"missing in a block": {
			"metadata_options {\n  http_put_response_hop_limit = 1\n}", "metadata_options", "metadata_options needs http_tokens"},
		"missing block": {"itf {\n  target_group_config {}\n}", "itf", "itf needs load_balancer"},
		"misspelt":      {`oriented = "balanced"`, "", "oriented"},
		"misspelt in a block": {
			"metadata_options {\n  http_token = \"required\"\n}", "", "http_token"},
		"user data": {`user_data = "x"`, "", "user_data"},

		// What excludes each other.
		"two ways to say the image":   {"image_id = \"ami-1\"\nimage {\n  id = \"ami-2\"\n}", "image_id", "cannot stand beside image"},
		"spot and on-demand shares":   {"spot_percentage = 50\nondemand_count = 1", "spot_percentage", "cannot stand beside ondemand_count"},
		"on-demand types":             {"instance_types_ondemand = \"m5.large\"\non_demand_types = [\"m5.large\"]", "instance_types_ondemand", "cannot stand beside on_demand_types"},
		"spot types and requirements": {"instance_types_spot = [\"m5.large\"]\nresource_requirements {}", "instance_types_spot", "cannot stand beside resource_requirements"},
		"zones and subnets": {
			"region = \"us-east-1\"\nsubnet_ids = [\"subnet-1\"]\navailability_zone {\n  name = \"us-east-1a\"\n}", "availability_zone", "cannot stand beside subnet_ids"},
		"sizes of a volume": {
			"block_device_mapping {\n  device_name = \"/dev/xvda\"\n  ebs {\n    volume_size = 1\n    dynamic_volume_size {}\n  }\n}",
			"block_device_mapping.0.ebs.volume_size", "cannot stand beside dynamic_volume_size"},
		"two times of a task": {
			"scheduled_task {\n  task_type = \"backup_ami\"\n  frequency = \"daily\"\n  cron_expression = \"0 0 * * *\"\n}",
			"scheduled_task.0.cron_expression", "cannot stand beside frequency"},
		"beside the source": {
			"image_id = \"ami-1\"\nsource_json = jsonencode({ compute = { launchSpecification = { images = [{ id = \"ami-2\" }] } } })",
			"image_id", "cannot stand beside compute.launchSpecification.images, which source_json has"},
		"beside the override": {
			"ondemand_count = 1\noverride_json = jsonencode({ strategy = { risk = 50 } })",
			"ondemand_count", "cannot stand beside strategy.risk, which override_json has"},

		// Several together.
		"capacity out of order":       {"min_size = 3\ndesired_capacity = 2\nmax_size = 8", "min_size", "is 3, more than desired_capacity, which is 2"},
		"target above maximum":        {"desired_capacity = 9\nmax_size = 8", "desired_capacity", "is 9, more than max_size, which is 8"},
		"weights of instances":        {"capacity_unit = \"instance\"\ninstance_types_weight {\n  instance_type = \"m5.large\"\n  weight = 2\n}", "instance_types_weight.0", `counts only with capacity_unit = "weight"`},
		"weights by default":          {"instance_types_weight {\n  instance_type = \"m5.large\"\n  weight = 2\n}", "instance_types_weight.0", `counts only with capacity_unit = "weight"`},
		"preferred type":              {"instance_types_spot = [\"m5.large\"]\ninstance_types_preferred_spot = [\"m5a.large\"]", "instance_types_preferred_spot.0", `has "m5a.large", which is none of instance_types_spot`},
		"requirements out of order":   {"resource_requirements {\n  required_vcpu_minimum = 8\n  required_vcpu_maximum = 4\n}", "resource_requirements.required_vcpu_minimum", "is 8, more than"},
		"an ARN for a name":           {`iam_instance_profile = "arn:aws:iam::123456789012:instance-profile/web"`, "iam_instance_profile", "is an ARN, which is iam_instance_profile_arn"},
		"a name for an ARN":           {`iam_instance_profile_arn = "web"`, "iam_instance_profile_arn", "is no ARN"},
		"script in plain text":        {`shutdown_script = "#!/bin/sh"`, "shutdown_script", "is not base64"},
		"one tag twice":               {"tag {\n  key = \"a\"\n}\ntag {\n  key = \"a\"\n}", "tag.1.key", `is "a" twice`},
		"a tag of AWS":                {"tag {\n  key = \"aws:x\"\n}", "tag.0.key", "AWS keeps keys"},
		"balancer without name":       {"load_balancer {\n  type = \"CLASSIC\"\n}", "load_balancer.0", "load_balancer of type CLASSIC needs name"},
		"balancer without ARN":        {"load_balancer {\n  type = \"TARGET_GROUP\"\n  name = \"web\"\n}", "load_balancer.0", "load_balancer of type TARGET_GROUP needs arn"},
		"a balancer for a group":      {"load_balancer {\n  type = \"TARGET_GROUP\"\n  arn = \"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/0123456789abcdef\"\n}", "load_balancer.0.arn", "is not the ARN of a target group"},
		"throughput of another type":  {"block_device_mapping {\n  device_name = \"/dev/xvda\"\n  ebs {\n    volume_type = \"gp2\"\n    throughput = 125\n  }\n}", "block_device_mapping.0.ebs.throughput", `is only for volume_type = "gp3"`},
		"one device twice":            {"block_device_mapping {\n  device_name = \"/dev/xvda\"\n}\nblock_device_mapping {\n  device_name = \"/dev/xvda\"\n}", "block_device_mapping.1.device_name", "twice"},
		"one interface twice":         {"network_interface {\n  device_index = 0\n}\nnetwork_interface {\n  device_index = 0\n}", "network_interface.1.device_index", "is 0 twice"},
		"two primary addresses":       {"network_interface {\n  device_index = 0\n  private_ip {\n    private_ip_address = \"10.0.0.1\"\n    primary = true\n  }\n  private_ip {\n    private_ip_address = \"10.0.0.2\"\n    primary = true\n  }\n}", "network_interface.0.private_ip.1.primary", "one is primary"},
		"time window without windows": {"revert_to_spot {\n  perform_at = \"timeWindow\"\n}", "revert_to_spot.perform_at", "needs time_windows"},
		"not a time of the week":      {"revert_to_spot {\n  perform_at = \"timeWindow\"\n  time_windows = [\"Monday 3am\"]\n}", "revert_to_spot.time_windows.0", "a time of the week is Mon:03:00-Wed:02:30"},
		"task without time":           {"scheduled_task {\n  task_type = \"backup_ami\"\n}", "scheduled_task.0", "needs a time"},
		"roll without batch":          {"scheduled_task {\n  task_type = \"roll\"\n  frequency = \"daily\"\n}", "scheduled_task.0", `scheduled_task that does "roll" needs batch_size_percentage`},
		"scale to what":               {"scheduled_task {\n  task_type = \"scale\"\n  frequency = \"daily\"\n}", "scheduled_task.0", `that does "scale" needs`},
		"stateful capacity":           {"scheduled_task {\n  task_type = \"statefulUpdateCapacity\"\n  frequency = \"daily\"\n}", "scheduled_task.0", `that does "statefulUpdateCapacity" needs`},
		"task out of order":           {"scheduled_task {\n  task_type = \"scale\"\n  frequency = \"daily\"\n  scale_min_capacity = 2\n  scale_max_capacity = 1\n}", "scheduled_task.0.scale_min_capacity", "is 2, more than"},
		"six fields of cron":          {"scheduled_task {\n  task_type = \"backup_ami\"\n  cron_expression = \"0 0 20 * * *\"\n}", "scheduled_task.0.cron_expression", "five fields"},
		"not a time":                  {"scheduled_task {\n  task_type = \"backup_ami\"\n  start_time = \"tomorrow\"\n}", "scheduled_task.0.start_time", "a time is 2026-12-24T18:00:00Z"},
		"action without number":       {policy("action {\n  type = \"adjustment\"\n}"), "scaling_up_policy.0.action", `of type "adjustment" needs adjustment`},
		"capacity without any":        {policy("action {\n  type = \"updateCapacity\"\n}"), "scaling_up_policy.0.action", `needs minimum, target, maximum`},
		"step without number":         {policy("step_adjustment {\n  threshold = 1\n  action {\n    type = \"setMinTarget\"\n  }\n}"), "scaling_up_policy.0.step_adjustment.0.action", "needs min_target_capacity"},
		"steps and a threshold":       {policy("threshold = 1\nstep_adjustment {\n  threshold = 1\n  action {\n    type = \"adjustment\"\n    adjustment = 1\n  }\n}"), "scaling_up_policy.0.threshold", "cannot stand beside step_adjustment"},
		"percentile without which":    {policy("statistic = \"percentile\""), "scaling_up_policy.0.statistic", "needs extended_statistic"},
		"not a percentile":            {policy("statistic = \"percentile\"\nextended_statistic = \"p101\""), "scaling_up_policy.0.extended_statistic", "from p0.1 to p100"},
		"traffic flow of two":         {"itf {\n  load_balancer {\n    load_balancer_arn = \"a\"\n    listener_rule {\n      rule_arn = \"r\"\n    }\n  }\n  load_balancer {\n    load_balancer_arn = \"b\"\n    listener_rule {\n      rule_arn = \"r\"\n    }\n  }\n  target_group_config {}\n}", "itf.load_balancer.1", "has to be there once"},
		"not a port":                  {itf("target_group_config {\n  health_check_port = \"http\"\n}"), "itf.target_group_config.health_check_port", "has to be a port"},
		"matcher of nothing":          {itf("target_group_config {\n  matcher {}\n}"), "itf.target_group_config.matcher", "needs http_code or grpc_code"},
		"custom weights of none":      {itf("weight_strategy = \"custom\"\ntarget_group_config {}"), "itf.weight_strategy", "needs instance_types_weight"},

		// Subnets, zones and region.
		"subnets without region":   {`subnet_ids = ["subnet-1"]`, "subnet_ids", "needs region"},
		"one subnet twice":         {"region = \"us-east-1\"\nsubnet_ids = [\"subnet-1\", \"subnet-1\"]", "subnet_ids.1", `has "subnet-1" twice`},
		"zone of another region":   {"region = \"us-east-1\"\navailability_zone {\n  name = \"us-west-2a\"\n}", "availability_zone.0.name", `is "us-west-2a", which is not in region "us-east-1"`},
		"a region for a zone":      {"region = \"us-east-1\"\navailability_zone {\n  name = \"us-east-1\"\n}", "availability_zone.0.name", "is no name of a zone"},
		"an ID for a zone":         {"region = \"us-east-1\"\navailability_zone {\n  name = \"use1-az1\"\n}", "availability_zone.0.name", "is no name of a zone"},
		"one zone twice":           {zones("us-east-1a", "subnet-1", "us-east-1a", "subnet-2"), "availability_zone.1.name", "twice"},
		"one subnet in two zones":  {zones("us-east-1a", "subnet-1", "us-east-1b", "subnet-1"), "availability_zone.1.subnet_ids.0", `has "subnet-1", which is in zone us-east-1a as well`},
		"preferred zone elsewhere": {zones("us-east-1a", "subnet-1", "us-east-1b", "subnet-2") + "preferred_availability_zones = [\"us-east-1c\"]", "preferred_availability_zones.0", `has "us-east-1c", which is no availability_zone of the group: us-east-1a, us-east-1b`},
		"preferred, and all equal": {zones("us-east-1a", "subnet-1", "us-east-1b", "subnet-2") + "preferred_availability_zones = [\"us-east-1a\"]\norientation = \"equalAzDistribution\"", "preferred_availability_zones", "equalAzDistribution"},

		// JSON.
		"no JSON":                  {`source_json = "{\n  \"a\": s3cret!\n}"`, "source_json", "source_json is not JSON: line 2, column 8"},
		"cut off":                  {`override_json = "{"`, "override_json", "override_json is not JSON: line 1, column 2: unexpected EOF"},
		"a list":                   {`source_json = "[]"`, "source_json", "not an object"},
		"two documents":            {`source_json = "{} {}"`, "source_json", "is not JSON"},
		"an answer of the API":     {`source_json = jsonencode({ response = { items = [] } })`, "source_json", "response.items[0]"},
		"something beside a group": {`source_json = jsonencode({ group = {}, credentials = {} })`, "source_json", `has credentials beside "group"`},
		"a group that is text":     {`source_json = jsonencode({ group = "web" })`, "source_json", `has a "group" that is not an object`},
	} {
		t.Run(name, func(t *testing.T) {
			answer, diags := templatetest.Read(t, test.arguments)
			if answer != "" || len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError {
				t.Fatalf("want one error, got %q and:\n%s", answer, templatetest.Render(diags))
			}
			if at := templatetest.Where(diags[0]); at != test.at {
				t.Errorf("want it at %q, got:\n%s", test.at, templatetest.Render(diags))
			}
			if said := diags[0].Summary + ": " + diags[0].Detail; !strings.Contains(said, test.says) || strings.Contains(said, "s3cret!") {
				t.Errorf("want %q in:\n%s", test.says, templatetest.Render(diags))
			}
		})
	}
}

func policy(arguments string) string {
	return "scaling_up_policy {\n  metric_name = \"m\"\n  namespace = \"n\"\n" + arguments + "\n}"
}

func itf(arguments string) string {
	return "itf {\n  load_balancer {\n    load_balancer_arn = \"a\"\n    listener_rule {\n      rule_arn = \"r\"\n    }\n  }\n" + arguments + "\n}"
}

func zones(a, subnetA, b, subnetB string) string {
	return "region = \"us-east-1\"\navailability_zone {\n  name = \"" + a + "\"\n  subnet_ids = [\"" + subnetA + "\"]\n}\n" +
		"availability_zone {\n  name = \"" + b + "\"\n  subnet_ids = [\"" + subnetB + "\"]\n}\n"
}

// What is right, though it looks like a mistake.
func TestNoProblems(t *testing.T) {
	for name, arguments := range map[string]string{
		"the override takes the other one away": "image_id = \"ami-1\"\nsource_json = jsonencode({ compute = { launchSpecification = { images = [{ id = \"ami-2\" }] } } })\n" +
			"override_json = jsonencode({ compute = { launchSpecification = { images = null } } })",
		"the source has the region":         "subnet_ids = [\"subnet-1\"]\nsource_json = jsonencode({ region = \"us-east-1\" })",
		"the source has the unit":           "source_json = jsonencode({ capacity = { unit = \"weight\" } })\ninstance_types_weight {\n  instance_type = \"m5.large\"\n  weight = 1\n}",
		"a local zone":                      "region = \"us-west-2\"\navailability_zone {\n  name = \"us-west-2-lax-1a\"\n}",
		"a zone of the cloud for states":    "region = \"us-gov-west-1\"\navailability_zone {\n  name = \"us-gov-west-1a\"\n}",
		"subnet in both forms":              "availability_zone {\n  name = \"us-east-1a\"\n  subnet_id = \"subnet-1\"\n  subnet_ids = [\"subnet-1\"]\n}",
		"a region that another one begins":  "region = \"us-east-1\"\navailability_zone {\n  name = \"us-east-1f\"\n}",
		"a target group of another cloud":   "load_balancer {\n  type = \"TARGET_GROUP\"\n  arn = \"arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012" + group + "\"\n}",
		"capacity of nothing":               "min_size = 0\ndesired_capacity = 0\nmax_size = 0",
		"weights, all of them":              "capacity_unit = \"weight\"\ninstance_types_weight {\n  instance_type = \"m5.large\"\n  weight = 1\n}",
		"expression of an older form":       policy("action {\n  type = \"adjustment\"\n  adjustment = \"MAX(1, 2)\"\n}"),
		"values of other clients":           "product = \"Linux/UNIX (Amazon VPC)\"\nhealth_check_type = \"NONE\"",
		"a whole shutdown script in base64": "shutdown_script = base64encode(\"#!/bin/sh\\n\")",
	} {
		t.Run(name, func(t *testing.T) { read(t, arguments) })
	}
}
