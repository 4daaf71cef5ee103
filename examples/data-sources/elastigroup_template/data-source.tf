variable "tags" {
  type    = map(string)
  default = { app = "web", env = "prod" }
}

data "elastigroup_template" "web" {
  description = "Web servers"
  region      = "us-east-1"
  product     = "Linux/UNIX"

  min_size         = 2
  desired_capacity = 4
  max_size         = 8

  orientation          = "balanced"
  spot_percentage      = 100
  fallback_to_ondemand = true
  draining_timeout     = 60

  instance_types_ondemand = "m5.large"
  instance_types_spot     = ["m5.large", "m5a.large", "m6i.large"]

  availability_zone {
    name       = "us-east-1a"
    subnet_ids = ["subnet-0a1b2c3d4e5f60718"]
  }
  availability_zone {
    name       = "us-east-1b"
    subnet_ids = ["subnet-08f7e6d5c4b3a2910"]
  }

  security_groups           = ["sg-0123456789abcdef0"]
  iam_instance_profile      = "web"
  enable_monitoring         = false
  health_check_type         = "TARGET_GROUP"
  health_check_grace_period = 300

  metadata_options {
    http_tokens = "required"
  }

  block_device_mapping {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 24
      volume_type = "gp3"
    }
  }

  scaling_target_policy {
    policy_name = "cpu"
    metric_name = "CPUUtilization"
    namespace   = "AWS/EC2"
    statistic   = "average"
    unit        = "percent"
    target      = 60
    cooldown    = 300
  }

  dynamic "tag" {
    for_each = var.tags
    content {
      key   = tag.key
      value = tag.value
    }
  }
}

data "elastigroup_ami" "web" {
  owners      = ["self"]
  most_recent = true

  filter {
    name   = "name"
    values = ["web-*"]
  }
}

data "elastigroup_target_group" "web" {
  name = "web"
}

resource "elastigroup_deployment" "web" {
  name              = "web"
  configuration     = data.elastigroup_template.web.json
  image_id          = data.elastigroup_ami.web.id
  target_group_arns = [data.elastigroup_target_group.web.arn]
}
