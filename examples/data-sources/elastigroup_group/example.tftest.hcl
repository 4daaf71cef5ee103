run "configuration_of_the_template" {
  assert {
    condition     = jsondecode(output.configuration).compute.launchSpecification.imageId == "ami-0000000a"
    error_message = "read ${output.configuration}"
  }

  assert {
    condition     = !strcontains(output.configuration, "userData")
    error_message = "the user data is shown: ${output.configuration}"
  }
}
