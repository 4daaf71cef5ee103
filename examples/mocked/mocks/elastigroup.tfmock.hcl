# What a mocked provider answers: a deployment that is stable, and data sources that find something. Terraform makes up whatever is left out: random
# letters, 0 and empty lists, defaults of arguments included.
mock_resource "elastigroup_deployment" {
  defaults = {
    id           = "mocked"
    status       = "stable"
    revision     = 1
    group_id     = "sig-0123abcd"
    group_name   = "mocked__1"
    rollout_plan = "mocked: no rollout was planned"

    image_id             = "ami-0123456789abcdef0"
    user_data            = ""
    user_data_base64     = ""
    user_data_wo_version = 1

    # The defaults of what was not written.
    deletion_protection = false
    healthy_timeout     = "15m"
    on_failure          = "rollback"
    on_interrupt        = "hold"
    resize_order        = "new_first"
    retain              = 3
    start_with          = "target"

    blue_green = {
      downsize_previous = true
      settle            = "30s"
    }
    verify = {
      alarms_at_start  = "refuse"
      healthy_percent  = 100
      inconclusive     = "hold"
      min_healthy_time = "0s"
      check = {
        at         = "bake"
        every      = "1m"
        failures   = 1
        http       = { status = 200, timeout = "10s" }
        lambda     = { timeout = "1m" }
        prometheus = { timeout = "10s" }
      }
      compare = { errors = 1.5, min_requests = 200, percentile = 90 }
    }
  }
}

mock_data "elastigroup_ami" {
  defaults = {
    id                  = "ami-0123456789abcdef0"
    image_id            = "ami-0123456789abcdef0"
    arn                 = "arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0"
    name                = "mocked"
    description         = "mocked"
    architecture        = "x86_64"
    boot_mode           = "uefi-preferred"
    creation_date       = "2026-01-02T03:04:05.000Z"
    deprecation_time    = ""
    ena_support         = true
    hypervisor          = "xen"
    image_location      = "123456789012/mocked"
    image_owner_alias   = ""
    image_type          = "machine"
    imds_support        = "v2.0"
    kernel_id           = ""
    last_launched_time  = ""
    owner_id            = "123456789012"
    platform            = ""
    platform_details    = "Linux/UNIX"
    ramdisk_id          = ""
    root_device_name    = "/dev/xvda"
    root_device_type    = "ebs"
    root_snapshot_id    = "snap-0123456789abcdef0"
    sriov_net_support   = "simple"
    state               = "available"
    tpm_support         = ""
    usage_operation     = "RunInstances"
    virtualization_type = "hvm"
  }
}

mock_data "elastigroup_amis" {
  defaults = {
    id  = "us-east-1"
    ids = ["ami-0123456789abcdef0"]
  }
}

mock_data "elastigroup_group" {
  defaults = {
    id                = "sig-0123abcd"
    name              = "mocked"
    image_id          = "ami-0123456789abcdef0"
    image_ids         = ["ami-0123456789abcdef0"]
    capacity          = { minimum = 1, target = 2, maximum = 4 }
    configuration     = "{\"group\":{}}"
    target_group_arns = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/mocked/0123456789abcdef"]
    user_data_base64  = ""
  }
}

mock_data "elastigroup_target_group" {
  defaults = {
    id                                = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/mocked/0123456789abcdef"
    arn                               = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/mocked/0123456789abcdef"
    arn_suffix                        = "targetgroup/mocked/0123456789abcdef"
    name                              = "mocked"
    deregistration_delay              = "300"
    load_balancing_algorithm_type     = "round_robin"
    load_balancing_anomaly_mitigation = "off"
    load_balancing_cross_zone_enabled = "use_load_balancer_configuration"
    port                              = 80
    preserve_client_ip                = ""
    protocol                          = "HTTP"
    protocol_version                  = "HTTP1"
    target_type                       = "instance"
    vpc_id                            = "vpc-0123456789abcdef0"
  }
}

mock_data "elastigroup_target_groups" {
  defaults = {
    id   = "us-east-1"
    arns = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/mocked/0123456789abcdef"]
  }
}

mock_data "elastigroup_template" {
  defaults = {
    json = "{\"group\":{}}"
  }
}
