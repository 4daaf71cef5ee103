package sandbox

import (
	"slices"
	"time"
)

// Interruption is how the spot market takes instances away.
//
// AWS gives notice two minutes before, though not always: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html.
// "Sometimes, it can be as short as a few seconds", says Spot (https://docs.spot.io/, Elastigroup FAQ, on the two-minute
// termination notice). Until its end the instance runs, and the application on it answers. What others see of it first is
// the status of the spot request. For want of capacity that is "instance-terminated-no-capacity" from the notice on, while
// the instance still runs; because of its price it is "marked-for-termination":
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instances-request-status-lifecycle.html (the footnote).
//
// Spot deregisters the instance from its balancers as soon as it learns of it, and launches another one at the same time:
// https://docs.spot.io/elastigroup/tools-integrations/aws-load-balancers-elb-alb.
//
// Whether GET /group/{id}/status shows these codes is documented nowhere. Its status is known to be that of the spot
// request ("pending-evaluation", "fulfilled": the API's public description, and clients that wait for these two), so that
// the sandbox shows the others too. Who looks for a reclaim in it has to know both: only one of them has "termination" in
// it, and the commoner one has not.
type Interruption struct {
	// Notice is how long before its end an instance is told. Default 2m.
	Notice Duration `json:"notice"`
	// WithoutNotice ends instances at once.
	WithoutNotice bool `json:"without_notice"`
	// Cause is "capacity" or "price". Default "capacity".
	Cause string `json:"cause"`
}

var interruptionCodes = map[string]string{
	"capacity": "instance-terminated-no-capacity",
	"price":    "marked-for-termination",
}

// Reclaim takes an instance away as the spot market does, in the way of Config.Interruption: with notice, if nothing else
// was said. An on-demand instance has no notice and goes at once. It tells whether there was such an instance that had no
// notice yet.
func (w *spotHalf) Reclaim(instanceID string) bool {
	taken := false
	w.locked(func() { taken = w.reclaim(instanceID, w.config.Interruption) })
	return taken
}

// ReclaimAtOnce takes an instance away without notice and without draining. It tells whether there was such an instance.
func (w *spotHalf) ReclaimAtOnce(instanceID string) bool {
	taken := false
	w.locked(func() { taken = w.reclaim(instanceID, Interruption{WithoutNotice: true}) })
	return taken
}

// ReclaimWithNotice takes an instance away as Reclaim does, in a way of its own. What is left out is as in
// Config.Interruption; one that names a Notice has it, whatever that says.
func (w *spotHalf) ReclaimWithNotice(instanceID string, how Interruption) bool {
	taken := false
	w.locked(func() { taken = w.reclaim(instanceID, w.config.Interruption.with(how)) })
	return taken
}

func (c Interruption) with(how Interruption) Interruption {
	how.WithoutNotice = how.WithoutNotice || c.WithoutNotice && how.Notice == 0
	orDuration(&how.Notice, time.Duration(c.Notice))
	orText(&how.Cause, c.Cause)
	return how
}

func (w *spotHalf) reclaim(id string, how Interruption) bool {
	i, ok := w.instances[id]
	if !ok || i.state == "terminated" {
		return false
	}
	if how.WithoutNotice || i.request == "" {
		w.interrupted(i)
		return true
	}
	if i.noticed {
		return false
	}
	i.noticed, i.status = true, interruptionCodes[how.Cause]
	i.group.note(w.now, "WARN", "Instance %s was given notice by the spot market: %s", i.id, i.status)
	w.touchGroup(i.group)
	w.after(time.Duration(w.config.Boot.Reconcile), func() { w.evacuate(i) })
	w.after(time.Duration(how.Notice), func() {
		if i.state != "terminated" {
			w.interrupted(i)
		}
	})
	return true
}

// interrupted is the end of an instance that the market takes.
func (w *spotHalf) interrupted(i *instance) {
	i.group.note(w.now, "WARN", "Instance %s was interrupted by the spot market", i.id)
	w.terminate(i)
	w.reconcileSoon(i.group)
}

// evacuate is what Spot does when it has learned of a notice. No suspension keeps it from that. It leaves it to AWS to
// terminate the instance, whose draining may be cut short so.
func (w *spotHalf) evacuate(i *instance) {
	if i.leaving {
		return
	}
	i.leaving, i.left = true, w.now
	w.touchGroup(i.group)
	w.enrol(i)
	w.reconcile(i.group)
}

// Rebalance has Spot replace a spot instance whose market it takes to be unstable: a new instance is launched, then the old
// one is drained and terminated (https://docs.spot.io/elastigroup/features/core-features/market-scoring-managing-interruptions).
// That it does not wait until the new one is healthy is the worst that this can mean. It answers false if there is no such
// instance, or while PREVENTIVE_REPLACEMENT is suspended.
func (w *spotHalf) Rebalance(instanceID string) bool {
	begun := false
	w.locked(func() {
		i, ok := w.instances[instanceID]
		if !ok || i.request == "" || i.state == "terminated" || i.leaving || i.noticed || i.outgoing ||
			w.groups[i.group.id] != i.group || w.suspended(i.group, "PREVENTIVE_REPLACEMENT") {
			return
		}
		begun, i.outgoing = true, true
		i.group.note(w.now, "INFO", "Instance %s is replaced: Replacement of type 'Preventive' has started", i.id)
		w.reconcileSoon(i.group)
	})
	return begun
}

// replaced lets the oldest instance go that waits for its replacement: one has been launched.
func (w *spotHalf) replaced(g *group) {
	for _, i := range g.instances {
		if i.outgoing && !i.leaving {
			w.retire(i)
			return
		}
	}
}

// unawaited lets those go whose replacement is not needed any more, because the target has fallen meanwhile.
func (w *spotHalf) unawaited(g *group) {
	if slices.ContainsFunc(g.instances, func(i *instance) bool { return i.id == "" && !i.leaving }) {
		return
	}
	for _, i := range slices.Clone(g.instances) {
		if i.outgoing {
			w.retire(i)
		}
	}
}

// ReclaimRandom lets the spot market take spot instances from now on, each with this chance an hour, 0 to 1, in the way of
// Config.Interruption. 0 ends it, but for those that have had notice.
func (w *spotHalf) ReclaimRandom(fractionPerHour float64) {
	w.locked(func() {
		w.weather.rate = fractionPerHour
		if !w.weather.blows && fractionPerHour > 0 {
			w.weather.blows = true
			w.after(weatherStep, w.blow)
		}
	})
}

// weather is the spot market's.
type weather struct {
	rate  float64 // chance an hour of each spot instance to be reclaimed
	blows bool    // a step is due
}

const weatherStep = time.Minute

func (w *spotHalf) blow() {
	if w.weather.rate <= 0 {
		w.weather.blows = false
		return
	}
	for _, i := range slices.Clone(w.fleet) {
		if i.request != "" && i.state != "terminated" && !i.noticed && w.random.Float64() < w.weather.rate*weatherStep.Hours() {
			w.reclaim(i.id, w.config.Interruption)
		}
	}
	w.after(weatherStep, w.blow)
}
