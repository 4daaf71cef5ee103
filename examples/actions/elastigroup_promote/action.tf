# terraform apply -invoke=action.elastigroup_promote.web
action "elastigroup_promote" "web" {
  config {
    name = "web"
  }
}

# As far as the second phase, where it holds again.
action "elastigroup_promote" "web_second_phase" {
  config {
    name  = "web"
    phase = 2
  }
}
