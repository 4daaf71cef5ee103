package sweep_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// course is how an undisturbed run of a flow goes, and how what is applied next ends.
type course struct {
	f     flow
	how   strategy
	steps []step
	wrong string // what is wrong with it already

	mu   sync.Mutex
	ends map[string]string
}

// courses are those that were looked at already: they are asked for by every test.
var courses sync.Map

// course is that of the flow in a strategy. The test fails if even the undisturbed run keeps no promise.
func (f flow) course(t *testing.T, how strategy) *course {
	t.Helper()
	made, _ := courses.LoadOrStore(how.name+"/"+f.name, sync.OnceValue(func() *course {
		c := &course{f: f, how: how, ends: map[string]string{}}
		c.run(t)
		return c
	}))
	c := made.(func() *course)()
	if c.wrong != "" {
		t.Fatal("undisturbed: " + c.wrong)
	}
	return c
}

func (c *course) run(t *testing.T) {
	c.f.in(t, c.how, 1, func(s *scene) {
		judge := s.judge(c.f.floor)
		run := s.process(c.f.run)
		cursor := s.follow(nil, false, nil)
		result := run.Do(s.t.Context())
		s.cursor.Store(nil)
		s.applied(c.f.run, result)
		c.steps = cursor.steps
		if c.wrong = judge.verdict(false); c.wrong == "" && (result.Outcome != runner.Succeeded) != c.f.fails {
			c.wrong = fmt.Sprintf("it ended %s: %v", result.Outcome, result.Err)
		}
		c.ends["same false"] = s.standing()
		c.ends["same true"] = c.ends["same false"]
		serves := c.f.run
		if c.f.fails {
			serves = config{image: "ami-1"}
		}
		if c.wrong == "" && c.f.run.hold == 0 && !s.stands(serves) {
			c.wrong = "it left\n" + c.ends["same false"]
		}
	})
}

// end is how an undisturbed run of what is applied next ends: instead of the flow's run, or after it.
func (c *course) end(t *testing.T, next string, after bool) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := fmt.Sprint(next, " ", after)
	if _, known := c.ends[key]; !known {
		c.f.in(t, c.how, 1, func(s *scene) {
			if after {
				s.apply(c.f.run)
			}
			s.calm()
			result := s.apply(c.f.next[next])
			if c.ends[key] = s.standing(); !s.stands(c.f.next[next]) {
				c.ends[key] = "undisturbed it left\n" + c.ends[key]
			}
			if result.Outcome != runner.Succeeded {
				c.ends[key] = fmt.Sprintf("undisturbed it ended %s: %v", result.Outcome, result.Err)
			}
		})
	}
	return c.ends[key]
}

// calm takes back an alarm, and lets it be.
func (s *scene) calm() {
	s.trips.Store(false)
	s.world.SetAlarm(alarm, "OK", "")
}

// kill is one process that ends: where, whether the call there takes effect, and what is applied then, how much later.
type kill struct {
	at    step
	after bool
	next  string
	later time.Duration
}

func (k kill) String() string {
	when := "before"
	if k.after {
		when = "after"
	}
	return fmt.Sprintf("%s %s, %s later the %s", when, k.at, k.later, k.next)
}

// TestKilledAnywhere ends the process of a run at every call, before its effect and after it, and applies what comes next: the
// same once more, what was there before, or something newer.
func TestKilledAnywhere(t *testing.T) {
	eachFlow(t, nil, func(t *testing.T, how strategy, f flow) {
		c := f.course(t, how)
		b := &breaches{t: t}
		defer b.end()
		for n, k := range c.kills() {
			place := how.name + " " + f.name + ", killed " + k.String()
			if chosen(place, n+k.at.at.change, k.at.changes, 6, 31) {
				b.add(place, f.killed(t, how, c, k))
			}
		}
	})
}

// kills are all that is done to a run: each call is ended before and after its effect, with each of the three next applies. A
// read leaves the same world either way, so that in a sample it takes two of the six by turns.
func (c *course) kills() []kill {
	var all []kill
	afters, nexts := []bool{false, true}, []string{"same", "reverted", "newer"}
	for n, at := range places(c.steps) {
		for i, after := range afters {
			for j, next := range nexts {
				if !*exhaustive && !at.changes && (n+i+j)%len(nexts) > 0 {
					continue
				}
				later := time.Second
				if len(all)%4 > 1 {
					later = 4 * time.Minute // what was on its way is there, or gone
				}
				all = append(all, kill{at, after, next, later})
			}
		}
	}
	return all
}

// killed does it, and says what promise is broken by it.
func (f flow) killed(t *testing.T, how strategy, c *course, k kill) (breach string) {
	fresh, done := c.end(t, k.next, false), c.end(t, k.next, true)
	f.in(t, how, 1, func(s *scene) {
		judge := s.judge(f.floor)
		cursor, _ := s.killedAt(f.run, k.at.at, k.after)
		if !cursor.dead {
			return // a wait was over earlier
		}
		count(&counted.kills, how)
		want := fresh
		if s.released(f.run) && !f.run.gone {
			want = done
		}
		time.Sleep(k.later)
		next := f.next[k.next]
		if k.next != "same" {
			s.calm()
		}
		result := s.apply(next)
		if fails := f.fails && k.next == "same"; (result.Outcome != runner.Succeeded) != fails {
			breach = fmt.Sprintf("the next apply ended %s: %v", result.Outcome, result.Err)
			return
		}
		if breach = judge.verdict(false); breach != "" {
			return
		}
		if got := s.standing(); got != want && !(f.run.gone && s.stands(next)) {
			breach = fmt.Sprintf("it ends as\n%s\nwant\n%s", got, want)
		}
	})
	return breach
}

// released tells whether a revision of the configuration's release is proven, and is the newest there is.
func (s *scene) released(c config) bool {
	revision, released := 0, false
	for _, g := range s.world.Groups() {
		if j, image := verdict(g); j.Deployment == "web" && j.Revision > revision && strings.HasPrefix(g.Name, "web__") {
			revision, released = j.Revision, image == c.image && j.Verdict == "proven"
		}
	}
	return released
}

// stands tells whether the configuration alone stands, under whatever number: its release with its capacity, all other revisions
// at rest, traffic in one piece; nothing at all if it is gone.
func (s *scene) stands(c config) bool {
	size, live := c.size(), 0
	want := fmt.Sprintf(" %s %d/%d/%d proven, %d instances", c.image, size.Minimum, size.Target, size.Maximum, size.Target)
	for _, line := range strings.Split(s.standing(), "\n") {
		switch {
		case strings.HasPrefix(line, "…"):
			if strings.Count(line, "=")-strings.Count(line, "=0") != 1 {
				return false
			}
		case !strings.HasPrefix(line, "web__"):
			if !strings.HasSuffix(line, ", 0 instances") {
				return false
			}
		case strings.HasSuffix(line, want):
			live++
		case c.gone || !strings.HasSuffix(line, " 0/0/0 proven, 0 instances"):
			return false
		}
	}
	return c.gone && live == 0 || !c.gone && live == 1
}
