# terraform apply -invoke=action.elastigroup_abort.web
action "elastigroup_abort" "web" {
  config {
    name = "web"
  }
}
