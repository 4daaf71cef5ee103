run "production_only" {
  assert {
    condition     = output.arns == tolist(["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/73e2d6bc24d8a067"])
    error_message = "found ${jsonencode(output.arns)}"
  }
}
