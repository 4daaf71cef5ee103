terraform {
  required_providers {
    elastigroup = {
      source = "elastigroup/elastigroup"
    }
  }
}

variable "release" {
  description = "The release to run, as its image is named: api-RELEASE."
  type        = string
}

variable "bake" {
  description = "How long each phase is watched. The sandbox makes no time of ours pass faster."
  type        = string
  default     = "10m"
}

data "elastigroup_ami" "api" {
  owners = ["self"]

  filter {
    name   = "name"
    values = ["api-${var.release}"]
  }
}

data "elastigroup_target_group" "api" {
  name = "api"
}

resource "elastigroup_deployment" "api" {
  name              = "api"
  configuration     = file("${path.module}/elastigroup.json")
  image_id          = data.elastigroup_ami.api.id
  target_group_arns = [data.elastigroup_target_group.api.arn]
  capacity          = { minimum = 1, target = 2, maximum = 4 }
  healthy_timeout   = "1m"

  canary {
    phase {
      percent = 50
      bake    = var.bake
    }
  }

  verify {
    alarms = ["api-5xx"]
  }
}
