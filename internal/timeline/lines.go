package timeline

import (
	"bytes"
	"errors"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// longest is more than any event has, in bytes. What is longer is skipped to its end.
const longest = 4 << 20

var errTooLong = errors.New("this is no event: the line is longer than 4 MiB")

// Lines reads events out of pieces of a file or stream: one JSON object a line, cut anywhere. What is no event is counted and skipped.
type Lines struct {
	// Take gets each event.
	Take func(event.Event)
	// Events and Skipped are how many lines were events, and how many were not; First is why the first one was not that was none, half a
	// line at the end included, and FirstLine its number.
	Events, Skipped int
	First           error
	FirstLine       int

	rest    []byte
	dropped bool // the line is too long, and goes on
	number  int
}

// Write takes a piece. It never fails.
func (l *Lines) Write(piece []byte) (int, error) {
	n := len(piece)
	for {
		end := bytes.IndexByte(piece, '\n')
		if end < 0 {
			l.hold(piece)
			return n, nil
		}
		l.hold(piece[:end])
		l.line(false)
		piece = piece[end+1:]
	}
}

func (l *Lines) hold(piece []byte) {
	if len(l.rest)+len(piece) > longest {
		l.rest, l.dropped = l.rest[:0], true
	}
	if !l.dropped {
		l.rest = append(l.rest, piece...)
	}
}

// Flush takes what stands behind the last line break for a line, if it is an event. Half a line is not, and is no mistake: somebody
// writes it at this moment.
func (l *Lines) Flush() { l.line(true) }

// Restart forgets half a line, as another file begins.
func (l *Lines) Restart() { l.rest, l.dropped = l.rest[:0], false }

func (l *Lines) line(last bool) {
	text := bytes.TrimSpace(bytes.TrimPrefix(l.rest, []byte("\ufeff")))
	dropped := l.dropped
	l.rest, l.dropped = l.rest[:0], false
	l.number++
	if len(text) == 0 && !dropped {
		return
	}
	e, err := event.Parse(text)
	if dropped {
		err = errTooLong
	}
	switch {
	case err == nil:
		l.Events++
		l.Take(e)
	case l.First == nil:
		l.First, l.FirstLine = err, l.number
		fallthrough
	default:
		if !last {
			l.Skipped++
		}
	}
}
