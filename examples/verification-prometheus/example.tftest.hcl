# In virtual time: a bake of ten minutes passes at once.
variables {
  # The sandbox's own.
  prometheus_url = "https://sandbox.example.com/prometheus"
}

run "first_deployment" {
  variables {
    release = "2026.11.1"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 1
    error_message = "revision ${output.revision} is ${output.status}"
  }
}

run "asked_in_each_bake" {
  variables {
    release = "2026.11.2"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 2
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition     = strcontains(output.rollout_plan, "check errors every 1m")
    error_message = "the plan says: ${output.rollout_plan}"
  }
}
