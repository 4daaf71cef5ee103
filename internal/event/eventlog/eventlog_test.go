package eventlog

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// appender is set in a process of this test that appends events to the file that it names.
const appender = "EVENTLOG_TEST_APPENDS_TO"

const each = 300

func TestMain(m *testing.M) {
	if path := os.Getenv(appender); path != "" {
		l := New(path)
		l.largest = 64 << 10
		for n := range each {
			l.Take(happened(fmt.Sprint(os.Getpid()), n))
		}
		<-l.Flushed()
		if problem := l.Problem(); problem != "" {
			fmt.Println(problem)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func happened(deployment string, n int) event.Event {
	return event.Event{Time: time.Unix(int64(n), 0), Deployment: deployment, Run: "r", Fact: event.GoingBack{Why: strings.Repeat("x", n), Cause: "release"}}
}

// read are the events in a file, and fails the test if a line is none.
func read(t *testing.T, paths ...string) []event.Event {
	t.Helper()
	var all []event.Event
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			e, err := event.Parse(lines.Bytes())
			if err != nil {
				t.Fatalf("%s: %v: %.80s", path, err, lines.Text())
			}
			all = append(all, e)
		}
	}
	return all
}

func wait(t *testing.T, l *Log) {
	t.Helper()
	select {
	case <-l.Flushed():
	case <-time.After(time.Minute):
		t.Fatal("it hangs")
	}
}

func TestManyRolloutsAtOnce(t *testing.T) {
	l := New(filepath.Join(t.TempDir(), "rollout.jsonl"))
	var all sync.WaitGroup
	for rollout := range 20 {
		all.Go(func() {
			for n := range 50 {
				l.Take(happened(fmt.Sprint("web", rollout), n))
			}
		})
	}
	all.Wait()
	wait(t, l)
	next := map[string]int64{}
	for _, e := range read(t, l.path) {
		if e.Time.Unix() != next[e.Deployment] {
			t.Errorf("of %s the event %d comes where %d is expected", e.Deployment, e.Time.Unix(), next[e.Deployment])
		}
		next[e.Deployment]++
	}
	if len(next) != 20 || next["web7"] != 50 || l.Problem() != "" {
		t.Errorf("%v, %s", next, l.Problem())
	}
}

// Processes that append to one file and rename it when it is full tear no line of each other's, and lose none but those of files that are
// there no more.
func TestManyProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rollout.jsonl")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), appender+"="+path)
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
	events := read(t, path+".1", path)
	last := map[string]int64{}
	for _, e := range events {
		if e.Time.Unix() <= last[e.Deployment] && last[e.Deployment] > 0 {
			t.Errorf("of process %s %d comes after %d", e.Deployment, e.Time.Unix(), last[e.Deployment])
		}
		last[e.Deployment] = e.Time.Unix()
	}
	for _, name := range []string{path, path + ".1"} {
		// What another process writes between the look at the size and the write goes over by its line.
		if info, err := os.Stat(name); err != nil || info.Size() > 64<<10+4*1024 {
			t.Errorf("%s: %v, %v", name, info.Size(), err)
		}
	}
	ended := 0
	for _, n := range last {
		if n == each-1 {
			ended++
		}
	}
	if ended == 0 {
		t.Error("no process has written its last line")
	}
}

// A file that is full begins anew, at the end of a line, and two files are all there is.
func TestAFullFileBeginsAnew(t *testing.T) {
	dir := t.TempDir()
	l := New(filepath.Join(dir, "rollout.jsonl"))
	l.largest = 4096
	for n := range 200 {
		l.Take(happened("web", n))
	}
	wait(t, l)
	events := read(t, l.path+".1", l.path)
	for i, e := range events {
		if want := int64(200 - len(events) + i); e.Time.Unix() != want {
			t.Fatalf("the event %d stands where %d is expected", e.Time.Unix(), want)
		}
	}
	files, _ := os.ReadDir(dir)
	if len(files) != 2 || len(events) < 5 || l.Problem() != "" {
		t.Errorf("there are %d files with %d events, %s", len(files), len(events), l.Problem())
	}
}

// One that cannot be renamed does not grow without end.
func TestAFileThatCannotBeRenamedIsBounded(t *testing.T) {
	l := New(filepath.Join(t.TempDir(), "rollout.jsonl"))
	l.largest = 4096
	if err := os.MkdirAll(filepath.Join(l.path+".1", "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	for n := range 300 {
		l.Take(happened("web", n))
	}
	wait(t, l)
	info, err := os.Stat(l.path)
	if err != nil || info.Size() > 2*4096+1024 || !strings.Contains(l.Problem(), "it is full") {
		t.Errorf("it has %d bytes: %v, %s", info.Size(), err, l.Problem())
	}
}

// A line that somebody was cut short in does not spoil the next one.
func TestATornLineIsEnded(t *testing.T) {
	l := New(filepath.Join(t.TempDir(), "rollout.jsonl"))
	if err := os.WriteFile(l.path, []byte(`{"schema":1,"ti`), 0o644); err != nil {
		t.Fatal(err)
	}
	l.Take(happened("web", 1))
	wait(t, l)
	text, _ := os.ReadFile(l.path)
	if lines := strings.Split(string(text), "\n"); len(lines) != 3 || lines[0] != `{"schema":1,"ti` || !strings.HasPrefix(lines[1], `{"schema":1,"time":"1970`) {
		t.Errorf("it reads\n%s", text)
	}
}

// What is wrong with a file is said once, with the words of the operating system, and the file is tried again.
func TestAFileThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "gone"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/dev/full":                       "no space left on device",
		filepath.Join(dir, "none", "log"): "no such file or directory",
		filepath.Join(dir, "gone"):        "is a directory",
	} {
		l := New(path)
		for n := range 10 {
			l.Take(happened("web", n))
		}
		wait(t, l)
		if problem := l.Problem(); !strings.Contains(problem, want) || strings.Count(problem, path) != 1 {
			t.Errorf("%s: it says %q", path, problem)
		}
		if again := l.Problem(); again != "" {
			t.Errorf("%s: it says once more %q", path, again)
		}
	}
	l := New(filepath.Join(dir, "gone"))
	l.Take(happened("web", 1))
	wait(t, l)
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	l.Take(happened("web", 2))
	wait(t, l)
	if events := read(t, l.path); len(events) != 1 || events[0].Time.Unix() != 2 {
		t.Errorf("afterwards it has %v", events)
	}
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for path, want := range map[string]string{
		"": "it is empty", "  ": "it is empty", " a": "begins or ends with a blank", "a\n": "begins or ends with a blank", "a\nb": "control character", "~/a": `pathexpand("~/a")`,
		"https://example.com/a": "a notify block", "logs/": "is a directory", ".": "is a directory", "..": "is a directory", "-": "TF_LOG_PROVIDER=INFO",
		"/dev/stdout": "TF_LOG_PROVIDER=INFO", "/dev/fd/1": "TF_LOG_PROVIDER=INFO",
	} {
		if err := Check(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("of %q it says %v, want %s", path, err, want)
		}
	}
	for path, want := range map[string]string{dir: "is a directory", "none/log": "there is no directory " + filepath.Join(dir, "none")} {
		if _, err := Resolve(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("of %q it says %v, want %s", path, err, want)
		}
	}
	if path, err := Resolve("rollout.jsonl"); err != nil || path != filepath.Join(dir, "rollout.jsonl") {
		t.Errorf("it is %s, %v", path, err)
	}
}
