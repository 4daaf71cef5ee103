variable "image_id" {
  type = string
}

resource "elastigroup_deployment" "web" {
  name          = "web"
  configuration = file("elastigroup.json")
  image_id      = var.image_id
}

action "elastigroup_watch" "web" {
  config {
    # Written out: a reference to the deployment would have the watch wait until it has ended.
    name = "web"
  }
}

# Changes whenever a release does, and has nothing to do with the deployment: Terraform updates both at the same time.
resource "terraform_data" "watch_web" {
  input = [var.image_id, filesha256("elastigroup.json")]

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.elastigroup_watch.web]
    }
  }
}
