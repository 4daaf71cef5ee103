// Package deployment is the resource elastigroup_deployment: what users write and read, and what happens with it when Terraform refreshes,
// plans, applies, imports and destroys. It decides nothing of a rollout (package rollout does) and runs none (package runner does). It turns
// configuration and state into a [rollout.Deployment] and a [rollout.World], and what came of them back into state.
//
// # The life of a resource
//
// Terraform calls, in this order, in one process for a plan and in another one for its apply:
//
//   - ValidateConfig (validate*.go): what is wrong in a configuration alone, without asking anybody. Values may be unknown.
//   - UpgradeState (upgrade.go): a state of a former version becomes one of this one.
//   - Read (resource.go): looks at the groups and routes and writes into the state what stands: computed attributes (state.go, traffic.go)
//     and private notes. A deployment leaves the state only when Spot says of each group by its ID that it does not exist.
//   - ModifyPlan (plan.go): in the process of the plan, and once more in that of the apply. Terraform takes any difference between the two for a
//     bug, so what is planned comes from configuration and refreshed state alone: the state's groups are the world, [rollout.Simulate] runs the
//     rollout in it, and its text is rollout_plan. What the clouds answer to questions (preflight*.go) becomes warnings and errors,
//     never a planned value.
//   - Create, Update, Delete (resource.go): the same validation and the same preflight once more, then the run. A Create that fails sets no
//     state, which Terraform would call tainted and destroy. An Update that fails sets the inputs that serve and what stands, never the plan,
//     so that the next plan shows the change again. Delete takes down what its own state released or imported.
//   - MoveState (move.go): a state of another resource, or of another address of this one, becomes one of this one. It can ask nobody anything; the
//     Read after it reads the rest off the group.
//   - ImportState (import.go): reads the inputs off the live group, whoever made it.
//
// # Inputs
//
// inputs.go has one row for each attribute that users write: whether a plan needs it, whether it makes a revision or decides if a release
// stands, whether it may be left out and is computed then, and what an import makes of it. All that goes through attributes goes by that list.
//
// # Private state
//
// Notes that Terraform keeps beside the state and shows to nobody. They are lost when a process dies in an apply, so nothing that matters is in
// them alone; each says what comes of its loss where its key is declared.
//
//   - groups (private_groups.go): of each group its journal, target groups, unit and schedules, written by every refresh and apply.
//   - owner (private_owner.go): who this state is, and which groups it imported. The same name is a tag of every group that it releases.
//   - serving (private_serving.go): the inputs of the live revision while a rollout holds, when the state has those of the candidate.
//   - imported (import.go): the inputs were read off a group, which says more than a configuration does.
//   - withheld (plan_dropped.go): the paths of credentials in an imported group's document, which nobody is shown.
//   - account (identity.go): the account that the deployment is in, for a Terraform that keeps no identity.
//   - moved (move.go): the state was moved here from another resource.
//   - same_user_data (user_data_wo.go): the live group that has the user data of the state's version, released before they became write-only.
//   - unreadable (private_unreadable.go): why the last refresh could not tell what a group is.
//
// # Tests
//
// driver_test.go is Terraform's core for one resource: it plans twice, holds results to what was planned, and carries state and private
// state from one command to the next, in virtual time. world_test.go has the worlds and what is asked of them. Each other file tests what it is
// named after; acceptance*_test.go do so with the real Terraform (TF_ACC=1).
package deployment
