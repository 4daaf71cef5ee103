package sandbox

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is a mishap that waits for calls. A call meets at most one: the one that was set up first of those that match.
type Fault struct {
	// Service, Action and Subject tell which calls it is for, as the journal names them; "" is any. Subject may also be
	// the name of the group.
	Service string `json:"service"`
	Action  string `json:"action"`
	Subject string `json:"subject"`
	// Nth is the first of the matching calls that meets it, from 1, which is the default; Times is how many do from there.
	// Times below 0 is all of them; 0 is one, or all where Rate is set or the kind is Throttle with a Limit.
	Nth   int `json:"nth"`
	Times int `json:"times"`
	// Rate is the chance of each of those calls to meet it, 0 to 1. 0 is certainty.
	Rate float64 `json:"rate"`

	Kind FaultKind `json:"kind"`
	// Status, Code and Message are the answer of an Error (defaults 500, "GENERAL_ERROR", "Something went wrong"), and
	// Status that of HTML (502) and Empty (503).
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
	// Delay is how long Latency lasts (it has no default), how old the answers of Stale are (default 10s), and how long
	// Throttle blocks (default 60s).
	Delay Duration `json:"delay"`
	// Limit is how many calls in 60 seconds Throttle lets pass. 0 lets none pass: it blocks at once for Delay.
	Limit int `json:"limit"`
	// Size is how many bytes LongError (default 150,000) and GzipBomb (default 1 GiB) answer; HTML fills its page up to it.
	Size int `json:"size"`
	// Item is which of an answer's items the kinds that spoil items spoil, from 1; 0 is all of them.
	Item int `json:"item"`
	// Value is the ID that StrangeID gives them. Default "../../setup/account".
	Value string `json:"value"`
}

// FaultKind is a kind of mishap.
type FaultKind string

const (
	// Error answers an error in the service's own format, without any effect.
	Error FaultKind = "error"
	// Throttle answers as the service's rate limit does, without any effect: at Spot 429 with X-RateLimit-Reset, which every
	// further call during the block pushes out.
	Throttle FaultKind = "throttle"
	// AWSThrottle is what Spot answers when AWS throttles it: 400 with CANT_CREATE_GROUP for CreateGroup, RequestLimitExceeded
	// for others. For an AWS call it is the same as Throttle.
	AWSThrottle FaultKind = "aws-throttle"
	// HTML is an error page of an edge that knows nothing of the API.
	HTML FaultKind = "html"
	// Empty is a 503 without a body.
	Empty FaultKind = "empty"
	// Latency makes the call wait before it takes effect.
	Latency FaultKind = "latency"
	// Hang takes the call and neither lets it take effect nor answers until the client gives up.
	Hang FaultKind = "hang"
	// DropBefore breaks the connection before the effect.
	DropBefore FaultKind = "drop-before"
	// DropAfter breaks the connection after the effect.
	DropAfter FaultKind = "drop-after"
	// Stale answers reads as the world was Delay ago. At Spot that is exact from the moment the fault was set up; at AWS it
	// is what the same question was answered back then, or the truth if nobody asked.
	Stale FaultKind = "stale"
	// GeneralError is what Spot answers reads with now and then: 400 with GENERAL_ERROR. Other calls do not meet it.
	GeneralError FaultKind = "general-error"
	// LongError is an Error (400) with a message of Size bytes.
	LongError FaultKind = "long-error"
	// GzipBomb answers 200 with a compressed body that unpacks to Size blanks, without any effect.
	GzipBomb FaultKind = "gzip-bomb"
	// Endless answers 200 with a body that never ends, 64 KiB each 10 ms, without any effect.
	Endless FaultKind = "endless"

	// The following spoil what Spot answers. The call takes effect: a group is made, and its ID is not to be had. AWS calls do
	// not meet them, nor calls that are answered without items.

	// NoItems answers 200 without items.
	NoItems FaultKind = "no-items"
	// CutItems leaves the last half of the items out, one at least.
	CutItems FaultKind = "cut-items"
	// NullItem is null in place of an item.
	NullItem FaultKind = "null-item"
	// TextItem is a text in place of an item.
	TextItem FaultKind = "text-item"
	// NumberItem is a number in place of an item.
	NumberItem FaultKind = "number-item"
	// ItemWithoutID lacks its id (an instance its instanceId).
	ItemWithoutID FaultKind = "item-without-id"
	// ItemOfWrongKinds has numbers for texts, texts for objects, and objects for numbers; its id is right.
	ItemOfWrongKinds FaultKind = "item-of-wrong-kinds"
	// StrangeID is an item whose id is Value.
	StrangeID FaultKind = "strange-id"
	// OddTags is a group whose tags are a text, a number, null, a list and an object without a key, beside those that it has.
	OddTags FaultKind = "odd-tags"
	// OtherForm answers the items without the envelope that they belong in: {"groups": [{"group": …}]}.
	OtherForm FaultKind = "other-form"
)

// FaultKinds are all kinds there are, so that a test can try each.
func FaultKinds() []FaultKind {
	return []FaultKind{Error, Throttle, AWSThrottle, HTML, Empty, Latency, Hang, DropBefore, DropAfter, Stale, GeneralError, LongError,
		GzipBomb, Endless, NoItems, CutItems, NullItem, TextItem, NumberItem, ItemWithoutID, ItemOfWrongKinds, StrangeID, OddTags, OtherForm}
}

// Fail sets up a fault. The function that it returns takes it away again. It panics on a Kind that there is not.
func (w *World) Fail(f Fault) (remove func()) {
	if err := f.check(); err != nil {
		panic("sandbox: " + err.Error())
	}
	w.locked(func() { w.faults.add(w, &f) })
	return func() {
		w.locked(func() { w.faults.remove(&f) })
	}
}

// ClearFaults takes all faults away.
func (w *World) ClearFaults() {
	w.locked(func() { w.faults = faults{} })
}

func (f *Fault) check() error {
	var ms mistakes
	kinds := make([]string, len(FaultKinds()))
	for n, k := range FaultKinds() {
		kinds[n] = string(k)
	}
	if f.Kind == "" {
		ms.add("kind", "it is left out; it is one of %s", strings.Join(kinds, ", "))
	}
	ms.under("", outOfBounds(*f))
	return ms.orNil()
}

// The following may be asked of no fault at all.

func (f *Fault) is(k FaultKind) bool { return f != nil && f.Kind == k }
func (f *Fault) waits() bool         { return f.is(Latency) }

// instead tells whether the fault is answered instead of the call.
func (f *Fault) instead() bool {
	return f != nil && slices.Contains([]FaultKind{Error, Throttle, AWSThrottle, HTML, Empty, GeneralError, LongError, GzipBomb, Endless}, f.Kind)
}

// faults are those that are set up.
type faults struct {
	waiting []*waitingFault
	// keepAnswers, answers and views are what Stale needs: what AWS calls were answered, what Spot's groups were.
	keepAnswers bool
	answers     map[string][]oldAnswer
	views       []view
}

type waitingFault struct {
	*Fault
	met    int // matching calls so far
	window window
	until  time.Time // the end of a block
}

func (fs *faults) add(w *World, f *Fault) {
	fs.waiting = append(fs.waiting, &waitingFault{Fault: f})
	if f.Kind != Stale {
		return
	}
	orDuration(&f.Delay, 10*time.Second)
	if !fs.keepAnswers {
		fs.keepAnswers = true
		fs.answers = map[string][]oldAnswer{}
		fs.views = []view{w.view()}
	}
}

func (fs *faults) remove(f *Fault) {
	fs.waiting = slices.DeleteFunc(fs.waiting, func(waiting *waitingFault) bool { return waiting.Fault == f })
	if !slices.ContainsFunc(fs.waiting, func(waiting *waitingFault) bool { return waiting.Kind == Stale }) {
		fs.keepAnswers, fs.answers, fs.views = false, nil, nil
	}
}

// meets is the fault that a call meets, or nil.
func (fs *faults) meets(w *World, call Call) *Fault {
	var met *Fault
	for _, f := range fs.waiting {
		// Every matching fault counts the call, so that Nth means the same whatever else is set up.
		if f.matches(call) && f.strikes(w) && met == nil {
			met = f.answer(w.now)
		}
	}
	return met
}

func (f *waitingFault) matches(call Call) bool {
	if f.spoils() && call.Service != "spot" || f.Kind == GeneralError && !call.readsSpot() {
		return false
	}
	return (f.Service == "" || f.Service == call.Service) &&
		(f.Action == "" || f.Action == call.Action) &&
		(f.Subject == "" || f.Subject == call.Subject || f.Subject == call.Name)
}

// strikes counts a matching call, and tells whether it is one that meets the fault.
func (f *waitingFault) strikes(w *World) bool {
	if f.Kind == Throttle && (f.Limit > 0 || w.now.Before(f.until)) {
		return f.throttles(w.now)
	}
	f.met++
	first := max(f.Nth, 1)
	if f.met < first {
		return false
	}
	times := f.Times
	if times == 0 && f.Rate == 0 {
		times = 1
	}
	if times > 0 && f.met >= first+times {
		return false
	}
	if f.Rate > 0 && w.random.Float64() >= f.Rate {
		return false
	}
	if f.Kind == Throttle {
		return f.throttles(w.now)
	}
	return true
}

// throttles tells whether a call is over the limit, and lengthens the block if it is.
func (f *waitingFault) throttles(now time.Time) bool {
	if f.Limit > 0 {
		_, reset := f.window.admit(now, f.Limit)
		f.until = now.Add(reset)
		return reset > 0
	}
	block := time.Duration(f.Delay)
	if block == 0 {
		block = rateWindow
	}
	f.until = now.Add(block)
	return true
}

// answer is the fault with what the answer needs of the moment.
func (f *waitingFault) answer(now time.Time) *Fault {
	copied := *f.Fault
	if f.Kind == Throttle {
		copied.Delay = Duration(f.until.Sub(now))
	}
	return &copied
}

// rateWindow is the span over which Spot counts calls: https://docs.spot.io/administration/api/ (rate limits).
const rateWindow = time.Minute

// window counts the calls of the last rateWindow, those that were refused included: that is why calling on while blocked
// keeps the block from ending.
type window struct{ at []time.Time }

// admit counts a call. It answers how many more may come now, and how long to wait if this one may not.
func (x *window) admit(now time.Time, limit int) (remaining int, reset time.Duration) {
	old := 0
	for old < len(x.at) && !x.at[old].After(now.Add(-rateWindow)) {
		old++
	}
	x.at = append(x.at[old:], now)
	if len(x.at) <= limit {
		return limit - len(x.at), 0
	}
	// A call made when the wait is over is counted too, so the window has to have room for it then.
	return 0, x.at[len(x.at)-limit].Add(rateWindow).Sub(now)
}

// answerFault answers a call with its fault.
func (w *World) answerFault(f *Fault, call *Call, answer *recorder) {
	spot := call.Service == "spot"
	switch f.Kind {
	case HTML:
		answer.Header().Set("Content-Type", "text/html")
		answer.WriteHeader(orInt(f.Status, http.StatusBadGateway))
		fmt.Fprint(answer, "<html><head><title>502 Bad Gateway</title></head><body><center><h1>Bad Gateway</h1></center>")
		fmt.Fprint(answer, strings.Repeat("<p>The server is busy. ", f.Size/len("<p>The server is busy. ")), "</body></html>")
	case Empty:
		answer.WriteHeader(orInt(f.Status, http.StatusServiceUnavailable))
	case Throttle:
		if !spot {
			w.awsThrottled(answer, call.Service)
			return
		}
		writeLimits(answer, f.Limit, 0, time.Duration(f.Delay))
		w.throttled(answer)
	case AWSThrottle:
		switch {
		case !spot:
			w.awsThrottled(answer, call.Service)
		case call.Action == "CreateGroup":
			w.refuse(answer, http.StatusBadRequest, apiError{Code: "CANT_CREATE_GROUP", Message: "Failed to create group"})
		default:
			w.refuse(answer, http.StatusBadRequest, apiError{Code: "RequestLimitExceeded", Message: "Request limit exceeded."})
		}
	case GzipBomb:
		answer.Header().Set("Content-Type", "application/json")
		answer.Header().Set("Content-Encoding", "gzip")
		_, _ = answer.Write(bomb(orInt(f.Size, 1<<30))) // into memory
	case Endless:
		answer.Header().Set("Content-Type", "application/json")
		answer.WriteHeader(http.StatusOK)
		answer.endless = true
	case GeneralError:
		w.refuse(answer, http.StatusBadRequest, apiError{Code: "GENERAL_ERROR", Message: "General error"})
	case Error, LongError:
		status := http.StatusInternalServerError
		if f.Kind == LongError {
			status = http.StatusBadRequest
			f.Message = strings.Repeat("Something went wrong. ", orInt(f.Size, 150_000)/len("Something went wrong. ")+1)
		}
		status = orInt(f.Status, status)
		e := apiError{Code: f.Code, Message: f.Message}
		orText(&e.Code, "GENERAL_ERROR")
		orText(&e.Message, "Something went wrong")
		if !spot {
			w.awsError(answer, call.Service, status, e.Code, e.Message)
			return
		}
		w.refuse(answer, status, e)
	}
}

// awsThrottled answers as AWS does when a bucket is empty: EC2 with 503, the others with 400.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
func (w *World) awsThrottled(answer *recorder, service string) {
	switch {
	case service == "ec2":
		w.awsError(answer, service, http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded.")
		return
	case service == "lambda":
		w.awsError(answer, service, http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded.")
		return
	case isWeb(service):
		webError(answer, http.StatusTooManyRequests, "Too Many Requests")
		return
	}
	w.awsError(answer, service, http.StatusBadRequest, "Throttling", "Rate exceeded")
}

// writeLimits sets the headers that stand on every answer of Spot.
func writeLimits(answer *recorder, limit, remaining int, reset time.Duration) {
	h := answer.Header()
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
	h.Set("X-RateLimit-Reset", strconv.Itoa(int(math.Ceil(reset.Seconds()))))
}

func orInt(n, d int) int {
	if n == 0 {
		return d
	}
	return n
}
