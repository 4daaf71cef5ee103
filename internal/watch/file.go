package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// look is how often a file is looked at.
const look = 500 * time.Millisecond

// batch is how much of a file is read at a time, in bytes.
const batch = 256 << 10

// followed is a file that grows.
type followed struct{ name string }

// send implements source. A file that is not there is waited for; one that is replaced is read to its end, and then the new one from its
// start; one that has become shorter is read from its start.
func (f followed) send(ctx context.Context, out chan<- news) error {
	var open *os.File
	defer func() {
		if open != nil {
			open.Close()
		}
	}()
	r := newReader(out)
	var at int64
	if err := f.rotated(r); err != nil {
		return err
	}
	for {
		if open == nil {
			file, err := os.Open(f.name)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				r.note(ctx, "waiting for "+f.name)
			case err != nil:
				return err
			default:
				if info, err := file.Stat(); err == nil && info.IsDir() {
					file.Close()
					return fmt.Errorf("%s is a folder; the file in it is wanted", f.name)
				}
				open, at = file, 0
				r.lines.Restart()
			}
		}
		if open != nil {
			n, err := r.all(ctx, open)
			if err != nil {
				return fmt.Errorf("reading %s: %w", f.name, err)
			}
			at += n
			if at == 0 {
				r.note(ctx, f.name+" is empty: waiting for a rollout")
			} else {
				r.note(ctx, "-")
			}
			var fresh bool
			if at, fresh = truncated(open, at); fresh {
				r.lines.Restart()
				continue
			}
			if replaced(f.name, open) {
				// What came between the last read and the replacement.
				if _, err := r.all(ctx, open); err != nil {
					return err
				}
				open.Close()
				open = nil
				continue
			}
		}
		if !pause(ctx, look) {
			return ctx.Err()
		}
	}
}

// rotated reads what the provider has moved out of the way of a file that was full: a rollout that goes on may have begun there. It is not
// the end of what there is, so nothing is sent yet.
func (f followed) rotated(r *reader) error {
	older, err := os.Open(f.name + ".1")
	if err != nil {
		return nil //nolint:nilerr // there is none
	}
	defer older.Close()
	if info, err := older.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil //nolint:nilerr // it is something else
	}
	if _, err := os.Stat(f.name); err != nil {
		return nil //nolint:nilerr // what is waited for is a new one
	}
	if _, err := io.Copy(&r.lines, older); err != nil {
		return fmt.Errorf("reading %s.1: %w", f.name, err)
	}
	return nil
}

// truncated tells whether a file is shorter than what was read of it, and starts it again then.
func truncated(file *os.File, at int64) (int64, bool) {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() >= at {
		return at, false
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return at, false
	}
	return 0, true
}

// replaced tells whether another file bears the name by now. One that was taken away may be on its way elsewhere: nothing has replaced it.
func replaced(name string, open *os.File) bool {
	there, err := os.Stat(name)
	if err != nil {
		return false
	}
	is, err := open.Stat()
	return err == nil && !os.SameFile(there, is)
}

// stream is standard input. Nothing more comes after its end.
type stream struct{ from io.Reader }

// send implements source.
func (s stream) send(ctx context.Context, out chan<- news) error {
	r := newReader(out)
	done := make(chan error, 1)
	go func() {
		_, err := r.all(ctx, s.from) // a read of a terminal or pipe cannot be called off
		r.lines.Flush()
		r.flush(ctx, true)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reader makes news of what is read.
type reader struct {
	lines   timeline.Lines
	out     chan<- news
	events  []event.Event
	skipped int
	said    string
}

func newReader(out chan<- news) *reader {
	r := &reader{out: out}
	r.lines.Take = func(e event.Event) { r.events = append(r.events, e) }
	return r
}

// all reads what there is, and says it as it comes.
func (r *reader) all(ctx context.Context, from io.Reader) (int64, error) {
	buffer := make([]byte, batch)
	var n int64
	for {
		more, err := from.Read(buffer)
		n += int64(more)
		_, _ = r.lines.Write(buffer[:more])
		switch {
		case errors.Is(err, io.EOF):
			r.flush(ctx, true)
			return n, nil
		case err != nil:
			return n, err
		case ctx.Err() != nil:
			return n, ctx.Err()
		}
		if more < len(buffer) {
			r.flush(ctx, false)
		}
	}
}

// flush sends the events that were read.
func (r *reader) flush(ctx context.Context, caughtUp bool) {
	r.tell(ctx, news{events: r.events, caughtUp: caughtUp, skipped: r.lines.Skipped - r.skipped})
	r.events, r.skipped = nil, r.lines.Skipped
}

// note sends what keeps events from coming, once.
func (r *reader) note(ctx context.Context, text string) {
	if r.said == text || r.said == "" && text == "-" {
		return
	}
	r.said = text
	r.tell(ctx, news{note: text})
}

func (r *reader) tell(ctx context.Context, n news) {
	select {
	case r.out <- n:
	case <-ctx.Done():
	}
}

// pause waits, and tells whether the context is still there after that.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
