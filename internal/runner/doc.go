// Package runner runs a rollout: it observes the clouds, asks package rollout what is next, does it, and observes again, until there is
// nothing more to do.
//
// # The loop
//
// Run.Do is this, and each part of it is a function of that name:
//
//	for {
//		interrupt  the request is cancelled, or its time is up: end here, or turn round
//		look       observe the groups, their instances and the routes; tell what is past from what is;
//		           stop if someone else has changed what the run relies on
//		decide     ask rollout.Next; wait for deployments of Spot's own; ask the alarms; decide twice what
//		           takes something away or must not be there yet; ask the guard and the clock of the credentials
//		act        end, bake, wait a little, or change something, and decide what it means if that is refused
//	}
//
// Each part may end the run, which returns how (Result), and look and decide may ask for another look.
//
// # Its parts
//
// Config is what a caller sets. Observer looks at the clouds: it lists the deployment's groups, holds apart what cannot be read, and asks by
// its ID for what a list leaves out. What the run remembers from one look to the next is kept by a tracker for each concern, which knows of
// no other and is tested alone:
//
//	healthTracker    health.go       since when instances have served, what was said of those that do not, which are gone
//	staleness        stale.go        what was written, and what stood there before: a list that shows that is not believed
//	trafficTracker   routes.go       since when the routes have stood as they do
//	alarmTracker     alarms.go       what the alarms said, and which were on before the release began
//	bakeTracker      bake.go         which phase bakes, and since when
//	waitTracker      wait.go         what is waited for, since when, and when to glance again
//	lastedTracker    pace.go         how long instances took to come and to go
//	glanced          glance.go       what the last look saw of instances, which glances are held against
//	progressTracker  progress.go     the last change, how often it was made, and what is decided but not confirmed
//	createTracker    create.go       how often a group was asked for, and until when it may still show
//	rollTracker      rolls.go        since when a deployment of Spot's own is waited for
//	refusalTracker   credentials.go  how often in a row the credentials were refused
//	stepTracker      events.go       which steps were said to have begun
//
// None of it is progress. It is all convenience whose loss costs nothing but time: a run that is killed is gone on with by the next one, from
// what the clouds show.
//
// # Waiting
//
// A wait asks for what it waits for by glances (glance.go), one call each: load balancers, who know of new instances as well, or Spot where
// they have no word. The world is looked at as a whole when a glance has news, and seldom else; nothing is decided by a glance. Glances come
// close around the time that such a wait is known to take (pace.go), from this run or from earlier ones, and every few seconds where nobody
// knows it; never past the deadline, and a wait ends at once with the request's context. Only that context is an interrupt; a wait that runs
// out of time is not.
//
// Right after a change of the run's own, groups and routes are looked at, and instances are taken to be as they were counted a moment ago.
// What takes something away is decided by another look, which counts them.
//
// # What it says
//
// Everything that happens is one event of package event, emitted by Run.emit and by nothing else. Who wants to show it sets Config.Events.
//
// The clouds are known only through the interfaces in clouds.go.
package runner
