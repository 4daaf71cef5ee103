package sandbox

import (
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// The page is what the sandbox shows to people who open its address in a browser: the course of all groups, target groups and routes,
// and buttons for what they fear. It asks the control API alone, and nothing outside this process.
//
//go:embed page/index.html page/page.css page/page.js
var pageFiles embed.FS

// pageTypes are the files of the page by their path, with what they are.
var pageTypes = map[string]struct{ file, kind string }{
	"/":                 {"page/index.html", "text/html; charset=utf-8"},
	"/sandbox/page.css": {"page/page.css", "text/css; charset=utf-8"},
	"/sandbox/page.js":  {"page/page.js", "text/javascript; charset=utf-8"},
}

// momentsAtOnce bounds what one question of the page is answered. It asks for the rest at once.
const momentsAtOnce = 500

// servesPage serves a file of the page, if that is what is asked for. AWS query calls are POSTs to the same path, or have a query.
func servesPage(rw http.ResponseWriter, r *http.Request) bool {
	f, ok := pageTypes[r.URL.Path]
	if !ok || r.Method != http.MethodGet || r.URL.RawQuery != "" {
		return false
	}
	text, err := pageFiles.ReadFile(f.file)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return true
	}
	h := rw.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_, _ = rw.Write(text) // the browser is gone if this fails
	return true
}

// fromElsewhere tells whether a page of another site makes the browser call. Whoever opens any page in the web would let it change the
// world otherwise, for a loopback address is within the browser's reach.
func fromElsewhere(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false // no browser, or its own page
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host != r.Host
}

// pageState is what the page shows. GET /sandbox/state?after=N has the moments from the Nth on.
type pageState struct {
	Now     time.Time `json:"now"`
	Start   time.Time `json:"start"`
	Speed   float64   `json:"speed"`
	Calls   int       `json:"calls"`
	Moments []Moment  `json:"moments"`
	// Next is what to ask for next; More is true if there is more already.
	Next int  `json:"next"`
	More bool `json:"more"`

	Groups   []pageGroup         `json:"groups"`
	Targets  []TargetGroupMoment `json:"target_groups"`
	Requests []pageRequests      `json:"requests"`
	Routes   []pageRoute         `json:"routes"`
	Alarms   []pageAlarm         `json:"alarms"`
	Images   []pageImage         `json:"images"`
	// Faults are the kinds of those that are set up, Shortages whether spot and on-demand capacity lack.
	Faults      []string `json:"faults"`
	Shortages   []string `json:"shortages"`
	Propagation float64  `json:"propagation"` // seconds
	// MetricsLate is that CloudWatch's points come later than they do by themselves.
	MetricsLate bool         `json:"metrics_late"`
	Changes     []pageChange `json:"changes"`
	Kinds       []Kind       `json:"kinds"`
}

type pageGroup struct {
	GroupMoment
	Image     string     `json:"image"`
	Instances []Instance `json:"list"`
}

type pageRoute struct {
	RouteMoment
	Stage bool `json:"stage"`
}

type pageAlarm struct {
	Name   string    `json:"name"`
	State  string    `json:"state"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

type pageImage struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Behaviour  Kind    `json:"behaviour"`
	ErrorRatio float64 `json:"error_ratio"`
	CrashRatio float64 `json:"crash_ratio"`
}

// pageRequests is what became of the requests to a target group in the last two minutes.
type pageRequests struct {
	TargetGroup string  `json:"target_group"`
	PerMinute   float64 `json:"per_minute"`
	Errors      float64 `json:"errors"`  // the fraction that was answered 5XX
	Crashes     float64 `json:"crashes"` // the fraction that was not answered
	Latency     float64 `json:"latency"` // the median, in seconds
}

// requests is what became of the requests in the last two minutes, at target groups that had any.
func (w *World) requests() []pageRequests {
	all := []pageRequests{}
	const span = 2 * time.Minute
	for _, g := range w.awsHalf.groups {
		c := w.counted(g, w.clock().Truncate(cell).Add(-span), w.clock())
		if n := c.requests + c.unserved; n > 0 {
			all = append(all, pageRequests{g.name, n / span.Minutes(), c.errors / n, (c.crashes + c.unserved) / n, c.latency})
		}
	}
	return all
}

// pageChange is a call that changed the world.
type pageChange struct {
	Time    time.Time `json:"time"`
	Action  string    `json:"action"`
	Subject string    `json:"subject"`
}

// changesShown is how many of the last changes the page has.
const changesShown = 12

func servePageState(w *World, rw http.ResponseWriter, r *http.Request) {
	after, err := strconv.Atoi(r.URL.Query().Get("after"))
	if err != nil || after < 0 {
		after = 0
	}
	s := pageState{Speed: w.speed, Kinds: behaviours, Faults: []string{}, Shortages: []string{}, Changes: []pageChange{}}
	w.locked(func() { w.fill(&s, after) })
	writeControl(rw, s)
}

// fill writes what stands now into the page's state.
func (w *World) fill(s *pageState, after int) {
	s.Now, s.Start, s.Calls, s.Propagation = w.now, w.start, len(w.calls), time.Duration(w.config.AWS.Propagation).Seconds()
	s.MetricsLate = w.metrics.Delay > MetricsConfig{}.complete().Delay
	until := min(len(w.past.moments), after+momentsAtOnce)
	s.Moments = slices.Clone(w.past.moments[min(after, until):until])
	s.Next, s.More = until, until < len(w.past.moments)

	last := w.past.moments[len(w.past.moments)-1]
	s.Targets, s.Requests = last.TargetGroups, w.requests()
	for n, g := range w.spotHalf.order {
		shown := w.snapshot(g)
		s.Groups = append(s.Groups, pageGroup{*last.Groups[n], g.spec.image, shown.Instances})
	}
	for n, r := range last.Routes {
		s.Routes = append(s.Routes, pageRoute{r, w.awsHalf.routes[n].stage})
	}
	for _, a := range w.awsHalf.alarms {
		s.Alarms = append(s.Alarms, pageAlarm{a.name, a.state, a.reason, a.transitioned})
	}
	for _, i := range w.images() {
		s.Images = append(s.Images, pageImage{i.ID, i.Name, i.Behaviour.Kind, i.Behaviour.ErrorRatio, i.Behaviour.CrashRatio})
	}
	for _, f := range w.faults.waiting {
		s.Faults = append(s.Faults, string(f.Kind))
	}
	for _, lifecycle := range []string{"spot", "on-demand"} {
		if !w.available(offer{}, lifecycle == "on-demand") {
			s.Shortages = append(s.Shortages, lifecycle)
		}
	}
	for _, c := range slices.Backward(w.calls) {
		if !c.Changed {
			continue
		}
		s.Changes = append(s.Changes, pageChange{c.Time, c.Service + " " + c.Action, c.named()})
		if len(s.Changes) == changesShown {
			break
		}
	}
}

// named is what a call is about, as people call it.
func (c Call) named() string {
	if c.Name != "" {
		return c.Name
	}
	return c.Subject
}

type postedBehaviour struct {
	Image      string    `json:"image"`
	Kind       Kind      `json:"kind"`
	ErrorRatio *float64  `json:"error_ratio"`
	CrashRatio *float64  `json:"crash_ratio"`
	Latency    *Duration `json:"latency"`
}

// behaviourPosted makes an image behave otherwise: by its kind the instances that are launched from now on, and in what becomes of requests
// those that run already, too. What is left out stays as it is.
func behaviourPosted(w *World, b postedBehaviour) error {
	var i Image
	known := false
	w.locked(func() { i, known = w.image(b.Image) })
	if !known {
		return fmt.Errorf("there is no image %q", b.Image)
	}
	if b.Kind != "" {
		i.Behaviour = Behaviour{Kind: b.Kind, ErrorRatio: i.Behaviour.ErrorRatio, CrashRatio: i.Behaviour.CrashRatio, Latency: i.Behaviour.Latency}
	}
	if b.ErrorRatio != nil {
		i.Behaviour.ErrorRatio = *b.ErrorRatio
	}
	if b.CrashRatio != nil {
		i.Behaviour.CrashRatio = *b.CrashRatio
	}
	if b.Latency != nil {
		i.Behaviour.Latency = *b.Latency
	}
	return w.AddImage(i)
}
