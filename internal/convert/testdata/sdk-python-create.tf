# Converted from sdk-python-create.json: the Elastigroup "spotinst-group".
# Not taken over:
# - 1 member that is null

variable "user_data_base64" {
  description = "User data of the instances, base64."
  type        = string
  sensitive   = true
}

variable "chef_pem_key" {
  description = "What the group has as thirdPartiesIntegration.chef.pemKey."
  type        = string
  sensitive   = true
}

variable "nomad_acl_token" {
  description = "What the group has as thirdPartiesIntegration.nomad.aclToken."
  type        = string
  sensitive   = true
}

variable "rancher_access_key" {
  description = "What the group has as thirdPartiesIntegration.rancher.accessKey."
  type        = string
  sensitive   = true
}

variable "rancher_secret_key" {
  description = "What the group has as thirdPartiesIntegration.rancher.secretKey."
  type        = string
  sensitive   = true
}

variable "right_scale_refresh_token" {
  description = "What the group has as thirdPartiesIntegration.rightScale.refreshToken."
  type        = string
  sensitive   = true
}

data "elastigroup_template" "spotinst_group" {
  description = "Development"
  region      = "us-east-1"
  product     = "Linux/UNIX"

  spot_percentage            = 100
  orientation                = "costOriented"
  utilize_reserved_instances = false
  fallback_to_ondemand       = true
  block_devices_mode         = "reattach"
  persist_root_device        = true
  persist_block_devices      = true
  persist_private_ip         = true

  revert_to_spot {
    perform_at   = "timeWindow"
    time_windows = ["Mon:03:00-Wed:02:30"]
  }

  instance_types_ondemand       = "m3.medium"
  instance_types_spot           = ["c3.large", "c4.large", "m3.large", "r3.large"]
  instance_types_preferred_spot = ["c3.large", "c4.large"]

  subnet_ids = [
    "subnet-4c1d1538",
    "subnet-2791bb61",
    "subnet-703a6f58",
    "subnet-c62846fc",
  ]

  elastic_ips = ["eipalloc-9d4e1234"]

  health_check_type         = "ELB"
  health_check_grace_period = 300
  security_groups           = ["sg-af18c4ca"]
  enable_monitoring         = false
  ebs_optimized             = true
  key_name                  = "spotinst"

  block_device_mapping {
    device_name = "/dev/sdm"

    ebs {
      delete_on_termination = true
      volume_size           = 80
      volume_type           = "gp2"
    }
  }
  block_device_mapping {
    device_name = "/dev/sda1"

    ebs {
      delete_on_termination = true
      volume_size           = 24
      volume_type           = "gp2"
    }
  }

  network_interface {
    device_index                = 0
    associate_public_ip_address = true
    delete_on_termination       = true
    associate_ipv6_address      = false
  }

  tag {
    key   = "allow"
    value = "allow-ssh"
  }

  scaling_down_policy {
    metric_name        = "overhead"
    statistic          = "average"
    unit               = "milliseconds"
    threshold          = 0.8
    namespace          = "Monitoring"
    period             = 300
    evaluation_periods = 1
    cooldown           = 300
    operator           = "lt"

    dimension {
      name  = "Cluster"
      value = "M2M"
    }
    dimension {
      name  = "Environment"
      value = "ia-staging"
    }

    action {
      type       = "adjustment"
      adjustment = 1
    }
  }

  scaling_target_policy {
    policy_name = "target_policy_1"
    metric_name = "CPUUtilization"
    statistic   = "average"
    source      = "cloudWatch"
    unit        = "percent"
    target      = 50
    namespace   = "AWS/EC2"
    cooldown    = 300
  }

  multiple_metrics {
    metric {
      name               = "metric1"
      metric_name        = "CPUUtilization"
      namespace          = "AWS/EC2"
      statistic          = "average"
      extended_statistic = "p1.5"
      unit               = "percent"

      dimension {
        name  = "instanceId"
        value = "string"
      }
    }

    expression {
      name       = "e1"
      expression = "metric1+10"
    }
  }

  scheduled_task {
    task_type = "backup_ami"
    frequency = "hourly"
  }
  scheduled_task {
    task_type             = "roll"
    cron_expression       = "00 17 * * 3"
    batch_size_percentage = 30
  }
  scheduled_task {
    task_type             = "scale"
    start_time            = "2018-05-23T10:55:09Z"
    cron_expression       = "00 22 * * 3"
    scale_target_capacity = 0
    scale_min_capacity    = 0
    scale_max_capacity    = 3
  }

  integration_ecs {
    cluster_name             = "test-ecs"
    autoscale_is_enabled     = true
    autoscale_is_auto_config = false
    autoscale_cooldown       = 900

    autoscale_attribute {
      key   = "the_key"
      value = "the_value"
    }

    autoscale_down {
      evaluation_periods = 3
    }

    autoscale_headroom {
      cpu_per_unit    = 4096
      memory_per_unit = 4096
      num_of_units    = 30
    }
  }

  integration_beanstalk {
    environment_id = "123"

    deployment_preferences {
      automatic_roll        = true
      batch_size_percentage = 50
      grace_period          = 600

      strategy {
        action                 = "REPLACE_SERVER"
        should_drain_instances = true
      }
    }
  }

  integration_rancher {
    master_host = "https://master.host.com"
  }

  integration_kubernetes {
    integration_mode         = "pod"
    cluster_identifier       = "test-k8s"
    autoscale_is_enabled     = true
    autoscale_cooldown       = 300
    autoscale_is_auto_config = false

    autoscale_down {
      evaluation_periods = 5
    }

    autoscale_headroom {
      cpu_per_unit    = 2000
      memory_per_unit = 4000
      num_of_units    = 2
    }
  }

  integration_mesosphere {
    api_server = "1.2.3.4"
  }

  integration_nomad {
    master_host          = "https://master.host.com"
    master_port          = 443
    autoscale_is_enabled = true
    autoscale_cooldown   = 180

    autoscale_down {
      evaluation_periods = 3
    }

    autoscale_headroom {
      cpu_per_unit    = 10
      memory_per_unit = 1000
      num_of_units    = 2
    }

    autoscale_constraint {
      key   = "$${node.class}"
      value = "value"
    }
  }

  integration_opsworks {
    layer_id   = "00d9m815-8aac-62b7-cc01-123456"
    stack_type = "REGIONAL"
  }

  integration_codedeploy {
    cleanup_on_failure            = false
    terminate_instance_on_failure = false

    deployment_group {
      application_name      = "test-app"
      deployment_group_name = "test-grp"
    }
  }

  integration_docker_swarm {
    master_host          = "10.10.10.10"
    master_port          = 1234
    autoscale_is_enabled = true
    autoscale_cooldown   = 300

    autoscale_down {
      evaluation_periods = 4
    }

    autoscale_headroom {
      cpu_per_unit    = 1000000000
      memory_per_unit = 800000000
      num_of_units    = 3
    }
  }

  integration_route53 {
    domain {
      hosted_zone_id = "Z3UFMBCGJMYLUT"

      record_set {
        name          = "test-domain.com"
        use_public_ip = true
      }
    }
  }

  # scaling.up[0].shouldResumeStateful: elastigroup_template has no argument for it.
  # thirdPartiesIntegration.chef: elastigroup_template has no argument for it.
  # thirdPartiesIntegration.rightScale: elastigroup_template has no argument for it.
  override_json = jsonencode({
    scaling = {
      up = [
        {
          action = {
            adjustment = 20
            type       = "percentageAdjustment"
          }
          cooldown = 300
          dimensions = [
            {
              name = "InstanceId"
            },
          ]
          evaluationPeriods    = 1
          isEnabled            = true
          metricName           = "CPUUtilization"
          minTargetCapacity    = 1
          namespace            = "AWS/EC2"
          operator             = "gte"
          period               = 300
          shouldResumeStateful = false
          statistic            = "average"
          stepAdjustments = [
            {
              action = {
                minTargetCapacity = 3
                type              = "setMinTarget"
              }
              threshold = 50
            },
          ]
          threshold = 90
          unit      = "percent"
        },
      ]
    }
    thirdPartiesIntegration = {
      chef = {
        chefServer   = "https://master.host.com"
        chefVersion  = "12.1"
        organization = "ORGNAME"
        user         = "User"
      }
      rightScale = {
        accountId = "ID"
        region    = "us-east-1"
      }
    }
  })
}

# What signs in somewhere lies over the template, whose JSON plans show. With it Terraform hides the
# whole configuration.
locals {
  spotinst_group = jsondecode(data.elastigroup_template.spotinst_group.json)
}

resource "elastigroup_deployment" "spotinst_group" {
  name = "spotinst-group"
  configuration = jsonencode(merge(local.spotinst_group, {
    thirdPartiesIntegration = merge(local.spotinst_group.thirdPartiesIntegration, {
      chef = merge(local.spotinst_group.thirdPartiesIntegration.chef, {
        pemKey = var.chef_pem_key
      })
      nomad = merge(local.spotinst_group.thirdPartiesIntegration.nomad, {
        aclToken = var.nomad_acl_token
      })
      rancher = merge(local.spotinst_group.thirdPartiesIntegration.rancher, {
        accessKey = var.rancher_access_key
        secretKey = var.rancher_secret_key
      })
      rightScale = merge(local.spotinst_group.thirdPartiesIntegration.rightScale, {
        refreshToken = var.right_scale_refresh_token
      })
    })
  }))

  # The image that the group has. A release is another one, for instance a variable's or that of a
  # data source elastigroup_ami.
  image_id = "ami-1ecae776"

  # The group has 29 bytes of user data, not shown here. Convert with -user-data FILE to have it
  # written to a file that is read here.
  user_data_base64 = var.user_data_base64

  capacity = { minimum = 2, target = 2, maximum = 10 }

  # With blue_green, leave this out: its routes say where instances register.
  target_group_arns = [
    "arn:aws:elasticloadbalancing:us-west-2:922761411234:targetgroup/MyTargetGroup/1fe63217f8ff1234",
  ]
  load_balancer_names = ["MyClassicLB"]
}
