run "first_release" {
  variables {
    release = "2026.11.1"
  }

  assert {
    condition     = elastigroup_deployment.web.status == "stable" && elastigroup_deployment.web.revision == 1
    error_message = "revision ${elastigroup_deployment.web.revision} is ${elastigroup_deployment.web.status}"
  }

  assert {
    condition     = output.groups == { web__1 = "live, ami-0a10000000000001, target 4" }
    error_message = "there stands ${jsonencode(output.groups)}"
  }
}

run "plan_of_the_second_release" {
  command = plan

  variables {
    release = "2026.11.2"
  }

  assert {
    condition     = strcontains(elastigroup_deployment.web.rollout_plan, "0 -> 4   then previous 4 -> 0")
    error_message = "the plan says: ${elastigroup_deployment.web.rollout_plan}"
  }
}

run "second_release" {
  variables {
    release = "2026.11.2"
  }

  assert {
    condition     = elastigroup_deployment.web.status == "stable" && elastigroup_deployment.web.group_name == "web__2"
    error_message = "${elastigroup_deployment.web.group_name} is ${elastigroup_deployment.web.status}"
  }

  assert {
    condition = output.groups == {
      web__1 = "previous, ami-0a10000000000001, target 0"
      web__2 = "live, ami-0a10000000000002, target 4"
    }
    error_message = "there stands ${jsonencode(output.groups)}"
  }
}
