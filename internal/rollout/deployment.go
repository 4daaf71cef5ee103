package rollout

import "time"

// ResizeOrder is who moves first when the candidate grows and the live revision shrinks.
type ResizeOrder string

const (
	// NewFirst shrinks the live revision only when the candidate's instances are in service.
	NewFirst ResizeOrder = "new_first"
	// PreviousFirst shrinks the live revision first and gives up its share of the capacity until the candidate serves.
	PreviousFirst ResizeOrder = "previous_first"
)

// OnFailure is what becomes of a candidate that failed.
type OnFailure string

const (
	// Rollback puts everything back as it was.
	Rollback OnFailure = "rollback"
	// Hold leaves everything as it is.
	Hold OnFailure = "hold"
)

// Deployment is what the user wants.
type Deployment struct {
	// Name is the deployment's: its groups are NAME__1, NAME__2, …
	Name string
	// Release is the fingerprint of everything that makes a revision: configuration, image, user data, target groups,
	// balancers, triggers. Two deployments of the same release need no new revision.
	Release string
	// UserDataVersion is the version of the release's user data where these are write-only: Release has it in their place, and the journal
	// bears it, so that an import knows it. Empty where they are not.
	UserDataVersion string
	// Trial is the fingerprint of everything else that has a say in whether a release stands: phases, weights, alarms, time-outs,
	// capacity. A release that failed is tried again under another one. What stands before a dot in it is how it was reckoned, "2.1b2c3d4e": two
	// that were reckoned in different ways, by different versions, cannot be told apart.
	Trial string
	// Adopted is the ID of a live group made by others that is known to be of this release. Such a group has no journal
	// that could say so.
	Adopted string
	// ImageID (see JoinImages) and TargetGroups (names or ARNs) are what the plan shows of the release.
	ImageID      string
	TargetGroups []string
	// Drops are what the live revision has and the release does not, in words for the plan.
	Drops []string

	// Automation is what the release's document has of schedules and policies.
	Automation Automation

	// Capacity is what the revision is to have in the end; nil is what the previous one has at the time.
	Capacity *Capacity
	// Unit is what the capacity of a new revision counts.
	Unit Unit
	// Running says that a release starts with what the live revision has at that moment, within the bounds of Capacity, and not with its
	// target (start_with = "running").
	Running bool
	// OwnCapacity is the configuration's own, for a first deployment without Capacity.
	OwnCapacity Capacity
	// Given is the capacity that the live revision was last given on the user's word; nil if it never was. An autoscaler
	// may have moved the target since, and a schedule the bounds, and that is their business: only a Capacity that differs from
	// Given moves them.
	Given *Capacity

	// Canary are the phases before the last one, which is the whole; none is a basic rollout.
	Canary []Phase
	// BlueGreen is how traffic moves; nil is a basic rollout or a canary.
	BlueGreen *BlueGreen
	// HoldAfter is the number, from 1, of the phase or weight after which the rollout holds; 0 is none.
	HoldAfter int
	// Alarms are the names of the CloudWatch alarms that are watched while the revisions change. Next leaves them to
	// whoever calls it: one that goes off is a Failure.
	Alarms []string
	// IgnoreAtStart says that an alarm which is on before the release begins counts only once it has been OK
	// (alarms_at_start = "ignore"); else the release does not begin.
	IgnoreAtStart bool

	// HoldOnStage says that the rollout holds when the candidate is whole, before any production traffic (hold_after_phase = 0 in
	// blue/green).
	HoldOnStage bool
	// Checks are what is asked about a candidate. A bad answer is a Failure, as an alarm is; Next leaves the asking to whoever calls it.
	Checks []Check
	// Compare is what the candidate is allowed beside the live revision in the bake of each weight; nil compares nothing.
	Compare *Comparison
	// Inconclusive is what becomes of what could not be known: InconclusiveHold unless it says otherwise.
	Inconclusive Inconclusive

	// ResizeOrder is NewFirst unless it says PreviousFirst.
	ResizeOrder ResizeOrder
	// HealthyPercent (1 to 100) of the instances have to be in service for a step to count as done.
	HealthyPercent int
	// MinHealthyTime is how long they have to be so, and HealthyTimeout how long that is waited for. Next leaves both to whoever calls it,
	// and writes them on the candidate (see Terms).
	MinHealthyTime, HealthyTimeout time.Duration
	// OnFailure is Rollback unless it says Hold.
	OnFailure OnFailure
	// Retain is how many previous revisions are kept at zero.
	Retain int

	// Gone means that the whole deployment is to be taken down.
	Gone bool

	// Promotion is that the candidate is to go on from where it holds; nil unless somebody has said so in this run.
	Promotion *Promotion
	// NothingNew says that no revision is begun: a candidate goes on or back, and that is all.
	NothingNew bool
	// Run is who runs the rollout, as it is written on a candidate that was told to go on; empty in a plan.
	Run string

	// Owner is the state that the deployment is in, as it is written on the groups that it releases; empty where nobody asks.
	Owner string
	// Imported are the IDs of groups that the state has imported: they are its own, whoever released them.
	Imported map[string]bool
	// Creates says that no state has the deployment yet. What is live is then another one's in any case, and a first deployment
	// that was never proven is taken over.
	Creates bool
}

// sized is the capacity that is wanted of a revision that takes the place of one which has a given capacity, or that has it itself. With
// Running its target stays, within the bounds; one that was taken down to nothing is no measure. What a schedule has made of the capacity
// that was given is taken over as it is.
func (d Deployment) sized(has Capacity) Capacity {
	if d.Capacity == nil {
		return has
	}
	if d.takesOver(has) {
		return has
	}
	wanted := *d.Capacity
	if d.Running && has != (Capacity{}) {
		wanted.Target = min(max(has.Target, wanted.Minimum), wanted.Maximum)
	}
	return wanted
}

// World is what the clouds say at one moment.
type World struct {
	// Groups are those of the deployment, in any order.
	Groups []Group
	// Unowned are groups that bear a name which a revision of the deployment would have, and are not its own.
	Unowned []Group
	// Routes are those of the deployment, and those of a candidate's journal, where they are known.
	Routes []Route
	// RoutesUnchangedFor is for how long the routes have stood as they do, as far as this run has seen.
	RoutesUnchangedFor time.Duration
	// AlarmsOn are the alarms that this run has found on before the release begins, where those do not count (IgnoreAtStart).
	AlarmsOn *AlarmsOn
	// NoTrafficMoved says that this run has seen the candidate from its beginning on, and has changed no route since: nobody's traffic is on
	// its way from one revision to another.
	NoTrafficMoved bool
	// PastDeadline says that a wait for the live revision has been long enough: on the way back traffic leaves what failed for what
	// there is, and a live revision that never gets whole is resized all the same.
	PastDeadline bool
	// CannotTag says that Spot takes no notes that are there to be read later, a Memory for instance: a run goes on without.
	CannotTag bool
	// CannotPause says that Spot has refused to switch a group's schedules or policies: a run goes on without.
	CannotPause bool
	// Failure is what this run has found to have failed, or what it found noted on a candidate that it came across.
	Failure *Failure
	// Begun says that this run has changed something already: a candidate that is another state's by now was taken from it.
	Begun bool
	// Baked is the number, from 1, of the candidate's phase whose bake this run has sat out; 0 is none. A run that is killed
	// in a bake leaves nothing of it: it is sat out again, as it has to be without a break.
	Baked int
	// Asked is the last point of this rollout at which this run has asked everything; nil before the first. As with Baked nothing of it
	// outlives the run: it is asked again.
	Asked *Asked
}

// Failure is why a release cannot go on.
type Failure struct {
	// Release is the one that failed.
	Release string
	// Reason is in the clouds' own words.
	Reason string
	// Cause tells whether the release is to blame.
	Cause Cause
}

// Cause is what made a release fail.
type Cause int

const (
	// Verification is the release's own fault: its instances never got healthy or did not stay so, or an alarm went off. Such a
	// release is remembered, and not released again but on purpose.
	Verification Cause = iota
	// Market says that Spot had no capacity, or took back what it gave: nothing speaks against the release.
	Market
	// Refusal is a call that was refused, or a run that was cut short.
	Refusal
	// Unjudged says that the time was over and nobody had called any of the release's instances unhealthy: what was not judged is
	// not held against it.
	Unjudged
	// NotKnown says that something that was to be known before the release goes on could not be (InconclusiveFail): nobody has judged it.
	NotKnown
	// Unlaunched says that EC2 refused to launch the release's instances, or ended them as they were launched: nobody has judged it.
	Unlaunched
	// Requested says that somebody wants the release taken back (see Abort).
	Requested
)

// Verdict is what is noted of a candidate that goes back for the failure.
func (f Failure) Verdict() Verdict {
	if f.Cause == Verification {
		return Failed
	}
	return Withdrawn
}

// Required is how many instances of n have to be in service.
func (d Deployment) Required(n int) int {
	percent := d.HealthyPercent
	if percent < 1 || percent > 100 {
		percent = 100
	}
	return (n*percent + 99) / 100
}
