package sandbox

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// bodyLimit is the most that a call may send, in bytes. Documents with user data stay far below it.
const bodyLimit = 4 << 20

// ServeHTTP answers one call to Spot, AWS or the sandbox itself.
func (w *World) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if servesPage(rw, r) {
		return
	}
	if r.URL.Path == "/sandbox" || strings.HasPrefix(r.URL.Path, "/sandbox/") {
		w.serveControl(rw, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, bodyLimit))
	if err != nil {
		http.Error(rw, "Bad Request", http.StatusBadRequest)
		return
	}
	w.conduct(rw, r, body)
}

// conduct leads one call from its arrival to its answer, past the hooks and the faults that wait for it. What happens to
// the world happens under the lock; waiting and the hooks do not.
func (w *World) conduct(rw http.ResponseWriter, r *http.Request, body []byte) {
	var call Call
	var fault *Fault
	var h hooks
	w.locked(func() {
		call = w.arrived(r, body)
		fault = w.faults.meets(w, call)
		h = w.hooks
	})
	if h.before != nil {
		h.before(&call)
	}
	if fault.waits() && !wait(r.Context(), w.onMachine(time.Duration(fault.Delay))) {
		call.dropped = true
	}
	if call.dropped || r.Context().Err() != nil {
		w.dropped(&call)
	}
	if fault.is(DropBefore) || fault.is(Hang) {
		w.locked(func() { call.Fault = string(fault.Kind); w.record(call) })
		if fault.is(Hang) {
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	}

	answer := newRecorder(r)
	w.locked(func() { w.effect(&call, fault, answer, r, body) })
	if h.after != nil && !fault.instead() {
		h.after(&call)
	}
	if answer.takes > 0 && !wait(r.Context(), w.onMachine(answer.takes)) {
		call.dropped = true
	}
	if call.dropped || fault.is(DropAfter) {
		panic(http.ErrAbortHandler)
	}
	if in, ok := rw.(*recorder); ok {
		in.endless = answer.endless
		answer.endless = false
	}
	answer.writeTo(rw, r)
}

// clientHeader is where a client may say who it is.
const clientHeader = "X-Sandbox-Client"

// arrived gives a call its number and finds out what it is.
func (w *World) arrived(r *http.Request, body []byte) Call {
	w.seq++
	call := Call{Seq: w.seq, Client: r.Header.Get(clientHeader), Body: withoutSecrets(body)}
	if isSpot(r) {
		route := spotRoute(r)
		call.Service, call.Action, call.Subject = "spot", route.action, route.group
		call.Name = w.nameFor(route, body)
		return call
	}
	if query, ok := prometheusQuery(r, body); ok {
		call.Service, call.Action, call.Subject, call.Body = "prometheus", "Query", query, ""
		return call
	}
	if name, path, ok := w.appName(r); ok {
		call.Service, call.Action, call.Subject, call.Body, call.path = "app", r.Method, name, "", path
		return call
	}
	call.Service, call.Action, call.Subject = w.awsCall(r, body)
	return call
}

// dropped breaks the connection of a call that has had no effect.
func (w *World) dropped(call *Call) {
	call.Fault = "dropped"
	w.locked(func() { w.record(*call) })
	panic(http.ErrAbortHandler)
}

// effect lets the call take effect, or meet its fault instead, and enters it in the journal.
func (w *World) effect(call *Call, fault *Fault, answer *recorder, r *http.Request, body []byte) {
	if fault != nil {
		call.Fault = string(fault.Kind)
	}
	w.mutated = false
	switch {
	case fault.instead():
		w.answerFault(fault, call, answer)
	case isSpot(r):
		w.serveSpot(answer, r, body, call, fault)
	case call.Service == "app":
		w.serveApp(answer, r, call.Subject, call.path)
	case call.Service == "prometheus":
		w.servePrometheus(answer, r, call.Subject)
	default:
		w.serveStaleOrAWS(answer, r, body, call, fault)
	}
	call.Status, call.Changed = answer.status, w.mutated
	w.record(*call)
}

// record enters a call in the journal. The time is that of its effect.
func (w *World) record(call Call) {
	call.Time = w.now
	w.calls = append(w.calls, call)
}

// serveStaleOrAWS answers an AWS call. An old answer is one that the same question got back then.
func (w *World) serveStaleOrAWS(answer *recorder, r *http.Request, body []byte, call *Call, fault *Fault) {
	key := call.Service + " " + call.Action + " " + string(body)
	if fault.is(Stale) {
		if old, ok := w.faults.answerOf(key, w.now.Add(-time.Duration(fault.Delay))); ok {
			*answer = *old
			return
		}
	}
	again := *r
	again.Body = io.NopCloser(bytes.NewReader(body))
	w.serveAWS(answer, &again)
	if w.faults.keepAnswers && !w.mutated {
		w.faults.keep(key, w.now, answer)
	}
}

// wait waits on the machine's clock. It answers false if the context ended first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// recorder keeps an answer in memory until it may go out.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
	// endless makes the body go on for ever.
	endless bool
	// takes is how long it is until the answer goes out, by the world's clock.
	takes time.Duration
	// method and url are those of the question: Spot repeats them in its answers.
	method, url string
}

func newRecorder(r *http.Request) *recorder {
	return &recorder{header: http.Header{}, method: r.Method, url: r.URL.RequestURI()}
}

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recorder) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *recorder) writeTo(rw http.ResponseWriter, r *http.Request) {
	for key, values := range a.header {
		rw.Header()[key] = values
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	rw.WriteHeader(a.status)
	_, _ = rw.Write(a.body.Bytes()) // the client is gone if this fails, and so is whoever would want to know
	if a.endless {
		streamed(rw, r)
	}
}
