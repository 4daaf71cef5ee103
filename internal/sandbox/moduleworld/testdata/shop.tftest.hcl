# Made by terraform-provider-elastigroup sandbox init, to begin with. Run it by
#
#   terraform-provider-elastigroup sandbox --world sandbox.json --speed 60 -- terraform test

# The sandbox imitates what this provider asks of AWS, not what the AWS provider does: its resources are what the world file has.
mock_provider "aws" {
  override_data {
    target = data.aws_ami.shop
    values = {
      id       = "ami-07786f329f4dc432f"
      image_id = "ami-07786f329f4dc432f"
      name     = "shop-7-1"
    }
  }
  override_resource {
    target = aws_lb.shop
    values = {
      arn      = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/46dc5e18e28e2409"
      dns_name = "shop.sandbox.test"
      id       = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/46dc5e18e28e2409"
      name     = "shop"
    }
  }
  override_resource {
    target = aws_lb_listener.https
    values = {
      arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/46dc5e18e28e2409/d1efe4c2ebb3da75"
      id  = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/46dc5e18e28e2409/d1efe4c2ebb3da75"
    }
  }
  override_resource {
    target = aws_lb_listener.test
    values = {
      arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/46dc5e18e28e2409/5f401fdae20e1970"
      id  = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/46dc5e18e28e2409/5f401fdae20e1970"
    }
  }
  override_resource {
    target = aws_cloudwatch_metric_alarm.errors
    values = {
      arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-5xx"
      id  = "shop-5xx"
    }
  }
}

variables {
  alarms = ["alarms"]
  legacy = {
    listener = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/legacy-listener/1ecd48dda6acf5cd/1ecd48dda6acf5cd"
    stage    = null
  }
  release = "7"
}

run "release" {
  assert {
    condition     = elastigroup_deployment.shop.status == "stable"
    error_message = "it is ${elastigroup_deployment.shop.status}"
  }

  assert {
    condition     = elastigroup_deployment.legacy.status == "stable"
    error_message = "it is ${elastigroup_deployment.legacy.status}"
  }
}
