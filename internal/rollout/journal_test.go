package rollout_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// What EC2 takes as a tag's value.
var tagText = regexp.MustCompile(`^[a-zA-Z0-9 _.:/=+@-]{1,256}$`)

func journals() *rapid.Generator[Journal] {
	return rapid.Custom(func(t *rapid.T) Journal {
		j := Journal{
			Deployment: rapid.StringMatching(`[a-z][a-z0-9_-]{0,20}`).Draw(t, "deployment"),
			Revision:   rapid.IntRange(1, 1<<20).Draw(t, "revision"),
			Release:    rapid.StringMatching(`[0-9a-f]{64}`).Draw(t, "release"),
			Verdict:    rapid.SampledFrom([]Verdict{RollingOut, Proven, Failed}).Draw(t, "verdict"),
			Retain:     rapid.IntRange(0, 50).Draw(t, "retain"),
		}
		if rapid.Bool().Draw(t, "has a previous") {
			j.Previous = rapid.StringMatching(`sig-[0-9a-f]{8}`).Draw(t, "previous")
			j.PreviousCapacity = capacities(0).Draw(t, "previous capacity")
		}
		if j.Passed = rapid.IntRange(0, 20).Draw(t, "passed"); j.Passed > 0 {
			j.Holding = rapid.Bool().Draw(t, "holds")
		}
		if j.Holding && rapid.Bool().Draw(t, "says with what") {
			j.HoldingWith = &Sizes{Candidate: rapid.IntRange(0, 99).Draw(t, "candidate holds with"), Live: rapid.IntRange(0, 99).Draw(t, "live holds with")}
		}
		j.KeepsPrevious = rapid.Bool().Draw(t, "keeps the previous")
		if !j.Holding && rapid.Bool().Draw(t, "was promoted") {
			j.Promoted = &Promotion{To: rapid.IntRange(0, 20).Draw(t, "to"), By: rapid.SampledFrom([]string{"", "0123456789ab"}).Draw(t, "by")}
		}
		if (j.Holding || j.Promoted != nil) && rapid.Bool().Draw(t, "something is not known") {
			j.Unknown = rapid.StringMatching(`([A-Za-z0-9.:/=+@-]+ ){0,5}[A-Za-z.]{5,9}`).Draw(t, "not known")
			j.UnknownAt = rapid.SampledFrom([]Point{"", OnStage, InBake, AtEnd}).Draw(t, "not known at")
		}
		if rapid.Bool().Draw(t, "has terms") {
			j.Terms = Terms{Strategy: "canary 25pct bake=5m", Rest: "minimum=2 target=4 maximum=8 - healthy=100pct steady=0s within=15m new-first rollback alarms=1 checks=0", Alarms: "web-5xx"}
		}
		if rapid.Bool().Draw(t, "alarms were on") {
			names := rapid.SliceOfNDistinct(rapid.StringN(1, 255, 255), 1, MostAlarmsOn, rapid.ID[string]).Draw(t, "alarms")
			j.AlarmsOn = AlarmsOnAtStart(time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "since"), 0), names)
		}
		if rapid.Bool().Draw(t, "has write-only user data") {
			j.UserDataVersion = rapid.StringMatching(`[0-9]{1,18}`).Draw(t, "version of the user data")
		}
		return j
	})
}

// What one process writes the next one reads.
func TestJournalIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := journals().Draw(t, "journal")
		j.Failure = rapid.StringMatching(`([A-Za-z0-9.:/=+@-]+ ){0,5}[A-Za-z.]{5,9}`).Draw(t, "failure")
		tags := j.Tags()
		tags["Name"] = "the user's own"
		got, ok := ParseJournal(tags)
		if diff := cmp.Diff(j, got); !ok || diff != "" {
			t.Fatalf("%v %s", ok, diff)
		}
	})
}

// Whatever a cloud says of a failure, the journal's tags are such as EC2 takes, and everything else in them survives.
func TestJournalFitsInTags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := journals().Draw(t, "journal")
		failure := rapid.OneOf(rapid.String(), rapid.StringN(200, 600, -1), rapid.Just(strings.Repeat("a b", 200))).Draw(t, "failure")
		j.Failure, j.UserDataVersion = failure, rapid.StringMatching(`[0-9]{1,18}`).Draw(t, "version of the user data")
		tags := j.Tags()
		maps.Copy(tags, Memory{Failed: []string{j.Release}, Last: failure, TakenDown: &j.PreviousCapacity}.Tags())
		tags[PausedTag] = "none"
		if len(tags) != TagCount {
			t.Errorf("%d tags; TagCount is %d", len(tags), TagCount)
		}
		for key, value := range tags {
			if !OwnTag(key) || !tagText.MatchString(key) || len(key) > 127 {
				t.Errorf("key %q", key)
			}
			if !tagText.MatchString(value) || strings.TrimSpace(value) != value {
				t.Errorf("%s is %q", key, value)
			}
		}
		got, ok := ParseJournal(tags)
		j.Failure = got.Failure
		if diff := cmp.Diff(j, got); !ok || diff != "" {
			t.Fatalf("%v %s", ok, diff)
		}
	})
}

func TestDamagedJournalIsNobodys(t *testing.T) {
	whole := Journal{Deployment: "web", Revision: 7, Release: "r7", Verdict: RollingOut, Previous: "sig-1", PreviousCapacity: Pin(2), Retain: 3}
	for what, damage := range map[string]struct{ key, value string }{
		"no deployment":        {"elastigroup:deployment", ""},
		"no revision":          {"elastigroup:revision", ""},
		"revision no number":   {"elastigroup:revision", "seven"},
		"no verdict":           {"elastigroup:verdict", ""},
		"unknown verdict":      {"elastigroup:verdict", "Proven"},
		"no previous capacity": {"elastigroup:previous-capacity", "none"},
		"half a capacity":      {"elastigroup:previous-capacity", "minimum=1 target=2"},
		"a version in words":   {"elastigroup:user-data-version", "latest"},
	} {
		tags := whole.Tags()
		tags[damage.key] = damage.value
		if j, ok := ParseJournal(tags); ok {
			t.Errorf("%s: read as %+v", what, j)
		}
	}
	if _, ok := ParseJournal(map[string]string{"Name": "web__7"}); ok {
		t.Error("a group without a journal has one")
	}
}

// A count that is not there, as an earlier version wrote none, keeps everything.
func TestWithoutRetainAllAreKept(t *testing.T) {
	tags := Journal{Deployment: "web", Revision: 7, Release: "r7", Verdict: Proven, Retain: 0}.Tags()
	delete(tags, "elastigroup:retain")
	if j, ok := ParseJournal(tags); !ok || j.Retain != MostRetain {
		t.Errorf("%v, retain %d", ok, j.Retain)
	}
}

// The count of phases reads as a sentence, and one that is absent as the safe one: they are gone through again.
func TestPhasesInATag(t *testing.T) {
	const phases = "elastigroup:phases"
	whole := Journal{Deployment: "web", Revision: 7, Release: "r7", Verdict: RollingOut, Previous: "sig-1", PreviousCapacity: Pin(2), Retain: 3}
	for _, c := range []struct {
		passed int
		holds  bool
		held   *Sizes
		text   string
	}{
		{0, false, nil, "0 passed"},
		{1, false, nil, "1 passed"},
		{2, true, nil, "2 passed - holding"},
		{0, true, nil, "0 passed - holding"}, // on stage
		{12, true, nil, "12 passed - holding"},
		{1, true, &Sizes{Candidate: 1, Live: 3}, "1 passed - holding with 1 beside 3"},
	} {
		j := whole
		j.Passed, j.Holding, j.HoldingWith = c.passed, c.holds, c.held
		tags := j.Tags()
		if tags[phases] != c.text {
			t.Errorf("%d, holds %v: %q, want %q", c.passed, c.holds, tags[phases], c.text)
		}
		got, ok := ParseJournal(tags)
		if diff := cmp.Diff(j, got); !ok || diff != "" {
			t.Errorf("%q: %v %s", c.text, ok, diff)
		}
	}
	for what, text := range map[string]string{"empty": ""} {
		tags := whole.Tags()
		tags[phases] = text
		got, ok := ParseJournal(tags)
		if diff := cmp.Diff(whole, got); !ok || diff != "" {
			t.Errorf("%s: %v %s", what, ok, diff)
		}
	}
	checked := whole
	checked.Passed, checked.Holding, checked.HoldingWith = 3, true, &Sizes{Candidate: 4, Live: 4}
	checked.EndChecked, checked.Unknown = true, "compare: 61 of at least 200 requests"
	tags := checked.Tags()
	if got, ok := ParseJournal(tags); !ok || !cmp.Equal(checked, got) || tags[phases] != "3 passed - end checked - holding with 4 beside 4" {
		t.Errorf("%q: %v %s", tags[phases], ok, cmp.Diff(checked, got))
	}
}

// Tags that somebody has edited are refused by name and value, and by what belongs there; whoever reads a group that has them is not
// to take it for another.
func TestTagsThatMakeNoSense(t *testing.T) {
	whole := Journal{Deployment: "web", Revision: 7, Release: "r7", Verdict: RollingOut, Previous: "sig-1", PreviousCapacity: Pin(2), Retain: 3}
	for key, values := range map[string][]string{
		"deployment":        {""},
		"revision":          {"", "seven", "0", "-1", "7.0", "1000000001", "9223372036854775807", "9223372036854775808", " 7"},
		"release":           {"", " ", "r7 r8", " r7"},
		"release-number":    {"seven", "0", "-1", "9223372036854775807"},
		"verdict":           {"", "Proven", "?"},
		"previous":          {""},
		"previous-capacity": {"", "none", "minimum=1 target=2", "minimum=2 target=1 maximum=2", "minimum=-1 target=0 maximum=2", "minimum=0 target=0 maximum=9999999999", "target=1 minimum=1 maximum=2", "minimum=0 target=0 maximum=0 more=1"},
		"phases": {"none", "two passed", "2", "2 gone", "-1 passed", " - holding", "1001 passed", "99999999999999999999 passed",
			"1 passed - holding with", "1 passed - holding with one beside 3", "1 passed - holding with -1 beside 3", "1 passed - holding with 1", "1 passed - holding  with 1 beside 3",
			"1 passed - holding with 1 beside 9999999999"},
		"retain":          {"3 - the previous one", " - the previous one keeps running 3", "-1 - the previous one keeps running", "-1", "-5", "1001", "?", "9223372036854775807", "none"},
		"routes":          {"two", "-1", "3", "1000000"},
		"taken-down-from": {"all", "minimum=1 target=2", "minimum=3 target=2 maximum=9"},
		"failed-releases": {strings.Repeat("r1 ", 10), strings.Repeat("r1 ", 18), strings.Repeat("r1 ", 40)},
	} {
		for _, value := range values {
			tags := whole.Tags()
			maps.Copy(tags, Memory{Failed: []string{"r6"}, Last: "web__6", TakenDown: &whole.PreviousCapacity}.Tags())
			if bad := CheckTags(tags); bad != nil {
				t.Fatalf("these are as they were written: %v", bad)
			}
			tags["elastigroup:"+key] = value
			bad := CheckTags(tags)
			if bad == nil {
				t.Errorf("%s = %q makes sense", key, value)
				continue
			}
			if !strings.HasPrefix(bad.Key, "elastigroup:") || key != "routes" && bad.Key != "elastigroup:"+key || bad.Wants == "" || len(bad.Error()) > 400 {
				t.Errorf("%s = %q: %v", key, value, bad)
			}
		}
	}
	if bad := CheckTags(map[string]string{"Name": "web__7", "elastigroup:failed-last": "none"}); bad != nil {
		t.Errorf("a group without a journal has a bad one: %v", bad)
	}
}

func TestFailureReadsOnInATag(t *testing.T) {
	for said, want := range map[string]string{
		"Target.Timeout: request timed out":                           "Target.Timeout: request timed out",
		"2 of 4 unhealthy, reason:\n\"Timeout\"; (x)":                 "2 of 4 unhealthy - reason: Timeout - x",
		"errors 3.1 % (62) of 2000 requests, against 0.4%; limit 1.5": "errors 3.1 percent 62 of 2000 requests - against 0.4 percent - limit 1.5",
		"p90 0.52 > 0.4 and load <= 3 & rising":                       "p90 0.52 above 0.4 and load at most 3 and rising",
		"web__2 (ami-2): alarm web-5xx is in ALARM":                   "web__2 ami-2: alarm web-5xx is in ALARM",
		"web__2 4 -> 0 doesn't answer[x]y":                            "web__2 4 to 0 doesnt answer x y",
		"<html><b>502</b>…":                                           "html b 502 /b ...",
	} {
		j, _ := ParseJournal(Journal{Deployment: "web", Revision: 1, Release: "r1", Verdict: Failed, Failure: said}.Tags())
		if j.Failure != want {
			t.Errorf("%q is kept as %q, want %q", said, j.Failure, want)
		}
		if again, _ := ParseJournal(j.Tags()); again.Failure != want {
			t.Errorf("%q is made %q when it is written once more", want, again.Failure)
		}
	}
}

// As many failed releases as are ever written are read back, and one more is what somebody has added: the number that the error says is the
// one that counts.
func TestAMemoryIsReadAsItIsWritten(t *testing.T) {
	var failed []string
	for n := range 30 {
		failed = append(failed, fmt.Sprintf("%016x/%08x", n, n))
		tags := Memory{Failed: failed}.Tags()
		got := Group{Tags: tags}.Memory().Failed
		if bad := CheckTags(tags); bad != nil || len(got) != min(len(failed), 9) || !slices.Equal(got, failed[:len(got)]) {
			t.Fatalf("%d failed releases are read as %v: %v", len(failed), got, bad)
		}
		if n := len(tags["elastigroup:failed-releases"]); n > 256 {
			t.Fatalf("a tag of %d characters", n)
		}
	}
	bad := CheckTags(map[string]string{"elastigroup:failed-releases": strings.Repeat("r1 ", 10)})
	if bad == nil || !strings.Contains(bad.Error(), "at most 9 releases") {
		t.Errorf("ten releases: %v", bad)
	}
}
