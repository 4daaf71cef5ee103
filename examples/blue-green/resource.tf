variable "release" {
  description = "The release to run, as its image is named: web-RELEASE."
  type        = string
}

variable "production_listener_arn" {
  description = "The listener that users come to. It forwards to one of two target groups."
  type        = string
}

variable "stage_listener_arn" {
  description = "The listener that testers come to. It forwards to the other one."
  type        = string
}

variable "settle" {
  description = "How long the load balancers are given to follow a change of the listeners."
  type        = string
  default     = "30s"
}

variable "bake" {
  description = "How long the new revision is watched with all of the traffic, before the previous one goes to zero."
  type        = string
  default     = "10m"
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
      production_arn = var.production_listener_arn
      stage_arn      = var.stage_listener_arn
    }

    settle = var.settle
    bake   = var.bake
  }

  verify {
    alarms = ["web-5xx"]
  }
}
