variable "release" {
  description = "The release to run, as its image is named: web-RELEASE."
  type        = string
}

variable "listener_arn" {
  description = "The listener. Its forward action names two target groups, one of them with weight 0."
  type        = string
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
      bake   = "10m"
    }
    shift {
      weight = 50
      bake   = "10m"
    }

    bake = "10m"
  }

  verify {
    # The new revision's target group against the live one, over the same minutes: no alarm has to be made for that, and what is
    # wrong with both is not held against the release.
    compare {
      errors       = 1.5 # more than that many times the live revision's errors, and more than chance explains
      latency      = 1.3 # or a 90th percentile of the response times that is so much longer
      min_requests = 200 # of each, or it is not known
    }

    # Of what could not be known the rollout stops where it is, for a person to decide.
    inconclusive = "hold"
  }
}
