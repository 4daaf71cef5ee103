package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"
)

// processes are what can be suspended. LB_REGISTRATION is not documented, but known to Spot's own Java SDK.
var processes = []string{"AUTO_SCALE", "AUTO_HEALING", "OUT_OF_STRATEGY", "PREVENTIVE_REPLACEMENT", "REVERT_PREFERRED",
	"SCHEDULING", "LB_REGISTRATION"}

// suspended tells whether a process of a group is suspended now. A suspension without an end has the zero time.
func (w *spotHalf) suspended(g *group, process string) bool {
	until, ok := g.suspensions[process]
	return ok && (until.IsZero() || w.now.Before(until))
}

// suspend answers POST /group/{id}/suspension, in the new form {"suspensions":[{"name","ttlInMinutes"}]} or the old one
// {"processes":[…]}.
func (c *spotCall) suspend(g *group) {
	body, ok := c.decode()
	if !ok {
		return
	}
	ends := map[string]time.Time{}
	for _, name := range texts(body["processes"]) {
		ends[name] = time.Time{}
	}
	for _, s := range objects(body["suspensions"]) {
		ends[text(s, "name")] = time.Time{}
		if minutes := whole(s["ttlInMinutes"], 0); minutes > 0 {
			ends[text(s, "name")] = c.now.Add(time.Duration(minutes) * time.Minute)
		}
	}
	if len(ends) == 0 {
		c.refuse(c.answer, http.StatusBadRequest, required("suspensions"))
		return
	}
	for name := range ends {
		if !slices.Contains(processes, name) {
			c.refuse(c.answer, http.StatusBadRequest, invalid("name",
				fmt.Sprintf("%q must be one of [%s]", name, strings.Join(processes, ", "))))
			return
		}
	}
	for name, end := range ends {
		g.suspensions[name] = end
		if !end.IsZero() {
			c.after(end.Sub(c.now), func() { c.spotHalf.resumed(g) })
		}
	}
	c.changed()
	c.listSuspensions(g)
}

// unsuspend answers DELETE /group/{id}/suspension.
func (c *spotCall) unsuspend(g *group) {
	body, ok := c.decode()
	if !ok {
		return
	}
	for _, name := range texts(body["processes"]) {
		delete(g.suspensions, name)
	}
	c.resumed(g)
	c.changed()
	c.done("spotinst:aws:ec2:suspension")
}

// resumed catches up on what a suspension has kept from happening.
func (w *spotHalf) resumed(g *group) {
	if w.groups[g.id] == g && !w.suspended(g, "LB_REGISTRATION") {
		w.rebalance(g)
	}
}

// listSuspensions answers GET /group/{id}/suspension.
func (c *spotCall) listSuspensions(g *group) {
	names := []string{}
	suspensions := []map[string]any{}
	for name := range g.suspensions {
		if c.suspended(g, name) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		var end any
		if until := g.suspensions[name]; !until.IsZero() {
			end = until.UTC().Format(milliseconds)
			if c.config.DocumentedTimestamps {
				end = until.UTC().Format(documented)
			}
		}
		suspensions = append(suspensions, map[string]any{"name": name, "expiresAt": end})
	}
	c.item("spotinst:aws:ec2:suspension", map[string]any{"groupId": g.id, "processes": names, "suspensions": suspensions})
}
