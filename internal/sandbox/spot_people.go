package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Group is a group as it stands: a copy.
type Group struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Name    string `json:"name"`
	// Document is what GET answers.
	Document json.RawMessage `json:"document"`

	Minimum int `json:"minimum"`
	Target  int `json:"target"`
	Maximum int `json:"maximum"`

	Instances []Instance `json:"instances"`
	// Suspended are the processes that are suspended now, in no particular order.
	Suspended []string `json:"suspended"`
}

// Instance is one instance of a group, or the request for one.
type Instance struct {
	// ID is "" until there is capacity; Request is "" for on-demand.
	ID      string `json:"id"`
	Request string `json:"request"`
	Type    string `json:"type"`
	Zone    string `json:"zone"`
	Weight  int    `json:"weight"`
	Image   string `json:"image"`
	// Status is what Spot shows, State what EC2 does, Health Spot's word.
	Status string `json:"status"`
	State  string `json:"state"`
	Health string `json:"health"`
	// Answering tells whether the application answers its health check, Leaving whether the instance drains.
	Answering bool `json:"answering"`
	Leaving   bool `json:"leaving"`
	// InService and Serving are as in GroupMoment.
	InService bool `json:"in_service"`
	Serving   bool `json:"serving"`
}

// Groups are all groups of all accounts, oldest first.
func (w *spotHalf) Groups() []Group {
	all := []Group{}
	w.locked(func() {
		for _, g := range w.order {
			all = append(all, w.snapshot(g))
		}
	})
	return all
}

// Group is the group of that ID, or the oldest one of that name.
func (w *spotHalf) Group(nameOrID string) (Group, bool) {
	var found []Group
	w.locked(func() {
		for _, g := range w.named(nameOrID) {
			found = append(found, w.snapshot(g))
		}
	})
	if len(found) == 0 {
		return Group{}, false
	}
	return found[0], true
}

// AddGroup makes a group as a person would in the console: of a document, bare or as {"group": {…}}, which is taken as it
// stands. It may carry an "id" and an "account". Its instances are launched from now on.
func (w *spotHalf) AddGroup(document []byte) (id string, err error) {
	d, account, err := groupDocument(document)
	if err != nil {
		return "", fmt.Errorf("adding a group: %w", err)
	}
	w.locked(func() { id = w.adopt(d, account).id })
	return id, nil
}

// EditGroup changes the documents of the groups of that ID or name by a merge patch, as a person would in the console: a member
// that is absent stays, null clears, lists are replaced whole. Nothing is checked, so that a document can be what no create would
// take.
func (w *spotHalf) EditGroup(nameOrID string, patch []byte) error {
	p, err := decodeObject(patch)
	if err != nil {
		return fmt.Errorf("editing group %s: %w", nameOrID, err)
	}
	err = noGroup(nameOrID)
	w.locked(func() {
		for _, g := range w.named(nameOrID) {
			w.setDocument(g, mergePatch(g.whole(), p))
			g.updated = w.now
			w.reconcileSoon(g)
			w.after(balancerChange, func() { w.rebalance(g) })
			err = nil
		}
	})
	return err
}

type postedEdit struct {
	Group string          `json:"group"`
	Patch json.RawMessage `json:"patch"`
}

func editPosted(w *World, p postedEdit) error { return w.EditGroup(p.Group, p.Patch) }

// DeleteGroup deletes the groups of that ID or name, as a person would.
func (w *spotHalf) DeleteGroup(nameOrID string) {
	w.locked(func() {
		for _, g := range w.named(nameOrID) {
			w.removeGroup(g)
		}
	})
}

// SetCapacity sets the capacity of the groups of that ID or name, as a person would. The numbers are taken as they are.
func (w *spotHalf) SetCapacity(nameOrID string, minimum, target, maximum int) {
	w.locked(func() {
		for _, g := range w.named(nameOrID) {
			w.resize(g, capacity{minimum, target, maximum})
		}
	})
}

// SetTarget moves the target of the groups of that ID or name as an autoscaler does: as far as their bounds allow, and not
// while AUTO_SCALE is suspended or a deployment is running. It tells whether any was moved.
func (w *spotHalf) SetTarget(nameOrID string, target int) bool {
	moved := false
	w.locked(func() { moved = w.autoscale(nameOrID, target) })
	return moved
}

// AutoscaleAfter is SetTarget, some time from now.
func (w *spotHalf) AutoscaleAfter(d time.Duration, nameOrID string, target int) {
	w.locked(func() { w.autoscaleAfter(d, nameOrID, target) })
}

// SetAnswering makes the application on an instance answer its health checks, or stop. reason is what balancers then say;
// "" is that of its image.
func (w *spotHalf) SetAnswering(instanceID string, answering bool, reason string) {
	w.locked(func() {
		i, ok := w.instances[instanceID]
		if !ok {
			return
		}
		if reason != "" {
			i.reason = reason
		}
		w.answer(i, answering)
	})
}

func (w *spotHalf) snapshot(g *group) Group {
	s := Group{ID: g.id, Account: g.account, Name: g.name, Document: slices.Clone(g.json()),
		Minimum: g.capacity.minimum, Target: g.capacity.target, Maximum: g.capacity.maximum}
	for _, i := range g.instances {
		there := i.running() && !i.leaving
		s.Instances = append(s.Instances, Instance{ID: i.id, Request: i.request, Type: i.kind, Zone: i.zone, Weight: i.weight,
			Image: i.image, Status: i.status, State: i.state, Health: i.health, Answering: i.answering, Leaving: i.leaving,
			InService: there && w.inService(i), Serving: there && w.reached(i)})
	}
	for name := range g.suspensions {
		if w.suspended(g, name) {
			s.Suspended = append(s.Suspended, name)
		}
	}
	return s
}

// named are the groups of that ID or name, oldest first.
func (w *spotHalf) named(nameOrID string) []*group {
	var all []*group
	for _, g := range w.order {
		if g.id == nameOrID || g.name == nameOrID {
			all = append(all, g)
		}
	}
	return all
}

// preload makes the groups that the world begins with.
func (w *spotHalf) preload() {
	for _, raw := range w.config.Groups {
		d, account, err := groupDocument(raw)
		if err != nil {
			panic(err) // Config.Check has read it
		}
		w.adopt(d, account)
	}
	for _, r := range w.config.Rolls {
		w.after(warmUp, func() { // when its instances are there
			for _, g := range w.named(r.Group) {
				w.setRoll(g, r.Roll)
			}
		})
	}
}

// adopt makes a group of a document that may have been a group before.
func (w *spotHalf) adopt(d map[string]any, account string) *group {
	orText(&account, w.config.Accounts[0].ID)
	g := w.addGroup(d, account, text(d, "id"))
	for _, form := range []string{time.RFC3339, documented} {
		if created, err := time.Parse(form, text(d, "createdAt")); err == nil {
			g.created = created
		}
	}
	w.schedule(g) // by the time when it was really made
	return g
}

func (w *spotHalf) autoscaleAfter(d time.Duration, nameOrID string, target int) {
	w.after(d, func() { w.autoscale(nameOrID, target) })
}

func (w *spotHalf) autoscale(nameOrID string, target int) bool {
	moved := false
	for _, g := range w.named(nameOrID) {
		c := g.capacity
		c.target = min(max(target, c.minimum), c.maximum)
		if g.locked() || w.suspended(g, "AUTO_SCALE") || c == g.capacity {
			continue
		}
		g.note(w.now, "INFO", "Scaling policy moves the target from %d to %d", g.capacity.target, c.target)
		w.resize(g, c)
		moved = true
	}
	return moved
}
