// Package runner runs a rollout: it observes the clouds, asks package rollout what is next, does it, and observes again,
// until there is nothing more to do.
//
// It keeps no progress of its own. What it remembers within one run are conveniences whose loss costs nothing: since when
// an instance has been in service, how long it has been waiting, which group it has just made. A run that is killed is gone on
// with by the next one, from what the clouds show.
//
// Waiting is adaptive: it looks soon after a change and less often later, never past its deadline, and ends at once with the
// request's context. Only that context is an interrupt; a wait that runs out of time is not.
//
// The clouds are known only through the interfaces in clouds.go.
package runner
