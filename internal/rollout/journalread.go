package rollout

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What tags may say. Whatever is beyond has not been written by a rollout but by somebody who edited it.
const (
	// MostRevision is the highest revision, and the highest number of a release: one a minute for two thousand years.
	MostRevision = 1_000_000_000
	// MostRetain is how many previous revisions can be kept.
	MostRetain = 1000
	// mostPhases is how many phases, or weights, a rollout can have passed: more than whole percents there are.
	mostPhases = 1000
	// mostRoutes is how many routes a journal can have: no more fit in EC2's 50 tags.
	mostRoutes = 16
	// mostWeight is the highest weight of a target group, see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
	mostWeight = 999
	// mostCapacity is beyond what any group has.
	mostCapacity = math.MaxInt32
)

// BadTag is a tag of a journal or a memory that makes no sense: somebody has edited it.
type BadTag struct {
	// Key and Value are the tag's.
	Key, Value string
	// Wants says what belongs there: "a whole number from 0 to 1000".
	Wants string
}

// Error names the tag, its value, and what belongs there.
func (b *BadTag) Error() string {
	return fmt.Sprintf("its tag %s is %q, and has to be %s", b.Key, QuoteUpTo(b.Value, 80), b.Wants)
}

// ParseJournal reads a journal back. It answers false for tags that no journal wrote, and for one of which a tag makes no sense;
// CheckTags tells the one from the other.
func ParseJournal(tags map[string]string) (Journal, bool) {
	if tags[tagDeployment] == "" {
		return Journal{}, false
	}
	r := tagReader{tags: tags}
	j := r.journal()
	if r.bad != nil {
		return Journal{}, false
	}
	return j, true
}

// CheckTags is nil if the tags that a journal or a Memory wrote make sense, or if there are none. Otherwise it is the first that does
// not: what a group is cannot be told then.
func CheckTags(tags map[string]string) *BadTag {
	r := tagReader{tags: tags}
	if tags[tagDeployment] != "" {
		r.journal()
	} else {
		for _, key := range []string{tagRevision, tagRelease, tagVerdict} {
			if tags[key] != "" && r.bad == nil {
				r.bad = &BadTag{tagDeployment, "", "the name of the deployment, as there is " + key + " beside it"}
			}
		}
	}
	r.memory()
	return r.bad
}

// Lost is that a group which had a journal has none any more.
func Lost(tags map[string]string) *BadTag {
	if tags[tagDeployment] != "" {
		return nil
	}
	return &BadTag{tagDeployment, "", "the name of the deployment; it was there when the state was last refreshed, with others that begin with " + tagPrefix}
}

// Misnamed is that a group's name is not that of its revision.
func Misnamed(g Group) BadTag {
	wants := fmt.Sprintf("that of its name, %d", g.Revision)
	if g.Revision == 0 {
		wants = fmt.Sprintf("that of its name, which is no revision's (%s was renamed, maybe)", QuoteUpTo(g.Name, 80))
	}
	return BadTag{tagRevision, g.Tags[tagRevision], wants}
}

// tagReader reads tags, and remembers the first one that makes no sense.
type tagReader struct {
	tags map[string]string
	bad  *BadTag
}

func (r *tagReader) refuse(key, wants string) {
	if r.bad == nil {
		r.bad = &BadTag{key, r.tags[key], wants}
	}
}

// number reads a whole number within bounds; absent is what it is where there is no such tag.
func (r *tagReader) number(key string, least, most, absent int) int {
	return r.numberIn(key, r.tags[key], least, most, absent)
}

// numberIn is number of a part of the tag's value.
func (r *tagReader) numberIn(key, text string, least, most, absent int) int {
	if text == "" {
		return absent
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		r.refuse(key, fmt.Sprintf("a whole number from %d to %d", least, most))
		return absent
	}
	return n
}

// text is a tag's value; "" where it says none.
func (r *tagReader) text(key string) string {
	if text := r.whole(key); text != none {
		return text
	}
	return ""
}

// digits is a tag's value, which is a number of any size; "" where it says none.
func (r *tagReader) digits(key string) string {
	text := r.text(key)
	if strings.Trim(text, "0123456789") != "" {
		r.refuse(key, fmt.Sprintf("a whole number, or %s", none))
		return ""
	}
	return text
}

// whole is a tag's value as it stands, which is no longer than EC2 takes it.
func (r *tagReader) whole(key string) string {
	if utf8.RuneCountInString(r.tags[key]) > longestTag {
		r.refuse(key, fmt.Sprintf("at most %d characters", longestTag))
		return ""
	}
	return r.tags[key]
}

// longestTag is how many characters EC2 takes as a value.
const longestTag = 256

func (r *tagReader) journal() Journal {
	j := Journal{
		Deployment: r.whole(tagDeployment),
		Revision:   r.number(tagRevision, 1, MostRevision, 0),
		Release:    r.whole(tagRelease),
		Order:      r.number(tagOrder, 1, MostRevision, 0),
		Verdict:    Verdict(r.tags[tagVerdict]),
		Failure:    r.text(tagFailure),
		Owner:      r.text(tagOwner),

		UserDataVersion: r.digits(tagUserDataVersion),
	}
	retain, keeps := strings.CutSuffix(r.tags[tagRetain], keepsPrevious)
	// A count that is absent is taken as the safe one: everything is kept.
	j.Retain, j.KeepsPrevious = r.numberIn(tagRetain, retain, 0, MostRetain, MostRetain), keeps
	if words := strings.Fields(j.Release); len(words) != 1 || words[0] != j.Release {
		// It is remembered among others, with blanks between them.
		r.refuse(tagRelease, "the fingerprint of the release, which has no blanks")
	}
	if j.Revision == 0 {
		r.refuse(tagRevision, fmt.Sprintf("a whole number from 1 to %d", MostRevision))
	}
	if j.Order <= j.Revision {
		j.Order = 0
	}
	switch j.Verdict {
	case RollingOut, Reverting, Proven, Failed, Withdrawn:
	default:
		r.refuse(tagVerdict, fmt.Sprintf("%s, %s, %s, %s or %s", RollingOut, Reverting, Proven, Failed, Withdrawn))
	}
	if j.Verdict != Proven && r.tags[tagPrevious] == "" {
		// Without it a rollout that replaces something would be taken for a first deployment, which owes nobody instances.
		r.refuse(tagPrevious, fmt.Sprintf("the ID of the group that was live before, or %s", none))
	}
	if j.Previous = r.text(tagPrevious); j.Previous != "" {
		j.PreviousCapacity = r.capacity(tagPreviousCapacity)
	}
	j.Routes = r.routes()
	var fine bool
	j.AlarmsOn = parseAlarmsOn(r.text(tagAlarmsOn))
	if j.Before, fine = parseEarlier(r.text(tagBefore)); !fine {
		r.refuse(tagBefore, fmt.Sprintf(`"release-number=N retain=N minimum=A target=B maximum=C", or %s`, none))
	}
	j.Terms = r.terms()
	j.Passed, j.Holding, j.HoldingWith, j.Promoted = r.phases()
	phases, _, _ := strings.Cut(r.tags[tagPhases], promoted)
	phases, _, _ = strings.Cut(phases, holding)
	j.EndChecked = strings.HasSuffix(phases, endChecked)
	if j.Holding || j.Promoted != nil {
		j.UnknownAt, j.Unknown = parseUnknown(r.text(tagUnknown))
	}
	return j
}

// phases reads "2 passed - holding with 1 beside 3". A group that an earlier version made has no such tag: its phases are gone through
// again; or one that does not say with what it holds.
func (r *tagReader) phases() (passed int, holds bool, held *Sizes, to *Promotion) {
	text := r.tags[tagPhases]
	if text == "" {
		return 0, false, nil, nil
	}
	text, further, goesOn := strings.Cut(text, promoted)
	fine := true
	if goesOn {
		to, fine = parsePromotion(further)
	}
	text, with, holds := strings.Cut(text, holding)
	text, _ = strings.CutSuffix(text, endChecked)
	count, ok := strings.CutSuffix(text, " passed")
	passed, err := strconv.Atoi(count)
	if with != "" {
		held = &Sizes{}
		n, _ := fmt.Sscanf(with, holdingWith, &held.Candidate, &held.Live)
		ok = ok && n == 2 && with == fmt.Sprintf(holdingWith, held.Candidate, held.Live) && min(held.Candidate, held.Live) >= 0 && max(held.Candidate, held.Live) <= mostCapacity
	}
	if !ok || !fine || err != nil || passed < 0 || passed > mostPhases {
		r.refuse(tagPhases, fmt.Sprintf(`"N passed", "N passed%s", "N passed%s with A beside B" or "N passed%s%s", with N from 0 to %d`, holding, holding, promoted, theEnd, mostPhases))
		return 0, false, nil, nil
	}
	return passed, holds, held, to
}

// capacity reads a tag that is one.
func (r *tagReader) capacity(key string) Capacity {
	c, fine := parseCapacity(r.tags[key])
	if !fine {
		r.refuse(key, `"minimum=A target=B maximum=C", with whole numbers that grow from A to C`)
	}
	return c
}

// parseCapacity reads "minimum=2 target=4 maximum=8".
func parseCapacity(text string) (Capacity, bool) {
	var c Capacity
	fields := strings.Fields(text)
	members := []struct {
		name string
		at   *int
	}{{"minimum=", &c.Minimum}, {"target=", &c.Target}, {"maximum=", &c.Maximum}}
	if len(fields) != len(members) {
		return Capacity{}, false
	}
	for i, m := range members {
		number, ok := strings.CutPrefix(fields[i], m.name)
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n > mostCapacity {
			return Capacity{}, false
		}
		*m.at = n
	}
	if c.Valid() != nil {
		return Capacity{}, false
	}
	return c, true
}
