// Package actions are the actions elastigroup_promote, elastigroup_abort and elastigroup_watch: what people do to a rollout that is under way,
// beside its resource, and what they see of it. Terraform has actions from 1.14 on.
//
// An action has neither the resource's configuration nor its state. What it goes on with stands on the candidate's own tags: its journal, and the
// terms of its rollout ([rollout.GoOn]). It runs the same loop as an apply does, with the same guard before each step that takes something away, and
// the next plan finds what it has left by looking, as after any apply that was cut short.
//
//	promote.go   a release that holds goes on
//	abort.go     a release is taken back
//	watch.go     a rollout is shown while it goes on
//	found.go     the deployment's groups as an action finds them, and the run that it makes of them
//	progress.go  what is said meanwhile, and when nothing may be said any more
package actions
