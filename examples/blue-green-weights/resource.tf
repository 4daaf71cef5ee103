variable "release" {
  description = "The release to run, as its image is named: web-RELEASE."
  type        = string
}

variable "listener_arn" {
  description = "The listener. Its forward action names two target groups, one of them with weight 0."
  type        = string
}

variable "settle" {
  description = "How long the load balancers are given to follow a change of the weights."
  type        = string
  default     = "30s"
}

variable "bake" {
  description = "How long each weight is watched."
  type        = string
  default     = "10m"
}

variable "hold_after_phase" {
  description = "The weight to stop after, 1 for the first, until somebody has looked. Null: the rollout goes through."
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

resource "elastigroup_deployment" "web" {
  name          = "web"
  configuration = file("${path.module}/elastigroup.json")
  image_id      = data.elastigroup_ami.web.id
  capacity      = { minimum = 2, target = 4, maximum = 8 }

  blue_green {
    route {
      production_arn = var.listener_arn
    }

    shift {
      weight = 10
      bake   = var.bake
    }
    shift {
      weight = 50
      bake   = var.bake
    }

    settle = var.settle
    bake   = var.bake
  }
  hold_after_phase = var.hold_after_phase

  verify {
    alarms = ["web-5xx"]
  }
}
