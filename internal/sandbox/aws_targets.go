package sandbox

import (
	"slices"
	"strings"
	"time"
)

// The states of a target, as DescribeTargetHealth words them. A classic load balancer knows fewer; see classicHealth.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-states
const (
	stateInitial   = "initial"
	stateHealthy   = "healthy"
	stateUnhealthy = "unhealthy"
	stateUnused    = "unused"
	stateDraining  = "draining"
)

const (
	reasonRegistering  = "Elb.RegistrationInProgress"
	reasonFirstChecks  = "Elb.InitialHealthChecking"
	reasonNotInUse     = "Target.NotInUse"
	reasonInvalidState = "Target.InvalidState"
	reasonDraining     = "Target.DeregistrationInProgress"
)

// forgetGone is how long a terminated instance that nobody deregistered still stands in the list. AWS names no time.
const forgetGone = 30 * time.Second

// pool is a set of registered instances that are health-checked: a target group, or a classic load balancer.
type pool struct {
	check       HealthCheckConfig
	firstPasses int           // checks that a new target has to pass
	draining    time.Duration // 0: a target leaves at once

	targets []*target // in the order of their registration

	// used tells whether an action of a load balancer names it, by the last change that was accepted: only then are its
	// targets checked. reached tells whether traffic still follows, or follows already, such an action; live whether
	// production traffic does, with a weight above 0.
	used, reached, live bool
}

// target is an instance in a pool.
type target struct {
	pool     *pool
	instance string
	port     int

	state, reason, description string

	// pinned is that its state has been set by hand. It is not checked.
	pinned bool

	// lingering is that it was healthy when the last action was pointed away from its pool, and traffic has not followed
	// yet: it serves on, though it is not checked any more.
	lingering bool

	anchor         time.Time // from which its checks are counted
	passed, failed int       // checks in a row
	checking       bool      // a check is scheduled
	epoch          int       // what was scheduled in an earlier one is void
}

// registerTarget registers an instance on the port of a target group.
func (w *awsHalf) registerTarget(targetGroupARN, instanceID string) {
	if g := w.groupByARN[targetGroupARN]; g != nil {
		w.addTarget(&g.pool, instanceID, g.port)
	}
}

// deregisterTarget lets an instance drain from a target group, on whichever port it is.
func (w *awsHalf) deregisterTarget(targetGroupARN, instanceID string) {
	if g := w.groupByARN[targetGroupARN]; g != nil {
		w.drainTarget(&g.pool, instanceID, 0)
	}
}

// registerClassic registers an instance with a classic load balancer.
func (w *awsHalf) registerClassic(name, instanceID string) {
	if b := w.classic(name); b != nil {
		w.addTarget(&b.pool, instanceID, 0)
	}
}

// deregisterClassic takes an instance from a classic load balancer.
func (w *awsHalf) deregisterClassic(name, instanceID string) {
	if b := w.classic(name); b != nil {
		w.drainTarget(&b.pool, instanceID, 0)
	}
}

// instanceGone takes a terminated instance out of service everywhere. A draining target stays so until its delay is over.
func (w *awsHalf) instanceGone(instanceID string) {
	for _, t := range slices.Clone(w.targets[instanceID]) {
		if t.state == stateDraining {
			continue
		}
		w.stopChecks(t)
		t.lingering = false
		w.setTarget(t, stateUnused, reasonInvalidState, "Target is in the terminated state")
		w.afterIn(t, forgetGone, func() { w.forget(t) })
	}
}

// appChanged has the balancers find out that an instance has begun or ceased to answer.
func (w *awsHalf) appChanged(instanceID string) {
	ok, _ := w.ec2.answers(instanceID)
	w.traffic.stale = true
	for _, t := range w.targets[instanceID] {
		if t.lingering && !ok {
			t.lingering = false
			w.ec2.targetChanged(instanceID)
		}
		if t.checked() {
			w.watch(t)
		}
	}
}

// targetState is the balancer's word on an instance, "" if it is not registered.
func (w *awsHalf) targetState(targetGroupARN, instanceID string) string {
	if g := w.groupByARN[targetGroupARN]; g != nil {
		if t := g.find(instanceID, 0); t != nil {
			return t.state
		}
	}
	return ""
}

// classicState is as targetState.
func (w *awsHalf) classicState(name, instanceID string) string {
	if b := w.classic(name); b != nil {
		if t := b.find(instanceID, 0); t != nil {
			state, _, _ := t.classicHealth()
			return state
		}
	}
	return ""
}

// serving tells whether production traffic reaches an instance.
func (w *awsHalf) serving(instanceID string) bool {
	for _, t := range w.targets[instanceID] {
		if t.pool.live && (t.state == stateHealthy || t.lingering) {
			return true
		}
	}
	return false
}

// SetTargetHealth sets what a balancer says of a target, for states that nothing in the world leads to: "unavailable",
// "unhealthy.draining", Elb.InternalError. It stays so until the target is deregistered or its instance is gone, or until
// this is called with the state "": then the target is checked again. It answers false if there is no such target.
func (w *awsHalf) SetTargetHealth(targetGroupARN, instanceID, state, reason, description string) bool {
	found := false
	w.locked(func() {
		g := w.groupByARN[targetGroupARN]
		if g == nil {
			return
		}
		t := g.find(instanceID, 0)
		if t == nil || t.state == stateDraining {
			return
		}
		found = true
		w.stopChecks(t)
		t.lingering = false
		if state != "" {
			t.pinned = true
			w.setTarget(t, state, reason, description)
			return
		}
		if w.checkable(t) {
			w.beginChecks(t)
		} else {
			w.idle(t)
		}
	})
	return found
}

// find is the target of an instance on a port (0: on any), nil if there is none.
func (p *pool) find(instanceID string, port int) *target {
	for _, t := range p.targets {
		if t.instance == instanceID && (port == 0 || t.port == port) {
			return t
		}
	}
	return nil
}

// addTarget adds an instance, or takes one back that drains.
func (w *awsHalf) addTarget(p *pool, instanceID string, port int) {
	t := p.find(instanceID, port)
	if t != nil && t.state != stateDraining {
		return
	}
	if t == nil {
		t = &target{pool: p, instance: instanceID, port: port}
		p.targets = append(p.targets, t)
		w.targets[instanceID] = append(w.targets[instanceID], t)
	}
	w.stopChecks(t)
	if !w.checkable(t) {
		w.idle(t)
		return
	}
	w.setTarget(t, stateInitial, reasonRegistering, "Target registration is in progress")
	w.afterIn(t, time.Duration(w.config.AWS.Registration), func() { w.beginChecks(t) })
}

// drainTarget lets the targets of an instance drain, on one port or on any (0).
func (w *awsHalf) drainTarget(p *pool, instanceID string, port int) {
	for _, t := range slices.Clone(p.targets) {
		if t.instance != instanceID || port != 0 && t.port != port || t.state == stateDraining {
			continue
		}
		// Nothing can be under way to a target that gets no traffic.
		atOnce := p.draining == 0 || t.state == stateUnused && !t.lingering
		w.stopChecks(t)
		t.lingering = false
		if atOnce {
			w.forget(t)
			continue
		}
		w.setTarget(t, stateDraining, reasonDraining, "Target deregistration is in progress")
		w.afterIn(t, p.draining, func() { w.forget(t) })
	}
}

// forget takes a target out of the list.
func (w *awsHalf) forget(t *target) {
	t.epoch++
	isIt := func(other *target) bool { return other == t }
	t.pool.targets = slices.DeleteFunc(t.pool.targets, isIt)
	rest := slices.DeleteFunc(w.targets[t.instance], isIt)
	w.targets[t.instance] = rest
	if len(rest) == 0 {
		delete(w.targets, t.instance)
	}
	w.touchAWS()
	w.ec2.targetChanged(t.instance)
}

// use follows a change of whether any action names the pool.
func (w *awsHalf) use(p *pool, used bool) {
	if p.used == used {
		return
	}
	p.used = used
	for _, t := range p.targets {
		switch {
		case t.state == stateDraining || t.reason == reasonInvalidState || t.pinned:
		case w.checkable(t):
			w.stopChecks(t)
			w.beginChecks(t)
		default:
			w.stopChecks(t)
			t.lingering = t.state == stateHealthy && p.reached
			w.idle(t)
		}
	}
}

// reach follows a change of whether traffic goes to the pool.
func (w *awsHalf) reach(p *pool, reached, live bool) {
	if p.reached == reached && p.live == live {
		return
	}
	p.reached, p.live = reached, live
	if !reached {
		for _, t := range p.targets {
			t.lingering = false
		}
	}
	w.touchAWS()
}

func (w *awsHalf) idle(t *target) {
	if t.pool.used {
		w.setTarget(t, stateUnused, reasonNotInUse, zoneNotEnabled)
		return
	}
	w.setTarget(t, stateUnused, reasonNotInUse, "Target group is not configured to receive traffic from the load balancer")
}

// beginChecks lets a target show that it is healthy.
func (w *awsHalf) beginChecks(t *target) {
	t.anchor = w.now
	w.setTarget(t, stateInitial, reasonFirstChecks, "Initial health checks in progress")
	w.watch(t)
}

func (w *awsHalf) stopChecks(t *target) {
	t.epoch++
	t.checking, t.pinned, t.passed, t.failed = false, false, 0, 0
}

// checked tells whether a target is health-checked.
func (t *target) checked() bool {
	return !t.pinned && t.reason != reasonRegistering &&
		(t.state == stateInitial || t.state == stateHealthy || t.state == stateUnhealthy)
}

// watch schedules the next check. A target whose checks can only confirm what is known is not checked: a world would be
// busy with nothing else.
func (w *awsHalf) watch(t *target) {
	if t.checking {
		return
	}
	t.checking = true
	interval := time.Duration(t.pool.check.Interval)
	w.afterIn(t, interval-w.now.Sub(t.anchor)%interval, func() { w.checkTarget(t) })
}

func (w *awsHalf) checkTarget(t *target) {
	t.checking = false
	ok, why := w.ec2.answers(t.instance)
	if ok {
		t.passed, t.failed = t.passed+1, 0
	} else {
		t.passed, t.failed = 0, t.failed+1
	}
	if ok && t.passed >= t.passesNeeded() {
		w.setTarget(t, stateHealthy, "", "")
		return
	}
	if !ok && (t.state == stateUnhealthy || t.failed >= t.pool.check.UnhealthyThreshold) {
		w.setTarget(t, stateUnhealthy, t.pool.reasonFor(why), why)
		return
	}
	w.watch(t)
}

func (t *target) passesNeeded() int {
	switch t.state {
	case stateInitial:
		return t.pool.firstPasses
	case stateUnhealthy:
		return t.pool.check.HealthyThreshold
	}
	return 1
}

// reasonFor is the reason code that goes with the description of a failed check.
func (p *pool) reasonFor(description string) string {
	switch {
	case p.check.Protocol == "TCP":
		return "Target.FailedHealthChecks"
	case strings.Contains(description, "codes"):
		return "Target.ResponseCodeMismatch"
	case strings.Contains(description, "timed out"):
		return "Target.Timeout"
	}
	return "Target.FailedHealthChecks"
}

func (w *awsHalf) setTarget(t *target, state, reason, description string) {
	if t.state == state && t.reason == reason && t.description == description {
		return
	}
	// Once it is known anew how the target is, what was known before counts no more.
	if state == stateHealthy || state == stateUnhealthy {
		t.lingering = false
	}
	t.state, t.reason, t.description = state, reason, description
	w.moment.stale, w.traffic.stale = true, true
	w.ec2.targetChanged(t.instance)
}

// afterIn lets something happen to a target later, unless its epoch has ended by then.
func (w *awsHalf) afterIn(t *target, d time.Duration, happen func()) {
	epoch := t.epoch
	w.after(d, func() {
		if t.epoch == epoch {
			happen()
		}
	})
}

// complete fills in what a target group and a classic balancer have in common.
func (c HealthCheckConfig) complete() HealthCheckConfig {
	orDuration(&c.Interval, 30*time.Second)
	orDuration(&c.Timeout, 5*time.Second)
	orNumber(&c.UnhealthyThreshold, 2)
	orText(&c.Protocol, "HTTP")
	orText(&c.Path, "/")
	orText(&c.Port, "traffic-port")
	orText(&c.Matcher, "200")
	return c
}
