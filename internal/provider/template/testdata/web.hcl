description = "Web servers <prod> & more"
region      = "us-east-1"
product     = "Linux/UNIX"

min_size         = 0
desired_capacity = 2
max_size         = 8
capacity_unit    = "weight"

orientation               = "balanced"
spot_percentage           = 75
fallback_to_ondemand      = false
draining_timeout          = 120
minimum_instance_lifetime = 12

revert_to_spot {
  perform_at   = "timeWindow"
  time_windows = ["Mon:03:00-Wed:02:30"]
}

scaling_strategy {
  termination_policy = "newestInstance"
}

signal {
  name    = "INSTANCE_READY"
  timeout = 600
}

instance_types_ondemand       = "m5.large"
instance_types_spot           = ["m5.large", "m5a.large"]
instance_types_preferred_spot = ["m5a.large"]

instance_types_weight {
  instance_type = "m5.large"
  weight        = 2
}

instance_types_weight {
  instance_type = "m5a.large"
  weight        = 2
}

availability_zone {
  name       = "us-east-1a"
  subnet_ids = ["subnet-0a"]
}

availability_zone {
  name                 = "us-east-1b"
  subnet_ids           = ["subnet-0b"]
  placement_group_name = "close"
}

preferred_availability_zones = ["us-east-1b"]

image_id             = "ami-0a10000000000001"
key_name             = "ops"
iam_instance_profile = "web"
security_groups      = ["sg-0123456789abcdef0"]
enable_monitoring    = false
cpu_credits          = "unlimited"

health_check_type         = "TARGET_GROUP"
health_check_grace_period = 0
auto_healing              = true

load_balancer {
  type = "TARGET_GROUP"
  arn  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"
}

load_balancer {
  type = "CLASSIC"
  name = "old"
}

metadata_options {
  http_tokens                 = "required"
  http_put_response_hop_limit = 2
}

cpu_options {
  threads_per_core = 1
}

tag {
  key   = "app"
  value = "web"
}

tag {
  key   = "empty"
  value = ""
}

resource_tag_specification {
  should_tag_volumes = true
}

block_device_mapping {
  device_name = "/dev/xvda"

  ebs {
    volume_size           = 24
    volume_type           = "gp3"
    throughput            = 125
    delete_on_termination = true
  }
}

block_device_mapping {
  device_name  = "/dev/xvdb"
  virtual_name = "ephemeral0"
}

network_interface {
  device_index                = 0
  associate_public_ip_address = true

  private_ip {
    private_ip_address = "10.0.0.1"
    primary            = true
  }
}

scaling_up_policy {
  policy_name = "up"
  metric_name = "CPUUtilization"
  namespace   = "AWS/EC2"
  statistic   = "average"
  threshold   = 0.8
  operator    = "gte"

  dimension {
    name = "InstanceId"
  }

  action {
    type       = "percentageAdjustment"
    adjustment = 20
  }
}

scaling_down_policy {
  metric_name = "CPUUtilization"
  namespace   = "AWS/EC2"

  step_adjustment {
    threshold = 0

    action {
      type       = "adjustment"
      adjustment = "MAX(currCapacity / 5, value * 10)"
    }
  }
}

scaling_target_policy {
  policy_name     = "kept"
  metric_name     = "CPUUtilization"
  namespace       = "AWS/EC2"
  target          = 50.5
  predictive_mode = "FORECAST_ONLY"
}

multiple_metrics {
  expression {
    name       = "both"
    expression = "in + out"
  }

  metric {
    name        = "in"
    metric_name = "NetworkIn"
    namespace   = "AWS/EC2"
  }
}

scheduled_task {
  task_type             = "scale"
  cron_expression       = "0 20 * * 1-5"
  scale_target_capacity = 0
  scale_min_capacity    = 0
  scale_max_capacity    = 0
}

logging {
  export {
    s3 {
      id = "di-1234"
    }
  }
}

integration_ecs {
  cluster_name         = "main"
  autoscale_is_enabled = true

  autoscale_headroom {
    cpu_per_unit = 0
    num_of_units = 2
  }

  autoscale_attribute {
    key   = "k"
    value = "v"
  }
}

integration_nomad {
  master_host = "https://nomad.example.com"

  autoscale_constraint {
    key   = "$${node.class}"
    value = "spot"
  }
}
