package rollout_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

func TestRevisionOf(t *testing.T) {
	for group, want := range map[string]int{
		"web__1": 1, "web__7": 7, "web__12345": 12345,
		"web": 0, "web__": 0, "web__0": 0, "web__07": 0, "web__-1": 0, "web__+1": 0, "web__1 ": 0, "web__x": 0, "web__1x": 0,
		"web_1": 0, "web___1": 0, "webx__1": 0, "web-api__3": 0, "my-web__3": 0, "Web__1": 0, "web__canary__2": 0,
		"web__2__3": 0, "web__99999999999999999999": 0, "web__STAGE__Harness": 0, "": 0,
	} {
		got, ok := RevisionOf("web", group)
		if got != want || ok != (want > 0) {
			t.Errorf("%q is revision %d, %v; want %d", group, got, ok, want)
		}
	}
}

func TestCheckName(t *testing.T) {
	for name, complaint := range map[string]string{
		"web": "", "web-api": "", "web__canary": "", "shop web": "", "a.b:c/d=e+f-g@h": "", "web__1x": "", "web7": "", "web_7": "",
		strings.Repeat("a", 200): "",
		"":                       "is empty",
		strings.Repeat("a", 201): "201 characters",
		"web!":                   "characters",
		"wéb":                    "characters",
		"web,api":                "characters",
		" web":                   "characters",
		"web ":                   "characters",
		"a  b":                   "characters",
		"web__7":                 "revision of another deployment",
		"web__canary__2":         "revision of another deployment",
		"web_":                   "ends in _",
	} {
		err := CheckName(name)
		switch {
		case complaint == "" && err != nil:
			t.Errorf("%q: %s", name, err)
		case complaint != "" && (err == nil || !strings.Contains(err.Error(), complaint)):
			t.Errorf("%q: %v; want %q", name, err, complaint)
		}
	}
}

func names() *rapid.Generator[string] {
	return rapid.StringMatching(`[a-b]([a-b1_-]{0,6}[a-b1])?`).Filter(func(s string) bool { return CheckName(s) == nil })
}

// A group's name reads as one revision of one deployment, and as nobody else's.
func TestNamesAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mine, other := names().Draw(t, "mine"), names().Draw(t, "other")
		revision := rapid.IntRange(1, MostRevision).Draw(t, "revision")
		if got, ok := RevisionOf(mine, Name(mine, revision)); !ok || got != revision {
			t.Fatalf("%q is revision %d, %v", Name(mine, revision), got, ok)
		}
		if got, ok := RevisionOf(other, Name(mine, revision)); ok && other != mine {
			t.Fatalf("%q is revision %d of %q too", Name(mine, revision), got, other)
		}
	})
}
