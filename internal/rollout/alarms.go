package rollout

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// AlarmsOn are alarms that were on before a release began (alarms_at_start = "ignore"): none of them counts until it has been OK.
type AlarmsOn struct {
	// At is when the last of them went on, by CloudWatch's clock. One that has changed since has done so during the release.
	At time.Time
	// Keys stand for their names, see alarmKey.
	Keys []string
}

// MostAlarmsOn is how many fit in the tag that keeps them.
const MostAlarmsOn = 9

// AlarmsOnAtStart are those of the given names.
func AlarmsOnAtStart(at time.Time, names []string) *AlarmsOn {
	on := &AlarmsOn{At: at.UTC().Truncate(time.Millisecond)}
	for _, name := range names {
		on.Keys = append(on.Keys, alarmKey(name))
	}
	slices.Sort(on.Keys)
	return on
}

// Has tells whether an alarm is among them. There may be none at all.
func (on *AlarmsOn) Has(name string) bool {
	return on != nil && slices.Contains(on.Keys, alarmKey(name))
}

// alarmKey is short enough for a tag, and a person can tell which alarm is meant: the beginning of its name, and a hash of all of it.
func alarmKey(name string) string {
	short := ""
	for _, c := range name {
		if c < 128 && len(short) < 14 && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", c) {
			short += string(c)
		}
	}
	sum := sha256.Sum256([]byte(name))
	return short + "@" + hex.EncodeToString(sum[:4])
}

// alarmsLayout is the time in the tag.
const alarmsLayout = "2006-01-02T15:04:05.000Z"

// tag is "2026-11-23T10:00:05.000Z web-5xx@1a2b3c4d web-latency@5e6f7a8b".
func (on *AlarmsOn) tag() string {
	if on == nil {
		return none
	}
	return on.At.Format(alarmsLayout) + " " + strings.Join(on.Keys, " ")
}

// parseAlarmsOn reads it back. What is damaged is taken for none: every alarm counts then.
func parseAlarmsOn(text string) *AlarmsOn {
	fields := strings.Fields(text)
	if len(fields) < 2 {
		return nil
	}
	at, err := time.Parse(alarmsLayout, fields[0])
	if err != nil {
		return nil
	}
	return &AlarmsOn{At: at, Keys: fields[1:]}
}
