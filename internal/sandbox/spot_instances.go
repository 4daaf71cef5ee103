package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// instance is one instance of a group from the request on, or an on-demand one.
type instance struct {
	group *group
	// request is "sir-…", "" for on-demand. id is "" until there is capacity for it.
	request string
	id      string
	// status is what Spot shows: of the spot request, or on demand the EC2 state.
	status   string
	kind     string // instance type
	zone     string
	weight   int
	ip       string
	image    string
	tags     map[string]string
	behave   Behaviour
	created  time.Time
	launched time.Time

	state     string // EC2's; "" before launch
	answering bool
	reason    string         // why it does not answer
	at        []registration // where it is registered

	leaving bool
	left    time.Time // when it was told to go

	noticed  bool // the spot market has given notice
	outgoing bool // it goes when its replacement is launched; it does not count any more

	died stateReason // why EC2 terminated it at launch

	health         string // Spot's word
	coming         string // what it will be when what Spot has seen last has got through
	unhealthySince time.Time
	replacing      bool // a look at whether it is to be replaced is due
}

func (i *instance) running() bool { return i.state == "running" }

// How long things take that nothing documents.
const (
	// balancerChange is the time until instances follow a change of the group's balancers.
	balancerChange = 5 * time.Second
	// shutdown is the time that an instance takes to go when it has nothing to drain from.
	shutdown = 5 * time.Second
	// lifeOfFailedLaunch is the life of an instance that EC2 gives up at launch.
	lifeOfFailedLaunch = 5 * time.Second
	// afterlife is how long EC2 shows a terminated instance: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html
	afterlife = time.Hour
)

// reconcileSoon has Spot look at the number of instances of a group.
func (w *spotHalf) reconcileSoon(g *group) {
	if g.reconciling {
		return
	}
	g.reconciling = true
	w.after(time.Duration(w.config.Boot.Reconcile), func() {
		g.reconciling = false
		w.reconcile(g)
	})
}

// reconcile asks for what a group lacks and sends away what it has too much of.
func (w *spotHalf) reconcile(g *group) {
	if w.groups[g.id] != g {
		return
	}
	size := g.size()
	for size < g.capacity.target {
		i := w.request(g)
		if size += i.weight; size > g.capacity.target && w.config.WeightsBelow {
			i.leaving = true
			w.drop(i)
			break
		}
	}
	for size = g.size(); size > g.capacity.target; {
		surplus := size - g.capacity.target
		if w.config.WeightsBelow {
			surplus = size // the next one goes, however much it weighs
		}
		victim := g.victim(surplus)
		if victim == nil {
			break
		}
		size -= victim.weight
		w.retire(victim)
	}
	w.unawaited(g)
}

// size is what counts towards the target.
func (g *group) size() int {
	size := 0
	for _, i := range g.instances {
		if !i.leaving && !i.outgoing {
			size += i.weight
		}
	}
	return size
}

// victim is the instance to go first: a request that is not fulfilled, then an unhealthy one, then the oldest. One that is
// too heavy to lose is passed over, so that a group that counts weights never falls below its target.
func (g *group) victim(surplus int) *instance {
	var victim *instance
	for _, i := range g.instances {
		if i.leaving || i.outgoing || i.weight > surplus {
			continue
		}
		if victim == nil || i.expendable() > victim.expendable() {
			victim = i
		}
	}
	return victim
}

func (i *instance) expendable() int {
	switch {
	case i.id == "":
		return 2
	case i.health == unhealthy:
		return 1
	}
	return 0
}

// request asks for one more instance.
func (w *spotHalf) request(g *group) *instance {
	i := &instance{group: g, created: w.now, health: unknown, coming: unknown, weight: 1, tags: g.spec.tags}
	if g.wantsOnDemand() {
		i.status = "pending"
	} else {
		i.request, i.status = fmt.Sprintf("sir-%08x", w.random.Uint32()), "pending-evaluation"
	}
	w.choose(i)
	g.instances = append(g.instances, i)
	w.touchGroup(g)
	w.after(time.Duration(w.config.Boot.Fulfil), func() { w.fulfil(i) })
	return i
}

// wantsOnDemand tells whether the next instance is to be on demand, by onDemandCount or risk.
func (g *group) wantsOnDemand() bool {
	have := 0
	for _, i := range g.instances {
		if i.request == "" && !i.leaving {
			have++
		}
	}
	want := g.spec.onDemandCount
	if risk := g.spec.risk; risk >= 0 && risk < 100 {
		want = (g.capacity.target*(100-risk) + 99) / 100
	}
	return have < want
}

// run is the moment from which EC2 calls the instance running.
func (w *spotHalf) run(i *instance) {
	if i.state != "pending" {
		return
	}
	i.state = "running"
	if i.request == "" {
		i.status = "running"
	}
	w.touchGroup(i.group)
	w.enrol(i)
	w.healthSoon(i)
}

// answer is the moment from which the application answers, or no longer does.
func (w *spotHalf) answer(i *instance, ok bool) {
	if !i.running() || i.answering == ok {
		return
	}
	i.answering = ok
	w.touchGroup(i.group)
	w.elb.appChanged(i.id)
	w.healthSoon(i)
}

// enrol brings the registrations of an instance in line with what the group wants.
func (w *spotHalf) enrol(i *instance) {
	if !i.running() {
		return
	}
	var wanted []registration
	if !i.leaving {
		if w.suspended(i.group, "LB_REGISTRATION") {
			return
		}
		wanted = i.group.spec.balancers
	}
	for _, b := range slices.Clone(i.at) {
		if !slices.Contains(wanted, b) {
			i.at = slices.DeleteFunc(slices.Clone(i.at), func(other registration) bool { return other == b })
			w.leave(b, i.id)
		}
	}
	for _, b := range wanted {
		if !slices.Contains(i.at, b) {
			i.at = append(slices.Clip(i.at), b)
			w.join(b, i.id)
		}
	}
	w.touchGroup(i.group)
	w.healthSoon(i)
}

func (w *spotHalf) join(b registration, id string) {
	if b.arn != "" {
		w.elb.registerTarget(b.arn, id)
		return
	}
	w.elb.registerClassic(b.classic, id)
}

func (w *spotHalf) leave(b registration, id string) {
	if b.arn != "" {
		w.elb.deregisterTarget(b.arn, id)
		return
	}
	w.elb.deregisterClassic(b.classic, id)
}

// rebalance registers the instances of a group where it now wants them.
func (w *spotHalf) rebalance(g *group) {
	for _, i := range g.instances {
		w.enrol(i)
	}
}

// retire sends an instance away: it is deregistered, drains, and is terminated.
func (w *spotHalf) retire(i *instance) {
	if i.leaving {
		return
	}
	i.leaving, i.left = true, w.now
	w.touchGroup(i.group)
	if i.id == "" {
		w.drop(i)
		return
	}
	drain := shutdown
	if len(i.at) > 0 {
		drain = i.group.spec.draining
	}
	w.enrol(i)
	w.after(drain, func() { w.terminate(i) })
}

// terminate ends an instance at once, whatever it is doing.
func (w *spotHalf) terminate(i *instance) {
	if i.state == "" || i.state == "terminated" {
		return
	}
	i.state, i.answering, i.leaving, i.at = "terminated", false, true, nil
	i.group.note(w.now, "INFO", "Instance %s was terminated", i.id)
	w.drop(i)
	w.elb.instanceGone(i.id)
	w.after(afterlife, func() {
		delete(w.instances, i.id)
		w.fleet = slices.DeleteFunc(w.fleet, func(other *instance) bool { return other == i })
	})
}

// drop takes an instance out of its group.
func (w *spotHalf) drop(i *instance) {
	i.group.instances = slices.DeleteFunc(slices.Clone(i.group.instances), func(other *instance) bool { return other == i })
	w.touchGroup(i.group)
}

// machine is what EC2 knows of an instance.
func (w *spotHalf) machine(id string) (machine, bool) {
	i, ok := w.instances[id]
	if !ok {
		return machine{}, false
	}
	return i.machine(), true
}

// machines are all that EC2 knows of, oldest first.
func (w *spotHalf) machines() []machine {
	all := make([]machine, len(w.fleet))
	for n, i := range w.fleet {
		all[n] = i.machine()
	}
	return all
}

func (i *instance) machine() machine {
	tags := maps.Clone(i.tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags["spotinst:aws:ec2:group:id"] = i.group.id
	tags["spotinst:aws:ec2:group:name"] = i.group.name
	tags["spotinst:aws:ec2:group:createdBy"] = "spotinst"
	return machine{ID: i.id, Type: i.kind, Zone: i.zone, PrivateIP: i.ip, ImageID: i.image, State: i.state,
		Launched: i.launched, Spot: i.request != "", Tags: tags, Reason: i.died}
}
