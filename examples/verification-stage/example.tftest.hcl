# In virtual time: a bake of ten minutes passes at once.
variables {
  production_listener_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
  stage_listener_arn      = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/0467ef3c8400ae65"
  # The sandbox's listeners.
  production_url = "https://sandbox.example.com/app/web:443"
  stage_url      = "https://sandbox.example.com/app/web:8443"
}

# There is nobody yet who could be harmed, and nothing to compare with.
run "first_deployment" {
  variables {
    release = "2026.11.1"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 1
    error_message = "revision ${output.revision} is ${output.status}"
  }
}

# Whole and on stage, for people to look as long as they like. Users are where they were.
run "held_on_stage" {
  variables {
    release          = "2026.11.2"
    hold_after_phase = 0
  }

  assert {
    condition     = output.status == "holding" && output.revision == 1
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition     = output.traffic == [{ live = "web-blue", idle = "web-green", idle_weight = 0 }]
    error_message = "the traffic goes ${jsonencode(output.traffic)}"
  }

  assert {
    condition     = can(regex("on stage +checks version, orders: good before any production traffic +holds here", output.rollout_plan))
    error_message = "the plan says: ${output.rollout_plan}"
  }
}

run "continued" {
  variables {
    release = "2026.11.2"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 2
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition     = output.traffic == [{ live = "web-green", idle = "web-blue", idle_weight = 0 }]
    error_message = "the traffic goes ${jsonencode(output.traffic)}"
  }
}
