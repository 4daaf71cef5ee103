package check

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

// leastSecret is how long a text has to be to be taken for a secret, and leastPart a part of one.
const leastSecret, leastPart = 4, 8

// secretsIn are a header's value and the parts of it that may be said without the rest: the token of "Bearer TOKEN", the password in "Basic …",
// the value of "session=VALUE; …".
func secretsIn(value string) []string {
	all := []string{value}
	part := func(text string) {
		if len(text) >= leastPart {
			all = append(all, text)
		}
	}
	for _, field := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t;,", r) }) {
		part(field)
		if _, named, found := strings.Cut(field, "="); found {
			part(strings.Trim(named, "\""))
		}
		if plain, err := base64.StdEncoding.DecodeString(field); err == nil && utf8.Valid(plain) {
			_, password, _ := strings.Cut(string(plain), ":")
			part(password)
		}
	}
	return all
}

// redacted is a text without secrets, the longest first: one may be a part of another.
func redacted(text string, secrets []string) string {
	for _, secret := range slices.SortedFunc(slices.Values(secrets), func(a, b string) int { return cmp.Compare(len(b), len(a)) }) {
		if len(secret) >= leastSecret {
			text = strings.ReplaceAll(text, secret, "(redacted)")
		}
	}
	return text
}
