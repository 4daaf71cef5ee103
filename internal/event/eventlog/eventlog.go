// Package eventlog appends events to a file, one JSON object a line.
//
// Nothing that may be wrong with a file keeps a rollout waiting or lets it fail: lines are written in the background, a few thousand wait at
// the most, and what cannot be written is dropped, counted and said once.
//
// Many rollouts of one process share one [Log]. Several processes may append to one file: a line is one write to a file that was opened for
// appending and is locked meanwhile, and a line that somebody was cut short in is ended before the next one.
//
// A file holds [Largest] bytes. The line that would exceed that begins a new file, and the full one is kept beside it as NAME.1, in place of
// the one before: two files are the most there is. A file that cannot be renamed goes on to twice the size, and then takes no more.
package eventlog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/outbox"
)

const (
	// Largest is how large a file may be, in bytes.
	Largest = 10 << 20
	// mostWaiting is how many lines may wait.
	mostWaiting = 4096
	// mostRenames is how often a file may turn out to be full, and renamed by somebody else while this process waited to write to it.
	mostRenames = 100
	// slowest is how long a pipe may take to take a line.
	slowest = time.Second
)

// Log is a file of events.
type Log struct {
	path    string
	largest int64
	lines   *outbox.Outbox[[]byte]

	pipe *os.File // what is no regular file, which is opened once; used by the writer alone
	torn bool     // a line of this process's in the pipe was cut short

	mu   sync.Mutex
	lost int
	why  error
	said bool
}

// New is the log in the file of a path, which need not be there. Nothing is opened before there is something to write.
func New(path string) *Log {
	l := &Log{path: path, largest: Largest}
	l.lines = outbox.New(mostWaiting, l.write)
	return l
}

// Name is what it is called in messages.
func (l *Log) Name() string { return "the event log " + l.path }

// Take takes an event, and never waits.
func (l *Log) Take(e event.Event) {
	line, err := e.MarshalJSON()
	if err == nil && !l.lines.Put(append(line, '\n')) {
		err = errors.New("it takes them too slowly")
	}
	if err != nil {
		l.lose(err)
	}
}

// Flushed is closed when what was taken until now is written, or dropped.
func (l *Log) Flushed() <-chan struct{} { return l.lines.Flushed() }

// Problem says, the first time after something was dropped, why; else it is "".
func (l *Log) Problem() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost == 0 || l.said {
		return ""
	}
	l.said = true
	return fmt.Sprintf("The event log %s is not complete: %v. Rollouts go on without it, and so does whatever is left of it; this is said once.", l.path, l.why)
}

func (l *Log) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost++; l.why == nil {
		l.why = withoutPath(err)
	}
}

// withoutPath is what the operating system says, without what the message says anyway.
func withoutPath(err error) error {
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// write writes a line, in the background.
func (l *Log) write(line []byte) {
	if err := l.append(line); err != nil {
		l.lose(err)
	}
}

func (l *Log) append(line []byte) error {
	if l.pipe != nil {
		return l.toPipe(line)
	}
	for range mostRenames {
		f, info, err := open(l.path)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			l.pipe = f
			return l.toPipe(line)
		}
		// Without the lock, a line that another process is about to write looks like one that was cut short.
		locked := lock(f)
		if info, err = f.Stat(); err != nil {
			f.Close()
			return err
		}
		if info.Size() > 0 && info.Size()+int64(len(line)) > l.largest && locked && l.rotates(info) {
			f.Close()
			continue
		}
		if info.Size() > 2*l.largest {
			f.Close()
			return fmt.Errorf("it is full (%d MiB), and cannot be renamed to %s.1", info.Size()>>20, l.path)
		}
		if unended(f, info.Size()) {
			line = append([]byte{'\n'}, line...)
		}
		_, err = f.Write(line)
		return errors.Join(err, f.Close())
	}
	return errors.New("another process renames it all the time")
}

// open opens the file to append to it, and to look at its end if that is allowed. It does not wait for whoever reads a pipe.
func open(path string) (*os.File, os.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR|nonblock, 0o644)
	if info, failed := os.Stat(path); failed == nil && (err != nil || !info.Mode().IsRegular()) {
		// A pipe that is opened to read, too, has a reader, and would fill up without an error.
		if f != nil {
			f.Close()
		}
		f, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY|nonblock, 0)
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// unended tells whether the last line of a file was cut short.
func unended(f *os.File, size int64) bool {
	last := make([]byte, 1)
	if size == 0 {
		return false
	}
	_, err := f.ReadAt(last, size-1)
	return err == nil && last[0] != '\n'
}

// rotates tells whether a full file is out of the way: this process has renamed it, or another one has. The file must be locked, so that nobody
// renames the one that has just taken its place.
func (l *Log) rotates(was os.FileInfo) bool {
	now, err := os.Stat(l.path)
	if err != nil || !os.SameFile(was, now) {
		return true
	}
	return os.Rename(l.path, l.path+".1") == nil
}

// toPipe writes to what is no regular file: a pipe, a device. It is tried anew with the next line if nobody reads it any more.
func (l *Log) toPipe(line []byte) error {
	if l.torn {
		line = append([]byte{'\n'}, line...)
	}
	_ = l.pipe.SetWriteDeadline(time.Now().Add(slowest)) // a device has none
	n, err := l.pipe.Write(line)
	l.torn = err != nil && (n > 0 || l.torn)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		l.pipe.Close()
		l.pipe, l.torn = nil, false
	}
	return err
}
