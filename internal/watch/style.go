package watch

import (
	"os"
	"runtime"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// style is how words and bars look: with colours or without, and with signs that not every terminal has.
type style struct {
	colours bool
	ascii   bool
}

// styleOf is what the environment of a terminal asks for: https://no-color.org, and the locale.
func styleOf(environment func(string) string) style {
	s := style{colours: environment("NO_COLOR") == ""}
	if runtime.GOOS != "windows" {
		for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
			if locale := strings.ToLower(environment(name)); locale != "" {
				s.ascii = !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
				break
			}
		}
	}
	return s
}

// dumb tells whether a terminal can only print lines.
func dumb() bool { return os.Getenv("TERM") == "dumb" }

// The colours are those of the terminal's own palette, which its user has chosen to be legible.
var codes = map[string]string{"good": "32", "bad": "31", "new": "36", "previous": "33", "strong": "1", "quiet": "2"}

func (s style) coloured(kind, text string) string {
	if code := codes[kind]; s.colours && code != "" && text != "" {
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	return text
}

func (s style) strong(text string) string      { return s.coloured("strong", text) }
func (s style) quiet(text string) string       { return s.coloured("quiet", text) }
func (s style) state(kind, text string) string { return s.coloured(kind, text) }

// mark is a sign, or what stands for it in ASCII.
func (s style) mark(sign string) string {
	if s.ascii {
		return map[string]string{"✓": "+", "✗": "x", "…": "..."}[sign]
	}
	return sign
}

// bar is n of most, in so many columns.
func (s style) bar(n, most, columns int, kind string) string {
	full := 0
	if most > 0 {
		full = min(max((n*columns+most/2)/most, 0), columns)
	}
	if n > 0 {
		full = max(full, 1)
	}
	return s.coloured(kind, strings.Repeat(s.block(0), full)) + s.quiet(strings.Repeat(s.block(2), columns-full))
}

// capacity is a bar of what is in service, then what is to come, then what could be.
func (s style) capacity(serves, target, most, columns int, kind string) string {
	at := func(n int) int { return min((n*columns+most/2)/max(most, 1), columns) }
	full := at(serves)
	if serves > 0 {
		full = max(full, 1)
	}
	wanted := max(at(target), full)
	return s.coloured(kind, strings.Repeat(s.block(0), full)) + s.coloured(kind, strings.Repeat(s.block(1), wanted-full)) + strings.Repeat(" ", columns-wanted)
}

func (s style) block(i int) string {
	if s.ascii {
		return []string{"#", "-", "."}[i]
	}
	return []string{"█", "░", "·"}[i]
}

// columns is how wide a text is in a terminal.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += wide(r)
	}
	return n
}

func wide(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

func pad(text string, to int) string { return text + strings.Repeat(" ", max(to-columns(text), 0)) }

// cutTo cuts a line to so many columns. Colours have none, and end with the line.
func cutTo(line string, most int, end string) string {
	var b strings.Builder
	n, coloured := 0, false
	last, open := 0, false // where the line can be cut so that the end fits, and whether a colour is on there
	for i, r := range line {
		switch {
		case i < b.Len():
			continue // of a colour
		case r == '\x1b':
			code := line[i : i+strings.IndexByte(line[i:], 'm')+1]
			coloured = code != "\x1b[0m"
			b.WriteString(code)
			continue
		case n+wide(r) > most:
			if open {
				end += "\x1b[0m"
			}
			return b.String()[:last] + end
		}
		n += wide(r)
		b.WriteRune(r)
		if n <= most-columns(end) {
			last, open = b.Len(), coloured
		}
	}
	return line
}
