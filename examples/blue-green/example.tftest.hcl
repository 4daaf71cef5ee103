# The sandbox's minutes pass in seconds, and so may the waits.
variables {
  production_listener_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
  stage_listener_arn      = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/0467ef3c8400ae65"
  settle                  = "1s"
  bake                    = "2s"
}

# There is nothing to take over from: it registers where production goes already, and no traffic is moved.
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

run "switch" {
  variables {
    release = "2026.11.2"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 2
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition = alltrue([for step in [
      "setup        new        created at 0 in target group \"web-green\"",
      "deploy       new        0 -> 4   previous kept at 4",
      "100 %        listener web/f2f7dc8efc522ab2 -> web-green",
      "stage listener web/0467ef3c8400ae65 -> web-blue",
      "settle 1s, bake 2s, alarms web-5xx",
    ] : strcontains(output.rollout_plan, step)])
    error_message = "the plan says: ${output.rollout_plan}"
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

# The next release finds them the other way round.
run "switch_to_the_other" {
  variables {
    release = "2026.11.3"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 3
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition     = output.traffic == [{ live = "web-blue", idle = "web-green", idle_weight = 0 }]
    error_message = "the traffic goes ${jsonencode(output.traffic)}"
  }
}
