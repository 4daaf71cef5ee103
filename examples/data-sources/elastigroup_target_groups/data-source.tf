data "elastigroup_target_groups" "web" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188"

  tags = {
    stage = "production"
  }
}

output "arns" {
  value = data.elastigroup_target_groups.web.arns
}
