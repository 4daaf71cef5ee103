package rollout

import "strings"

// A release that rests because something is not known is gone on with by whoever promotes it: what was not known there is accepted, taken for good
// by a person. It stays on the candidate's journal until that point is passed, so that a run which is killed meanwhile has not forgotten it. What
// is bad is bad all the same, and what is not known at a later point is not what anybody has accepted.

// AcceptedUnknown tells whether somebody has taken for good what is not known of a world's candidate at a point, by promoting it.
func AcceptedUnknown(w World, at Point) bool {
	c := RolesOf(w)
	return c.Candidate != nil && c.acceptedUnknown(at)
}

func (c Roles) acceptedUnknown(at Point) bool {
	return c.journal.Promoted != nil && c.journal.Unknown != "" && c.journal.UnknownAt == at
}

// unknownAt is how the tag of what is not known begins: "at stage - check smoke: connection refused".
func unknownAt(at Point) string { return "at " + string(at) + " - " }

// longestUnknown leaves room for the point.
const longestUnknown = longestTag - len("at stage - ")

// unknownText is what a journal keeps of what is not known.
func unknownText(text string) string {
	text = tagValue(text)
	if len(text) > longestUnknown {
		text = strings.TrimSpace(text[:longestUnknown])
	}
	return text
}

// unknownTag is what is not known as it is written, "" if nothing is.
func unknownTag(at Point, text string) string {
	text = unknownText(text)
	if text == "" || at == "" {
		return text
	}
	return unknownAt(at) + text
}

// parseUnknown reads it back. What was edited away is nothing.
func parseUnknown(text string) (Point, string) {
	text = tagValue(text)
	if text == none {
		return "", ""
	}
	for _, at := range points {
		if rest, ok := strings.CutPrefix(text, unknownAt(at)); ok && rest != "" {
			return at, rest
		}
	}
	return "", text
}

// points are all of them.
var points = []Point{OnStage, InBake, AtEnd}
