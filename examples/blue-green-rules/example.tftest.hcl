# The sandbox's minutes pass in seconds, and so may the wait.
variables {
  shop_rules = {
    production = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee"
    stage      = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/1c4a2e5d90b7f368"
  }
  api_rules = {
    production = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/5b8e7c3f1d06a924"
    stage      = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/e07d41b6a8c5932f"
  }
  settle = "1s"
  bake   = "1s"
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
    condition = output.traffic == [
      { live = "shop-blue", idle = "shop-green", idle_weight = 0 },
      { live = "api-blue", idle = "api-green", idle_weight = 0 },
    ]
    error_message = "the traffic goes ${jsonencode(output.traffic)}"
  }
}

# Production of both routes, then stage of both.
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
      "rule web/9683b2d02a6cabee -> shop-green",
      "rule web/5b8e7c3f1d06a924 -> api-green",
      "rule web/1c4a2e5d90b7f368 -> shop-blue",
      "rule web/e07d41b6a8c5932f -> api-blue",
    ] : strcontains(output.rollout_plan, step)])
    error_message = "the plan says: ${output.rollout_plan}"
  }

  assert {
    condition = output.traffic == [
      { live = "shop-green", idle = "shop-blue", idle_weight = 0 },
      { live = "api-green", idle = "api-blue", idle_weight = 0 },
    ]
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
