variable "release" {
  description = "The release to run, as its image is named: web-RELEASE."
  type        = string
}

variable "shop_rules" {
  description = "The listener rules of the shop: the users' one and the testers' one."
  type        = object({ production = string, stage = string })
}

variable "api_rules" {
  description = "Those of the API, which the same instances serve on another port."
  type        = object({ production = string, stage = string })
}

variable "settle" {
  description = "How long the load balancers are given to follow a change of the rules."
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

  # Both routes change as a unit. The instances register in the idle target group of each.
  blue_green {
    route {
      production_arn = var.shop_rules.production
      stage_arn      = var.shop_rules.stage
    }
    route {
      production_arn = var.api_rules.production
      stage_arn      = var.api_rules.stage
    }

    settle = var.settle
    bake   = var.bake
  }
}
