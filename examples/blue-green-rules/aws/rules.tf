# The shop's two rules, where they are managed in the same configuration; those of the API are like them. Terraform says where
# a rule forwards when it makes it; from then on the deployment does, and ignore_changes keeps plans from putting it back.

resource "aws_lb_target_group" "shop" {
  for_each = toset(["blue", "green"])

  name     = "shop-${each.key}"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = var.vpc_id

  # As long as strategy.drainingTimeout of the configuration, after which Spot ends an instance.
  deregistration_delay = 60
}

resource "aws_lb_listener_rule" "shop" {
  for_each = {
    production = { host = "shop.example.com", color = "blue" }
    stage      = { host = "shop.stage.example.com", color = "green" }
  }

  listener_arn = var.listener_arn

  condition {
    host_header {
      values = [each.value.host]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.shop[each.value.color].arn
  }

  lifecycle {
    ignore_changes = [action]
  }
}
