package sandbox

import (
	"fmt"
	"time"
)

// fulfil launches an instance if there is capacity, or tries again later.
func (w *spotHalf) fulfil(i *instance) {
	g := i.group
	if i.leaving {
		return
	}
	onDemand := i.request == ""
	if b := w.behaviour(w.imageFor(i)); b.Kind == Refused {
		g.note(w.now, "ERROR", "%s: Code: %s, Message: %s", i.cannotSpin(), b.Code, b.Message)
		w.after(time.Duration(w.config.Boot.Retry), func() { w.fulfil(i) })
		return
	}
	if w.available(offer{i.kind, i.zone}, onDemand) {
		w.launch(i)
		return
	}
	if w.choose(i) {
		w.launch(i)
		w.reconcileSoon(g) // what it is now may weigh less than what was asked for
		return
	}
	g.note(w.now, severityOf(onDemand), "%s: Code: InsufficientInstanceCapacity, Message: We currently do not have sufficient %s "+
		"capacity in the Availability Zone you requested (%s)", i.cannotSpin(), i.kind, i.zone)
	if !onDemand && g.spec.fallback {
		i.request, i.status = "", "pending"
		g.note(w.now, "INFO", "Falling back to an on-demand instance")
		w.after(time.Duration(w.config.Boot.Fulfil), func() { w.fulfil(i) })
	} else {
		w.after(time.Duration(w.config.Boot.Retry), func() { w.fulfil(i) })
	}
	w.touchGroup(g)
}

// cannotSpin is how Spot's log begins that an instance could not be launched: https://docs.spot.io/elastigroup/ (FAQ, "Can't Spin
// Spot Instances: Code: InsufficientInstanceCapacity, Message: …").
func (i *instance) cannotSpin() string {
	if i.request == "" {
		return "Can't Spin On-Demand Instances"
	}
	return "Can't Spin Spot Instances"
}

// severityOf is that of a line on want of capacity: for spot there may be others.
func severityOf(onDemand bool) string {
	if onDemand {
		return "ERROR"
	}
	return "WARN"
}

// launch turns a request into an instance.
func (w *spotHalf) launch(i *instance) {
	i.id = fmt.Sprintf("i-%08x%09x", w.random.Uint32(), w.random.Uint64()&0xfffffffff)
	i.launched, i.state = w.now, "pending"
	n := w.random.Uint32()
	i.ip = fmt.Sprintf("10.0.%d.%d", n>>8&0xff, n&0xff)
	i.image, i.tags = w.imageFor(i), i.group.spec.tags
	i.behave = w.behaviour(i.image)
	i.reason = i.behave.Reason
	if i.request != "" {
		i.status = "fulfilled"
	}
	w.instances[i.id] = i
	w.fleet = append(w.fleet, i)
	i.group.note(w.now, "INFO", "Instance %s (%s, %s) was launched", i.id, i.kind, i.zone)
	w.touchGroup(i.group)
	w.replaced(i.group)

	if i.behave.Kind == Dies {
		w.after(lifeOfFailedLaunch, func() { w.dies(i) })
		return
	}
	running := w.jittered(i.behave.Running)
	answering := w.jittered(i.behave.Answering)
	if i.behave.Kind == Slow {
		answering += time.Duration(i.behave.Later)
	}
	w.after(running, func() { w.run(i) })
	w.after(i.group.spec.grace, func() { w.healthSoon(i) }) // some checks give up on it only then
	if i.behave.Kind == Never {
		return
	}
	w.after(max(answering, running), func() { w.answer(i, true) })
	if i.behave.Kind == Crash {
		w.after(max(answering, running)+time.Duration(i.behave.CrashAfter), func() { w.answer(i, false) })
	}
}

// dies is the end of an instance that EC2 gives up at launch. Spot launches another one, though not at once.
func (w *spotHalf) dies(i *instance) {
	if i.state != "pending" {
		return
	}
	i.died = stateReason{i.behave.Code, i.behave.Message}
	if !i.behave.Silent {
		i.group.note(w.now, "ERROR", "%s: Code: %s, Message: %s", i.cannotSpin(), i.died.Code, i.died.Message)
	}
	w.terminate(i)
	w.after(time.Duration(w.config.Boot.Retry), func() { w.reconcileSoon(i.group) })
}

func (w *spotHalf) jittered(d Duration) time.Duration {
	jitter := w.config.Boot.Jitter
	if jitter == 0 {
		return time.Duration(d)
	}
	return time.Duration(float64(d) * (1 + jitter*(2*w.random.Float64()-1)))
}
