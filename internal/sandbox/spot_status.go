package sandbox

import "encoding/json"

// status answers GET /group/{id}/status. What drains is still there.
func (c *spotCall) status(g *group) []json.RawMessage {
	var all []json.RawMessage
	for _, i := range g.instances {
		item, _ := json.Marshal(map[string]any{ // strings and nulls
			"spotInstanceRequestId": orNull(i.request),
			"instanceId":            orNull(i.id),
			"instanceType":          i.kind,
			"product":               g.spec.product,
			"groupId":               g.id,
			"availabilityZone":      i.zone,
			"privateIp":             orNull(i.ip),
			"publicIp":              nil,
			"ipv6Address":           nil,
			"createdAt":             i.created.UTC().Format(milliseconds),
			"status":                i.status,
			"lockStatus":            "unlocked",
		})
		all = append(all, item)
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
		item, _ := json.Marshal(map[string]any{ // strings and nulls
			"instanceId":       i.id,
			"spotRequestId":    orNull(i.request),
			"groupId":          g.id,
			"availabilityZone": i.zone,
			"lifeCycle":        lifecycle,
			"healthStatus":     i.health,
			"privateIp":        i.ip,
		})
		all = append(all, item)
	}
	return all
}
