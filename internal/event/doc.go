// Package event is what happens in a rollout, typed: package runner emits it at one place, and whoever wants to show it renders it. This
// package renders it as a line of the provider's log and as a line of JSON.
//
// # Schema
//
// An event is one JSON object. These fields are in all of them, in this order:
//
//	schema      the version of the schema, 1
//	time        RFC 3339, UTC, when it happened
//	deployment  the deployment's name
//	run         tells the events of one apply or destroy apart from those of others: a random word
//	event       what it is, below
//	message     the same in a sentence, for people; it may change at any time
//
// The rest depends on the event; see the type of each. Durations are in seconds, capacities and counts in the unit of the group
// (instances, where "unit" is left out). A field that says nothing is left out.
//
//	begun       Begun: what a run found, and what it is to bring about
//	step_begun  StepBegun: something is done or waited for from now on
//	step_done   StepDone: it was done, or there is what was waited for; with an error StepFailed: it was refused, or did not come in time
//	health      Health: how many of a group's instances are in service, and what is said of the others
//	bake        Bake: how long a phase is still watched
//	alarms      Alarms: what the alarms say, where that has changed
//	check       Check: what a check, or the comparison with the live revision, has answered
//	weights     Weights: where a listener or rule forwards, where that has changed
//	going_back  GoingBack: the candidate is taken back from now on, and why
//	holding     Holding: the rollout stays as it is, and why
//	notice      Notice: something got in the way, and is repeated, waited for or left out
//	ended       Ended: how the run ended
//
// The first event of a run is begun and the last one ended; a run that ends before it has seen anything says ended alone. One that is
// killed says nothing more: a later run of the deployment goes on with it.
//
// Within a version fields and events are added and none is taken away or means something else. Who reads events skips what he does not
// know; Parse does.
//
// Nothing secret is in any event: errors come in the words in which they are shown to people, and neither documents nor user data do.
package event
