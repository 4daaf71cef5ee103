package rollout

import "strings"

// Reason is what a step is for, or why a run ends. It is what code asks for; Step.Because has its words, for people.
type Reason string

// Why a size is changed, or waited for.
const (
	// WhyLeftOver takes a revision that is older than the live one to zero.
	WhyLeftOver Reason = "left over"
	// WhyMakesRoom takes one out of the target groups where the candidate is to stand.
	WhyMakesRoom Reason = "makes room"
	// WhyOwnBounds lets a candidate go that was pinned.
	WhyOwnBounds Reason = "own bounds"
	// WhyKept pins the live revision while traffic moves away from it.
	WhyKept Reason = "kept"
	// WhyFollowed keeps the instances of the previous revision after the switch until all nodes of the balancers know of it.
	WhyFollowed Reason = "followed"
	// WhyBeforeTaken waits for a group that is about to shrink: while some of its instances boot, Spot may take those that serve.
	WhyBeforeTaken Reason = "before taken"
	// WhyBeforeFormerGoes waits for the live revision before a former one goes that serves beside it.
	WhyBeforeFormerGoes Reason = "before former goes"
	// WhyBeforeAsked waits until a former revision serves no more: its answers would be taken for the candidate's.
	WhyBeforeAsked Reason = "before asked"
	// WhyBeforeTraffic waits for the live revision, which is to meet its traffic whole.
	WhyBeforeTraffic Reason = "before traffic"
	// WhyMovedWhileHolding puts back what somebody has moved while a rollout holds.
	WhyMovedWhileHolding Reason = "moved while holding"
	// WhyTakenDown gives a live revision what it had before a destroy that was cut short.
	WhyTakenDown Reason = "taken down"
	// WhyAsBefore gives a former revision what it had before it came back, and WhyStandsAsBefore puts its journal back.
	WhyAsBefore       Reason = "as before"
	WhyStandsAsBefore Reason = "stands as before"
	// WhySecondCopy takes away what a create made twice.
	WhySecondCopy Reason = "second copy"
)

// Why traffic moves where no phase has it move.
const (
	// WhyHalfWay puts production's traffic right that another tool left between two target groups.
	WhyHalfWay Reason = "half way"
	// WhyCheckedAgain brings a target group back into use, so that the balancer checks its targets.
	WhyCheckedAgain Reason = "checked again"
)

// Why a schedule or policy is switched off or on.
const (
	WhyLive      Reason = "live"
	WhyNotLive   Reason = "not live"
	WhyReleasing Reason = "while released"
)

// Why a journal or a memory is written.
const (
	WhyPassed             Reason = "passed"
	WhyEndChecked         Reason = "end checked"
	WhyNotKnown           Reason = "not known"
	WhyProven             Reason = "proven"
	WhyFailed             Reason = "failed"
	WhyLeftAsFailed       Reason = "left as failed"
	WhyGoesBack           Reason = "goes back"
	WhyGoesOn             Reason = "goes on"
	WhyGoesOnAfterFailure Reason = "goes on after failure"
	WhyHolds              Reason = "holds"
	WhyHoldsResized       Reason = "holds resized"
	WhyCapacityWanted     Reason = "capacity wanted"
	WhyCapacityMoved      Reason = "capacity moved"
	WhyTakenOver          Reason = "taken over"
	WhyPromoted           Reason = "promoted"
	WhyAborted            Reason = "aborted"
	WhyTermsChanged       Reason = "terms changed"
	WhyAbortRemembered    Reason = "abort remembered"
	WhyFailureRemembered  Reason = "failure remembered"
	WhySizeRemembered     Reason = "size remembered"
	WhyStandsAgain        Reason = "stands again"
	// WhyRevertsCold releases a new group of what was proven before; WhyRevertsWarm starts the former group again, and
	// WhyRevertsAtOnce uses it as it runs.
	WhyRevertsCold   Reason = "reverts cold"
	WhyRevertsWarm   Reason = "reverts warm"
	WhyRevertsAtOnce Reason = "reverts at once"
)

// Why a run ends. Step.Detail says it all.
const (
	// WhyReleaseFailed ends a run whose release failed.
	WhyReleaseFailed Reason = "release failed"
	// WhyFailedBefore refuses a release that failed verification before.
	WhyFailedBefore Reason = "failed before"
	// WhyForeign refuses what another state released or rolls out.
	WhyForeign Reason = "foreign"
	// WhyNameTaken refuses to begin beside groups that are not the deployment's.
	WhyNameTaken Reason = "name taken"
	// WhyNoSize refuses a release that would serve nobody.
	WhyNoSize Reason = "no size"
	// WhyNumbersUsedUp refuses a release beyond MostRevision.
	WhyNumbersUsedUp Reason = "numbers used up"
	// WhyRoutesUnfit refuses blue/green where routes do not allow it.
	WhyRoutesUnfit Reason = "routes unfit"
	// WhyEndless refuses a plan that does not end: a mistake of this package's.
	WhyEndless Reason = "endless"
)

// notOnTrial is what the plan says of a release that was proven before.
const notOnTrial = "proven before, neither baked nor judged by alarms"

// words are the reasons for people. {phase}, {size} and {detail} are the step's: its phase, the target of its group, its detail.
var words = map[Reason]string{
	WhyLeftOver:          "left over from an earlier release",
	WhyMakesRoom:         "makes room",
	WhyOwnBounds:         "its own minimum and maximum",
	WhyKept:              "kept whole for the way back",
	WhyFollowed:          "until load balancers have followed",
	WhyBeforeTaken:       "before anything is taken from it",
	WhyBeforeFormerGoes:  "before a former revision goes",
	WhyBeforeAsked:       "before checks are asked, which it would answer as well",
	WhyBeforeTraffic:     "before its traffic comes back",
	WhyMovedWhileHolding: "moved while it holds",
	WhyTakenDown:         "what it had before it was taken down",
	WhyAsBefore:          "as before it came back",
	WhyStandsAsBefore:    "stands as before",
	WhySecondCopy:        "a second copy",

	WhyHalfWay:      "left half way by someone else",
	WhyCheckedAgain: "its targets are checked again",

	WhyLive:      "it is live",
	WhyNotLive:   "it is not live",
	WhyReleasing: "while it is rolled out",

	WhyPassed:             "{phase} is passed",
	WhyEndChecked:         "the checks at the end are good",
	WhyNotKnown:           "not known: {detail}",
	WhyProven:             "proven",
	WhyFailed:             "failed",
	WhyLeftAsFailed:       "failed, and is left as it is",
	WhyGoesBack:           "goes back",
	WhyGoesOn:             "goes on",
	WhyGoesOnAfterFailure: "goes on after a failure",
	WhyHolds:              "holds",
	WhyHoldsResized:       "holds with another capacity",
	WhyCapacityWanted:     "another capacity is wanted",
	WhyCapacityMoved:      "the previous revision's capacity has moved",
	WhyTakenOver:          "taken over",
	WhyPromoted:           "promoted",
	WhyAborted:            "aborted",
	WhyTermsChanged:       "its rollout is to go on in another way",
	WhyAbortRemembered:    "what was aborted is remembered",
	WhyFailureRemembered:  "what failed is remembered",
	WhySizeRemembered:     "what it has now is remembered",
	WhyStandsAgain:        "it is not taken down any more",
	WhyRevertsCold:        "cold: " + notOnTrial,
	WhyRevertsWarm:        "comes back warm: it starts again, " + notOnTrial,
	WhyRevertsAtOnce:      "comes back at once: it still runs with {size}, " + notOnTrial,

	WhyReleaseFailed: "{detail}",
	WhyFailedBefore:  "{detail}",
	WhyForeign:       "{detail}",
	WhyNameTaken:     "{detail}",
	WhyNoSize:        "{detail}",
	WhyNumbersUsedUp: "{detail}",
	WhyRoutesUnfit:   "{detail}",
	WhyEndless:       "{detail}",
}

// Because says in words what the step is for, or why the run ends; "" of a step that goes without saying.
func (s Step) Because() string {
	return strings.NewReplacer("{phase}", s.PhaseName, "{size}", s.Group.Unit.Of(s.Group.Capacity.Target), "{detail}", s.Detail).Replace(words[s.Why])
}
