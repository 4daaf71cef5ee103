package rollout

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// GoOn is what a deployment wants whose candidate is gone on with, or back, by somebody who has its groups and nothing else. It is what the
// configuration said when the candidate's journal was written last, as far as that is written there: Missing says what is not, without which
// nobody may go on. The way back needs none of that.
func GoOn(name string, w World) (d Deployment, missing string) {
	c := RolesOf(w)
	if c.Candidate == nil {
		return Deployment{Name: name}, ""
	}
	j := c.journal
	d = Deployment{
		Name: name, Release: j.Release, ImageID: c.Candidate.ImageID, HealthyPercent: 100, Retain: j.Retain,
		// Whoever released the candidate has found what it replaces to be its own.
		Owner: c.Candidate.Owner(), Imported: map[string]bool{j.Previous: true},
		NothingNew: true,
	}
	d.BlueGreen = blueGreenOf(j)
	if j.Terms == (Terms{}) {
		return d, "how the rollout goes on, which the version of the provider that began it did not write there"
	}
	if !d.readRest(j.Terms.Rest) {
		missing = fmt.Sprintf("its terms (tag %s: %q)", tagTerms, QuoteUpTo(j.Terms.Rest, 80))
	}
	if !d.readStrategy(j.Terms.Strategy) {
		missing = fmt.Sprintf("its strategy (tag %s: %q)", tagStrategy, QuoteUpTo(j.Terms.Strategy, 80))
	}
	var n, checks int
	_, counts, _ := strings.Cut(j.Terms.Rest, " alarms=")
	_, _ = fmt.Sscanf(counts, "%d checks=%d", &n, &checks)
	var whole bool
	if d.Alarms, whole = readAlarms(j.Terms.Alarms); missing == "" && (!whole || len(d.Alarms) != n) {
		missing = fmt.Sprintf("the names of the %d alarms that watch it (tag %s: %q)", n, tagAlarms, QuoteUpTo(j.Terms.Alarms, 80))
	}
	if missing == "" && checks > 0 {
		missing = fmt.Sprintf("the %s that judge it, which only its configuration has", count(checks, "check"))
	}
	return d, missing
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// readRest reads "minimum=2 target=4 maximum=8 - healthy=100pct steady=30s within=15m new-first rollback trial=1b2c3d4e alarms=1 checks=0".
func (d *Deployment) readRest(text string) bool {
	size, rest, found := strings.Cut(text, " - ")
	capacity, fine := parseCapacity(size)
	words := strings.Fields(rest)
	if !found || !fine || len(words) < 7 {
		return false
	}
	percent, ok := cutNumber(words[0], "healthy=", "pct")
	steady, ok2 := cutDuration(words[1], "steady=")
	within, ok3 := cutDuration(words[2], "within=")
	if !ok || !ok2 || !ok3 || percent < 1 || percent > 100 {
		return false
	}
	order, failure := ResizeOrder(strings.ReplaceAll(words[3], "-", "_")), OnFailure(words[4])
	if !slices.Contains([]ResizeOrder{NewFirst, PreviousFirst}, order) || !slices.Contains([]OnFailure{Rollback, Hold}, failure) {
		return false
	}
	for i, key := range []string{"alarms=", "checks="} {
		if _, ok := cutNumber(words[len(words)-2+i], key, ""); !ok {
			return false
		}
	}
	if len(words) == 8 {
		if d.Trial, ok = strings.CutPrefix(words[5], "trial="); !ok {
			return false
		}
	}
	d.Capacity, d.Given = &capacity, &capacity
	d.HealthyPercent, d.MinHealthyTime, d.HealthyTimeout, d.ResizeOrder, d.OnFailure = percent, steady, within, order, failure
	return len(words) <= 8
}

// readAlarms reads what alarmsTag has written; false if that was too long.
func readAlarms(text string) ([]string, bool) {
	if text == tooLong {
		return nil, false
	}
	var names []string
	for _, quoted := range strings.Fields(text) {
		name, rest, _ := strings.Cut(quoted, "=")
		for rest != "" {
			if len(rest) < 2 {
				return nil, false
			}
			c, err := hex.DecodeString(rest[:2])
			if err != nil {
				return nil, false
			}
			plain, more, escaped := strings.Cut(rest[2:], "=")
			if name += string(c) + plain; escaped && more == "" {
				return nil, false
			}
			rest = more
		}
		names = append(names, name)
	}
	return names, true
}

func cutNumber(word, before, after string) (int, bool) {
	text, ok := strings.CutPrefix(word, before)
	text, ok2 := strings.CutSuffix(text, after)
	n, err := strconv.Atoi(text)
	return n, ok && ok2 && err == nil && n >= 0 && n <= mostCapacity && strconv.Itoa(n) == text
}

func cutDuration(word, before string) (time.Duration, bool) {
	text, ok := strings.CutPrefix(word, before)
	d, err := time.ParseDuration(text)
	return d, ok && err == nil && d >= 0
}
