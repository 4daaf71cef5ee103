package rollout

import (
	"fmt"
	"strconv"
	"strings"
)

// The journal's tags. They are instance tags too (Elastigroups have none of their own), so each of them reads as a
// sentence to a person who meets it in the EC2 console, and all keep to the characters and the 256 a value that EC2 allows.
const (
	tagPrefix           = "elastigroup:"
	tagDeployment       = tagPrefix + "deployment"
	tagRevision         = tagPrefix + "revision"
	tagRelease          = tagPrefix + "release"
	tagOrder            = tagPrefix + "release-number"
	tagVerdict          = tagPrefix + "verdict"
	tagPrevious         = tagPrefix + "previous"
	tagPreviousCapacity = tagPrefix + "previous-capacity"
	tagPhases           = tagPrefix + "phases"
	tagRetain           = tagPrefix + "retain"
	tagFailure          = tagPrefix + "failure"
	tagOwner            = tagPrefix + "owner"
	tagBefore           = tagPrefix + "before-return"
	tagAlarmsOn         = tagPrefix + "alarms-on-at-start"
	tagUserDataVersion  = tagPrefix + "user-data-version"
	tagUnknown          = tagPrefix + "not-known"
)

// Verdict is what is known of a revision.
type Verdict string

const (
	// RollingOut is a candidate's: it has not been proven yet.
	RollingOut Verdict = "rolling-out"
	// Reverting is that of a candidate whose release was proven before: it is neither baked again nor judged by alarms, and if it
	// cannot stay that is not held against it.
	Reverting Verdict = "coming-back"
	// Proven is that of a revision that took over the production traffic and held.
	Proven Verdict = "proven"
	// Failed is that of a candidate that failed verification, on its way back. It keeps it until it is deleted.
	Failed Verdict = "failed"
	// Withdrawn is that of a candidate on its way back for no fault of its own: no capacity, a refused call, an interrupt; or because
	// somebody aborted it.
	Withdrawn Verdict = "withdrawn"
)

// Journal is what a later process must know of a revision and cannot see. It is written on the revision's own group, as
// tags of its launch specification, when the group is created at zero, before anything else changes.
type Journal struct {
	// Deployment and Revision say whose the group is: "web", 7.
	Deployment string
	Revision   int
	// Release is the fingerprint of everything that makes a revision (see Deployment.Release).
	Release string
	// Order counts the deployment's releases; 0 says that it is the revision's number. It is not where a former revision has
	// come back, as a later release than those that came after it.
	Order   int
	Verdict Verdict
	// Previous is the ID of the group that was live when this one was created; empty for a first deployment.
	Previous string
	// PreviousCapacity is what that group had before the rollout, and what it gets back if the rollout fails.
	PreviousCapacity Capacity
	// Passed is how many phases of its rollout the candidate has passed, bakes included; Holding says that it rests there
	// because the user wants it to.
	Passed  int
	Holding bool
	// Routes are where production and stage forwarded before anything was changed: what a way back restores. None but in
	// blue/green, and there not for a first deployment.
	Routes []Route
	// Sizes are what both revisions had when the candidate began to rest; nil where it does not rest, or an earlier version had it rest.
	HoldingWith *Sizes
	// Retain is how many previous revisions are to be kept at zero once this one is proven, at most MostRetain, and KeepsPrevious that the one which it
	// replaced keeps its instances.
	Retain        int
	KeepsPrevious bool
	// Owner is the state that released the revision (see Deployment.Owner); empty where an earlier version, or a deployment without
	// an owner, did.
	Owner string
	// Before is what a former revision was when it came back, and is again if it cannot stay; nil of a group that was made for
	// its rollout.
	Before *Earlier
	// Promoted is that a candidate which held was told to go on; nil if it was not, or holds again.
	Promoted *Promotion
	// Terms are how its rollout goes on, for whoever has to and does not have the configuration. None but of a candidate.
	Terms Terms
	// AlarmsOn are the alarms that were on before the release began and do not count until they have been OK; nil if there are none.
	AlarmsOn *AlarmsOn
	// UserDataVersion is the version of the revision's user data where these are write-only (see Deployment.UserDataVersion).
	UserDataVersion string
	// EndChecked says that the checks at the end were good, before anything was taken from the previous revision.
	EndChecked bool
	// Unknown is what could not be known, where the candidate rests because of that; cut to what a tag holds. UnknownAt is at which point that
	// was ("" where an earlier version wrote it). Of a candidate that was promoted it is what somebody has taken for good with that.
	Unknown   string
	UnknownAt Point
	// Failure is why the verdict is Failed or Withdrawn, in the clouds' own words, cut to what a tag holds. On a candidate that is
	// still rolled out it is what went wrong and was left as it is (Hold).
	Failure string
}

// Judged tells whether alarms have a say in what becomes of the revision. They have none in one that was proven before.
func (j Journal) Judged() bool { return j.Verdict != Reverting && j.Before == nil }

// underway tells whether the revision is a candidate on its way forward.
func (j Journal) underway() bool { return j.Verdict == RollingOut || j.Verdict == Reverting }

// undone tells whether the revision is a candidate that a run has begun to take back.
func (j Journal) undone() bool { return j.Verdict == Failed || j.Verdict == Withdrawn }

// OwnTag tells whether a tag key belongs to the journal.
func OwnTag(key string) bool { return strings.HasPrefix(key, tagPrefix) }

// OwnTags are those of a group's tags that a journal or a Memory wrote.
func OwnTags(tags map[string]string) map[string]string {
	own := map[string]string{}
	for key, value := range tags {
		if OwnTag(key) {
			own[key] = value
		}
	}
	return own
}

// DeploymentOf is the deployment that a group's tags name, whether the rest of the journal can be read or not; "" if they name none.
func DeploymentOf(tags map[string]string) string { return tags[tagDeployment] }

// UserDataVersion is the version of a group's write-only user data, whether the rest of the journal can be read or not; "" if they are not.
func UserDataVersion(tags map[string]string) string {
	if version := tags[tagUserDataVersion]; version != none {
		return version
	}
	return ""
}

// PausedTag says what of a group's own schedules and policies is off because a rollout has switched it off (see Automation). Whoever
// switches writes it, in the same call; it is none of a journal's.
const PausedTag = tagPrefix + "paused-tasks"

// TagCount is the most tags that a journal, a Memory and PausedTag add to the user's own, beside TagsARoute for each route; EC2 allows 50 a
// resource.
const TagCount = 24

// Tags is the journal as it is written on the group. Every key of the journal is present, one without a value as "none"; only the version of
// write-only user data is left out where there are none.
func (j Journal) Tags() map[string]string {
	tags := map[string]string{
		tagDeployment:       j.Deployment,
		tagRevision:         strconv.Itoa(j.Revision),
		tagRelease:          j.Release,
		tagOrder:            strconv.Itoa(max(j.Order, j.Revision)),
		tagVerdict:          string(j.Verdict),
		tagPrevious:         none,
		tagPreviousCapacity: none,
		tagPhases:           fmt.Sprintf("%d passed", j.Passed),
		tagRetain:           strconv.Itoa(min(max(j.Retain, 0), MostRetain)),
		tagFailure:          none,
		tagOwner:            none,
		tagBefore:           j.Before.tag(),
		tagAlarmsOn:         j.AlarmsOn.tag(),
		tagUnknown:          none,
	}
	if unknown := unknownTag(j.UnknownAt, j.Unknown); unknown != "" {
		tags[tagUnknown] = unknown
	}
	if j.EndChecked {
		tags[tagPhases] += endChecked
	}
	if j.Owner != "" {
		tags[tagOwner] = j.Owner
	}
	if j.UserDataVersion != "" {
		tags[tagUserDataVersion] = j.UserDataVersion
	}
	if j.Previous != "" {
		tags[tagPrevious] = j.Previous
		tags[tagPreviousCapacity] = capacityTag(j.PreviousCapacity)
	}
	if j.Holding {
		tags[tagPhases] += holding
		if j.HoldingWith != nil {
			tags[tagPhases] += fmt.Sprintf(holdingWith, j.HoldingWith.Candidate, j.HoldingWith.Live)
		}
	}
	tags[tagPhases] += j.Promoted.tag()
	j.Terms.tags(tags)
	if j.KeepsPrevious {
		tags[tagRetain] += keepsPrevious
	}
	routeTags(j.Routes, tags)
	if failure := tagValue(j.Failure); failure != "" {
		tags[tagFailure] = failure
	}
	return tags
}

// Sizes are what both revisions were set to when a rollout began to rest.
type Sizes struct{ Candidate, Live int }

// holding is what the count of phases says more of a candidate that rests, and holdingWith how many both revisions had then.
const (
	holding     = " - holding"
	holdingWith = " with %d beside %d"
)

// endChecked is what it says more of one whose checks at the end were good.
const endChecked = " - end checked"

// keepsPrevious is what the count of retained revisions says more where the previous one keeps its instances.
const keepsPrevious = " - the previous one keeps running"

func capacityTag(c Capacity) string {
	return fmt.Sprintf("minimum=%d target=%d maximum=%d", c.Minimum, c.Target, c.Maximum)
}

// tagWords puts into words what a tag cannot hold and a sentence loses its meaning without.
var tagWords = strings.NewReplacer(" -> ", " to ", " >= ", " at least ", " <= ", " at most ", " > ", " above ", " < ", " below ", "%", " percent ",
	"&", " and ", "): ", ": ", ",", " -", ";", " -", "…", "...", "'", "", `"`, "", "`", "")

// tagValue makes a text fit for a tag: EC2 takes letters, digits, spaces and _ . : / = + - @, 256 of them. Quotes are left out, what else cannot be
// held and has no words is a gap. What was made fit stays as it is.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
func tagValue(s string) string {
	fit := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.:/=+-@", r) {
			return r
		}
		return ' '
	}, tagWords.Replace(s))
	value := strings.Join(strings.Fields(fit), " ")
	if len(value) > longestTag {
		value = strings.TrimSpace(value[:longestTag])
	}
	return value
}
