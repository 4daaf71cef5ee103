// Package sweep disturbs rollouts wherever they can be disturbed, and judges what becomes of them. It holds tests alone, and this
// manual.
//
// # What is promised
//
// A rollout survives being killed at any call. One more apply, with the same configuration, with the one before or with a
// newer one, ends where an undisturbed run would end. At every instant, in between too:
//
//   - production reaches no fewer instances than min(O, T), what the previous revision had and what the new one is to have. In
//     blue/green each target group with a weight is whole.
//   - no two groups bear the same name.
//   - no group is deleted that has or wants instances.
//
// And in the end nothing is left over: no second group, no pin, no weight, no candidate, and groups that merely look alike are
// as they were.
//
// # How it is done
//
// The runner runs with the real clients on the sandbox in a bubble of virtual time. There are four strategies (basic; canary;
// blue/green at once on two listeners; blue/green by weights on a listener and a rule) and eleven flows (first, update, checked, failing,
// alarm, way back, supersede, hold, go on, resize, destroy).
//
//   - kill_test.go ends the process at each call, before its effect and after it, and applies each of the three configurations, at
//     once or minutes later. In a sample the reads take these six by turns.
//   - faults_test.go lets each call fail once in each way that the sandbox knows, and many calls of a run at random.
//   - weather_test.go lets the market and autoscalers have their way.
//   - concurrent_test.go has a person, or a second process, change the same groups and routes, after each change of a run. What somebody
//     else takes is not held against the run. What it does when the new revision is proven, and the run is only clearing up, is a
//     decision about what is at rest and stays: a size where no capacity is written, a former revision that runs again until the
//     next release, traffic that nobody moves back. One that deletes what serves leaves production with nobody, and the next apply
//     may say what to do instead of doing it: nobody knows by then what it had.
//   - broken_test.go spoils the clients on purpose, and the judge has to notice.
//
// A place in a run is written as 3.1.7: after three calls that changed the world, after one step began since, the seventh
// call since. It is the same place in every run, however often a wait looked before it and whatever else a run says. Reads count as well, but of the
// looks of one and the same wait only the first and the last: the world stands still for the run in between.
//
// The judge reads the sandbox's timeline, so that what was between two calls counts too. Where the market takes instances, or
// autoscalers do, that is not held against the run: judged is whether the run shrank a group that was needed.
//
// A first deployment has no state until it has ended well: each run of it is a create by a state of its own. What was proven by then is
// refused to the next one, and imported, as the refusal says.
//
// # Where a run may end otherwise
//
// A release that failed and could not be taken back for a while goes back with the next apply, which then says so: it takes
// one more to release again. After a fault or a concurrent change the run may stop; it says why, and the next apply gets through.
// Two processes that look at the same moment make two groups of a name: Terraform's lock is there to keep that from happening.
// What serves goes on serving, and the next apply takes the copy away.
//
// # How to run it
//
//	make test     a sample, in seconds
//	make sweep    everything, in minutes, and a summary
//
// A breach names its place, and flags narrow a run down to it:
//
//	cd internal/sweep
//	go test -exhaustive -run 'KilledAnywhere/canary/update' -only 'after 3.1.7' -calls
//
// Which virtual second a look falls in is a matter of chance (the clients spread theirs), as is which call meets a fault that
// comes at a rate. What is promised does not depend on it.
package sweep
