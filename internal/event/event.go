package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Schema is the version of what is written.
const Schema = 1

// Event is one thing that happened in a rollout.
type Event struct {
	Time       time.Time
	Deployment string
	// Run is the same in all events of one run, and in no others.
	Run string
	// Fact is what happened. It is nil in an event that was read and is of a kind that this version does not know.
	Fact Fact

	read head // as it was read, of what this version does not know
}

// Fact is what happened: one of the types of this package.
type Fact interface {
	// Kind is the event's name in the schema.
	Kind() string
	// String says it in a sentence.
	String() string
}

// head are the fields of all events.
type head struct {
	Schema     int       `json:"schema"`
	Time       time.Time `json:"time"`
	Deployment string    `json:"deployment"`
	Run        string    `json:"run"`
	Event      string    `json:"event"`
	Message    string    `json:"message"`
}

// Kind is the event's name in the schema.
func (e Event) Kind() string {
	if e.Fact == nil {
		return e.read.Event
	}
	return e.Fact.Kind()
}

// Message says in a sentence what happened.
func (e Event) Message() string {
	if e.Fact == nil {
		return e.read.Message
	}
	return e.Fact.String()
}

// MarshalJSON writes the event as one object: the fields of all events, then its own. Times are in milliseconds.
func (e Event) MarshalJSON() ([]byte, error) {
	first, err := plainly(head{Schema, e.Time.UTC().Truncate(time.Millisecond), e.Deployment, e.Run, e.Kind(), e.Message()})
	if err != nil || e.Fact == nil {
		return first, err
	}
	rest, err := plainly(e.Fact)
	if err != nil || bytes.Equal(rest, []byte("{}")) {
		return first, err
	}
	return append(append(first[:len(first)-1], ','), rest[1:]...), nil
}

// plainly writes JSON as people read it, with -> and & as they are.
func plainly(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// Seconds is a duration as events have it: in seconds, to the millisecond.
func Seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

// facts reads the fields of an event of each kind.
var facts = map[string]func(line []byte) (Fact, error){
	"begun":      read[Begun],
	"step_begun": read[StepBegun],
	"step_done":  readStepEnd,
	"health":     read[Health],
	"bake":       read[Bake],
	"alarms":     read[Alarms],
	"check":      read[Check],
	"weights":    read[Weights],
	"going_back": read[GoingBack],
	"holding":    read[Holding],
	"notice":     read[Notice],
	"ended":      read[Ended],
}

func read[F Fact](line []byte) (Fact, error) {
	var f F
	err := json.Unmarshal(line, &f)
	return f, err
}

// readStepEnd reads the end of a step: it has failed if there is an error.
func readStepEnd(line []byte) (Fact, error) {
	var failed struct{ Error *string }
	if err := json.Unmarshal(line, &failed); err != nil {
		return nil, err
	}
	if failed.Error != nil {
		return read[StepFailed](line)
	}
	return read[StepDone](line)
}

// Parse reads what MarshalJSON has written, by this version of the schema or a later one. The error says what of it is no event.
func Parse(line []byte) (Event, error) {
	var h head
	if err := json.Unmarshal(line, &h); err != nil {
		return Event{}, fmt.Errorf("this is no event: %w", err)
	}
	if h.Event == "" || h.Schema < 1 {
		return Event{}, errors.New("this is no event: it has no \"event\", or no \"schema\"")
	}
	e := Event{Time: h.Time, Deployment: h.Deployment, Run: h.Run, read: h}
	if known := facts[h.Event]; known != nil {
		fact, err := known(line)
		if err != nil {
			return Event{}, fmt.Errorf("this is no event %q: %w", h.Event, err)
		}
		e.Fact = fact
	}
	return e, nil
}

// Kinds are the names of all events that this version knows, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(facts)) }
