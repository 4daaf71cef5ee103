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

variable "production_url" {
  description = "How whoever runs Terraform reaches the production listener."
  type        = string
  default     = "https://www.example.com"
}

variable "stage_url" {
  description = "How whoever runs Terraform reaches the stage listener."
  type        = string
  default     = "https://stage.example.com"
}

variable "hold_after_phase" {
  description = "0 stops on stage, whole, until somebody has looked. Null: the rollout goes through."
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
      production_arn = var.production_listener_arn
      stage_arn      = var.stage_listener_arn
    }

    bake = "10m"
  }
  hold_after_phase = var.hold_after_phase

  verify {
    # On stage, where no user is: does the release that was meant answer there?
    check {
      name = "version"
      at   = "stage"

      http {
        url  = "${var.stage_url}/healthz"
        json = { "/status" = "ok", "/version" = var.release }
      }
    }

    # And does the function that places an order find it well? It answers {"status": "passed"}, "failed" or "pending".
    check {
      name = "orders"
      at   = "stage"

      lambda {
        function_name = "web-smoke"
        payload       = jsonencode({ orders = 20 })
      }
    }

    # With all of the traffic on the new revision, the address of users is asked. Twice in a row: one answer may be an unlucky one.
    check {
      name     = "still-up"
      every    = "1m"
      failures = 2

      http {
        url = "${var.production_url}/healthz"
      }
    }
  }
}
