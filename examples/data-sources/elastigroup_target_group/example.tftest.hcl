run "two_instances_are_healthy" {
  assert {
    condition     = output.healthy_targets == 2
    error_message = "${output.healthy_targets} targets are healthy"
  }
}
