package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// group is an Elastigroup.
type group struct {
	id      string
	account string
	name    string
	// document is what users wrote, merged, without capacity and the read-only members. It is never changed in place.
	document map[string]any
	spec     spec
	capacity capacity
	unit     string
	created  time.Time
	updated  time.Time

	instances   []*instance // requested and launched ones, oldest first, those that drain included
	suspensions map[string]time.Time
	log         []logLine
	rolls       []*roll // deployments of Spot's own, oldest first
	reconciling bool    // a look at the number of instances is due
	plan        int     // counts changes of its scheduled tasks

	rendered json.RawMessage
	seen     *GroupMoment
	dirty    bool // seen may be out of date
}

// capacity is in the unit of the group.
type capacity struct{ minimum, target, maximum int }

func (c capacity) document(unit string) map[string]any {
	return map[string]any{"minimum": c.minimum, "target": c.target, "maximum": c.maximum, "unit": unit}
}

// addGroup makes a group of a document that has been checked, with an ID if it has none.
func (w *spotHalf) addGroup(document map[string]any, account, id string) *group {
	for id == "" || w.groups[id] != nil {
		id = fmt.Sprintf("sig-%08x", w.random.Uint32())
	}
	g := &group{id: id, account: account, created: w.now, updated: w.now, suspensions: map[string]time.Time{}}
	g.unit = text(document, "capacity", "unit")
	orText(&g.unit, "instance")
	w.setDocument(g, document)
	w.groups[id] = g
	w.order = append(w.order, g)
	g.note(w.now, "INFO", "Group %s (%s) was created", g.name, g.id)
	w.reconcileSoon(g)
	return g
}

// setDocument gives a group a document, its capacity included.
func (w *spotHalf) setDocument(g *group, document map[string]any) {
	g.capacity = capacityOf(document)
	g.name = text(document, "name")
	rescheduled := scheduleOf(g.document) != scheduleOf(document)
	g.document = maps.Clone(document)
	for _, key := range []string{"capacity", "id", "createdAt", "updatedAt"} {
		delete(g.document, key)
	}
	g.spec = specOf(document)
	g.spec.zones = w.elb.zonesWritten(g.spec, document)
	w.revised(g)
	if rescheduled {
		w.schedule(g)
	}
}

// revised says that something of a group has changed that its answers show.
func (w *spotHalf) revised(g *group) {
	g.rendered = nil
	w.touchGroup(g)
}

// removeGroup takes the group away at once. Its instances drain and go later.
func (w *spotHalf) removeGroup(g *group) {
	delete(w.groups, g.id)
	w.order = slices.DeleteFunc(slices.Clone(w.order), func(other *group) bool { return other == g })
	for _, i := range slices.Clone(g.instances) {
		w.retire(i)
	}
	w.touch()
}

// resize sets the capacity. The group shows it at once; instances follow.
func (w *spotHalf) resize(g *group, c capacity) {
	if g.capacity == c {
		return
	}
	g.capacity = c
	g.updated = w.now
	w.revised(g)
	w.reconcileSoon(g)
}

// json is the document as the API gives it: without nulls, with what the server adds.
func (g *group) json() json.RawMessage {
	if g.rendered == nil {
		d := normalised(g.document)
		d["id"], d["capacity"] = g.id, g.capacity.document(g.unit)
		d["createdAt"] = g.created.UTC().Format(milliseconds)
		d["updatedAt"] = g.updated.UTC().Format(milliseconds)
		raw, err := json.Marshal(d)
		if err != nil {
			panic(err) // it came from JSON
		}
		g.rendered = raw
	}
	return g.rendered
}

// listGroups answers GET /group. The name filter is exact; the times are milliseconds since 1970.
func (c *spotCall) listGroups() {
	name := c.request.URL.Query().Get("name")
	from := c.queryTime("minCreatedAt", time.Time{})
	to := c.queryTime("maxCreatedAt", c.now.Add(time.Hour))
	var all []json.RawMessage
	for _, g := range c.view.groups {
		if g.account != c.account || name != "" && g.name != name || g.created.Before(from) || g.created.After(to) {
			continue
		}
		all = append(all, g.json())
	}
	c.items(kindGroup, all)
}

// createGroup answers POST /group. Names need not be unique, and asking twice makes two groups. What it answers is the
// document as it was sent, not as it will be read.
func (c *spotCall) createGroup() {
	body, ok := c.decode()
	if !ok {
		return
	}
	document, ok := body["group"].(map[string]any)
	if !ok {
		c.refuse(c.answer, http.StatusBadRequest, required("group"))
		return
	}
	errors := append(otherMembers(body, "group"), checkKeys(document, true)...)
	document = withoutNulls(document)
	if c.config.RepairCapacity {
		document = repaired(document)
	}
	if errors = append(errors, checkWhole(document)...); len(errors) > 0 {
		c.refuse(c.answer, http.StatusBadRequest, errors...)
		return
	}
	if e, bad := c.unknownImage(specOf(document)); bad {
		c.refuse(c.answer, http.StatusBadRequest, e)
		return
	}
	g := c.addGroup(document, c.account, "")
	c.changed()
	c.call.Subject = g.id

	echo := maps.Clone(document)
	echo["id"] = g.id
	echo["createdAt"] = g.created.UTC().Format(milliseconds)
	echo["updatedAt"] = g.updated.UTC().Format(milliseconds)
	c.item(kindGroup, echo)
}

// updateGroup answers PUT /group/{id}: a merge patch, see mergePatch.
func (c *spotCall) updateGroup(g *group) {
	body, ok := c.decode()
	if !ok {
		return
	}
	patch, ok := body["group"].(map[string]any)
	if !ok {
		c.refuse(c.answer, http.StatusBadRequest, required("group"))
		return
	}
	if c.refuseRolling(g) {
		return
	}
	merged := mergePatch(g.whole(), patch)
	errors := append(otherMembers(body, "group"), checkKeys(patch, false)...)
	errors = append(errors, newErrors(g.whole(), merged)...)
	if len(errors) > 0 {
		c.refuse(c.answer, http.StatusBadRequest, errors...)
		return
	}
	before := g.spec
	after := specOf(merged)
	if after.image != before.image {
		if e, bad := c.unknownImage(after); bad {
			c.refuse(c.answer, http.StatusBadRequest, e)
			return
		}
	}
	c.setDocument(g, merged)
	g.updated = c.now
	c.changed()
	g.note(c.now, "INFO", "Group %s (%s) was updated", g.name, g.id)
	c.reconcileSoon(g)
	if !slices.Equal(before.balancers, after.balancers) {
		c.after(balancerChange, func() { c.spotHalf.rebalance(g) })
	}
	for _, i := range g.instances {
		c.healthSoon(i)
		if c.request.URL.Query().Get("autoApplyTags") == "true" {
			i.tags = after.tags
		}
	}
	c.items(kindGroup, []json.RawMessage{g.json()})
}

// newErrors are those of a merged document that the old one did not have: a group that the world began with may lack what
// create insists on.
func newErrors(old, merged map[string]any) []apiError {
	known := checkWhole(old)
	return slices.DeleteFunc(checkWhole(merged), func(e apiError) bool { return slices.Contains(known, e) })
}

// whole is the document with its capacity.
func (g *group) whole() map[string]any {
	d := maps.Clone(g.document)
	d["capacity"] = map[string]any{
		"minimum": json.Number(strconv.Itoa(g.capacity.minimum)),
		"target":  json.Number(strconv.Itoa(g.capacity.target)),
		"maximum": json.Number(strconv.Itoa(g.capacity.maximum)),
		"unit":    g.unit,
	}
	return d
}

// deleteGroup answers DELETE /group/{id}.
func (c *spotCall) deleteGroup(g *group) {
	if len(c.body) > 0 {
		if _, ok := c.decode(); !ok {
			return
		}
	}
	c.removeGroup(g)
	c.changed()
	c.done(kindGroup)
}

// setCapacity answers PUT /group/{id}/capacity. Members left out stay.
func (c *spotCall) setCapacity(g *group) {
	body, ok := c.decode()
	if !ok {
		return
	}
	wanted, ok := body["capacity"].(map[string]any)
	if !ok {
		c.refuse(c.answer, http.StatusBadRequest, required("capacity"))
		return
	}
	if c.refuseRolling(g) {
		return
	}
	merged := mergePatch(g.whole(), map[string]any{"capacity": wanted})
	errors := checkKeys(map[string]any{"capacity": wanted}, false)
	if errors = append(errors, checkCapacity(merged)...); len(errors) > 0 {
		c.refuse(c.answer, http.StatusBadRequest, errors...)
		return
	}
	c.resize(g, capacityOf(merged))
	c.changed()
	c.item(kindGroup+":capacity", g.capacity.document(g.unit))
}

// scale answers PUT /group/{id}/scale/up and …/down. Beyond the bounds it goes to the bound.
func (c *spotCall) scale(g *group) {
	n := c.queryInt("adjustment", 0)
	if n < 1 {
		c.refuse(c.answer, http.StatusBadRequest, invalid("adjustment", `"adjustment" must be larger than or equal to 1`))
		return
	}
	if c.refuseRolling(g) {
		return
	}
	wanted := g.capacity
	if c.route.action == "ScaleUp" {
		wanted.target = min(wanted.target+n, wanted.maximum)
	} else {
		wanted.target = max(wanted.target-n, wanted.minimum)
	}
	before := slices.Clone(g.instances)
	c.resize(g, wanted)
	c.reconcile(g) // at once: the answer names the instances
	c.changed()

	item := map[string][]map[string]any{}
	if c.route.action == "ScaleUp" {
		item["newSpotRequests"], item["newInstances"] = []map[string]any{}, []map[string]any{}
		for _, i := range g.instances {
			if !slices.Contains(before, i) {
				item["newSpotRequests"] = append(item["newSpotRequests"], map[string]any{"spotInstanceRequestId": i.request,
					"instanceId": orNull(i.id), "availabilityZone": i.zone, "instanceType": i.kind})
			}
		}
	} else {
		item["victimSpotRequests"], item["victimInstances"] = []map[string]any{}, []map[string]any{}
		for _, i := range before {
			if i.left.Equal(c.now) {
				item["victimSpotRequests"] = append(item["victimSpotRequests"],
					map[string]any{"spotInstanceRequestId": orNull(i.request), "instanceId": orNull(i.id)})
			}
		}
	}
	c.item("spotinst:aws:ec2:scale", item)
}

func (w *spotHalf) unknownImage(s spec) (apiError, bool) {
	for _, id := range s.images {
		i, ok := w.image(id)
		if !ok || i.State != "available" {
			return apiError{Code: "CANT_VALIDATE_IMAGE", Message: "Can't validate AMI " + id}, true
		}
	}
	return apiError{}, false
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
