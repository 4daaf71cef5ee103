# The sandbox's minutes pass in seconds, and so may the bakes.
variables {
  bake = "2s"
}

# There is no previous revision to share the work with: the first one comes up in one step.
run "first_deployment" {
  variables {
    release = "2026.11.1"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 1
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition     = !strcontains(output.rollout_plan, "25 %")
    error_message = "the plan says: ${output.rollout_plan}"
  }
}

run "canary" {
  variables {
    release = "2026.11.2"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 2
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition = alltrue([for phase in [
      "25 %         new        0 -> 1   then previous 4 -> 3   bake 2s, alarms web-5xx",
      "50 %         new        1 -> 2   then previous 3 -> 2   bake 2s, alarms web-5xx",
      "100 %        new        2 -> 4   then previous 2 -> 0",
    ] : strcontains(output.rollout_plan, phase)])
    error_message = "the plan says: ${output.rollout_plan}"
  }

  assert {
    condition = output.groups == {
      web__1 = "previous, ami-0a10000000000001, target 0"
      web__2 = "live, ami-0a10000000000002, target 4"
    }
    error_message = "there stands ${jsonencode(output.groups)}"
  }
}

# A quarter is taken over, and both revisions serve until somebody has looked. The live one is still the previous one.
run "held" {
  variables {
    release          = "2026.11.3"
    hold_after_phase = 1
  }

  assert {
    condition     = output.status == "holding" && output.revision == 2
    error_message = "revision ${output.revision} is ${output.status}"
  }

  assert {
    condition     = output.groups["web__2"] == "live, ami-0a10000000000002, target 3" && output.groups["web__3"] == "candidate, ami-0a10000000000003, target 1"
    error_message = "there stands ${jsonencode(output.groups)}"
  }
}

run "continued" {
  variables {
    release = "2026.11.3"
  }

  assert {
    condition     = output.status == "stable" && output.revision == 3
    error_message = "revision ${output.revision} is ${output.status}"
  }
}
