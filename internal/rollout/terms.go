package rollout

import (
	"fmt"
	"strings"
	"time"
)

// The tags in which a candidate bears the terms of its rollout: what the configuration says of how it goes on, for whoever has to go on
// with it, or back, and does not have the configuration.
const (
	tagStrategy = tagPrefix + "strategy"
	tagTerms    = tagPrefix + "terms"
	tagAlarms   = tagPrefix + "alarms"
)

// Terms are how a rollout goes on, as they are written on its candidate, in words: "canary 25pct bake=5m 50pct",
// "minimum=2 target=4 maximum=8 - healthy=100pct steady=30s within=15m new-first rollback trial=1b2c3d4e alarms=1 checks=0", "web-5xx".
// They are written by each step that writes the candidate's journal, and are "" where nobody has written them.
type Terms struct {
	Strategy, Rest, Alarms string
}

// tooLong is what stands in a tag for what is longer than a tag may be, or has characters that a tag does not take.
const tooLong = "too long for a tag"

// terms are those of a candidate with a journal.
func (d Deployment) terms(j Journal) Terms {
	final := d.OwnCapacity
	switch {
	case j.Previous != "":
		final = d.sized(j.PreviousCapacity)
	case d.Capacity != nil:
		final = *d.Capacity
	}
	order, failure := d.ResizeOrder, d.OnFailure
	if order != PreviousFirst {
		order = NewFirst
	}
	if failure != Hold {
		failure = Rollback
	}
	rest := fmt.Sprintf("%s - healthy=%dpct steady=%s within=%s %s %s", capacityTag(final), d.Required(100), brief(d.MinHealthyTime), brief(d.HealthyTimeout),
		dashed(string(order)), failure)
	if trial := strings.Fields(d.Trial); len(trial) == 1 && tagValue(trial[0]) == d.Trial {
		rest += " trial=" + d.Trial
	}
	rest += fmt.Sprintf(" alarms=%d checks=%d", len(d.Alarms), d.checks())
	return Terms{Strategy: fits(strings.Join(d.strategy().words(), " ")), Rest: fits(rest), Alarms: fits(alarmsTag(d.Alarms))}
}

// checks is how many judges of the release only its configuration knows: checks have addresses and secrets, which are not for a tag.
func (d Deployment) checks() int {
	n := len(d.Checks)
	if d.Compare != nil {
		n++
	}
	return n
}

// tags writes them.
func (t Terms) tags(tags map[string]string) {
	for key, text := range map[string]string{tagStrategy: t.Strategy, tagTerms: t.Rest, tagAlarms: t.Alarms} {
		if tags[key] = text; text == "" {
			tags[key] = none
		}
	}
}

// terms reads them back. What is damaged is found out by whoever needs it.
func (r *tagReader) terms() Terms {
	return Terms{Strategy: r.text(tagStrategy), Rest: r.text(tagTerms), Alarms: r.text(tagAlarms)}
}

// sameButSize tells whether terms differ in nothing but the capacity, which a rollout that holds takes over by itself.
func (t Terms) sameButSize(o Terms) bool {
	_, mine, _ := strings.Cut(t.Rest, " - ")
	_, other, _ := strings.Cut(o.Rest, " - ")
	return t.Strategy == o.Strategy && t.Alarms == o.Alarms && mine == other
}

// fits is a text that a tag takes.
func fits(text string) string {
	if len(text) > longestTag || text != tagValue(text) {
		return tooLong
	}
	return text
}

func dashed(word string) string { return strings.ReplaceAll(word, "_", "-") }

// leveled is a level of a strategy in a tag, and how long it is watched.
func leveled(level string, bake time.Duration) []string {
	if bake <= 0 {
		return []string{level}
	}
	return []string{level, "bake=" + brief(bake)}
}

func percentTag(n int) string { return fmt.Sprintf("%dpct", n) }

// alarmsTag is the names of alarms; "" of none. What a tag does not take of them, and blanks, are written as =20.
func alarmsTag(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		for _, c := range []byte(name) {
			if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_.:/+@-", c) >= 0 {
				quoted[i] += string(c)
			} else {
				quoted[i] += fmt.Sprintf("=%02x", c)
			}
		}
	}
	return strings.Join(quoted, " ")
}
