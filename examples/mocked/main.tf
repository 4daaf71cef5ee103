terraform {
  required_providers {
    elastigroup = {
      source = "elastigroup/elastigroup"
    }
  }
}

variable "environment" {
  description = "Where it runs: production or staging."
  type        = string
}

variable "release" {
  description = "The release to run, as its image is named: api-RELEASE."
  type        = string
}

data "elastigroup_ami" "api" {
  owners = ["self"]

  filter {
    name   = "name"
    values = ["api-${var.release}"]
  }
}

data "elastigroup_target_group" "api" {
  name = "api-${var.environment}"
}

resource "elastigroup_deployment" "api" {
  name              = "api-${var.environment}"
  configuration     = file("${path.module}/elastigroup.json")
  image_id          = data.elastigroup_ami.api.id
  target_group_arns = [data.elastigroup_target_group.api.arn]
  capacity          = var.environment == "production" ? { minimum = 4, target = 8, maximum = 16 } : { minimum = 1, target = 1, maximum = 2 }

  dynamic "canary" {
    for_each = var.environment == "production" ? ["10m"] : []
    content {
      phase {
        percent = 25
        bake    = canary.value
      }
    }
  }
}

output "healthy" {
  description = "Whether the last release has ended well."
  value       = elastigroup_deployment.api.status == "stable"
}
