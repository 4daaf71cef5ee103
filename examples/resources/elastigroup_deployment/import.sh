# The ID is the deployment's name. This takes over the groups web__1, web__2, …, whoever made them.
terraform import elastigroup_deployment.web web
