package spot

import "time"

// Healing is how Spot judges the instances of a group, and when it replaces those that it calls unhealthy.
type Healing struct {
	// Type is the healthCheckType: "TARGET_GROUP", "ELB", "EC2", "HCS", …; "" of a group that has none.
	Type string
	// Patience is how long after its launch an instance is replaced at the earliest: the grace period, or how long it has to
	// have been unhealthy, whichever is longer.
	Patience time.Duration
	// Off is that unhealthy instances are left as they are.
	Off bool
}

// What Spot takes where nothing is written. https://docs.spot.io/api/ (Elastigroup AWS, create), and its console.
const (
	defaultGrace        = 300 * time.Second
	defaultUnhealthyFor = 120 * time.Second
)

// Healing is the launch specification's.
func (d Document) Healing() Healing {
	h := Healing{Type: text(d.launch("healthCheckType")), Off: d.launch("autoHealing") == false}
	if h.Type == "NONE" {
		h.Type = ""
	}
	h.Patience = max(d.seconds("healthCheckGracePeriod", defaultGrace), d.seconds("healthCheckUnhealthyDurationBeforeReplacement", defaultUnhealthyFor))
	return h
}

// ByBalancers tells whether Spot goes by what the group's load balancers say.
func (h Healing) ByBalancers() bool { return h.Type == "TARGET_GROUP" || h.Type == "ELB" }

// seconds is a member of the launch specification that counts them.
func (d Document) seconds(key string, usual time.Duration) time.Duration {
	if n, ok := whole(d.launch(key)); ok {
		return time.Duration(n) * time.Second
	}
	return usual
}
