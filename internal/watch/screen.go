package watch

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-colorable"
	"golang.org/x/term"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// terminal is a terminal that can be drawn on.
func terminal(out io.Writer) (*os.File, bool) {
	file, ok := out.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd())) && !dumb()
}

// screen draws on a terminal, in place: on its second page, so that what stood before is there again afterwards, and each picture in one
// write, so that it does not flicker. The window's size is asked for each time.
type screen struct {
	out    io.Writer
	size   func() (width, height int)
	style  style
	note_  string
	last   string
	opened bool
	close  func()
}

func newScreen(out *os.File) *screen {
	restore := colorable.EnableColorsStdout(nil)
	return &screen{
		out: out, style: styleOf(os.Getenv), close: restore,
		size: func() (int, int) {
			width, height, err := term.GetSize(int(out.Fd()))
			if err != nil || width <= 0 || height <= 0 {
				return 80, 24
			}
			return width, height
		},
	}
}

// What a terminal is told.
const (
	enter = "\x1b[?1049h\x1b[?25l\x1b[?7l" // the second page, no cursor, no lines that go on below
	leave = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	home  = "\x1b[H"
	rest  = "\x1b[K" // clear the rest of the line
	below = "\x1b[J"
)

func (s *screen) begin(*timeline.Timeline) {}
func (s *screen) happened(event.Event)     {}
func (s *screen) note(text string)         { s.note_ = text }

// refresh implements display.
func (s *screen) refresh(t *timeline.Timeline, now time.Time) {
	width, height := s.size()
	note := s.note_
	if note == "" {
		note = "Ctrl-C ends watching, and nothing else."
	}
	lines := view{width: width, height: height, style: s.style, note: note}.lines(t, now)
	picture := home + strings.Join(lines, rest+"\r\n") + rest + below
	if !s.opened {
		s.opened = true
		picture = enter + picture
	} else if picture == s.last {
		return
	}
	s.last = strings.TrimPrefix(picture, enter)
	_, _ = io.WriteString(s.out, picture)
}

// end implements display: the last picture stays, as long as it is.
func (s *screen) end(t *timeline.Timeline, now time.Time) {
	width, _ := s.size()
	if s.opened {
		_, _ = io.WriteString(s.out, leave)
	}
	for _, line := range (view{width: width, style: s.style}).lines(t, now) {
		_, _ = io.WriteString(s.out, line+"\n")
	}
	if s.close != nil {
		s.close()
	}
}
