# Run in the sandbox, and nowhere else: what a test applies, it destroys.
variables {
  bake = "1s"
}

run "first_release" {
  variables {
    release = "1.0"
  }

  assert {
    condition     = elastigroup_deployment.api.status == "stable"
    error_message = "it is ${elastigroup_deployment.api.status}"
  }
}

# The reviewer's plan: what would be done, and nothing done yet.
run "plan_of_the_next" {
  command = plan

  variables {
    release = "1.1"
  }

  assert {
    condition     = strcontains(elastigroup_deployment.api.rollout_plan, "50 %")
    error_message = "the plan says: ${elastigroup_deployment.api.rollout_plan}"
  }
}

run "next_release" {
  variables {
    release = "1.1"
  }

  assert {
    condition     = elastigroup_deployment.api.revision == 2
    error_message = "revision ${elastigroup_deployment.api.revision} is live"
  }
}
