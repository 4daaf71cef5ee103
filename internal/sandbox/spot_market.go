package sandbox

import (
	"slices"
	"time"
)

// Market is a shortage of capacity, or the end of one.
type Market struct {
	// Type is the instance type that it is about. Default: any.
	Type string `json:"type"`
	// Zone is the availability zone that it is about. Default: any.
	Zone string `json:"zone"`
	// Lifecycle is "spot" or "on-demand". Default: both.
	Lifecycle string `json:"lifecycle"`
	// Available is false for a shortage. Of several entries about the same the last one counts.
	Available bool `json:"available"`
	// From is when it begins, from the beginning of the world. Default: at once.
	From Duration `json:"from"`
	// Until is when it ends, from the beginning of the world, after its beginning. Default: never.
	Until Duration `json:"until"`
}

func (m Market) check() error {
	var ms mistakes
	if m.Until != 0 && m.Until <= m.From {
		ms.add("until", "%v is not after from, %v", m.Until, m.From)
	}
	return ms.orNil()
}

// SetMarket adds an entry to the market.
func (w *spotHalf) SetMarket(m Market) {
	w.locked(func() { w.markets = append(w.markets, m) })
}

// offer is what a request can get.
type offer struct{ kind, zone string }

// choose picks a type and a zone that are to be had, by turns, so that a group is spread. It answers false if there are
// none, and picks the first ones.
func (w *spotHalf) choose(i *instance) bool {
	offers := i.group.offers(i.request == "")
	w.turns++
	for n := range offers {
		o := offers[(n+w.turns)%len(offers)]
		if w.available(o, i.request == "") {
			i.take(o)
			return true
		}
	}
	i.take(offers[0])
	return false
}

func (i *instance) take(o offer) {
	i.kind, i.zone, i.weight = o.kind, o.zone, 1
	if weights := i.group.spec.weights; weights != nil {
		i.weight = orInt(weights[o.kind], vcpus(o.kind))
	}
}

// offers are what a group would take. Spot instances may be of the on-demand type too.
func (g *group) offers(onDemand bool) []offer {
	types := g.spec.spotTypes
	if onDemand || len(types) == 0 && !g.spec.requires {
		types = g.spec.onDemandTypes
	}
	if len(types) == 0 {
		types = []string{"m5.large"} // by resourceRequirements: something that meets them
	}
	var all []offer
	for _, kind := range types {
		for _, zone := range g.zones() {
			all = append(all, offer{kind, zone})
		}
	}
	return all
}

func (g *group) zones() []string {
	if len(g.spec.zones) == 0 {
		return []string{"us-east-1a"}
	}
	return g.spec.zones
}

func (w *spotHalf) available(o offer, onDemand bool) bool {
	lifecycle := "spot"
	if onDemand {
		lifecycle = "on-demand"
	}
	age := w.now.Sub(w.start)
	for _, m := range slices.Backward(w.markets) {
		if (m.Type == "" || m.Type == o.kind) && (m.Zone == "" || m.Zone == o.zone) &&
			(m.Lifecycle == "" || m.Lifecycle == lifecycle) &&
			age >= time.Duration(m.From) && (m.Until == 0 || age < time.Duration(m.Until)) {
			return m.Available
		}
	}
	return true
}
