variable "release" {
  description = "The release to run, as its image is named: web-RELEASE."
  type        = string
}

variable "prometheus_url" {
  description = "The address of Prometheus, to which /api/v1/query is added."
  type        = string
  default     = "https://prometheus.example.com"
}

locals {
  # The part of the requests that was answered with an error, of the last two minutes.
  error_ratio = <<-EOT
    sum(rate(http_requests_total{target_group="web", code=~"5.."}[2m]))
      / sum(rate(http_requests_total{target_group="web"}[2m]))
  EOT
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
      bake    = "10m"
    }
    phase {
      percent = 50
      bake    = "10m"
    }
  }

  verify {
    check {
      name     = "errors"
      every    = "1m"
      failures = 2 # in a row

      prometheus {
        url   = var.prometheus_url
        query = local.error_ratio
        below = 0.01
        # A Prometheus that wants a token finds it in the environment of whoever runs Terraform:
        # bearer_token_env = "PROMETHEUS_TOKEN"
      }
    }
  }
}
