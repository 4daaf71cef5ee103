package runner

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// mostAsked is how many instances EC2 is asked about, the most log lines that are looked through for why a launch failed.
const (
	mostAsked = 50
	mostLines = 50
)

// neverServed are the instances of a group that were launched, were never in service, and do not exist any more.
func (r *Run) neverServed(ctx context.Context, g rollout.Group) []string {
	unserved := r.health.unserved(g.ID)
	if len(unserved) == 0 {
		return nil
	}
	instances, err := r.Spot.Instances(ctx, g.ID)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(unserved, func(id string) bool {
		return slices.ContainsFunc(instances, func(i Instance) bool { return i.ID == id })
	})
}

// endedAtLaunch says, in EC2's words, why instances ended that were never in service, as far as EC2 ended them at launch: what the market
// takes, or Spot, has other reasons than these.
func (r *Run) endedAtLaunch(ctx context.Context, gone []string) []string {
	if r.Machines == nil || len(gone) == 0 {
		return nil
	}
	words, err := r.Machines.Ended(ctx, gone[:min(len(gone), mostAsked)])
	if err != nil {
		r.notice(ctx, "instances_unread", "EC2 could not be asked why instances ended", 0, err)
		return nil
	}
	tally := map[string]int{}
	for _, why := range words {
		tally[rollout.Quote(why)]++
	}
	var said []string
	for why, n := range tally {
		said = append(said, fmt.Sprintf("EC2 ended %s at launch: %s", rollout.Unit{}.Count(n), why))
	}
	slices.Sort(said)
	return said[:min(len(said), mostWords)]
}

// log is what Spot's log of a group says, as far as an error quotes it, whether it says that a launch was refused for anything but
// want of capacity, and whether that one of the instances that are gone was replaced because it was unhealthy. Lines that say of a
// launch that it was refused come last, where they are not cut.
func (r *Run) log(ctx context.Context, g rollout.Group, gone []string) (lines []string, refused, replaced bool) {
	lines, err := r.Spot.Log(ctx, g.ID, r.started, mostLines)
	if err != nil {
		return nil, false, false
	}
	refused = slices.ContainsFunc(lines, refusesLaunch)
	replaced = slices.ContainsFunc(lines, func(line string) bool { return callsUnhealthy(line, gone) })
	slices.SortStableFunc(lines, func(a, b string) int {
		switch ra, rb := refusesLaunch(a), refusesLaunch(b); {
		case ra == rb:
			return 0
		case rb:
			return -1
		}
		return 1
	})
	return lines[max(len(lines)-mostWords, 0):], refused, replaced
}

// callsUnhealthy tells whether a line of Spot's log calls one of these instances unhealthy. Where Spot replaces such an instance between
// two looks, or while looks fail, its log is all that is left of the verdict, and the replacement is judged by nobody yet. The wording is
// not documented; that of the event is AWS_EC2_INSTANCE_UNHEALTHY_IN_ELB, or the like for other health checks.
func callsUnhealthy(line string, instances []string) bool {
	return strings.Contains(strings.ToLower(line), "unhealthy") &&
		slices.ContainsFunc(instances, func(id string) bool { return strings.Contains(line, id) })
}

// cannotSpin is how Spot's log says that an instance could not be launched: "Can't Spin Spot Instances: Code:
// InsufficientInstanceCapacity, Message: …", where the code may be left out. https://docs.spot.io/elastigroup/ (FAQ)
var cannotSpin = regexp.MustCompile(`Can't Spin [^:]*:\s*(?:Code:\s*([A-Za-z0-9_.]+))?(.*)`)

// refusesLaunch tells whether a line of Spot's log says that a launch was refused for another reason than want of capacity: by a quota,
// a key, the permission to launch an image, a volume that does not fit.
func refusesLaunch(line string) bool {
	parts := cannotSpin.FindStringSubmatch(line)
	if parts == nil {
		return false
	}
	code, message := parts[1], parts[2]
	switch {
	case code == "":
		return !strings.Contains(strings.ToLower(message), "capacity")
	case strings.HasPrefix(code, "Insufficient") && strings.HasSuffix(code, "Capacity"), code == "UnfulfillableCapacity",
		code == "SpotMaxPriceTooLow":
		return false
	}
	return true
}
