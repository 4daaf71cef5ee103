data "elastigroup_target_group" "web" {
  name = "web"
}

output "healthy_targets" {
  value = data.elastigroup_target_group.web.health.healthy
}
