package users_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

var (
	exhaustive = flag.Bool("exhaustive", false, "tell 10,000 stories")
	count      = flag.Int("stories", 0, "tell so many stories of each strategy")
	from       = flag.Int("from", 0, "begin with this story")
	about      = flag.String("about", "", "the topics that stories are about, separated by commas, in place of all")
	details    = flag.Bool("details", false, "say what came of each line of a case")
)

// story is what happens in a scene, a line a deed.
type story struct {
	climate  int
	strategy string
	seed     uint64
	lines    []string
}

func (t story) String() string {
	head := "A deployment of strategy " + t.strategy
	if name := climates[t.climate].name; name != "" {
		head += ", where " + name
	}
	return head + ".\n  " + strings.Join(t.lines, "\n  ") + "\n"
}

// calm is the last line of every story.
const calm = "all is calm again, another image is released, and all is destroyed"

// tell plays a story in virtual time, and says what was broken first; nil if nothing was.
func tell(t *testing.T, told story) (s *scene) {
	synctest.Test(t, func(*testing.T) {
		s = newScene(climates[told.climate], told.strategy, told.seed)
		defer s.log.end()
		defer s.end()
		defer func() {
			counted.stories.Add(1)
			counted.lines.Add(int64(len(s.lines)))
			counted.instants.Add(int64(len(s.world.Timeline())))
			counted.calls.Add(int64(len(s.world.Calls())))
			if p := recover(); p != nil {
				if _, ok := p.(stop); !ok {
					panic(fmt.Sprintf("%v in\n%s\n%s", p, told, debug.Stack()))
				}
			}
		}()
		for _, line := range told.lines {
			d, ok := deeds[line]
			if !ok {
				panic("there is no deed " + line)
			}
			s.lines = append(s.lines, line)
			s.details = append(s.details, "  "+line)
			if !d.do(s) {
				s.lines = s.lines[:len(s.lines)-1]
				s.details = s.details[:len(s.details)-1]
			}
		}
		s.lines, s.details = append(s.lines, calm), append(s.details, "  "+calm)
		s.calms()
	})
	return s
}

// drawnStories draws them: each is about a few topics.
func drawnStories(strategy string) *rapid.Generator[story] {
	lines := func(t topic) []string {
		var all []string
		for _, d := range t.deeds {
			for range d.weight {
				all = append(all, d.line)
			}
		}
		return all
	}
	common := rapid.SampledFrom(lines(usual()))
	var of []*rapid.Generator[string]
	for _, t := range topics() {
		if *about != "" && !slices.Contains(strings.Split(*about, ","), t.name) {
			continue
		}
		for range t.weight {
			of = append(of, rapid.SampledFrom(lines(t)))
		}
	}
	return rapid.Custom(func(t *rapid.T) story {
		told := story{strategy: strategy, seed: 1}
		told.climate = rapid.SampledFrom([]int{0, 0, 0, 0, 0, 1}).Draw(t, "climate")
		about := rapid.SliceOfN(rapid.SampledFrom(of), 1, 3).Draw(t, "topics")
		for range rapid.IntRange(4, 16).Draw(t, "deeds") {
			if rapid.IntRange(0, 1).Draw(t, "usual") == 0 {
				told.lines = append(told.lines, common.Draw(t, "deed"))
			} else {
				told.lines = append(told.lines, rapid.SampledFrom(about).Draw(t, "topic").Draw(t, "deed"))
			}
		}
		return told
	})
}

// counted is what was done in all.
var counted struct{ stories, lines, commands, calls, instants, breaches atomic.Int64 }

func TestMain(m *testing.M) {
	flag.Parse()
	for _, name := range os.Environ() {
		name, _, _ = strings.Cut(name, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "SPOTINST_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	// What is alive is little, and what is thrown away much: collecting it seldom is worth its memory.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(1 << 30)
	began := time.Now()
	code := m.Run()
	if *exhaustive || testing.Verbose() {
		fmt.Printf("%d stories of %d lines, with %d applies and destroys, in %s\n%d calls and %d instants judged, %d breaches\n",
			counted.stories.Load(), counted.lines.Load(), counted.commands.Load(), time.Since(began).Round(time.Second),
			counted.calls.Load(), counted.instants.Load(), counted.breaches.Load())
	}
	os.Exit(code)
}

// shorter tells a story with as few lines as break the same promise.
func shorter(t *testing.T, told story, r rule) story {
	breaks := func(tried story) bool {
		s := tell(t, tried)
		return s.breach != nil && s.breach.rule == r
	}
	for size := max(len(told.lines)/2, 1); size > 0; size /= 2 {
		for at := 0; at+size <= len(told.lines); {
			tried := told
			tried.lines = slices.Concat(told.lines[:at], told.lines[at+size:])
			if breaks(tried) {
				told = tried
				continue
			}
			at += size
		}
	}
	return told
}

// How many stories of each strategy the tests tell, and the short ones.
const (
	sample      = 12
	shortSample = 2
)

// TestUsers tells stories that are drawn, and what is broken in them first, as short as it can be told.
func TestUsers(t *testing.T) {
	stories := *count
	switch {
	case *exhaustive:
		stories = 10_000 / len(strategies)
	case stories == 0 && testing.Short():
		stories = shortSample
	case stories == 0:
		stories = sample
	}
	for i, how := range strategies {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			drawn, found := drawnStories(how), map[rule]int{}
			for n := *from; n < *from+stories; n++ {
				told := drawn.Example(n*len(strategies) + i)
				s := tell(t, told)
				if s.breach == nil {
					continue
				}
				counted.breaches.Add(1)
				if found[s.breach.rule]++; found[s.breach.rule] > mostTold {
					continue
				}
				t.Error(explain(t, n, told, s))
			}
			for _, r := range slices.Sorted(maps.Keys(found)) {
				t.Logf("%d stories break %q", found[r], r)
			}
		})
	}
}

// mostTold is how many stories that break the same promise are explained.
const mostTold = 2

// explain tells a story that broke a promise as short as it can be told, and what came of each line.
func explain(t *testing.T, n int, told story, s *scene) string {
	short := told
	short.lines = s.lines[:min(s.breach.line, len(s.lines))]
	if short.lines[len(short.lines)-1] == calm {
		short.lines = short.lines[:len(short.lines)-1]
	}
	short = shorter(t, short, s.breach.rule)
	if again := tell(t, short); again.breach != nil && again.breach.rule == s.breach.rule {
		s = again
	} else {
		short = told // it does not happen each time
	}
	return fmt.Sprintf("story %d breaks %q: %s\n\n%s\nWhat came of it:\n%s", n, s.breach.rule, s.breach.what, short, strings.Join(s.details, "\n"))
}
