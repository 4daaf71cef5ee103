package sandbox

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// This file is what users do: requests come to the listeners and rules of application load balancers, split by the weights of target
// groups, and each is answered, or not, as the image of the instance does that it meets (see Behaviour). Metrics, Prometheus and the
// service behind the balancers (aws_metrics.go, prometheus.go, app.go) all tell of the same requests.
//
// Their minutes are those of the machine's clock, by which whoever asks for a minute goes: in a world that is 60 times as fast as many
// requests come in a minute of the machine as in one of a world that is not.

// traffic is what requests come, and what has become of them.
type traffic struct {
	// perMinute is how many requests come a minute by a route. Most worlds have none, and pay nothing for them.
	perMinute map[*route]float64
	// flows is how requests went, from each change on until the next. stale is set when something may have changed since.
	flows []flow
	stale bool
}

// flow is where requests go from a moment of the machine's clock on.
type flow struct {
	from    time.Time
	demands []demand
}

// demand is what goes to one target group.
type demand struct {
	group    *targetGroup
	balancer *balancer
	rate     float64 // requests a minute
	fate
	// unserved is that no target could be chosen: the balancer answers 503 itself, and counts it for no target group.
	unserved bool
}

// fate is what becomes of requests to a target, or to several.
type fate struct {
	errors  float64       // the fraction that is answered 5XX
	crashes float64       // the fraction that is not answered, which the balancer makes a 502 of
	latency time.Duration // until half of the others are answered
}

// SetRequests sets how many requests come a minute by a listener (its default action) or a rule, by its ARN or as
// "BALANCER:PORT" and "BALANCER:PORT:PRIORITY".
func (w *awsHalf) SetRequests(route string, perMinute float64) error {
	var err error
	w.locked(func() { err = w.setRequests(route, perMinute) })
	return err
}

func (w *awsHalf) setRequests(name string, perMinute float64) error {
	r := w.routeCalled(name)
	switch {
	case r == nil:
		return fmt.Errorf("there is no listener or rule %q", name)
	case r.listener.balancer.kind != "application":
		return fmt.Errorf("%q is of a network load balancer, which counts no requests", name)
	case !(perMinute >= 0) || perMinute > bound(boundsOf["ListenerConfig.requests_per_minute"].most):
		return fmt.Errorf("%v requests a minute are not from 0 to %s", perMinute, boundsOf["ListenerConfig.requests_per_minute"].most)
	}
	w.traffic.perMinute[r], w.traffic.stale = perMinute, true
	return nil
}

type postedRequests struct {
	Route             string  `json:"route"`
	RequestsPerMinute float64 `json:"requests_per_minute"`
}

func requestsPosted(w *World, p postedRequests) error {
	return w.SetRequests(p.Route, p.RequestsPerMinute)
}

// routeCalled is the route of an ARN, or of a name such as "web:443" (the default action of that listener) or "web:443:10" (the rule of
// that priority).
func (w *awsHalf) routeCalled(name string) *route {
	for _, r := range w.routes {
		if r.public() == name || r.arn == name || r.called() == name {
			return r
		}
	}
	return nil
}

// called is the name of a route for people.
func (r *route) called() string {
	name := fmt.Sprintf("%s:%d", r.listener.balancer.name, r.listener.port)
	if r.priority != 0 {
		name += fmt.Sprintf(":%d", r.priority)
	}
	return name
}

// flowed notes where requests go from now on, if that has changed since it was last called.
func (w *awsHalf) flowed() {
	if !w.traffic.stale {
		return
	}
	w.traffic.stale = false
	if len(w.traffic.perMinute) == 0 {
		return
	}
	demands := w.demands()
	if last := len(w.traffic.flows); last > 0 && slices.Equal(w.traffic.flows[last-1].demands, demands) {
		return
	}
	w.traffic.flows = append(w.traffic.flows, flow{w.clock(), demands})
}

// demands is what goes to each target group right now.
func (w *awsHalf) demands() []demand {
	var demands []demand
	for _, r := range w.routes {
		rate, sum := w.traffic.perMinute[r], 0
		eachGroup(r.effective, func(g weighted) { sum += g.weight })
		if rate == 0 || sum == 0 {
			continue
		}
		eachGroup(r.effective, func(g weighted) {
			if g.weight == 0 {
				return
			}
			share := rate * float64(g.weight) / float64(sum)
			if n := slices.IndexFunc(demands, func(d demand) bool { return d.group == g.group }); n >= 0 {
				demands[n].rate += share
				return
			}
			d := demand{group: g.group, balancer: r.listener.balancer, rate: share}
			d.fate, d.unserved = w.fateAt(&g.group.pool)
			demands = append(demands, d)
		})
	}
	return demands
}

// takers are the targets of a pool that requests go to: the healthy ones. If there is none, an application load balancer fails open: it
// sends them to all that are unhealthy.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
func (p *pool) takers() []*target {
	var healthy, unhealthy []*target
	for _, t := range p.targets {
		switch {
		case t.state == stateHealthy || t.lingering:
			healthy = append(healthy, t)
		case t.state == stateUnhealthy:
			unhealthy = append(unhealthy, t)
		}
	}
	if len(healthy) > 0 {
		return healthy
	}
	return unhealthy
}

// fateAt is what becomes of requests to a pool, each target of which gets the same part of them.
func (w *awsHalf) fateAt(p *pool) (f fate, unserved bool) {
	takers := p.takers()
	if len(takers) == 0 {
		return fate{}, true
	}
	part := 1 / float64(len(takers))
	latency := 0.0
	for _, t := range takers {
		one := w.fateOf(t)
		f.errors += one.errors * part
		f.crashes += one.crashes * part
		latency += float64(one.latency) * part
	}
	f.errors, f.crashes = rounded(f.errors), rounded(f.crashes)
	f.latency = time.Duration(latency).Round(time.Microsecond)
	return f, false
}

// rounded keeps sums in another order from being other fractions.
func rounded(x float64) float64 { return math.Round(x*1e9) / 1e9 }

// fateOf is what becomes of a request to a target: what its image does, or if its application does not answer at all, what its health
// checks meet.
func (w *awsHalf) fateOf(t *target) fate {
	if ok, why := w.ec2.answers(t.instance); !ok {
		if strings.Contains(why, "codes") {
			return fate{errors: 1, latency: time.Millisecond}
		}
		return fate{crashes: 1}
	}
	m, _ := w.ec2.machine(t.instance)
	b := w.behaviour(m.ImageID)
	return fate{b.ErrorRatio, b.CrashRatio, time.Duration(b.Latency)}
}
