# The newest image that your own builds have made of the branch.
data "elastigroup_ami" "web" {
  owners      = ["self"]
  most_recent = true

  filter {
    name   = "name"
    values = ["web-main-*"]
  }

  filter {
    name   = "state"
    values = ["available"]
  }
}

output "image_id" {
  value = data.elastigroup_ami.web.id
}
