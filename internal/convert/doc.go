// Package convert turns the JSON of an Elastigroup into Terraform's language: a data source elastigroup_template with typed arguments,
// and the elastigroup_deployment that takes it.
//
// # What it reads
//
// A group as the Spot console exports it, bare or as {"group": {…}}; an answer of Spot's API with one group or several; and the Elastigroup
// Configuration of Harness, whose placeholders ("<+infra.variables.subnet>", "${workflow.variables.min}") may stand where JSON takes none.
//
// # What it writes
//
// What the dictionary of the data source knows is an argument. Everything else stands in override_json, and so does whatever the data
// source would refuse, so that what is written always validates. What a deployment has for itself (name, capacity, image, load balancers)
// is put there. User data and credentials become sensitive variables. Placeholders become variables, too.
//
// Nothing is left out without a word: the comment on top says what is not in the output.
package convert
