release = "7"
