package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// output is what two goroutines may write and read.
type output struct {
	lock sync.Mutex
	b    bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.lock.Lock()
	defer o.lock.Unlock()
	return o.b.String()
}

// watched is a command that was started.
type watched struct {
	out, notes output
	code       chan int
	stop       context.CancelFunc
}

func start(t *testing.T, s settings, from source) *watched {
	t.Helper()
	w := &watched{code: make(chan int, 1)}
	ctx, stop := context.WithCancel(t.Context())
	w.stop = stop
	if s.timeout > 0 {
		ctx, stop = context.WithTimeoutCause(ctx, s.timeout, errTimeout)
		t.Cleanup(stop)
	}
	go func() { w.code <- s.watch(ctx, from, &sentences{out: &w.out, notes: &w.notes}, &w.notes) }()
	return w
}

func (w *watched) mustEnd(t *testing.T, want int) {
	t.Helper()
	select {
	case code := <-w.code:
		if code != want {
			t.Fatalf("it ends with %d, want %d:\n%s%s", code, want, &w.notes, &w.out)
		}
	case <-time.After(time.Hour):
		t.Fatalf("it does not end:\n%s%s", &w.notes, &w.out)
	}
}

func (w *watched) mustGoOn(t *testing.T) {
	t.Helper()
	time.Sleep(time.Minute)
	select {
	case code := <-w.code:
		t.Fatalf("it ends with %d:\n%s%s", code, &w.notes, &w.out)
	default:
	}
}

// said are the sentences of a rollout in the order of a file, as plain lines have them.
func said(t *testing.T, kind string) string {
	t.Helper()
	var b strings.Builder
	show := &sentences{out: &b}
	for _, e := range timelinetest.Recorded(t, kind) {
		show.happened(e)
	}
	return b.String()
}

func appendTo(t *testing.T, file string, content []byte) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
}

// A file is followed from before it is there to the end of its rollout, in pieces that are cut anywhere, through a rotation and a
// truncation, and each event is said once.
func TestAFileIsFollowed(t *testing.T) {
	content := timelinetest.Lines(t, timelinetest.Recorded(t, "canary"))
	third := len(content) / 3
	for name, middle := range map[string]func(t *testing.T, file string){
		"in pieces": func(*testing.T, string) {},
		"rotated": func(t *testing.T, file string) {
			end := third + bytes.IndexByte(content[third:], '\n') + 1
			appendTo(t, file, content[third:end])
			if err := os.Rename(file, file+".1"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second) // for a while there is none
			appendTo(t, file, content[end:])
		},
		"truncated": func(t *testing.T, file string) {
			if err := os.Truncate(file, 0); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			appendTo(t, file, content)
		},
		"taken away and back": func(t *testing.T, file string) {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			appendTo(t, file, content)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "rollout.jsonl")
				w := start(t, settings{}, followed{file})
				w.mustGoOn(t)
				if notes := w.notes.String(); notes != "watch: waiting for "+file+"\n" {
					t.Errorf("it notes %q", notes)
				}
				appendTo(t, file, nil)
				w.mustGoOn(t)
				appendTo(t, file, content[:third])
				w.mustGoOn(t)
				middle(t, file)
				if name == "in pieces" {
					for rest := content[third:]; len(rest) > 0; {
						n := min(777, len(rest))
						appendTo(t, file, rest[:n])
						rest = rest[n:]
						time.Sleep(time.Second)
					}
				}
				w.mustEnd(t, exitWell)
				if got, want := w.out.String(), said(t, "canary"); got != want {
					t.Errorf("it says\n%s\nwant\n%s", got, want)
				}
			})
		})
	}
}

// How it ends: by itself, with a code that says how the rollouts did.
func TestHowItEnds(t *testing.T) {
	file := func(t *testing.T, kinds ...string) followed {
		t.Helper()
		name := filepath.Join(t.TempDir(), "rollout.jsonl")
		for i, kind := range kinds {
			run := fmt.Sprintf("%012d", i+1) // all recordings are of a first run
			appendTo(t, name, bytes.ReplaceAll(timelinetest.Lines(t, timelinetest.Recorded(t, kind)), []byte("000000000001"), []byte(run)))
		}
		return followed{name}
	}
	for name, test := range map[string]struct {
		settings settings
		kinds    []string
		code     int
		says     string
		lines    int
	}{
		"all well":                    {settings{}, []string{"canary", "bluegreen"}, exitWell, "web: succeeded after", 2},
		"one of them not":             {settings{}, []string{"failing", "bluegreen"}, exitFailed, "web: rolled back after", 2},
		"it holds":                    {settings{}, []string{"holding"}, exitWell, "web: holds after 25 %", 1},
		"the last one counts":         {settings{}, []string{"failing", "canary"}, exitWell, "web: succeeded after", 1},
		"after a while":               {settings{follow: true, timeout: time.Minute}, []string{"canary"}, exitTimeout, "web: succeeded after", 1},
		"nothing within that time":    {settings{timeout: time.Minute}, nil, exitTimeout, "", 0},
		"a rollout that is under way": {settings{timeout: time.Minute}, []string{"half"}, exitTimeout, "web: web__2 created at 0", 8},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var from followed
				if len(test.kinds) == 1 && test.kinds[0] == "half" {
					from = followed{filepath.Join(t.TempDir(), "rollout.jsonl")}
					appendTo(t, from.name, timelinetest.Lines(t, timelinetest.Recorded(t, "canary")[:10]))
				} else {
					from = file(t, test.kinds...)
				}
				w := start(t, test.settings, from)
				w.mustEnd(t, test.code)
				if out := w.out.String(); !strings.Contains(out, test.says) || strings.Count(out, "\n") != test.lines {
					t.Errorf("it says\n%s", out)
				}
			})
		})
	}
	t.Run("by the user", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := start(t, settings{follow: true}, file(t, "canary"))
			w.mustGoOn(t)
			w.stop()
			w.mustEnd(t, exitWell)
		})
	})
	t.Run("with -follow the next rollout is seen", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			from := file(t, "canary")
			w := start(t, settings{follow: true}, from)
			w.mustGoOn(t)
			appendTo(t, from.name, timelinetest.Lines(t, timelinetest.Recorded(t, "bluegreen")))
			w.mustGoOn(t)
			if !strings.Contains(w.out.String(), "shop: ami-2 is to serve") {
				t.Errorf("it says\n%s", &w.out)
			}
			w.stop()
			w.mustEnd(t, exitWell)
		})
	})
}

// A rollout that began in a file which was full meanwhile is seen whole.
func TestARolloutInTwoFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "rollout.jsonl")
		events := timelinetest.Recorded(t, "canary")
		appendTo(t, file+".1", timelinetest.Lines(t, events[:20]))
		appendTo(t, file, timelinetest.Lines(t, events[20:30]))
		w := start(t, settings{}, followed{file})
		w.mustGoOn(t)
		if out := w.out.String(); !strings.HasPrefix(out, "14:02:00 web: ami-2 is to serve") {
			t.Errorf("it says\n%s", out)
		}
		appendTo(t, file, timelinetest.Lines(t, events[30:]))
		w.mustEnd(t, exitWell)
		if got, want := w.out.String(), said(t, "canary"); got != want {
			t.Errorf("it says\n%s\nwant\n%s", got, want)
		}
	})
}

// stuck is a source that hangs in a read, as that of a pipe that nobody writes to.
type stuck struct{ until chan struct{} }

func (s stuck) send(context.Context, chan<- news) error { <-s.until; return nil }

// The user gets out, whatever the source does.
func TestASourceThatHangsIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := stuck{make(chan struct{})}
		defer close(from.until)
		w := start(t, settings{}, from)
		w.mustGoOn(t)
		w.stop()
		w.mustEnd(t, exitWell)
	})
}

// Standard input ends with its end; what is no event is said.
func TestStandardInput(t *testing.T) {
	content := timelinetest.Lines(t, timelinetest.Recorded(t, "canary"))
	for name, test := range map[string]struct {
		in   io.Reader
		code int
		says string
	}{
		"a whole":     {bytes.NewReader(content), exitWell, ""},
		"no newline":  {bytes.NewReader(bytes.TrimSpace(content)), exitWell, ""},
		"noise":       {strings.NewReader("hello\n" + string(content)), exitWell, "1 lines were no events"},
		"noise alone": {strings.NewReader("hello\nworld\n"), exitError, "there was no event"},
		"nothing":     {strings.NewReader(""), exitError, "there was no event"},
		"it breaks":   {io.MultiReader(bytes.NewReader(content[:5000]), brokenReader{}), exitError, "the disk is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, settings{}, stream{test.in})
				w.mustEnd(t, test.code)
				if !strings.Contains(w.notes.String(), test.says) {
					t.Errorf("it notes %q", &w.notes)
				}
			})
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

// A terminal is drawn in place, one write a picture, nothing where nothing has changed, also as the window changes, and is as it was
// afterwards, with the last picture below.
func TestTheScreenIsDrawnInPlace(t *testing.T) {
	var writes []string
	width := 80
	s := &screen{out: writerFunc(func(p []byte) { writes = append(writes, string(p)) }), size: func() (int, int) { return width, 24 }}
	tl, now := until(t, "canary", "web__2 bakes at 50 %", 3)
	var empty timeline.Timeline
	s.note("waiting for rollout.jsonl")
	s.refresh(&empty, now)
	s.note("")
	s.refresh(tl, now)
	s.refresh(tl, now)
	width = 40
	s.refresh(tl, now)
	if len(writes) != 3 || !strings.HasPrefix(writes[0], enter+home) || !strings.Contains(writes[0], "waiting for") {
		t.Fatalf("it writes %q", writes)
	}
	for _, w := range writes {
		if strings.Count(w, "\n") > 23 || !strings.HasSuffix(w, rest+below) || strings.Count(w, enter) > 1 || strings.Contains(w, leave) {
			t.Errorf("a picture is %q", w)
		}
	}
	s.end(tl, now)
	all := strings.Join(writes[3:], "")
	if !strings.HasPrefix(all, leave+"web  ami-2  50 %, bakes") || strings.Count(all, "\x1b[?") != 3 {
		t.Errorf("it leaves %q", all)
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }

// What people get wrong on the command line.
func TestWhatCannotBeWatched(t *testing.T) {
	t.Setenv(EventLogVariable, "")
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"nothing":             {nil, exitUsage, "what to watch is missing"},
		"two files":           {[]string{"a.jsonl", "b.jsonl"}, exitUsage, "one FILE or URL at a time"},
		"a file and a name":   {[]string{"web", "./rollout"}, exitUsage, "one FILE or URL at a time"},
		"alarms of a file":    {[]string{"a.jsonl", "-alarm", "web-5xx"}, exitUsage, "-alarm goes with names"},
		"a negative time-out": {[]string{"a.jsonl", "-timeout", "-1s"}, exitUsage, "it must be above 0"},
		"an unknown flag":     {[]string{"-no-such-flag"}, exitUsage, "no-such-flag"},
		"no address":          {[]string{"http://"}, exitError, `"http://" is no http address`},
		"a folder":            {[]string{t.TempDir()}, exitError, "is a folder"},
		"help":                {[]string{"-help"}, exitWell, "-follow"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := Main(test.args, strings.NewReader(""), &stdout, &stderr, "test"); code != test.code || !strings.Contains(stderr.String(), test.says) {
				t.Errorf("exit code %d, want %d, and %q:\n%s", code, test.code, test.says, &stderr)
			}
		})
	}
}

// The environment names the file that the provider writes.
func TestTheEnvironmentNamesTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "events")
	appendTo(t, file, timelinetest.Lines(t, timelinetest.Recorded(t, "canary")))
	t.Setenv(EventLogVariable, file)
	var stdout, stderr bytes.Buffer
	if code := Main(nil, nil, &stdout, &stderr, "test"); code != exitWell || !strings.Contains(stdout.String(), "web: succeeded") || strings.Contains(stdout.String(), "\x1b") {
		t.Errorf("exit code %d: %s%s", code, &stdout, &stderr)
	}
}
