package rollout

import (
	"fmt"
	"strings"
)

// Abort is the failure of a candidate that is taken back because somebody wants it, and for no fault of its own.
func Abort(release string) *Failure {
	return &Failure{Release: release, Reason: onRequest, Cause: Requested}
}

// onRequest is why such a candidate goes back. Nothing that a cloud says begins so.
const onRequest = "aborted on request"

// aborted tells whether the revision is a candidate that goes back because somebody wants it.
func (j Journal) aborted() bool {
	return j.Verdict == Withdrawn && strings.HasPrefix(j.Failure, onRequest)
}

// AbortedRelease is a release that was taken back because somebody wanted it. It is no failure, and is released again whenever it is
// wanted; whoever plans that is told.
type AbortedRelease struct {
	Release string
	// Revision is what it was: "web__7 of ami-0b2".
	Revision string
}

// tag is "4fa0df4366d3be57 - web__7 of ami-0b2".
func (a *AbortedRelease) tag() string {
	if a == nil {
		return none
	}
	return tagValue(a.Release + " - " + a.Revision)
}

func parseAborted(text string) *AbortedRelease {
	release, revision, found := strings.Cut(text, " - ")
	if !found {
		return nil
	}
	return &AbortedRelease{release, revision}
}

// abortedFor notes on the live revision that a candidate was aborted, before the candidate and its journal are gone.
func (x *situation) abortedFor() (Step, bool) {
	if x.Live == nil || !x.journal.aborted() || x.CannotTag {
		return Step{}, false
	}
	m, is := x.Live.Memory(), &AbortedRelease{x.journal.Release, fmt.Sprintf("%s of %s", x.Candidate.Name, x.Candidate.ImageID)}
	if m.Aborted != nil && m.Aborted.tag() == is.tag() {
		return Step{}, false
	}
	m.Aborted = is
	return remember(*x.Live, Back, m, WhyAbortRemembered), true
}

// AbortedBefore says which revision of the wanted release was aborted on request while the live revision served, if it is to be released
// anew now: "web__7 of ami-0b2"; "" if none was.
func AbortedBefore(d Deployment, w World) string {
	x := &situation{d, w, RolesOf(w)}
	if x.Live == nil || x.Candidate != nil || x.Gone || x.released() {
		return ""
	}
	if a := x.Live.Memory().Aborted; a != nil && a.Release == x.Release {
		return a.Revision
	}
	return ""
}
