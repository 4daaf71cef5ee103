# All releases, newest first: ids[0] is the current one, ids[1] the one before.
data "elastigroup_amis" "web" {
  owners     = ["self"]
  name_regex = "^web-[0-9]+$"

  filter {
    name   = "tag:stage"
    values = ["released"]
  }
}

output "previous_image_id" {
  value = try(data.elastigroup_amis.web.ids[1], null)
}
