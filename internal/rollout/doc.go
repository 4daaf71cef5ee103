// Package rollout decides what to do next to release a machine image onto Elastigroups. It does nothing itself.
//
// A rollout is a pure function of what is wanted and what is there:
//
//	Next(deployment, world) -> step
//
// A Deployment is what the user wrote. A World is what the clouds say at one moment. Next looks at nothing else: no clock,
// no memory of what it did before, no I/O. Whoever runs a rollout observes, asks Next, does the step, and observes again,
// until the step ends the run. A process that is killed anywhere leaves a world, and the next one goes on from there.
//
// # Words
//
//   - A deployment is a line of groups (Elastigroups) of one name; a revision is one of them, "web__7" the seventh. A release is what
//     makes a new revision: configuration, image, user data, target groups. It is known by its fingerprint.
//   - The roles of a world say who is who: the live revision serves; the candidate is being rolled out, or is on its way back, and its
//     journal says so; while there is one, the live revision is the group that its journal names. The others are former revisions: those
//     at zero are retained, the newest is the previous one. Leftovers are further copies of a revision that were never proven.
//   - Unowned groups bear a name that a revision would have, and are not the deployment's.
//   - The journal is what a later process must know of a revision, in the tags of its group. Its verdict is that the revision is rolling
//     out, is Reverting (proven before and released again), is Proven, Failed (its own fault), or Withdrawn (not its fault).
//   - The memory is what the live revision keeps, in tags too, of what outlives its group: which releases failed.
//   - A level is what both revisions have at one point of a rollout: a phase (a share of the instances) or a weight (a share of the
//     traffic); the last one is the whole. To bake is to watch at a level before the next one; to hold is to rest there because the user
//     wants it.
//   - A route is a listener or rule of production, with one of stage or without; it forwards to target groups by weights. One of them is
//     live, the other idle. A traffic shift changes a route; to settle is to wait until a change of it is taken for real, and the time
//     for which balancers follow it is how long what had traffic keeps its instances.
//   - To revert is to release again what was proven before; to go back is to undo a candidate.
//   - A step is one thing to do, a part what of a rollout it belongs to. Its licence is what entitles it to take something away.
//   - The owner is the state that released a group. A pin is a capacity that no autoscaler can move.
//
// # How a release goes
//
// Setup: the candidate is created at zero with its journal in its tags, before anything else changes; revisions older than
// the live one that still have instances go to zero. Deploy: the candidate is pinned at its full target and has to be in
// service before the live one goes to zero; then it gets its own minimum and maximum. It is pinned until then because an
// autoscaler that shrank it while it shares the load would keep it from ever being complete. It is marked proven, and only
// then is history pruned, oldest first.
//
// # The loop
//
// A candidate goes through levels: those that are written, and the whole behind them. Whatever the strategy, each look at the world
// goes down the same list and does the first thing that is left to do:
//
//	prepare   who stands in the candidate's way goes
//	due       a note on what the live revision has by now; a hold; going on from one
//	reach     both revisions to what they have at this level, in instances
//	turn      the routes to where they forward at this level, and time for that to be taken for real
//	pass      the level is watched (baked), and noted as passed
//	retire    behind the last level: the previous revision goes, the candidate gets its own bounds
//	prove     the candidate is the live one
//
// A strategy says what these are for it: canary.go (a basic rollout is one without phases) and bluegreen.go. What its levels are is a
// matter of that file; that nothing is done out of turn is a matter of advance, and that nothing serving is taken away one of Guard.
// Whatever else depends on the strategy asks it. A new one needs its file, its place in the functions of strategy.go that choose one, a
// generator of it in the stories and its golden transcripts, and the attributes that write it.
//
// # How it goes back
//
// A candidate that failed, or that is not what is wanted any more, is undone: the live one gets back what it had and
// is in service with it, then the candidate goes to zero, is empty, and is deleted. A new release starts after that.
//
// A candidate that was proven before (Reverting) is not on trial: no alarm judges it, and nothing is held against it. If it is a former
// revision's own group, it stands as it did before (Earlier) when it cannot stay: it is neither deleted nor left with less than it had.
//
// What failed verification is remembered on the live revision (Memory) before it is deleted, and refused when the same is wanted
// again. What went back for no fault of its own is not.
//
// # The guard
//
// Guard is a second opinion on a step that takes something away. It counts what would be left by the promise alone, and shares no
// rule with what decided the step. And each such step names its Licence, which is for some kinds of groups alone.
//
// # What it never does
//
// It never takes capacity from the live revision before the candidate's is in service (unless the user asked for
// previous first), never deletes a group that wants or has instances, and never touches a group that is not the deployment's own.
//
// Nor does it touch what another state released, or rolls out (Foreign). A create takes over nothing but a first deployment that was never
// proven, and writes its own name on it before anything else; a destroy takes what its own state released or imported.
package rollout
