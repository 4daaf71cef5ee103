package rollout

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Quoted is how many characters an error quotes of what somebody else said: a paragraph, which a person still reads.
const Quoted = 500

// Quote is a text of somebody else's as an error or a warning quotes it: as it is, or its first characters and how many more
// there were. Services answer pages, and sometimes megabytes.
func Quote(text string) string { return QuoteUpTo(text, Quoted) }

// QuoteUpTo is Quote for another number of characters.
func QuoteUpTo(text string, most int) string {
	if len(text) <= most {
		return strings.ToValidUTF8(text, "?")
	}
	end, count := 0, 0
	for ; end < len(text) && count < most; count++ {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	head := strings.ToValidUTF8(text[:end], "?")
	if left := utf8.RuneCountInString(text[end:]); left > 0 {
		return fmt.Sprintf("%s… (%d more characters)", strings.TrimRight(head, " "), left)
	}
	return head
}
