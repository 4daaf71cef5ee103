package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// The control API stands under /sandbox/. It is for people, demos and programs outside this process; a test has the same
// as methods.
//
//	GET  /sandbox/                    what stands now, as text;      GET /: the page, which asks GET /sandbox/state
//	GET  /sandbox/env                 what Terraform's environment needs; ?format=shell, dotenv or json
//	GET  /sandbox/calls               all calls; ?changes=true or /sandbox/changes: those that changed the world
//	GET  /sandbox/timeline            Timeline
//	GET  /sandbox/groups              Groups
//	GET  /sandbox/instances           the instances as text; ?group=NAME: those of a group
//	POST /sandbox/groups              a document: AddGroup;          DELETE /sandbox/groups?group=NAME: DeleteGroup
//	POST /sandbox/capacity            {"group", "minimum", "target", "maximum"}: SetCapacity
//	POST /sandbox/target              {"group", "target", "after"}: SetTarget, or AutoscaleAfter
//	POST /sandbox/task                {"group", "task"}: RunTask
//	POST /sandbox/policy              {"group", "direction", "policy"}: RunPolicy
//	POST /sandbox/reclaim             {"instance"}: Reclaim; with "without_notice", "notice", "cause": ReclaimWithNotice;
//	                                  or {"fraction_per_hour"}: ReclaimRandom
//	POST /sandbox/rebalance           {"instance"}: Rebalance
//	POST /sandbox/edit                {"group", "patch": {…}}: EditGroup
//	POST /sandbox/roll                {"group", "id", "status", "progress", "ends"}: SetRoll
//	POST /sandbox/weights             {"route": ARN, "weights": [{"target_group", "weight"}]}: SetWeights
//	POST /sandbox/propagation         {"propagation": "3m"}: SetPropagation
//	POST /sandbox/zones               {"balancer", "zones": ["us-east-1a"]}: SetZones
//	POST /sandbox/sessions            {"access_key", "token", "expires"}: AddSession
//	POST /sandbox/tokens              {"account", "token"}: AddToken; {"token", "revoked": true, "after"}: RevokeToken
//	POST /sandbox/images              an Image: AddImage
//	POST /sandbox/behaviour           {"image", "kind"}: how instances of an image behave that are launched from now on;
//	                                  {"image", "error_ratio", "crash_ratio", "latency"}: what becomes of requests from now on
//	POST /sandbox/requests            {"route": ARN or "web:443", "requests_per_minute"}: SetRequests
//	POST /sandbox/metrics             {"delay", "status", "points_per_call"}: SetMetrics; {} is as it was
//	POST /sandbox/functions           a FunctionConfig: SetFunction; DELETE /sandbox/functions?name=NAME: DeleteFunction
//	POST /sandbox/prometheus          a PrometheusQuery: SetPrometheus; DELETE /sandbox/prometheus?query=TEXT: ForgetPrometheus
//	POST /sandbox/market              a Market: SetMarket
//	POST /sandbox/faults              a Fault: Fail;                 DELETE /sandbox/faults: ClearFaults
//	POST /sandbox/alarms              {"name", "state", "reason"}: SetAlarm; DELETE /sandbox/alarms?name=NAME: DeleteAlarm
func (w *World) serveControl(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && fromElsewhere(r) {
		http.Error(rw, "the sandbox takes no calls from pages of other sites", http.StatusForbidden)
		return
	}
	what := strings.Trim(strings.TrimPrefix(r.URL.Path, "/sandbox"), "/")
	serve, ok := controls[r.Method+" "+what]
	if !ok {
		http.Error(rw, fmt.Sprintf("there is no %s %s here", r.Method, r.URL.Path), http.StatusNotFound)
		return
	}
	serve(w, rw, r)
}

var controls = map[string]func(*World, http.ResponseWriter, *http.Request){
	"GET ":          func(w *World, rw http.ResponseWriter, _ *http.Request) { w.writeOverview(rw) },
	"GET state":     servePageState,
	"GET env":       serveEnvironment,
	"GET calls":     serveCalls,
	"GET changes":   func(w *World, rw http.ResponseWriter, _ *http.Request) { writeControl(rw, w.Changes()) },
	"GET timeline":  func(w *World, rw http.ResponseWriter, _ *http.Request) { writeControl(rw, w.Timeline()) },
	"GET instances": serveInstances,
	"GET groups":    func(w *World, rw http.ResponseWriter, _ *http.Request) { writeControl(rw, w.Groups()) },
	"DELETE groups": func(w *World, rw http.ResponseWriter, r *http.Request) {
		w.DeleteGroup(r.URL.Query().Get("group"))
		rw.WriteHeader(http.StatusNoContent)
	},
	"DELETE alarms": func(w *World, rw http.ResponseWriter, r *http.Request) {
		var err error
		w.locked(func() { err = w.deleteAlarm(r.URL.Query().Get("name")) })
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	},
	"DELETE faults": func(w *World, rw http.ResponseWriter, _ *http.Request) {
		w.ClearFaults()
		rw.WriteHeader(http.StatusNoContent)
	},
	"POST groups":      serveAddGroup,
	"POST capacity":    posted(setCapacityPosted),
	"POST target":      posted(setTargetPosted),
	"POST weights":     posted(weightsPosted),
	"POST edit":        posted(editPosted),
	"POST roll":        posted(rollPosted),
	"POST propagation": posted(propagationPosted),
	"POST zones":       posted(zonesPosted),
	"POST sessions":    posted((*World).AddSession),
	"POST tokens":      posted(tokenPosted),
	"POST task":        posted(taskPosted),
	"POST policy":      posted(policyPosted),
	"POST reclaim":     posted(reclaimPosted),
	"POST rebalance":   posted(rebalancePosted),
	"POST requests":    posted(requestsPosted),
	"POST metrics":     posted(metricsPosted),
	"POST functions":   posted(func(w *World, f FunctionConfig) error { return w.SetFunction(f) }),
	"DELETE functions": deleteFunctionPosted,
	"POST prometheus":  posted(func(w *World, q PrometheusQuery) error { return w.SetPrometheus(q) }),
	"DELETE prometheus": func(w *World, rw http.ResponseWriter, r *http.Request) {
		w.ForgetPrometheus(r.URL.Query().Get("query"))
		rw.WriteHeader(http.StatusNoContent)
	},
	"POST images":    posted((*World).AddImage),
	"POST behaviour": posted(behaviourPosted),
	"POST market": posted(func(w *World, m Market) error {
		if err := m.check(); err != nil {
			return err
		}
		w.SetMarket(m)
		return nil
	}),
	"POST faults": posted(func(w *World, f Fault) error {
		if err := f.check(); err != nil {
			return err
		}
		w.Fail(f)
		return nil
	}),
	"POST alarms": posted(alarmPosted),
}

// Controls are the calls of the control API, by method and path below /sandbox/: "POST alarms".
func Controls() []string { return slices.Sorted(maps.Keys(controls)) }

// Nearest says what was probably meant by a name that there is not: `; did you mean "alarm"?`, or "".
func Nearest(name string, there []string) string { return didYouMean(name, there) }

type postedAlarm struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Reason string `json:"reason"`
}

func alarmPosted(w *World, a postedAlarm) error {
	var there []string
	found := false
	w.locked(func() {
		for _, known := range w.awsHalf.alarms {
			there = append(there, known.name)
		}
		found = w.setAlarm(a.Name, a.State, a.Reason)
	})
	var ms mistakes
	ms.named("name", "alarm", a.Name, "", there)
	if !slices.Contains(alarmStates, a.State) {
		ms.add("state", "%q is not one of %s%s", a.State, strings.Join(alarmStates, ", "), didYouMean(a.State, alarmStates))
	}
	if !found && len(ms) == 0 {
		ms.add("", "alarm %q is not set", a.Name)
	}
	return ms.orNil()
}

type postedCapacity struct {
	Group   string `json:"group"`
	Minimum int    `json:"minimum"`
	Target  int    `json:"target"`
	Maximum int    `json:"maximum"`
}

func setCapacityPosted(w *World, c postedCapacity) error {
	if _, ok := w.Group(c.Group); !ok {
		return noGroup(c.Group)
	}
	if c.Minimum < 0 || c.Target < c.Minimum || c.Maximum < c.Target {
		return fmt.Errorf("the capacity is out of order: 0 <= minimum <= target <= maximum")
	}
	w.SetCapacity(c.Group, c.Minimum, c.Target, c.Maximum)
	return nil
}

type postedTarget struct {
	Group  string   `json:"group"`
	Target int      `json:"target"`
	After  Duration `json:"after"`
}

func setTargetPosted(w *World, t postedTarget) error {
	if _, ok := w.Group(t.Group); !ok {
		return noGroup(t.Group)
	}
	w.locked(func() { w.autoscaleAfter(time.Duration(t.After), t.Group, t.Target) })
	return nil
}

type postedTask struct {
	Group string `json:"group"`
	Task  int    `json:"task"`
}

func taskPosted(w *World, p postedTask) error {
	if _, ok := w.Group(p.Group); !ok {
		return noGroup(p.Group)
	}
	if !w.RunTask(p.Group, p.Task) {
		return fmt.Errorf("group %q has no task %d that does anything now, or it is switched off, SCHEDULING is suspended, or a deployment of Spot's own is under way", p.Group, p.Task)
	}
	return nil
}

type postedReclaim struct {
	Instance        string   `json:"instance"`
	FractionPerHour *float64 `json:"fraction_per_hour"`
	Interruption
}

func reclaimPosted(w *World, p postedReclaim) error {
	if p.FractionPerHour != nil {
		w.ReclaimRandom(*p.FractionPerHour)
		return nil
	}
	taken := false
	w.locked(func() { taken = w.reclaim(p.Instance, w.config.Interruption.with(p.Interruption)) })
	if !taken {
		return fmt.Errorf("there is no instance %q that has had no notice", p.Instance)
	}
	return nil
}

type postedInstance struct {
	Instance string `json:"instance"`
}

func rebalancePosted(w *World, p postedInstance) error {
	if !w.Rebalance(p.Instance) {
		return fmt.Errorf("there is no spot instance %q to be replaced, or PREVENTIVE_REPLACEMENT is suspended", p.Instance)
	}
	return nil
}

func noGroup(name string) error { return fmt.Errorf("there is no group %q", name) }

// posted serves a POST of one JSON value.
func posted[T any](do func(*World, T) error) func(*World, http.ResponseWriter, *http.Request) {
	return func(w *World, rw http.ResponseWriter, r *http.Request) {
		var v T
		err := decodeStrictly(http.MaxBytesReader(rw, r.Body, bodyLimit), &v, func() error { return outOfBounds(v) })
		if err == nil {
			err = do(w, v)
		}
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	}
}

func serveAddGroup(w *World, rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, bodyLimit))
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	id, err := w.AddGroup(body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	writeControl(rw, map[string]string{"id": id})
}

func serveCalls(w *World, rw http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("changes") == "true" {
		writeControl(rw, w.Changes())
		return
	}
	writeControl(rw, w.Calls())
}

func writeControl(rw http.ResponseWriter, v any) {
	rw.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(rw)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // the client is gone if this fails
}

// writeOverview writes what stands now, for people.
func (w *World) writeOverview(rw http.ResponseWriter) {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	var now Moment
	var images []Image
	var alarms []alarm
	var requests []pageRequests
	var calls int
	w.locked(func() {
		requests = w.requests()
		for _, a := range w.awsHalf.alarms {
			alarms = append(alarms, *a)
		}
		now, images, calls = w.past.moments[len(w.past.moments)-1], w.images(), len(w.calls)
		now.Time = w.now
	})
	fmt.Fprintf(rw, "The sandbox at %s, after %d calls.\n\n", now.Time.Format("2006-01-02 15:04:05"), calls)
	table := tabwriter.NewWriter(rw, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "GROUP\tID\tMIN\tTARGET\tMAX\tINSTANCES\tRUNNING\tIN SERVICE\tSERVING")
	for _, g := range now.Groups {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", g.Name, g.ID, g.Minimum, g.Target, g.Maximum,
			g.Instances, g.Running, g.InService, g.Serving)
	}
	fmt.Fprintln(table, "\nTARGET GROUP\tHEALTHY\tUNHEALTHY\tINITIAL\tDRAINING\tUNUSED\tARN")
	for _, t := range now.TargetGroups {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%s\n", t.Name, t.Healthy, t.Unhealthy, t.Initial, t.Draining, t.Unused, t.ARN)
	}
	fmt.Fprintln(table, "\nROUTE\tTARGET GROUP\tWEIGHT")
	for _, route := range now.Routes {
		for _, weight := range route.Weights {
			fmt.Fprintf(table, "%s\t%s\t%d\n", route.ARN, weight.TargetGroup, weight.Weight)
		}
	}
	fmt.Fprintln(table, "\nREQUESTS TO\tA MINUTE\tANSWERED 5XX\tNOT ANSWERED\tHALF WITHIN")
	for _, r := range requests {
		fmt.Fprintf(table, "%s\t%.0f\t%.1f %%\t%.1f %%\t%.0f ms\n", r.TargetGroup, r.PerMinute, r.Errors*100, r.Crashes*100, r.Latency*1000)
	}
	fmt.Fprintln(table, "\nALARM\tSTATE\tSINCE\tREASON")
	for _, a := range alarms {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.name, a.state, a.transitioned.Format(time.DateTime), a.reason)
	}
	fmt.Fprintln(table, "\nIMAGE\tNAME\tBEHAVIOUR\tERRORS\tCRASHES\tLATENCY")
	for _, i := range images {
		fmt.Fprintf(table, "%s\t%s\t%s\t%.1f %%\t%.1f %%\t%v\n", i.ID, i.Name, i.Behaviour.Kind, i.Behaviour.ErrorRatio*100, i.Behaviour.CrashRatio*100, i.Behaviour.Latency)
	}
	_ = table.Flush() // the client is gone if this fails
}
