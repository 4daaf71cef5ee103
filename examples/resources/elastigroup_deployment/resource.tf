variable "release" {
  description = "The release to run, as its image is named: web-RELEASE."
  type        = string
}

# The image that the build of the release has made.
data "elastigroup_ami" "web" {
  owners = ["self"]

  filter {
    name   = "name"
    values = ["web-${var.release}"]
  }
}

data "elastigroup_target_group" "web" {
  name = "web"
}

resource "elastigroup_deployment" "web" {
  name          = "web"
  configuration = file("${path.module}/elastigroup.json")
  image_id      = data.elastigroup_ami.web.id

  user_data = <<-EOT
    #!/bin/sh
    echo "RELEASE=${var.release}" >/etc/web.env
    systemctl start web
  EOT

  capacity          = { minimum = 2, target = 4, maximum = 8 }
  target_group_arns = [data.elastigroup_target_group.web.arn]
}
