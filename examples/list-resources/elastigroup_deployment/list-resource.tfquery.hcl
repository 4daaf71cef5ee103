# Everything that could be imported and is not yet: terraform query -generate-config-out=deployments.tf
list "elastigroup_deployment" "new" {
  provider = elastigroup
  limit    = 1000 # Terraform stops at 100 if nothing is said

  config {
    managed = false
  }
}
