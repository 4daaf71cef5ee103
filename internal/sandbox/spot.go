package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// spotState is what Spot keeps.
// spotHalf is the Spot half of a world: groups, their instances, and the market that these come from.
type spotHalf struct {
	*core
	elb balancers // what balancers do with instances, and say of them

	weather   weather
	groups    map[string]*group
	order     []*group // oldest first
	instances map[string]*instance
	fleet     []*instance        // launched ones, oldest first, those terminated within the last hour included
	windows   map[string]*window // for Config.RateLimit, by account, route and method
	markets   []Market
	turns     int // counts launches, to spread them over instance types and zones
}

func (w *spotHalf) initSpot() {
	w.groups = map[string]*group{}
	w.instances = map[string]*instance{}
	w.windows = map[string]*window{}
	w.markets = slices.Clone(w.config.Markets)
	for _, move := range w.config.Autoscale {
		w.autoscaleAfter(warmUp+time.Duration(move.After), move.Group, move.Target)
	}
}

const spotRoot = "/aws/ec2"

func isSpot(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, spotRoot+"/") }

// endpoint is what a request to Spot asks for.
type endpoint struct {
	action string // as in Call.Action; "" for what is not served
	group  string // ID, "" for the calls that name none
	roll   string // likewise
}

// actions maps a method and what follows the group in the path to the action.
var actions = map[string]string{
	"GET ":                     "ReadGroup",
	"PUT ":                     "UpdateGroup",
	"DELETE ":                  "DeleteGroup",
	"PUT /capacity":            "SetCapacity",
	"PUT /scale/up":            "ScaleUp",
	"PUT /scale/down":          "ScaleDown",
	"GET /status":              "GroupStatus",
	"GET /instanceHealthiness": "InstanceHealthiness",
	"GET /logs":                "GroupLogs",
	"POST /suspension":         "Suspend",
	"GET /suspension":          "ListSuspensions",
	"DELETE /suspension":       "Unsuspend",
	"GET /roll":                "ListRolls",
	"PUT /roll":                "StartRoll",
}

func spotRoute(r *http.Request) endpoint {
	path := strings.TrimPrefix(r.URL.Path, spotRoot)
	if path == "/group" || path == "/group/" {
		switch r.Method {
		case http.MethodGet:
			return endpoint{action: "ListGroups"}
		case http.MethodPost:
			return endpoint{action: "CreateGroup"}
		}
		return endpoint{}
	}
	rest, ok := strings.CutPrefix(path, "/group/")
	if !ok {
		return endpoint{}
	}
	id, tail, _ := strings.Cut(rest, "/")
	if tail != "" {
		tail = "/" + tail
	}
	if roll, ok := strings.CutPrefix(tail, "/roll/"); ok && !strings.Contains(roll, "/") {
		return endpoint{action: rollActions[r.Method], group: id, roll: roll}
	}
	return endpoint{action: actions[r.Method+" "+tail], group: id}
}

// rollActions are those on one roll, by method.
var rollActions = map[string]string{http.MethodGet: "ReadRoll", http.MethodPut: "StopRoll"}

// nameFor is the name of the group that a call is about.
func (w *spotHalf) nameFor(to endpoint, body []byte) string {
	if g, ok := w.groups[to.group]; ok {
		return g.name
	}
	if to.action != "CreateGroup" {
		return ""
	}
	var create struct{ Group struct{ Name string } }
	_ = json.Unmarshal(body, &create) // what cannot be read is refused later, and has no name until then
	return create.Group.Name
}

// spotCall is a call to Spot that is being answered.
type spotCall struct {
	*spotHalf
	answer  *recorder
	request *http.Request
	body    []byte
	route   endpoint
	account string
	call    *Call
	view    view // what reads look at
}

// serveSpot answers a call to Spot.
func (w *spotHalf) serveSpot(answer *recorder, r *http.Request, body []byte, call *Call, fault *Fault) {
	c := spotCall{spotHalf: w, answer: answer, request: r, body: body, route: spotRoute(r), call: call}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	account, refusal := w.account(token, r.URL.Query().Get("accountId"))
	if refusal != nil {
		writeLimits(answer, w.limit(), w.limit(), 0)
		w.refuse(answer, refusal.status, refusal.apiError)
		return
	}
	c.account = account
	if !c.withinLimit() {
		return
	}
	c.view = view{groups: w.order}
	if fault.is(Stale) {
		c.view = w.viewAt(w.now.Add(-time.Duration(fault.Delay)))
	}
	c.dispatch()
	c.spoil(fault)
}

func (c *spotCall) dispatch() {
	switch c.route.action {
	case "ListGroups":
		c.listGroups()
	case "CreateGroup":
		c.createGroup()
	case "":
		c.refuse(c.answer, http.StatusNotFound, apiError{Code: "NOT_FOUND",
			Message: fmt.Sprintf("Cannot %s %s", c.request.Method, c.request.URL.Path)})
	case "ReadGroup", "GroupStatus", "InstanceHealthiness", "GroupLogs", "ListRolls", "ReadRoll":
		if g := c.find(c.view.groups); g != nil {
			c.read(g)
		}
	default:
		if g := c.find(c.spotHalf.order); g != nil {
			c.write(g)
		}
	}
}

func (c *spotCall) read(g *group) {
	switch c.route.action {
	case "ReadGroup":
		c.items(kindGroup, []json.RawMessage{g.json()})
	case "GroupStatus":
		c.items("spotinst:aws:ec2:group:instance", c.status(g))
	case "InstanceHealthiness":
		c.items(kindGroup+":instanceHealthiness", c.healthiness(g))
	case "GroupLogs":
		c.logs(g)
	case "ListRolls":
		c.listRolls(g)
	case "ReadRoll":
		c.readRoll(g)
	}
}

func (c *spotCall) write(g *group) {
	switch c.route.action {
	case "UpdateGroup":
		c.updateGroup(g)
	case "DeleteGroup":
		c.deleteGroup(g)
	case "SetCapacity":
		c.setCapacity(g)
	case "ScaleUp", "ScaleDown":
		c.scale(g)
	case "Suspend":
		c.suspend(g)
	case "ListSuspensions":
		c.listSuspensions(g)
	case "Unsuspend":
		c.unsuspend(g)
	case "StartRoll":
		c.startRoll(g)
	case "StopRoll":
		c.stopRoll(g)
	}
}

// find is the group that the call names, or nil after refusing the call. Spot answers 400 for a group that there is not,
// not 404: https://github.com/spotinst/terraform-provider-spotinst looks for this code.
func (c *spotCall) find(groups []*group) *group {
	for _, g := range groups {
		if g.id == c.route.group && g.account == c.account {
			return g
		}
	}
	c.refuse(c.answer, http.StatusBadRequest, apiError{Code: "GROUP_DOESNT_EXIST",
		Message: fmt.Sprintf("Group %s does not exist", c.route.group)})
	return nil
}

type refusal struct {
	status int
	apiError
}

// account is the account that a token opens: the one that is named, or without a name the oldest one.
func (w *spotHalf) account(token, named string) (string, *refusal) {
	known := false
	for _, a := range w.config.Accounts {
		if token == "" || !slices.Contains(a.Tokens, token) {
			continue
		}
		known = true
		if named == "" || named == a.ID {
			return a.ID, nil
		}
	}
	if !known {
		return "", &refusal{http.StatusUnauthorized, apiError{Code: "NOAUTH", Message: "invalid auth"}}
	}
	return "", &refusal{http.StatusForbidden, apiError{Code: "FORBIDDEN", Message: "no access to account " + named}}
}

// limit is how many calls a minute the headers promise.
func (w *spotHalf) limit() int { return orInt(w.config.RateLimit, 10000) }

// withinLimit counts the call against the rate limit, and refuses it if it is over it. The window is one for each account,
// route and method: https://docs.spot.io/administration/api/ (rate limits).
func (c *spotCall) withinLimit() bool {
	limit := c.limit()
	if c.config.RateLimit == 0 {
		writeLimits(c.answer, limit, limit-1, rateWindow)
		return true
	}
	key := c.account + " " + c.route.action
	if c.spotHalf.windows[key] == nil {
		c.spotHalf.windows[key] = &window{}
	}
	remaining, reset := c.spotHalf.windows[key].admit(c.now, limit)
	if reset == 0 {
		writeLimits(c.answer, limit, remaining, rateWindow)
		return true
	}
	writeLimits(c.answer, limit, 0, reset)
	c.throttled(c.answer)
	return false
}
