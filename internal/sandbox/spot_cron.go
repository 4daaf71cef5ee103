package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cron is a Unix cron expression: "30 16 * * 1-5". Spot takes numbers only, and means UTC:
// https://docs.spot.io/elastigroup/features/core-features/scheduling.
type cron struct {
	minutes, hours, days, months, weekdays [60]bool
	// anyDay and anyWeekday are that the field is a star: if neither is, a day that either names will do, as crontab(5) has it.
	anyDay, anyWeekday bool
}

func parseCron(expression string) (*cron, error) {
	fields := strings.Fields(expression)
	if len(fields) != 5 {
		return nil, fmt.Errorf("%q has %d fields, a cron expression has 5", expression, len(fields))
	}
	c := &cron{anyDay: strings.HasPrefix(fields[2], "*"), anyWeekday: strings.HasPrefix(fields[4], "*")}
	for n, f := range []struct {
		into     *[60]bool
		from, to int
	}{{&c.minutes, 0, 59}, {&c.hours, 0, 23}, {&c.days, 1, 31}, {&c.months, 1, 12}, {&c.weekdays, 0, 7}} {
		for part := range strings.SplitSeq(fields[n], ",") {
			if err := readCron(part, f.into, f.from, f.to); err != nil {
				return nil, fmt.Errorf("%q: %w", expression, err)
			}
		}
	}
	c.weekdays[0] = c.weekdays[0] || c.weekdays[7] // Sunday is both
	return c, nil
}

// readCron reads a part of a field: "*", "5", "1-5", each with "/2" behind it or not.
func readCron(part string, into *[60]bool, from, to int) error {
	span, every, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		n, err := strconv.Atoi(every)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is no step", every)
		}
		step = n
	}
	first, last := from, to
	if span != "*" {
		low, high, ranged := strings.Cut(span, "-")
		n, err := strconv.Atoi(low)
		if err != nil {
			return fmt.Errorf("%q is no number", low)
		}
		first = n
		if !stepped {
			last = n
		}
		if ranged {
			if last, err = strconv.Atoi(high); err != nil {
				return fmt.Errorf("%q is no number", high)
			}
		}
		if first < from || last > to || first > last {
			return fmt.Errorf("%q is not from %d to %d", span, from, to)
		}
	}
	for n := first; n <= last; n += step {
		into[n] = true
	}
	return nil
}

func (c *cron) on(day time.Time) bool {
	byDay, byWeekday := c.days[day.Day()], c.weekdays[day.Weekday()]
	if !c.months[day.Month()] {
		return false
	}
	if c.anyDay || c.anyWeekday {
		return byDay && byWeekday
	}
	return byDay || byWeekday
}

// next is the first time after this one that the expression names. It answers false if there is none within the eight years
// that can be between two 29ths of February.
func (c *cron) next(after time.Time) (time.Time, bool) {
	t := after.UTC().Truncate(time.Minute).Add(time.Minute)
	for day, n := t, 0; n < 8*366+1; n++ {
		midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
		day = midnight.AddDate(0, 0, 1)
		if !c.on(midnight) {
			continue
		}
		for minute := range 24 * 60 {
			at := midnight.Add(time.Duration(minute) * time.Minute)
			if c.hours[at.Hour()] && c.minutes[at.Minute()] && !at.Before(t) {
				return at, true
			}
		}
	}
	return time.Time{}, false
}
