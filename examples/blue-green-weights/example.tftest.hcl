# The sandbox's minutes pass in seconds, and so may the waits.
variables {
  listener_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
  settle       = "1s"
  bake         = "1s"
}

run "first_deployment" {
  variables {
    release = "2026.11.1"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 1
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition     = output.traffic == [{ live = "web-blue", idle = "web-green", idle_weight = 0 }]
    error_message = "the traffic goes ${jsonencode(output.traffic)}"
  }
}

# A tenth of the traffic goes to the new revision until somebody has looked. Both have all of their instances meanwhile.
run "held" {
  variables {
    release          = "2026.11.2"
    hold_after_phase = 1
  }

  assert {
    condition     = output.status == "holding" && output.revision == 1
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition = alltrue([for step in [
      "10 %         listener web/f2f7dc8efc522ab2 -> web-blue 90 %, web-green 10 %",
      "settle 1s, bake 1s, alarms web-5xx   holds here",
    ] : strcontains(output.rollout_plan, step)])
    error_message = "the plan says: ${output.rollout_plan}"
  }

  assert {
    condition     = output.traffic == [{ live = "web-blue", idle = "web-green", idle_weight = 10 }]
    error_message = "the traffic goes ${jsonencode(output.traffic)}"
  }

  assert {
    condition = output.groups == {
      web__1 = "live, ami-0a10000000000001, target 4"
      web__2 = "candidate, ami-0a10000000000002, target 4"
    }
    error_message = "there stands ${jsonencode(output.groups)}"
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

  assert {
    condition = output.groups == {
      web__1 = "previous, ami-0a10000000000001, target 0"
      web__2 = "live, ami-0a10000000000002, target 4"
    }
    error_message = "there stands ${jsonencode(output.groups)}"
  }
}
