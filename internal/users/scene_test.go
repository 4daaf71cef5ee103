package users_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// scene is a world, what users have written and what Terraform remembers, and what they have done so far.
type scene struct {
	world   *sandbox.World
	climate climate

	file   module
	states map[string]*state
	saved  *plan

	lines   []string // the story so far
	details []string // what came of it, for whoever looks into a breach
	breach  *breach

	course       atomic.Pointer[course] // of the command that runs
	armed        course                 // what will happen to the next one
	others       atomic.Int64           // calls that somebody else makes now
	foreignCalls map[int]bool           // the calls that somebody else made, by their number
	mu           sync.Mutex

	weather        map[string]bool // what goes on until it ends
	unsettledUntil time.Time       // until when what somebody else did goes on
	interventions  atomic.Int64    // how often somebody else did something: what happens right before an apply has the same time as its beginning
	taken          time.Time       // when somebody last took what serves
	owners         map[string]string
	faultyImages   map[string]bool
	imported       bool
	contested      bool // two states or two resources have released the same
	timers         []*time.Timer
	ended          bool
	log            logs
	lastOp         *operation
	tripped        time.Time // when the alarm last was off
	alarmed        bool
	rolling        map[string]bool
	rollsBegun     int // how many of Spot's own
	sessions       int
	ends           time.Time         // of the credentials that the provider is given
	tagsEdited     bool              // tags of ours were edited
	spoilt         map[string]spoilt // the services that have turned bad, by their images
	turns          int               // how often any of them turned, bad or good
	passingFaults  bool              // what ends nothing has happened: a read that failed once, a group in a list that cannot be read
	faulty         bool              // calls fail, or are answered what nobody meant, until all is calm again

	writtenOnly map[string]bool // the user data that have stood in the files as write-only
	inTheClear  map[string]bool // and those that were once in the clear, or read off a group

	applied     module         // what stood in the files when they were last applied
	actions     sync.WaitGroup // that others have invoked, and that are at work
	acting      int            // how many
	acted       time.Time      // when the last of them ended
	actionsDone []*invoked     // those that have ended, and are not judged yet
	outside     int            // how often somebody did something who is none of the provider's
}

// rule is what a breach is against.
type rule string

type breach struct {
	rule rule
	what string
	line int
}

// stop ends a story at a breach.
type stop struct{}

// broken notes a breach, and ends the story.
func (s *scene) broken(r rule, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.breach == nil {
		s.breach = &breach{rule: r, what: fmt.Sprintf(format, args...), line: len(s.lines)}
	}
	panic(stop{})
}

// note keeps what came of a line.
func (s *scene) note(format string, args ...any) {
	s.details = append(s.details, "      "+strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf(format, args...)), "\n", "\n      "))
}

// state is what Terraform keeps of one configuration.
type state struct {
	name    string
	serial  int
	objects map[string]*object // by the resource's address
	deposed map[string][]*object
}

func newScene(c climate, strategy string, seed uint64) *scene {
	s := &scene{world: newWorld(c, seed), climate: c, file: usualModule(c, strategy), foreignCalls: map[int]bool{}, weather: map[string]bool{},
		owners: map[string]string{}, faultyImages: map[string]bool{}, rolling: map[string]bool{}, spoilt: map[string]spoilt{},
		writtenOnly: map[string]bool{}, inTheClear: map[string]bool{}, states: map[string]*state{}}
	for _, name := range []string{first, second} {
		s.states[name] = &state{name: name, objects: map[string]*object{}, deposed: map[string][]*object{}}
	}
	s.log = newLogs()
	s.world.Intercept(s.called, s.answered)
	time.Sleep(time.Second)
	return s
}

// The states, and the addresses in them.
const (
	first  = "the first state"
	second = "a second state"

	main      = "web"
	duplicate = "twin"
)

// course is what happens to a command while it runs.
type course struct {
	mu          sync.Mutex
	changes     int
	killAt      int  // its process ends at this change
	killAfter   bool // which takes effect
	interruptAt int
	endsAt      string // right before this call the provider's credentials end
	ctx         context.Context
	cancel      context.CancelFunc
	dead        bool
	interrupted bool
	atChange    []func()  // what others do right after its next change
	cut         time.Time // when it was interrupted
}

func changes(c *sandbox.Call) bool {
	switch c.Action {
	case "CreateGroup", "SetCapacity", "UpdateGroup", "DeleteGroup", "ModifyListener", "ModifyRule":
		return true
	}
	return false
}

// called is what happens before the effect of each call.
func (s *scene) called(c *sandbox.Call) {
	if s.others.Load() > 0 {
		s.mu.Lock()
		s.foreignCalls[c.Seq] = true
		s.mu.Unlock()
		return
	}
	k := s.course.Load()
	if k == nil || c.Client != "" {
		return // it is nobody's that is interrupted or killed
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		c.Drop()
		return
	}
	if k.endsAt == c.Action {
		k.endsAt = ""
		s.endAccess(c.Service)
	}
	if !changes(c) {
		return
	}
	k.changes++
	if k.killAt == k.changes && !k.killAfter {
		k.die()
		c.Drop()
	}
}

func (k *course) die() {
	k.dead = true
	k.cancel()
}

// answered is what happens after the effect of each call, before it is answered.
func (s *scene) answered(c *sandbox.Call) {
	k := s.course.Load()
	if s.others.Load() > 0 || k == nil || c.Client != "" || !changes(c) {
		return
	}
	k.mu.Lock()
	if k.dead {
		c.Drop()
		k.mu.Unlock()
		return
	}
	do := k.atChange
	k.atChange = nil
	if k.killAt == k.changes && k.killAfter {
		k.die()
		c.Drop()
	}
	if k.interruptAt == k.changes {
		k.interrupted, k.cut = true, s.world.Now()
		k.cancel()
	}
	k.mu.Unlock()
	for _, f := range do {
		f()
	}
}

// somebody does something that is none of the provider's doing, and what it leads to goes on for a while.
func (s *scene) somebody(unsettled time.Duration, do func()) {
	if s.ended {
		return
	}
	s.others.Add(1)
	do()
	s.others.Add(-1)
	s.mu.Lock()
	s.interventions.Add(1)
	s.outside++
	if until := s.world.Now().Add(unsettled); until.After(s.unsettledUntil) {
		s.unsettledUntil = until
	}
	s.mu.Unlock()
}

// later lets something happen a while from now.
func (s *scene) later(d time.Duration, do func()) {
	s.timers = append(s.timers, time.AfterFunc(d, do))
}

// end lets nothing happen any more.
func (s *scene) end() {
	s.ended = true
	for _, t := range s.timers {
		t.Stop()
	}
}

// unsettled tells whether somebody else, or the weather, has changed anything since.
func (s *scene) unsettled(since time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.weather) > 0 || s.unsettledUntil.After(since) || s.acting > 0 || s.acted.After(since)
}

// endAccess ends the credentials with which the provider asks a service.
func (s *scene) endAccess(service string) {
	s.ends = s.world.Now().Add(-1)
	if service == "spot" {
		s.world.RevokeToken(token, 0)
		return
	}
	if err := s.world.AddSession(sandbox.SessionConfig{AccessKey: sessionKey(s.file.session), Token: sessionToken, Expires: 1}); err != nil {
		panic(err)
	}
}

// access is how the provider gets at the clouds.
func (s *scene) access() attrs {
	access := attrs{"token": token, "account": "act-sandbox", "region": "us-east-1", "access_key": "AKIASANDBOX", "secret_key": secretKey, "max_retries": 3, "event_log": s.log.file.Name()}
	if s.file.session != 0 {
		access["access_key"], access["session_token"] = sessionKey(s.file.session), sessionToken
	}
	return access
}

// own are the provider's changing calls of those, in order.
func (s *scene) own(calls []sandbox.Call) []sandbox.Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(calls), func(c sandbox.Call) bool { return s.foreignCalls[c.Seq] })
}
