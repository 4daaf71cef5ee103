# The two listeners, where they are managed in the same configuration. Terraform says where they forward when it makes them;
# from then on the deployment does. Without ignore_changes each plan would want to put production back to blue, which after
# every other release is where nobody is.

resource "aws_lb_target_group" "web" {
  for_each = toset(["blue", "green"])

  name     = "web-${each.key}"
  port     = 80
  protocol = "HTTP"
  vpc_id   = var.vpc_id

  # As long as strategy.drainingTimeout of the configuration, after which Spot ends an instance.
  deregistration_delay = 60
}

resource "aws_lb_listener" "production" {
  load_balancer_arn = var.load_balancer_arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web["blue"].arn
  }

  lifecycle {
    ignore_changes = [default_action]
  }
}

resource "aws_lb_listener" "stage" {
  load_balancer_arn = var.load_balancer_arn
  port              = 8443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web["green"].arn
  }

  lifecycle {
    ignore_changes = [default_action]
  }
}
