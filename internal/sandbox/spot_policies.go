package sandbox

import (
	"fmt"
	"strconv"
)

// RunPolicy has the n-th scaling policy (from 0) of a direction, "up" or "down", of the groups of that ID or name act now, as if its
// metric had crossed its threshold. It tells whether it did: not if it is switched off (isEnabled), nor while AUTO_SCALE is suspended or
// a deployment is running, nor if there is no such policy or it changes nothing.
func (w *spotHalf) RunPolicy(nameOrID, direction string, n int) bool {
	done := false
	w.locked(func() {
		for _, g := range w.named(nameOrID) {
			policies := objects(object(g.document, "scaling")[direction])
			if n < 0 || n >= len(policies) || policies[n]["isEnabled"] == false || g.locked() || w.suspended(g, "AUTO_SCALE") {
				continue
			}
			c := acted(g.capacity, direction, policies[n])
			if c == g.capacity {
				continue
			}
			g.note(w.now, "INFO", "Scaling policy %s sets the capacity to minimum %d, target %d, maximum %d", text(policies[n], "policyName"), c.minimum, c.target, c.maximum)
			w.resize(g, c)
			done = true
		}
	})
	return done
}

// acted is a capacity after a policy's action. An adjustment stays within the bounds, which updateCapacity alone moves.
// https://github.com/spotinst/openapi (Elastigroup scaling)
func acted(c capacity, direction string, policy map[string]any) capacity {
	action := object(policy, "action")
	n := number(action["adjustment"], number(policy["adjustment"], 1))
	if direction == "down" {
		n = -n
	}
	switch text(action, "type") {
	case "percentageAdjustment":
		c.target += c.target * n / 100
	case "setMinTarget":
		c.target = max(c.target, number(action["minTargetCapacity"], c.target))
	case "setMaxTarget":
		c.target = min(c.target, number(action["maxTargetCapacity"], c.target))
	case "updateCapacity":
		c.minimum = number(action["minimum"], c.minimum)
		c.maximum = max(number(action["maximum"], c.maximum), c.minimum)
		c.target = number(action["target"], c.target)
	default:
		c.target += n
	}
	c.target = min(max(c.target, c.minimum), c.maximum)
	return c
}

// number is a whole number that clients also send as a text.
func number(v any, d int) int {
	if s, ok := v.(string); ok {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
	}
	return whole(v, d)
}

type postedPolicy struct {
	Group     string `json:"group"`
	Direction string `json:"direction"`
	Policy    int    `json:"policy"`
}

func policyPosted(w *World, p postedPolicy) error {
	if _, ok := w.Group(p.Group); !ok {
		return noGroup(p.Group)
	}
	if !w.RunPolicy(p.Group, p.Direction, p.Policy) {
		return fmt.Errorf("group %q has no policy %d in scaling.%s that changes its capacity now, or it is switched off, AUTO_SCALE is suspended, or a deployment of Spot's own is under way",
			p.Group, p.Policy, p.Direction)
	}
	return nil
}
