terraform {
  required_providers {
    elastigroup = {
      source = "elastigroup/elastigroup"
    }
  }
}

# The token comes from SPOTINST_TOKEN, AWS credentials from where the AWS provider finds them.
provider "elastigroup" {
  account = "act-0123abcd"
  region  = "us-east-1"
}
