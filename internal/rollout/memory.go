package rollout

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What a live revision's group remembers stands in tags beside its journal, whoever made the group.
const (
	tagFailedReleases = tagPrefix + "failed-releases"
	tagFailedLast     = tagPrefix + "failed-last"
	tagTakenDown      = tagPrefix + "taken-down-from"
	tagAborted        = tagPrefix + "aborted"
)

// Memory is what outlives the group that it is about, or the run that knew it. It is written on the live revision.
type Memory struct {
	// Failed are the releases that failed verification while this revision was live, the newest first, each with its trial:
	// "4fa0df4366d3be57/1b2c3d4e". Their groups are deleted, and with them the journals that said so.
	Failed []string
	// Last says of the newest of them which revision it was, and why it failed.
	Last string
	// TakenDown is what the revision had before it was taken down with the whole deployment: a destroy that was cut short leaves
	// it at zero, and nobody else would know what to give back. Nil when nothing is taken down.
	TakenDown *Capacity
	// Aborted is the release that was aborted last while this revision was live; nil if none was.
	Aborted *AbortedRelease
}

// mostFailed is how many releases are remembered: as many as fit in a tag. An older one may be tried again.
const mostFailed = 9

// Memory reads what the group remembers. What makes no sense of it (see CheckTags) is not remembered.
func (g Group) Memory() Memory {
	r := tagReader{tags: g.Tags}
	return r.memory()
}

func (r *tagReader) memory() Memory {
	m := Memory{Last: r.text(tagFailedLast), Aborted: parseAborted(r.text(tagAborted))}
	for _, release := range strings.Fields(r.text(tagFailedReleases)) {
		if m.Failed = append(m.Failed, release); len(m.Failed) > mostFailed {
			r.refuse(tagFailedReleases, fmt.Sprintf("at most %d releases, or %s", mostFailed, none))
			break
		}
	}
	if r.text(tagTakenDown) != "" {
		if size := r.capacity(tagTakenDown); size != (Capacity{}) {
			m.TakenDown = &size
		}
	}
	return m
}

// Tags is the memory as it is written on the group. A tag that is written once is not taken away, so that one without a value
// is "none".
func (m Memory) Tags() map[string]string {
	tags := map[string]string{tagFailedReleases: none, tagFailedLast: none, tagTakenDown: none, tagAborted: m.Aborted.tag()}
	if len(m.Failed) > 0 {
		tags[tagFailedReleases] = strings.Join(m.Failed[:min(len(m.Failed), mostFailed)], " ")
	}
	if last := tagValue(m.Last); last != "" {
		tags[tagFailedLast] = last
	}
	if m.TakenDown != nil {
		tags[tagTakenDown] = capacityTag(*m.TakenDown)
	}
	return tags
}

// remember is the step that writes a memory on a group.
func remember(g Group, part Part, m Memory, why Reason) Step {
	return Step{Kind: Remember, Part: part, Group: g, Memory: m, Why: why}
}

// failedFor notes on the live revision that a candidate failed verification, before the candidate and its journal are gone. One
// that was taken back for another reason may be released again, and so may a first deployment: nothing serves beside it.
func (x *situation) failedFor() (Step, bool) {
	if x.Live == nil || x.journal.Verdict != Failed || x.CannotTag {
		return Step{}, false
	}
	m := x.Live.Memory()
	failed := x.journal.Release // under any trial, where it is taken back for another release and its own is not known
	if failed == x.Release {
		failed = x.attempt()
	}
	if slices.Contains(m.Failed, failed) {
		return Step{}, false
	}
	m.Failed = slices.Insert(m.Failed, 0, failed)
	m.Last = fmt.Sprintf("%s (%s): %s", x.Candidate.Name, x.Candidate.ImageID, x.journal.Failure)
	return remember(*x.Live, Back, m, WhyFailureRemembered), true
}

// FailedBefore says that the wanted release failed verification under the revision that is live, and what to do; "" if it did not, or
// if it was proven all the same, under other terms.
func FailedBefore(d Deployment, w World) string {
	x := &situation{d, w, RolesOf(w)}
	if x.Live == nil || x.Gone || x.released() || x.provenBefore() {
		return ""
	}
	m := x.Live.Memory()
	i := slices.IndexFunc(m.Failed, x.isAttempt)
	if i < 0 {
		return ""
	}
	failed := "a revision of the same configuration failed verification before"
	if i == 0 && m.Last != "" {
		failed = fmt.Sprintf("the same configuration failed verification before, as %s", m.Last)
	}
	return fmt.Sprintf("%s. It is released again only on purpose: change triggers, or what failed", failed)
}

// isAttempt tells whether it is the wanted release that failed: under any trial, under this one, or under one of a version that reckoned
// trials in another way.
func (d Deployment) isAttempt(failed string) bool {
	release, trial, _ := strings.Cut(failed, "/")
	return release == d.Release && (trial == "" || trial == d.Trial || reckoning(trial) != reckoning(d.Trial))
}

// reckoning is how a trial was reckoned; "" is that of the first versions.
func reckoning(trial string) string {
	if how, _, found := strings.Cut(trial, "."); found {
		return how
	}
	return ""
}

// attempt is the release together with its trial.
func (d Deployment) attempt() string {
	if d.Trial == "" {
		return d.Release
	}
	return d.Release + "/" + d.Trial
}

// takenDown notes what the live revision has, or had before a rollout under way, before the whole deployment is taken down.
func (x *situation) takenDown() (Step, bool) {
	size := x.own()
	if size == (Capacity{}) || x.CannotTag {
		return Step{}, false
	}
	m := x.Live.Memory()
	if m.TakenDown != nil && *m.TakenDown == size {
		return Step{}, false
	}
	m.TakenDown = &size
	return remember(*x.Live, TakeDown, m, WhySizeRemembered), true
}

// standsAgain drops the notes of a destroy that was cut short: when the live revision has its size again, and when another one has
// taken its place.
func standsAgain(w World, groups ...Group) (Step, bool) {
	for _, g := range groups {
		if m := g.Memory(); m.TakenDown != nil && !w.CannotTag {
			m.TakenDown = nil
			return remember(g, Mend, m, WhyStandsAgain), true
		}
	}
	return Step{}, false
}

// With are the group's tags with others set, as Spot keeps what is not named.
func (g Group) With(tags map[string]string) map[string]string {
	all := maps.Clone(g.Tags)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, tags)
	return all
}
