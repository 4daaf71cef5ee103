# Converted from imported-from-asg-response.json: the Elastigroup "Jeffrey" (sig-74b2d2cd).
# Not taken over:
# - id, createdAt and updatedAt, which Spot sets
# - compute.availabilityZones[].subnetId, which subnetIds says as well
# - scaling, which is empty

variable "user_data_base64" {
  description = "User data of the instances, base64."
  type        = string
  sensitive   = true
}

data "elastigroup_template" "jeffrey" {
  product     = "Linux/UNIX"
  description = "Imported from auto scaling group: EC2ContainerService-omer-ecs-2-EcsInstanceAsg-122XJ52FQY25W"

  capacity_unit = "instance"

  fallback_to_ondemand = true
  orientation          = "balanced"
  draining_timeout     = 120
  spot_percentage      = 100

  instance_types_spot     = ["t2.micro"]
  instance_types_ondemand = "t2.medium"

  availability_zone {
    name       = "us-west-2a"
    subnet_ids = ["subnet-865816ff"]
  }

  iam_instance_profile_arn  = "arn:aws:iam::842422002533:instance-profile/ecsInstanceRole"
  enable_monitoring         = true
  key_name                  = "omerkey"
  ebs_optimized             = false
  health_check_grace_period = 600
  health_check_type         = "EC2"
  security_groups           = ["sg-d8d454a2"]

  block_device_mapping {
    device_name = "/dev/xvdcz"

    ebs {
      volume_size = 22
      volume_type = "gp2"
    }
  }

  tag {
    key   = "Description"
    value = "This instance is the part of the Auto Scaling group which was created through ECS Console"
  }
  tag {
    key   = "Name"
    value = "ECS Instance - EC2ContainerService-omer-ecs-2"
  }

  network_interface {
    device_index                = 0
    delete_on_termination       = true
    associate_public_ip_address = true
    associate_ipv6_address      = false
  }
}

resource "elastigroup_deployment" "jeffrey" {
  name          = "Jeffrey"
  configuration = data.elastigroup_template.jeffrey.json

  # The image that the group has. A release is another one, for instance a variable's or that of a
  # data source elastigroup_ami.
  image_id = "ami-00d4f478"

  # The group has 109 bytes of user data, not shown here. Convert with -user-data FILE to have it
  # written to a file that is read here.
  user_data_base64 = var.user_data_base64

  capacity = { minimum = 0, target = 0, maximum = 2 }
}

# This takes over the group that is there, as the first revision. Without it an apply makes a new
# one beside it.
# import {
#   to = elastigroup_deployment.jeffrey
#   id = "Jeffrey"
# }
