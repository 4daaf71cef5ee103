# Converted from odd.json: the Elastigroup "web.prod (blue)__12" (sig-0a1b2c3d).
# Not taken over:
# - id, createdAt and updatedAt, which Spot sets
# - compute.availabilityZones[].subnetId, which subnetIds says as well
# - compute.launchSpecification.tags[1] and compute.launchSpecification.tags[2], which this provider
# has written itself
# - scheduling, in which isEnabled is as it was before a rollout switched it off
# - strategy.signals, which is empty
# - 2 members that are null

data "elastigroup_template" "web_prod_blue" {
  region  = "us-east-1"
  product = "Linux/UNIX"

  capacity_unit = "instance"

  spot_percentage  = 100
  draining_timeout = 60

  instance_types_ondemand = "m5.large"
  instance_types_spot     = ["m5.large"]

  availability_zone {
    name       = "us-east-1a"
    subnet_ids = ["subnet-1"]
  }
  availability_zone {
    name       = "us-east-1b"
    subnet_ids = ["subnet-2"]
  }

  tag {
    key   = "Name"
    value = "web \"prod\" $${HOME} %%{if} C:\\web\ttab"
  }

  scheduled_task {
    task_type             = "scale"
    frequency             = "daily"
    scale_target_capacity = 0
  }

  # compute.launchSpecification.loadBalancersConfig.loadBalancers[1].newMember: elastigroup_template
  # has no argument for it.
  # strategy.futureSetting: elastigroup_template has no argument for it.
  # strategy.availabilityVsCost: orientation is "brandNewOrientation"; it has to be "costOriented",
  # "availabilityOriented", "balanced", "cheapest" or "equalAzDistribution".
  # compute.instanceTypes.preferredSpot[0]: instance_types_preferred_spot has "c5.large", which is
  # none of instance_types_spot.
  override_json = jsonencode({
    compute = {
      instanceTypes = {
        preferredSpot = ["c5.large"]
      }
      launchSpecification = {
        loadBalancersConfig = {
          loadBalancers = [
            {
              arn  = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef"
              name = "web"
              type = "TARGET_GROUP"
            },
            {
              arn       = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/api/0123456789abcdef"
              name      = "api"
              newMember = 1
              type      = "TARGET_GROUP"
            },
          ]
        }
      }
    }
    strategy = {
      availabilityVsCost = "brandNewOrientation"
      futureSetting = {
        "a.b" = true
        "for" = [1, 2.5, "x"]
      }
    }
  })
}

resource "elastigroup_deployment" "web_prod_blue" {
  # The group's name is no name of a deployment: the name "web.prod (blue)" has characters that AWS
  # tags do not take; use letters, digits, spaces and _ . : / = + - @. An import does not find it by
  # this one.
  name          = "web.prod -blue"
  configuration = data.elastigroup_template.web_prod_blue.json

  # The image that the group has. A release is another one, for instance a variable's or that of a
  # data source elastigroup_ami.
  image_id = "ami-0a1"

  capacity = { minimum = 2, target = 4, maximum = 8 }

  # The load balancers stand in the template, since they have more than target_group_arns and
  # load_balancer_names say.
}
