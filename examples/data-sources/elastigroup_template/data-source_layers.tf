# A group that was made by hand, with the types of this environment, and a field that is too new to be an argument.
data "elastigroup_group" "template" {
  name = "web-template"
}

data "elastigroup_template" "layers" {
  source_json = data.elastigroup_group.template.configuration

  instance_types_spot = ["c6i.large", "c6a.large"]

  override_json = jsonencode({
    strategy = { newField = true }
  })
}

output "layers" {
  value = data.elastigroup_template.layers.json
}
