run "plan" {
  command = plan

  assert {
    condition     = jsondecode(data.elastigroup_template.web.json).compute.instanceTypes.spot == ["m5.large", "m5a.large", "m6i.large"]
    error_message = "the template makes ${data.elastigroup_template.web.json}"
  }

  assert {
    condition = jsondecode(data.elastigroup_template.web.json).compute.launchSpecification.tags == [
      { tagKey = "app", tagValue = "web" },
      { tagKey = "env", tagValue = "prod" },
    ]
    error_message = "the template makes ${data.elastigroup_template.web.json}"
  }
}

# The deployment takes it as its configuration.
run "release" {
  assert {
    condition     = elastigroup_deployment.web.status == "stable" && elastigroup_deployment.web.groups[0].target == 4
    error_message = "there stands ${jsonencode(elastigroup_deployment.web.groups)}"
  }

  assert {
    condition     = jsondecode(output.layers).compute.instanceTypes == { ondemand = "m5.large", spot = ["c6i.large", "c6a.large"] }
    error_message = "the layers make ${output.layers}"
  }

  assert {
    condition     = jsondecode(output.layers).strategy.newField && jsondecode(output.layers).strategy.risk == 100
    error_message = "the layers make ${output.layers}"
  }
}

# The same arguments make the same text.
run "empty" {
  command = plan

  assert {
    condition     = elastigroup_deployment.web.revision == 1
    error_message = "the plan makes a revision ${elastigroup_deployment.web.revision}"
  }
}

# Whoever changes an argument changes the group.
run "changed" {
  variables {
    tags = { app = "web", env = "stage" }
  }

  assert {
    condition     = elastigroup_deployment.web.status == "stable" && elastigroup_deployment.web.revision == 2
    error_message = "revision ${elastigroup_deployment.web.revision} is ${elastigroup_deployment.web.status}"
  }
}
