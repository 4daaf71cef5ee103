variable "release" {
  description = "The release to run, as its image is named: web-RELEASE."
  type        = string
}

variable "bake" {
  description = "How long each phase is watched."
  type        = string
  default     = "10m"
}

variable "hold_after_phase" {
  description = "The phase to stop after, until somebody has looked. Null: the rollout goes through."
  type        = number
  default     = null
}

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
  name              = "web"
  configuration     = file("${path.module}/elastigroup.json")
  image_id          = data.elastigroup_ami.web.id
  capacity          = { minimum = 2, target = 4, maximum = 8 }
  start_with        = "running" # an autoscaler may have moved it: a release starts with what runs then
  target_group_arns = [data.elastigroup_target_group.web.arn]

  canary {
    phase {
      percent = 25
      bake    = var.bake
    }
    phase {
      percent = 50
      bake    = var.bake
    }
  }
  hold_after_phase = var.hold_after_phase

  verify {
    alarms = ["web-5xx"]
  }
}
