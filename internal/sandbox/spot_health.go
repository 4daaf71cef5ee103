package sandbox

import "time"

// Spot's words on health.
const (
	healthy   = "HEALTHY"
	unhealthy = "UNHEALTHY"
	unknown   = "UNKNOWN"
)

// answers tells whether the application on an instance answers its health check, and if not, why.
func (w *spotHalf) answers(id string) (bool, string) {
	i, ok := w.instances[id]
	if !ok || !i.running() {
		return false, "Request timed out"
	}
	if i.answering {
		return true, ""
	}
	return false, i.reason
}

// targetChanged says that a balancer has changed its mind about an instance.
func (w *spotHalf) targetChanged(id string) {
	i, ok := w.instances[id]
	if !ok {
		return
	}
	w.touchGroup(i.group)
	w.healthSoon(i)
}

// inService tells whether all balancers of the group call an instance healthy; without one, whether Spot does, or where
// Spot does not look, whether the application answers.
func (w *spotHalf) inService(i *instance) bool {
	balancers := i.group.spec.balancers
	for _, b := range balancers {
		if state := w.stateAt(b, i.id); state != "healthy" && state != "InService" {
			return false
		}
	}
	if len(balancers) > 0 {
		return true
	}
	if i.group.spec.healthCheck == "" {
		return i.answering
	}
	return i.health == healthy
}

// reached tells whether production traffic reaches an instance.
func (w *spotHalf) reached(i *instance) bool {
	if len(i.group.spec.balancers) == 0 {
		return i.answering
	}
	return w.elb.serving(i.id)
}

func (w *spotHalf) stateAt(b registration, id string) string {
	if b.arn != "" {
		return w.elb.targetState(b.arn, id)
	}
	return w.elb.classicState(b.classic, id)
}

// healthSoon has Spot look at the health of an instance. What it sees now is its word a little later: it is always behind
// the balancers by the same time.
func (w *spotHalf) healthSoon(i *instance) {
	seen := w.opinion(i)
	if seen == i.coming {
		return
	}
	i.coming = seen
	w.after(time.Duration(w.config.Boot.HealthLag), func() { w.say(i, seen) })
}

// say makes a health Spot's word on an instance.
func (w *spotHalf) say(i *instance, health string) {
	if health == i.health || i.state == "terminated" {
		return
	}
	i.health = health
	w.touchGroup(i.group)
	if health == unhealthy {
		i.unhealthySince = w.now
		w.replaceSoon(i)
	}
}

// opinion follows the group's healthCheckType. With balancers it is one word over all of them, and no word while any of
// them has none: https://docs.spot.io/elastigroup/ (FAQ, target group health check status unknown).
func (w *spotHalf) opinion(i *instance) string {
	if !i.running() || i.leaving {
		return unknown
	}
	switch i.group.spec.healthCheck {
	case "", "NONE":
		return w.config.HealthWithoutCheck
	case "EC2":
		return healthy
	case "TARGET_GROUP", "ELB":
		return w.balancersOpinion(i)
	}
	if i.answering {
		return healthy
	}
	if w.now.Before(i.launched.Add(i.group.spec.grace)) {
		return unknown
	}
	return unhealthy
}

func (w *spotHalf) balancersOpinion(i *instance) string {
	if len(i.group.spec.balancers) == 0 {
		return "INSUFFICIENT_DATA"
	}
	word := healthy
	for _, b := range i.group.spec.balancers {
		switch w.stateAt(b, i.id) {
		case "healthy", "InService":
		case "unhealthy", "OutOfService":
			word = unhealthy
		default:
			return unknown
		}
	}
	return word
}

// replaceSoon looks at an unhealthy instance again when it may be replaced: after its grace period, and when it has been
// unhealthy for long enough.
func (w *spotHalf) replaceSoon(i *instance) {
	if i.replacing {
		return
	}
	due := i.unhealthySince.Add(i.group.spec.unhealthyFor)
	if grace := i.launched.Add(i.group.spec.grace); grace.After(due) {
		due = grace
	}
	const again = time.Minute // while healing is suspended
	i.replacing = true
	w.after(max(due.Sub(w.now), again), func() {
		i.replacing = false
		w.replace(i)
	})
}

func (w *spotHalf) replace(i *instance) {
	g := i.group
	if i.leaving || i.health != unhealthy || w.groups[g.id] != g {
		return
	}
	if !g.spec.autoHealing || w.suspended(g, "AUTO_HEALING") || w.now.Before(i.unhealthySince.Add(g.spec.unhealthyFor)) {
		w.replaceSoon(i)
		return
	}
	g.note(w.now, "WARN", "Instance %s is unhealthy and is replaced", i.id)
	w.retire(i)
	w.reconcileSoon(g)
}
