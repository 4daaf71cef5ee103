package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// roll is a deployment of Spot's own, which replaces the instances of a group batch by batch. The sandbox only pretends it: no
// instance is replaced. https://docs.spot.io/elastigroup/features-aws/ (deploy or roll)
type roll struct {
	id              string
	status          string
	progress        int // percent
	batch, batches  int
	created, update time.Time
}

// The states of a roll, as the API's public description and clients have them. That of a failed one is recorded nowhere.
const (
	rollStarting   = "starting"
	rollInProgress = "in_progress"
	rollFinished   = "finished"
	rollStopped    = "stopped"
	rollFailed     = "failed"
)

var rollStates = []string{rollStarting, rollInProgress, rollFinished, rollStopped, rollFailed}

// Roll is a deployment of Spot's own, as it stands.
type Roll struct {
	// ID is "sbgd-…". Left out, the newest one that is not over is meant, or a new one.
	ID string `json:"id"`
	// Status is "starting", "in_progress", "finished", "stopped" or "failed". Default "in_progress". From the first to the last of them, but
	// for the finished and the stopped one, the group takes no update at all: a failed one has to be stopped.
	Status string `json:"status"`
	// Progress is how far it is, in percent.
	Progress int `json:"progress"`
	// Ends is how long from now it finishes of itself. Default: never.
	Ends Duration `json:"ends"`
}

// SetRoll begins a deployment of Spot's own on the groups of that ID or name, or changes one: as a person would in the console.
// It answers the ID, "" if there is no such group.
func (w *spotHalf) SetRoll(nameOrID string, to Roll) (id string) {
	w.locked(func() {
		for _, g := range w.named(nameOrID) {
			id = w.setRoll(g, to).id
		}
	})
	return id
}

func (w *spotHalf) setRoll(g *group, to Roll) *roll {
	orText(&to.Status, rollInProgress)
	n := slices.IndexFunc(g.rolls, func(r *roll) bool { return r.id == to.ID || to.ID == "" && r.unfinished() })
	if n < 0 {
		orText(&to.ID, fmt.Sprintf("sbgd-%08x", w.random.Uint32()))
		g.rolls = append(g.rolls, &roll{id: to.ID, created: w.now, batches: 4, batch: 1})
		n = len(g.rolls) - 1
	}
	r := g.rolls[n]
	r.status, r.progress, r.update = to.Status, to.Progress, w.now
	r.batch = 1 + min(r.progress, 99)*r.batches/100
	g.note(w.now, "INFO", "Deployment %s of group %s is %s", r.id, g.id, r.status)
	if to.Ends > 0 {
		w.after(time.Duration(to.Ends), func() {
			if r.unfinished() {
				r.status, r.progress, r.batch, r.update = rollFinished, 100, r.batches, w.now
			}
		})
	}
	return r
}

func rollPosted(w *World, p GroupRoll) error {
	if _, ok := w.Group(p.Group); !ok {
		return noGroup(p.Group)
	}
	w.SetRoll(p.Group, p.Roll)
	return nil
}

// unfinished tells whether the roll keeps its group from being changed.
func (r *roll) unfinished() bool { return r.status != rollFinished && r.status != rollStopped }

// locked tells whether a roll keeps the group from being changed.
func (g *group) locked() bool { return slices.ContainsFunc(g.rolls, (*roll).unfinished) }

func (r *roll) item() json.RawMessage {
	item, _ := json.Marshal(map[string]any{ // texts and numbers
		"id": r.id, "status": r.status, "currentBatch": r.batch, "numOfBatches": r.batches,
		"progress":  map[string]any{"unit": "percent", "value": r.progress},
		"createdAt": r.created.UTC().Format(documented), "updatedAt": r.update.UTC().Format(documented),
		"gracePeriod": 300, "blueInstances": 0, "greenInstances": 0,
	})
	return item
}

// listRolls answers GET /group/{id}/roll?limit=&sort=createdAt:DESC. Without a sort the oldest come first.
func (c *spotCall) listRolls(g *group) {
	var all []json.RawMessage
	for _, r := range g.rolls {
		all = append(all, r.item())
	}
	if strings.EqualFold(c.request.URL.Query().Get("sort"), "createdAt:DESC") {
		slices.Reverse(all)
	}
	c.items(kindGroup+":roll", all[:min(len(all), c.queryInt("limit", len(all)))])
}

func (c *spotCall) readRoll(g *group) {
	if r := c.findRoll(g); r != nil {
		c.items(kindGroup+":roll", []json.RawMessage{r.item()})
	}
}

func (c *spotCall) findRoll(g *group) *roll {
	for _, r := range g.rolls {
		if r.id == c.route.roll {
			return r
		}
	}
	c.refuse(c.answer, http.StatusBadRequest, apiError{Code: "ROLL_DOESNT_EXIST", Message: fmt.Sprintf("Roll %s does not exist", c.route.roll)})
	return nil
}

// startRoll answers PUT /group/{id}/roll. The code of its refusal is not documented; the sentence is what clients have met.
// https://github.com/zalando-stups/senza/issues/558
func (c *spotCall) startRoll(g *group) {
	body, ok := c.decode()
	if !ok {
		return
	}
	if whole(body["batchSizePercentage"], 0) < 1 {
		c.refuse(c.answer, http.StatusBadRequest, required("batchSizePercentage"))
		return
	}
	if g.locked() {
		c.refuse(c.answer, http.StatusBadRequest, apiError{Code: "CANT_ROLL_GROUP",
			Message: "Can't have 2 Rolls at the same time. Please stop the previous one."})
		return
	}
	r := c.setRoll(g, Roll{Status: rollStarting})
	c.changed()
	c.items(kindGroup+":roll", []json.RawMessage{r.item()})
}

// stopRoll answers PUT /group/{id}/roll/{rollId} with {"roll":{"status":"STOPPED"}}.
func (c *spotCall) stopRoll(g *group) {
	body, ok := c.decode()
	if !ok {
		return
	}
	r := c.findRoll(g)
	if r == nil {
		return
	}
	if !strings.EqualFold(text(body, "roll", "status"), rollStopped) {
		c.refuse(c.answer, http.StatusBadRequest, invalid("roll.status", `"roll.status" must be one of [STOPPED]`))
		return
	}
	r.status, r.update = rollStopped, c.now
	c.changed()
	c.done(kindGroup + ":roll")
}

// refuseRolling refuses changes while a roll runs, and after one that failed until it is stopped. The code is not documented; the
// sentence is that of the documentation: https://docs.spot.io/elastigroup/features-aws/ (deploy or roll).
func (c *spotCall) refuseRolling(g *group) bool {
	if !g.locked() {
		return false
	}
	c.refuse(c.answer, http.StatusBadRequest, apiError{Code: "CANT_UPDATE_GROUP",
		Message: fmt.Sprintf("Group %s cannot be updated while a deployment is in progress", g.id)})
	return true
}
