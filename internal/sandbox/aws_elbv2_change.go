package sandbox

import "time"

// modifyListener changes a listener. What is left out stays; a list is replaced as a whole.
func (w *awsHalf) modifyListener(input *tree) ([]element, *awsFault) {
	l, fault := w.listener(input.text("ListenerArn"))
	if fault != nil {
		return nil, fault
	}
	port := input.number("Port", l.port)
	if port < 1 || port > 65535 {
		return nil, refuse("ValidationError", "The port must be between 1 and 65535, inclusive")
	}
	for _, other := range l.balancer.listeners {
		if other != l && other.port == port {
			return nil, refuse("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", l.balancer.arn)
		}
	}
	if input.has("DefaultActions") {
		actions, fault := w.readActions(input.items("DefaultActions"), l.fallback)
		if fault != nil {
			return nil, fault
		}
		w.turn(l.fallback, actions)
	}
	l.port = port
	w.changed()
	return []element{members("Listeners", []element{l.accepted()})}, nil
}

// accepted is the listener as ModifyListener answers: with the new actions, whatever Describe shows.
func (l *listener) accepted() element {
	now := *l.fallback
	now.shown = now.accepted
	as := *l
	as.fallback = &now
	return as.element()
}

// modifyRule changes a rule. The default one of a listener is changed through the listener.
func (w *awsHalf) modifyRule(input *tree) ([]element, *awsFault) {
	r, fault := w.rule(input.text("RuleArn"))
	if fault != nil {
		return nil, fault
	}
	if r.priority == 0 {
		// https://github.com/FeLvi-zzz/tentez/issues/32
		return nil, refuse("OperationNotPermitted", "Default rule '%s' cannot be modified", r.listener.arn)
	}
	if input.has("Actions") {
		actions, fault := w.readActions(input.items("Actions"), r)
		if fault != nil {
			return nil, fault
		}
		w.turn(r, actions)
	}
	if input.has("Conditions") {
		r.conditions = input.items("Conditions")
	}
	w.changed()
	now := *r
	now.shown = now.accepted
	return []element{members("Rules", []element{now.element()})}, nil
}

// turn gives a route new actions, which Describe shows and traffic follows in their own time.
func (w *awsHalf) turn(r *route, actions []action) {
	r.accepted = actions
	w.followAccepted()
	w.orNow(w.config.AWS.DescribeLag, func() { r.shown = actions })
	w.orNow(w.config.AWS.Propagation, func() {
		r.effective = actions
		w.followEffective()
	})
}

func (w *awsHalf) orNow(d Duration, happen func()) {
	if d <= 0 {
		happen()
		return
	}
	w.after(time.Duration(d), happen)
}

// followAccepted has target groups come into use, or fall out of it: their health checks begin and stop as soon as a change
// is accepted.
func (w *awsHalf) followAccepted() {
	used := map[*targetGroup]bool{}
	for _, r := range w.routes {
		eachGroup(r.accepted, func(g weighted) { used[g.group] = true })
	}
	for _, g := range w.groups {
		w.use(&g.pool, used[g])
		w.rezone(&g.pool)
	}
	w.touchAWS()
}

// followEffective has traffic follow.
func (w *awsHalf) followEffective() {
	reached, live := map[*targetGroup]bool{}, map[*targetGroup]bool{}
	for _, r := range w.routes {
		eachGroup(r.effective, func(g weighted) {
			reached[g.group] = true
			live[g.group] = live[g.group] || g.weight > 0 && !r.stage
		})
	}
	for _, g := range w.groups {
		w.reach(&g.pool, reached[g], live[g])
	}
	w.touchAWS()
}
