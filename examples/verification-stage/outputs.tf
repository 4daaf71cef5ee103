output "revision" {
  value = elastigroup_deployment.web.revision
}

output "status" {
  value = elastigroup_deployment.web.status
}

# What apply was to do, as the plan has shown it.
output "rollout_plan" {
  value = elastigroup_deployment.web.rollout_plan
}

# Every group of the deployment, and what it is there for.
output "groups" {
  value = {
    for group in elastigroup_deployment.web.groups :
    group.name => "${group.role}, ${group.image_id}, target ${group.target}"
  }
}

# The target group that production goes to, and the other one, by name.
output "traffic" {
  value = [
    for route in elastigroup_deployment.web.traffic : {
      live        = split("/", route.live_target_group_arn)[1]
      idle        = split("/", route.idle_target_group_arn)[1]
      idle_weight = route.idle_weight
    }
  ]
}
