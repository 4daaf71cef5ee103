variable "services" {
  type = set(string)
}

data "elastigroup_target_group" "service" {
  for_each = var.services

  name = each.value
}

resource "elastigroup_deployment" "service" {
  for_each = var.services

  name              = each.value
  configuration     = data.elastigroup_template.service[each.value].json
  image_id          = "ami-0${length(each.value)}"
  target_group_arns = [data.elastigroup_target_group.service[each.value].arn]

  verify {
    check {
      name = "smoke"

      http {
        url = "https://${each.value}.example.com"
      }
    }
  }
}

data "elastigroup_template" "service" {
  for_each = var.services

  name = each.value
}
