# Every group of the deployment, and what it is there for.
output "groups" {
  value = {
    for group in elastigroup_deployment.web.groups :
    group.name => "${group.role}, ${group.image_id}, target ${group.target}"
  }
}
