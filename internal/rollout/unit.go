package rollout

import (
	"fmt"
	"strings"
)

// Unit is what the numbers of a group's capacity count. The zero Unit counts instances. Where a group counts weights, each instance
// counts for the weight of its type, and whole instances cannot give every number.
type Unit struct {
	// Name is the plural: "weights", or "vCPUs" where instances weigh as many as they have; "" is instances.
	Name string
	// Least and Most are the smallest and the largest number that an instance may count for, and Step is the largest one that divides
	// all of them. They are 0 where that is not known.
	Least, Most, Step int
}

// Noun is the plural of what is counted: "instances", "weights", "vCPUs".
func (u Unit) Noun() string {
	if u.Name == "" {
		return "instances"
	}
	return u.Name
}

// Count is a number of what is counted: "1 instance", "16 weights".
func (u Unit) Count(n int) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(u.Noun(), "s")
	}
	return fmt.Sprintf("%d %s", n, u.Noun())
}

// Of is a number as it reads in a sentence about a group's size: alone where instances are counted, which goes without saying.
func (u Unit) Of(n int) string {
	if u.Name == "" {
		return fmt.Sprint(n)
	}
	return u.Count(n)
}

// Size is a capacity as it reads in such a sentence: "4 (minimum 2, maximum 8)", "16 weights (minimum 8, maximum 32)".
func (u Unit) Size(c Capacity) string {
	if u.Name == "" {
		return c.String()
	}
	return u.Count(c.Target) + strings.TrimPrefix(c.String(), fmt.Sprint(c.Target))
}

// Size is what the group is set to, as it reads in a sentence.
func (g Group) Size() string { return g.Unit.Size(g.Capacity) }

// whole is a share rounded up to what whole instances give, and at most all of it: Spot may give less of another number than was
// asked for, or nothing where one instance is more.
func (u Unit) whole(share, all int) int {
	if share <= 0 || u.Step <= 1 && u.Least <= 1 {
		return share
	}
	share = max(share, u.Least)
	if over := share % max(u.Step, 1); over > 0 {
		share += u.Step - over
	}
	return min(share, all)
}

// Enough tells whether a number is as near to a wanted one as whole instances can come from below. None at all is never enough.
func (u Unit) Enough(has, wanted int) bool {
	return has >= wanted || has > 0 && wanted-has < u.Least
}

// shed tells whether a group that is to have so much has got rid of what it had more. An instance that counts for more than the
// surplus may stay, as the group would have less than it is to have without it. Nothing means nothing.
func (u Unit) shed(has, wanted int) bool {
	return has <= wanted || wanted > 0 && has-wanted < u.Most
}
