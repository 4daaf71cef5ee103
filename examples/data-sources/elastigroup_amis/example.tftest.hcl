run "release_before_the_current_one" {
  assert {
    condition     = output.previous_image_id == "ami-0000000a"
    error_message = "found ${output.previous_image_id}"
  }
}
