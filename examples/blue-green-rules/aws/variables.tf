variable "listener_arn" {
  type = string
}

variable "vpc_id" {
  type = string
}
