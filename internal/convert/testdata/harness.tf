# Converted from harness.json: an Elastigroup.

variable "project_identifier" {
  description = "In Harness <+project.identifier>."
  type        = string
}

variable "service_identifier" {
  description = "In Harness <+service.identifier>."
  type        = string
}

variable "env_identifier" {
  description = "In Harness <+env.identifier>."
  type        = string
}

variable "user_data_base64" {
  description = "User data of the instances, base64; in Harness <+startupScript>."
  type        = string
  sensitive   = true
}

variable "env_name" {
  description = "In Harness <+env.name>."
  type        = string
}

variable "region" {
  description = "In Harness <+infra.variables.region>."
  type        = string
}

variable "spot_percentage" {
  description = "In Harness <+env.variables.spot_percentage>."
  type        = number
}

variable "second_type" {
  description = "In Harness <+infra.variables.second_type>."
  type        = string
}

variable "subnets" {
  description = "In Harness <+infra.variables.subnets>."
  type        = list(string)
}

variable "env_name_2" {
  description = "In Harness $${env.name}."
  type        = string
}

variable "security_group" {
  description = "In Harness <+infra.variables.security_group>."
  type        = string
}

variable "monitoring" {
  description = "In Harness <+env.variables.monitoring>."
  type        = bool
}

variable "nomad_token" {
  description = "In Harness <+secrets.getValue('account.nomad_token')>."
  type        = string
  sensitive   = true
}

variable "image_id" {
  description = "In Harness <+artifact.image>."
  type        = string
}

variable "min" {
  description = "In Harness <+serviceVariables.min>."
  type        = number
}

variable "target" {
  description = "In Harness <+serviceVariables.target>."
  type        = number
}

variable "max" {
  description = "In Harness <+serviceVariables.max>."
  type        = number
}

variable "target_group" {
  description = "In Harness <+infra.variables.target_group>."
  type        = string
}

data "elastigroup_template" "group" {
  description = "Web servers of ${var.env_name}"
  region      = var.region
  product     = "Linux/UNIX"

  capacity_unit = "instance"

  spot_percentage      = var.spot_percentage
  orientation          = "balanced"
  fallback_to_ondemand = true
  draining_timeout     = 120

  instance_types_ondemand = "m5.large"
  instance_types_spot     = ["m5.large", var.second_type]

  subnet_ids = var.subnets

  key_name          = "${var.env_name_2}-key"
  security_groups   = [var.security_group]
  enable_monitoring = var.monitoring

  tag {
    key   = "Name"
    value = "web-${var.env_name}-$${HOSTNAME}"
  }
  tag {
    key   = "env"
    value = var.env_name
  }

  integration_nomad {
    master_host          = "nomad.internal"
    master_port          = 4646
    autoscale_is_enabled = false

    autoscale_constraint {
      key   = "$${node.class}"
      value = "spot"
    }
  }
}

# What signs in somewhere lies over the template, whose JSON plans show. With it Terraform hides the
# whole configuration.
locals {
  group = jsondecode(data.elastigroup_template.group.json)
}

resource "elastigroup_deployment" "group" {
  # In Harness the setup step has the name, and this one is not used. Groups are named after it:
  # NAME__1, NAME__2, …
  name = "${var.project_identifier}_${var.service_identifier}_${var.env_identifier}"
  configuration = jsonencode(merge(local.group, {
    thirdPartiesIntegration = merge(local.group.thirdPartiesIntegration, {
      nomad = merge(local.group.thirdPartiesIntegration.nomad, {
        aclToken = var.nomad_token
      })
    })
  }))

  image_id         = var.image_id
  user_data_base64 = var.user_data_base64

  # In Harness the setup step says how many instances there are, and these numbers are not used. For
  # "same as already running instances" write start_with = "running" as well.
  capacity = { minimum = var.min, target = var.target, maximum = var.max }

  # With blue_green, leave this out: its routes say where instances register.
  target_group_arns = [var.target_group]
}
