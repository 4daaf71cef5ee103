//go:build unix

package eventlog

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

func pipe(t *testing.T) *Log {
	t.Helper()
	l := New(filepath.Join(t.TempDir(), "pipe"))
	if err := syscall.Mkfifo(l.path, 0o644); err != nil {
		t.Fatal(err)
	}
	return l
}

// A pipe that nobody reads, or whose reader goes away, keeps nobody waiting; a reader that comes gets what happens from then on.
func TestAPipe(t *testing.T) {
	l := pipe(t)
	l.Take(happened("web", 1))
	wait(t, l)
	if problem := l.Problem(); !strings.Contains(problem, "is not complete") {
		t.Errorf("without a reader it says %q", problem)
	}
	for n := int64(2); n < 4; n++ {
		reader, err := os.OpenFile(l.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		l.Take(happened("web", int(n)))
		wait(t, l)
		line, err := bufio.NewReader(reader).ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		if e, err := event.Parse(line); err != nil || e.Time.Unix() != n {
			t.Errorf("the reader gets %s, %v", line, err)
		}
		reader.Close()
		l.Take(happened("web", 99)) // nobody is there, which shows with the write
		wait(t, l)
	}
}

// A reader that is there and does not read fills the pipe; what does not go in is dropped, and nobody waits.
func TestAPipeThatIsFull(t *testing.T) {
	l := pipe(t)
	reader, err := os.OpenFile(l.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	began := time.Now()
	for range 200 {
		l.Take(happened("web", 4000))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("events were taken in %s", took)
	}
	reader.Close()
	wait(t, l)
	if l.Problem() == "" {
		t.Error("nothing is said")
	}
}
