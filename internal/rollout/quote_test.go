package rollout

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"abc":                      "abc",
		"äöü":                      "äöü",
		"äöüß":                     "äöü… (1 more characters)",
		"ab cdef":                  "ab… (4 more characters)",
		"\xff\xfe":                 "?",
		strings.Repeat("x", 10000): "xxx… (9997 more characters)",
	} {
		if got := QuoteUpTo(text, 3); got != want {
			t.Errorf("%q is quoted as %q, not %q", text, got, want)
		}
	}
}

func TestWhatIsQuotedIsNeverLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(rapid.String().Draw(t, "text"), rapid.IntRange(1, 500).Draw(t, "times"))
		quoted := Quote(text)
		if n := utf8.RuneCountInString(quoted); n > Quoted+40 || !utf8.ValidString(quoted) {
			t.Fatalf("%d characters: %q", n, quoted)
		}
		if utf8.RuneCountInString(text) <= Quoted && quoted != strings.ToValidUTF8(text, "?") {
			t.Fatalf("%q was cut to %q", text, quoted)
		}
	})
}
