package rollout_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// cloud is a pretend Spot. A step changes what is wanted at once; instances follow over the ticks that come after, may be
// reclaimed and replaced, and an autoscaler moves targets where it is let.
type cloud struct {
	fleets  []*fleet
	unowned []Group
	routes  []Route
	chance  *rand.Rand
	serial  int
	// reclaims and moves are how often the spot market and the autoscaler may still strike. They are bounded, so that a
	// run which does not end has itself to blame.
	reclaims, moves int
	// checks says that the balancers check targets only where a forward names their target group.
	checks bool
	// cruel is a Spot that takes those that serve first when it lets instances go, and leaves those that boot.
	cruel bool
	// fitness is the share of a release's instances, in percent, that ever get in service; 100 where it says nothing.
	fitness map[string]int
	// scaled is told of every move of the autoscaler.
	scaled func(id string, target int)
	schedule
}

// fleet is a group and the lives of its instances.
type fleet struct {
	Group
	release                    string
	booting, serving, draining int
}

// add puts a group into the cloud, with all its instances in service.
func (c *cloud) add(g Group) string {
	c.serial++
	g.ID = fmt.Sprintf("sig-%04d", c.serial)
	f := &fleet{Group: g, serving: g.Instances}
	if j, ok := g.Journal(); ok {
		f.release = j.Release
	}
	f.Steady = f.serving
	c.fleets = append(c.fleets, f)
	return g.ID
}

// observe is the world as an API shows it.
func (c *cloud) observe() World {
	w := World{Unowned: slices.Clone(c.unowned), Routes: slices.Clone(c.routes)}
	for _, f := range c.fleets {
		g := f.Group
		g.Instances, g.InService = f.booting+f.serving+f.draining, f.serving
		g.Steady = min(f.Steady, f.serving)
		if !c.checked(f) {
			g.InService, g.Steady = 0, 0
		}
		w.Groups = append(w.Groups, g)
	}
	return w
}

// do takes a step that changes something. It answers with an error what no cloud would do.
func (c *cloud) do(s Step) error {
	if s.Kind == Create {
		g := s.Group
		g.Tags, g.Capacity = s.Journal.Tags(), Capacity{}
		g.Automation = c.automation(false)
		c.add(g)
		return nil
	}
	if s.Kind == Shift {
		return c.shift(s)
	}
	i := slices.IndexFunc(c.fleets, func(f *fleet) bool { return f.ID == s.Group.ID })
	if i < 0 {
		return fmt.Errorf("%s of %s (%s): there is no such group", s.Kind, s.Group.Name, s.Group.ID)
	}
	f := c.fleets[i]
	switch s.Kind {
	case Resize:
		if err := s.Capacity.Valid(); err != nil {
			return err
		}
		f.Capacity = s.Capacity
		c.shed(f)
		c.switched(f, s.Pause, s.Resume)
	case Pause, Resume:
		c.switched(f, s.Kind == Pause, s.Kind == Resume)
	case Record, Remember:
		f.Tags = f.With(s.Tags())
	case Delete:
		c.fleets = slices.Delete(c.fleets, i, i+1)
	}
	return nil
}

// shift makes a listener or rule forward otherwise.
func (c *cloud) shift(s Step) error {
	sum := 0
	for _, share := range s.To {
		sum += share.Weight
	}
	if sum == 0 {
		return fmt.Errorf("%s is to forward nowhere", s.ARN)
	}
	for i := range c.routes {
		switch s.ARN {
		case c.routes[i].ProductionARN:
			c.routes[i].Production = s.To
			c.unused()
			return nil
		case c.routes[i].StageARN:
			c.routes[i].Stage = s.To
			c.unused()
			return nil
		}
	}
	return fmt.Errorf("there is no listener or rule %s", s.ARN)
}

// checked tells whether the targets of a group are checked everywhere: a balancer checks no target group that no forward names.
func (c *cloud) checked(f *fleet) bool {
	return !c.checks || !slices.ContainsFunc(f.TargetGroups, func(group string) bool { return !c.names(group) })
}

// names tells whether a forward names a target group.
func (c *cloud) names(group string) bool {
	return slices.ContainsFunc(c.routes, func(r Route) bool {
		return slices.ContainsFunc(slices.Concat(r.Production, r.Stage), func(s Share) bool { return s.TargetGroup == group })
	})
}

// well is how many instances of each group are, whether or not they are checked everywhere.
func (c *cloud) well() map[string]int {
	all := map[string]int{}
	for _, f := range c.fleets {
		all[f.ID] = f.serving
	}
	return all
}

// unused takes out of service what is checked nowhere any more. It has to pass its checks anew when it is named again.
func (c *cloud) unused() {
	for _, f := range c.fleets {
		if c.checks && len(f.TargetGroups) > 0 && !slices.ContainsFunc(f.TargetGroups, c.names) {
			f.booting, f.serving, f.Steady = f.booting+f.serving, 0, 0
		}
	}
}

// shed lets go at once of what is more than wanted: the worst case for whoever counts on it.
func (c *cloud) shed(f *fleet) {
	for f.booting+f.serving > f.Capacity.Target {
		f.draining++
		if f.booting > 0 && !(c.cruel && f.serving > 0) {
			f.booting--
		} else {
			f.serving--
		}
	}
	f.Steady = min(f.Steady, f.serving)
}

// tick lets a moment pass. Something always gets on, so that a wait for what can come is never in vain.
func (c *cloud) tick() {
	for _, f := range c.fleets {
		c.autoscale(f)
		c.fire(f)
		f.Steady = f.serving
		f.draining -= c.some(f.draining)
		if able := f.able(c.fitness); f.serving < able && c.checked(f) {
			n := min(c.some(f.booting), able-f.serving)
			f.booting, f.serving = f.booting-n, f.serving+n
		}
		f.booting += c.some(f.Capacity.Target - f.booting - f.serving)
		if f.serving > 0 && c.reclaims > 0 && c.chance.IntN(8) == 0 {
			c.reclaims--
			f.serving--
			f.draining++
			f.Steady = min(f.Steady, f.serving)
		}
	}
}

// able is how many instances of a fleet can be in service.
func (f *fleet) able(fitness map[string]int) int {
	percent, ok := fitness[f.release]
	if !ok {
		return f.Capacity.Target
	}
	if percent >= 50 {
		return (f.Capacity.Target*percent + 99) / 100
	}
	return f.Capacity.Target * percent / 100
}

func (c *cloud) autoscale(f *fleet) {
	low := max(f.Capacity.Minimum, 1)
	if f.Capacity.Target == 0 || f.Capacity.Maximum <= low || c.moves == 0 || c.chance.IntN(8) > 0 {
		return
	}
	c.moves--
	f.Capacity.Target = low + c.chance.IntN(f.Capacity.Maximum-low+1)
	c.shed(f)
	if c.scaled != nil {
		c.scaled(f.ID, f.Capacity.Target)
	}
}

// some is at least one of n, if there is one.
func (c *cloud) some(n int) int {
	if n <= 0 {
		return 0
	}
	return 1 + c.chance.IntN(n)
}
