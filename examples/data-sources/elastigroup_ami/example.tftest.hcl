run "newest_available_image_of_the_branch" {
  assert {
    condition     = output.image_id == "ami-0000000b"
    error_message = "found ${output.image_id}"
  }
}
