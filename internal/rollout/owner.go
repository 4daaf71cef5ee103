package rollout

import (
	"fmt"
	"slices"
)

// Owner is the state that released the group, by its tag; "" where no tag says so: an earlier version released it, or others made it.
func (g Group) Owner() string {
	if owner := g.Tags[tagOwner]; owner != none {
		return owner
	}
	return ""
}

// owns tells whether a group is the deployment's by its state: that released it, or has imported it. One without an owner belongs to
// whoever has it in its state, which a create has not.
func (d Deployment) owns(g Group) bool {
	switch owner := g.Owner(); {
	case d.Owner == "", d.Imported[g.ID]:
		return true
	case owner == "":
		return !d.Creates
	default:
		return owner == d.Owner
	}
}

// foreign is the step where what stands is another state's: what was proven is never touched, nor is what another state rolls out. Only
// a create takes over a first deployment that nobody finished, before it does anything else, also where there are two copies of it: whoever
// began it finds that out by its next look, and stops.
func (x *situation) foreign() (Step, bool) {
	if why := Foreign(x.Deployment, x.World); why != "" {
		return Step{Kind: Refuse, Why: WhyForeign, Detail: why}, true
	}
	if x.Candidate == nil || x.Gone || x.owns(*x.Candidate) || x.hasCopies() {
		return Step{}, false
	}
	return Step{Kind: Record, Part: Setup, Group: *x.Candidate, Journal: x.journal, Why: WhyTakenOver}, true
}

// hasCopies tells whether there are second copies that this state has made.
func (x *situation) hasCopies() bool { return slices.ContainsFunc(x.Leftovers, x.owns) }

// Foreign says what of a deployment belongs to another state, so that this one may neither change it nor take it down, and what to do;
// "" if nothing does.
func Foreign(d Deployment, w World) string {
	c := RolesOf(w)
	switch {
	case d.Gone && w.Begun:
		return "" // its own go, and what stands beside them is left alone
	case c.Live != nil && !d.owns(*c.Live):
		return d.disowns(*c.Live, "released %s, which is live")
	case c.Candidate == nil || d.owns(*c.Candidate) || !d.Gone && slices.ContainsFunc(c.Leftovers, d.owns):
		return "" // a copy of its own is deleted first
	case d.Creates && !w.Begun && c.Live == nil && c.journal.Previous == "":
		return "" // it is unfinished, and taken over
	case d.Creates && c.Live == nil:
		return d.disowns(*c.Candidate, "has taken over %s, or begun it, at the same time")
	}
	return d.disowns(*c.Candidate, "is rolling out %s")
}

// disowns says that a group is another state's, and what to do.
func (d Deployment) disowns(g Group, does string) string {
	owner := "it has no tag " + tagOwner
	if g.Owner() != "" {
		owner = fmt.Sprintf("its tag %s is %s", tagOwner, g.Owner())
	}
	text := fmt.Sprintf("another state "+does, fmt.Sprintf("%s (%s, %s) of deployment %q", g.Name, g.ID, g.ImageID, d.Name))
	if d.Creates {
		return fmt.Sprintf("%s (%s). To manage it here, import it when it is live: terraform import ADDRESS %s. Otherwise give this deployment another name", text, owner, d.Name)
	}
	return fmt.Sprintf("%s (%s, and this state is %s). To leave it to the other state, terraform state rm ADDRESS. "+
		"To manage it here, terraform state rm ADDRESS and then terraform import ADDRESS %s", text, owner, d.Owner, d.Name)
}
