// Package timeline makes of the events of rollouts (package event) a picture of each: its phases and steps, what each of them took and
// waited for, the revisions' capacity and the traffic over time, the bake, the alarms, what was decided, and how it ended. Whoever shows a
// rollout, in a terminal or on a page, shows such a picture.
//
// It is a pure fold: the same events make the same picture, however they come (see Lines for how they are cut into pieces), a beginning of
// them is the picture of a rollout under way, and an event that comes twice, because a file is read again from its start, counts once. Events
// of a kind that is not known, of a later schema, are kept as sentences and change nothing else. There is no clock in it: who wants to
// know how long something has been going on says what time it is.
//
// A run that was killed says nothing more. It is told from one under way by the next run of the same deployment.
package timeline
