package rollout

import (
	"fmt"
	"maps"
	"slices"
)

// Capacity is the size of an Elastigroup in the unit of the group (instances, or weights where the
// group counts weights): how far an autoscaler may take it down and up, and where it stands.
// 0 <= Minimum <= Target <= Maximum.
type Capacity struct {
	Minimum int
	Target  int
	Maximum int
}

// Pin is a capacity that no autoscaler can move: minimum, target and maximum are all n.
func Pin(n int) Capacity { return Capacity{Minimum: n, Target: n, Maximum: n} }

// Pinned tells whether no autoscaler can move a group of this capacity.
func (c Capacity) Pinned() bool { return c.Minimum == c.Target && c.Target == c.Maximum }

// SameBounds tells whether an autoscaler has the same room in both, wherever the targets stand.
func (c Capacity) SameBounds(o Capacity) bool {
	return c.Minimum == o.Minimum && c.Maximum == o.Maximum
}

// Valid returns an error that names the member that is out of order.
func (c Capacity) Valid() error {
	switch {
	case c.Minimum < 0:
		return fmt.Errorf("minimum is %d; it cannot be negative", c.Minimum)
	case c.Target < c.Minimum:
		return fmt.Errorf("target %d is below minimum %d", c.Target, c.Minimum)
	case c.Maximum < c.Target:
		return fmt.Errorf("maximum %d is below target %d", c.Maximum, c.Target)
	}
	return nil
}

// InOrder is the capacity with bounds that hold its target, as they have to: whoever reads one from outside makes it so.
func (c Capacity) InOrder() Capacity {
	c.Target = max(c.Target, 0)
	c.Minimum, c.Maximum = min(max(c.Minimum, 0), c.Target), max(c.Maximum, c.Target)
	return c
}

// String is how a capacity reads in plans and errors: "4 (minimum 2, maximum 8)", or "0" when pinned.
func (c Capacity) String() string {
	if c.Pinned() {
		return fmt.Sprint(c.Target)
	}
	return fmt.Sprintf("%d (minimum %d, maximum %d)", c.Target, c.Minimum, c.Maximum)
}

// Group is one Elastigroup as the clouds show it at one moment.
type Group struct {
	// ID is Spot's own, "sig-0123abcd". Names are not unique at Spot; IDs are.
	ID string
	// Name is "web__7"; Revision is the 7. A group without a number in its name (an imported pair) is revision 0.
	Name     string
	Revision int
	// ImageID is the image that the group's launch specification names, or all of them (see JoinImages).
	ImageID string
	// Capacity is what the group is set to. Instances follow later.
	Capacity Capacity

	// Instances counts what exists in the unit of Capacity, those that boot or drain included.
	Instances int
	// InService counts those of them that receive work now: by the balancers' own word for every target group
	// and classic balancer of the group, by Spot's instance health where it has none.
	InService int
	// Steady counts those in service that have been so for the deployment's MinHealthyTime.
	Steady int

	// Failing counts those that were in service while this run watched them, still run, and are called unhealthy now.
	Failing int

	// Tags are those of the launch specification; the journal is among them.
	Tags map[string]string
	// TargetGroups are the ARNs and LoadBalancers the classic names where the group's instances register.
	TargetGroups  []string
	LoadBalancers []string
	// Automation is what moves the group's capacity beside a rollout.
	Automation Automation
	// Unit is what Capacity and the counts above are in. Weights maps the instance types that the group names to what they count
	// for; nil where it counts instances.
	Unit    Unit
	Weights map[string]int

	// Unreadable says what of the group could not be read where it was listed; "" of one that could. Of such a group nothing
	// else is certain: ID, Name and Tags are empty where they could not be read. No World has one.
	Unreadable string
}

// Clone is a copy that shares nothing with the group.
func (g Group) Clone() Group {
	g.Tags, g.Weights = maps.Clone(g.Tags), maps.Clone(g.Weights)
	g.TargetGroups, g.LoadBalancers = slices.Clone(g.TargetGroups), slices.Clone(g.LoadBalancers)
	g.Automation.Minimums, g.Automation.Maximums = slices.Clone(g.Automation.Minimums), slices.Clone(g.Automation.Maximums)
	return g
}

// Balanced tells whether balancers have a word on the group's instances.
func (g Group) Balanced() bool { return len(g.TargetGroups)+len(g.LoadBalancers) > 0 }

// Journal reads what this deployment wrote on the group. A group without one was made by others.
func (g Group) Journal() (Journal, bool) { return ParseJournal(g.Tags) }
