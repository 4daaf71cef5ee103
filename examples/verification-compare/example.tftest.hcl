# In virtual time: a bake of ten minutes passes at once.
variables {
  listener_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
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

# As good as the live one: neither chance nor the one in 333 requests that fails with both is held against it.
run "as_good" {
  variables {
    release = "2026.11.2"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 2
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition     = strcontains(output.rollout_plan, "errors 1.5x") && strcontains(output.rollout_plan, "200 requests")
    error_message = "the plan says: ${output.rollout_plan}"
  }

  assert {
    condition     = output.traffic == [{ live = "web-green", idle = "web-blue", idle_weight = 0 }]
    error_message = "the traffic goes ${jsonencode(output.traffic)}"
  }
}
