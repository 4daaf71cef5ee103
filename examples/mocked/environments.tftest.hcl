# Nobody is asked, not even the sandbox: what the module makes of its variables, in a second. Terraform 1.11 or later.
mock_provider "elastigroup" {
  source          = "./mocks"
  override_during = plan
}

variables {
  release = "1.0"
}

run "staging_is_small" {
  command = plan

  variables {
    environment = "staging"
  }

  assert {
    condition     = elastigroup_deployment.api.capacity.maximum == 2 && elastigroup_deployment.api.canary == null
    error_message = "staging has ${jsonencode(elastigroup_deployment.api.capacity)}, or a canary"
  }

  assert {
    condition     = data.elastigroup_ami.api.filter == toset([{ name = "name", values = toset(["api-1.0"]) }])
    error_message = "it looks for ${jsonencode(data.elastigroup_ami.api.filter)}"
  }
}

# What others see of a release that holds.
run "a_hold_is_not_healthy" {
  command = plan

  variables {
    environment = "production"
  }

  override_resource {
    target          = elastigroup_deployment.api
    override_during = plan
    values          = { status = "holding" }
  }

  assert {
    condition     = !output.healthy
    error_message = "a release that holds is called healthy"
  }
}

# And of one that has ended well.
run "a_release_is_healthy" {
  variables {
    environment = "production"
  }

  assert {
    condition     = output.healthy && elastigroup_deployment.api.revision == 1
    error_message = "revision ${elastigroup_deployment.api.revision} is ${elastigroup_deployment.api.status}"
  }
}
