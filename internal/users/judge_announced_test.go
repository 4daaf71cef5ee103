package users_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// announcement is what a plan has said, of an apply or of an action, and how far the calls that follow it have come.
type announcement struct {
	said   string         // in one line
	target map[string]int // of each group, by its ID, before the next call
}

func announcementOf(said string, before []sandbox.Group) announcement {
	a := announcement{strings.Join(strings.Fields(said), " "), map[string]int{}}
	for _, g := range before {
		a.target[g.ID] = g.Target
	}
	return a
}

// missing is what a call has done that was not said; "" if it was said, or is nobody's business. What creates a group is for its caller to judge.
func (a announcement) missing(c sandbox.Call) string {
	if !c.Changed {
		return ""
	}
	switch c.Action {
	case "DeleteGroup":
		if !strings.Contains(a.said, "deleted") {
			return "deletes " + c.Name
		}
	case "SetCapacity", "UpdateGroup":
		from := a.target[c.Subject]
		to, sent := sentTarget(c)
		if !sent {
			return "" // tags alone
		}
		a.target[c.Subject] = to
		if from != to && !strings.Contains(a.said, fmt.Sprintf("%d -> %d", from, to)) {
			return fmt.Sprintf("takes %s from %d to %d", c.Name, from, to)
		}
	case "ModifyListener", "ModifyRule":
		if !strings.Contains(a.said, "listener") && !strings.Contains(a.said, "rule") {
			return "moves traffic of " + c.Subject
		}
	}
	return ""
}

// sentTarget is the target that a call sets, if it sets one.
func sentTarget(c sandbox.Call) (int, bool) {
	var body struct {
		Group    struct{ Capacity struct{ Target *int } }
		Capacity struct{ Target *int }
	}
	if err := json.Unmarshal([]byte(c.Body), &body); err != nil {
		return 0, false
	}
	for _, target := range []*int{body.Group.Capacity.Target, body.Capacity.Target} {
		if target != nil {
			return *target, true
		}
	}
	return 0, false
}
