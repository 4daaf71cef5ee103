# An Elastigroup that was made by hand, as the configuration of a deployment.
data "elastigroup_group" "template" {
  name = "web-template"
}

output "configuration" {
  value = data.elastigroup_group.template.configuration
}
