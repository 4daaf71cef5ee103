package sandbox

import "encoding/json"

// instanceStatus and instanceHealth are one instance in the answers below.
type instanceStatus struct {
	Request   *string `json:"spotInstanceRequestId"`
	Instance  *string `json:"instanceId"`
	Type      string  `json:"instanceType"`
	Product   string  `json:"product"`
	Group     string  `json:"groupId"`
	Zone      string  `json:"availabilityZone"`
	PrivateIP *string `json:"privateIp"`
	PublicIP  *string `json:"publicIp"`
	IPv6      *string `json:"ipv6Address"`
	Created   string  `json:"createdAt"`
	Status    string  `json:"status"`
	Lock      string  `json:"lockStatus"`
}

type instanceHealth struct {
	Instance  string  `json:"instanceId"`
	Request   *string `json:"spotRequestId"`
	Group     string  `json:"groupId"`
	Zone      string  `json:"availabilityZone"`
	Lifecycle string  `json:"lifeCycle"`
	Health    string  `json:"healthStatus"`
	PrivateIP string  `json:"privateIp"`
}

// maybe is null for an empty text.
func maybe(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// status answers GET /group/{id}/status. What drains is still there.
func (c *spotCall) status(g *group) []json.RawMessage {
	all := make([]json.RawMessage, len(g.instances))
	for n, i := range g.instances {
		all[n], _ = json.Marshal(instanceStatus{ // strings and nulls
			Request: maybe(i.request), Instance: maybe(i.id), Type: i.kind, Product: g.spec.product, Group: g.id, Zone: i.zone,
			PrivateIP: maybe(i.ip), Created: i.created.UTC().Format(milliseconds), Status: i.status, Lock: "unlocked",
		})
	}
	return all
}

// healthiness answers GET /group/{id}/instanceHealthiness. Requests without an instance are not in it.
func (c *spotCall) healthiness(g *group) []json.RawMessage {
	var all []json.RawMessage
	for _, i := range g.instances {
		if i.id == "" {
			continue
		}
		lifecycle := "SPOT"
		if i.request == "" {
			lifecycle = "OD"
		}
		item, _ := json.Marshal(instanceHealth{ // strings and nulls
			Instance: i.id, Request: maybe(i.request), Group: g.id, Zone: i.zone, Lifecycle: lifecycle, Health: i.health, PrivateIP: i.ip,
		})
		all = append(all, item)
	}
	return all
}
