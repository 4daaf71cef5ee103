terraform {
  required_providers {
    elastigroup = { source = "elastigroup/elastigroup" }
    aws         = { source = "hashicorp/aws" }
  }
}

variable "release" {
  type = string
}

variable "alarms" {
  type = list(string)
}

variable "services" {
  type    = set(string)
  default = ["cart", "search"]
}

variable "bake" {
  type    = string
  default = "10m"
}

variable "legacy" {
  type = object({
    listener = string
    stage    = optional(string)
  })
}

provider "elastigroup" {
  account = "act-0123abcd"
  region  = "eu-west-1"
}

locals {
  image  = "shop-${var.release}-*"
  colors = ["blue", "green"]
}

data "aws_ami" "shop" {
  owners = ["111122223333"]

  filter {
    name   = "name"
    values = [local.image]
  }

  filter {
    name   = "tag:team"
    values = ["shop"]
  }
}

resource "aws_lb" "shop" {
  name = "shop"
}

resource "aws_lb_target_group" "shop" {
  for_each = toset(local.colors)

  name                 = "shop-${each.key}"
  port                 = 8080
  protocol             = "HTTP"
  deregistration_delay = 60
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.shop.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.shop["blue"].arn
  }
}

resource "aws_lb_listener" "test" {
  load_balancer_arn = aws_lb.shop.arn
  port              = 8443
  protocol          = "HTTPS"

  default_action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.shop["green"].arn
        weight = 1
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name = "shop-5xx"
}

resource "aws_security_group" "shop" {
  name = "shop"
}

resource "elastigroup_deployment" "shop" {
  name          = "shop"
  configuration = templatefile("${path.module}/group.json.tftpl", { subnet = "subnet-1", security_group = "sg-1" })
  image_id      = data.aws_ami.shop.id

  blue_green {
    route {
      production_arn = aws_lb_listener.https.arn
      stage_arn      = aws_lb_listener.test.arn
    }

    dynamic "shift" {
      for_each = [10, 50]

      content {
        weight = shift.value
        bake   = var.bake
      }
    }
  }

  verify {
    alarms = concat([aws_cloudwatch_metric_alarm.errors.alarm_name], var.alarms)
  }
}

resource "elastigroup_deployment" "legacy" {
  name          = "legacy"
  configuration = jsonencode({ name = "legacy", capacity = { minimum = 1, target = 2, maximum = 4 }, compute = { launchSpecification = { imageId = "ami-0e1" } } })

  blue_green {
    route {
      production_arn = var.legacy.listener
    }
  }
}

import {
  to = elastigroup_deployment.legacy
  id = "legacy"
}

module "service" {
  source   = "./service"
  services = var.services
}

module "elsewhere" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0.0"
}
