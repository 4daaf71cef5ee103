package spot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// What moves a group's capacity of its own accord is switched by its own member isEnabled, in the group's document, so that it can be
// done in the same call as a change of capacity, and everybody sees it. Target tracking (scaling.target) has no such switch by the
// API's description, though its SDK knows one: it is used where it is written. Without it, and with scaling.multipleMetrics, a target
// moves within its minimum and maximum alone, and a pin leaves it no room.
// https://github.com/spotinst/openapi (Elastigroup scaling, scheduling, third parties)

// moverLists are the lists of what moves capacity: each element is one, but for scheduled tasks that do something else.
var moverLists = [][]string{{"scheduling", "tasks"}, {"scaling", "up"}, {"scaling", "down"}, {"scaling", "target"}}

// orchestrators are those whose integration has an autoscaler.
var orchestrators = []string{"ecs", "kubernetes", "nomad", "dockerSwarm"}

// backup is the only type of task that neither moves capacity nor replaces instances. A type that is not known here may do either.
const backup = "backup_ami"

// mover is one thing that moves capacity.
type mover struct {
	// list is the path of the list that it is an element of, nil of an autoscaler; place is where in it.
	list  []string
	place int
	// orchestrator is that of an autoscaler.
	orchestrator string
	value        map[string]any
}

// moversOf finds what moves capacity in a group, in the order of the document.
func moversOf(group map[string]any) []mover {
	var all []mover
	for _, path := range moverLists {
		for i, element := range list(member(member(group, path[0]), path[1])) {
			value, ok := element.(map[string]any)
			if !ok || path[1] == "tasks" && text(value["taskType"]) == backup || path[1] == "target" && blank(value["isEnabled"]) {
				continue
			}
			all = append(all, mover{list: path, place: i, value: value})
		}
	}
	for _, name := range orchestrators {
		if value, ok := member(member(member(group, "thirdPartiesIntegration"), name), "autoScale").(map[string]any); ok && !blank(value) {
			all = append(all, mover{orchestrator: name, value: value})
		}
	}
	return all
}

// on tells whether it is switched on, which it is unless something else is written.
func (m mover) on() bool { return plain(m.value["isEnabled"]) != "false" }

// name is how a note calls where it is: "scheduling.tasks", "kubernetes.autoScale".
func (m mover) name() string {
	if m.orchestrator != "" {
		return m.orchestrator + ".autoScale"
	}
	return dotted(m.list)
}

// bounds are the minimums and maximums that it sets when it acts.
func (m mover) bounds() (minimums, maximums []int) {
	from := func(value any, minimum, maximum string) {
		if n, ok := whole(member(value, minimum)); ok {
			minimums = append(minimums, n)
		}
		if n, ok := whole(member(value, maximum)); ok {
			maximums = append(maximums, n)
		}
	}
	from(m.value, "scaleMinCapacity", "scaleMaxCapacity")
	from(m.value, "minCapacity", "maxCapacity")
	from(m.value, "MinCapacity", "MaxCapacity") // so the specification spells them
	from(m.value["action"], "minimum", "maximum")
	for _, step := range list(m.value["stepAdjustments"]) {
		from(member(step, "action"), "minimum", "maximum")
	}
	return minimums, maximums
}

// Automation is what of the document moves the group's capacity beside a rollout.
func (d Document) Automation() rollout.Automation {
	var a rollout.Automation
	paused := parsePaused(d.Tags()[rollout.PausedTag])
	for _, m := range moversOf(d.group) {
		kept := &a.On
		if _, ours := paused[m.key()]; !m.on() {
			if !ours {
				continue // so the user has it
			}
			kept = &a.Paused
		}
		switch {
		case m.orchestrator != "":
			kept.Autoscalers++
		case m.list[0] == "scaling":
			kept.Policies++
		default:
			kept.Tasks++
		}
		minimums, maximums := m.bounds()
		a.Minimums, a.Maximums = append(a.Minimums, minimums...), append(a.Maximums, maximums...)
	}
	return a
}

// Automate implements runner.Elastigroups. Spot replaces lists as a whole, so the document is read, changed, and of it sent back what
// has changed; calls that do so to the same group go one after the other.
func (c *Client) Automate(ctx context.Context, id string, on bool, capacity *rollout.Capacity) error {
	unlock, err := c.lockTags(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	// What is read is sent back, so that it has to be whole.
	document, err := c.read(ctx, "reading the schedules and policies of", id, Document.unreadable)
	if err != nil {
		return err
	}
	patch, err := document.switching(on)
	switch {
	case err != nil:
		return &Error{Doing: "switching the schedules and policies of group " + c.named(id), remark: err.Error(), cause: err}
	case patch == nil && capacity == nil:
		return nil
	case patch == nil:
		return c.Resize(ctx, id, *capacity)
	}
	doing := "switching off the schedules and policies of"
	if on {
		doing = "switching on again the schedules and policies of"
	}
	if capacity != nil {
		if err := capacity.Valid(); err != nil {
			return &Error{Doing: doing + " group " + c.named(id), remark: err.Error()}
		}
		doing = fmt.Sprintf("resizing to %s and %s", capacity, doing)
		patch["capacity"] = map[string]any{"minimum": capacity.Minimum, "target": capacity.Target, "maximum": capacity.Maximum}
	}
	call, err := c.about(doing, http.MethodPut, id, "")
	if err != nil {
		return err
	}
	call.body = map[string]any{"group": patch}
	return c.do(ctx, call)
}

// switching is what a call has to change in the group for everything that moves its capacity to be off, or what was switched off so to
// be on again; nil if that is so already.
func (d Document) switching(on bool) (map[string]any, error) {
	group := d.copied()
	switched, err := switchIn(group, on)
	if err != nil || len(switched) == 0 {
		return nil, err
	}
	patch := map[string]any{}
	object(object(patch, "compute"), "launchSpecification")["tags"] = list(member(member(group["compute"], "launchSpecification"), "tags"))
	for _, m := range switched {
		if m.orchestrator == "" {
			object(patch, m.list[0])[m.list[1]] = member(group[m.list[0]], m.list[1])
			continue
		}
		// What is absent in a call stays as it is: null takes it away.
		object(object(object(patch, "thirdPartiesIntegration"), m.orchestrator), "autoScale")["isEnabled"] = m.value["isEnabled"]
	}
	return patch, nil
}

// switchIn switches off what moves the group's capacity, with a tag that notes it, or on again what the tag notes. It answers with what
// it has switched.
func switchIn(group map[string]any, on bool) ([]mover, error) {
	launch := object(object(group, "compute"), "launchSpecification")
	tags := list(launch["tags"])
	paused := map[string]string{}
	for _, entry := range tags {
		if key, value := tagOf(entry); key == rollout.PausedTag {
			paused = parsePaused(value)
		}
	}
	var switched, off []mover
	written := map[string]string{}
	for _, m := range moversOf(group) {
		was, ours := paused[m.key()]
		switch {
		case on && ours && !m.on():
			delete(m.value, "isEnabled")
			if was == "true" {
				m.value["isEnabled"] = true
			}
			switched = append(switched, m)
		case !on && m.on():
			was = ""
			if !blank(m.value["isEnabled"]) {
				was = "true"
			}
			m.value["isEnabled"] = false
			switched = append(switched, m)
			fallthrough
		case !on && ours:
			off = append(off, m)
			written[m.key()] = was
		}
	}
	if len(switched) == 0 {
		return nil, nil
	}
	tags = slices.DeleteFunc(slices.Clone(tags), func(entry any) bool { key, _ := tagOf(entry); return key == rollout.PausedTag })
	if len(off) > 0 {
		note, err := pausedNote(off, written)
		if err != nil {
			return nil, err
		}
		tags = append(tags, map[string]any{"tagKey": rollout.PausedTag, "tagValue": note})
	}
	launch["tags"] = tags
	return switched, nil
}

// awake is a copy of the group with everything on that a rollout has switched off: as the user has it.
func (d Document) awake() map[string]any {
	group := d.copied()
	if d.Tags()[rollout.PausedTag] != "" {
		_, _ = switchIn(group, true) // nothing is noted, so nothing can be too long
	}
	return group
}

// key is what tells it from others in a note.
func (m mover) key() string { return m.name() + " " + strconv.Itoa(m.place) }

// A note reads "scheduling.tasks 0-2 4=true - scaling.up 0 - ecs.autoScale 0=true": which elements of which list are off, counted from 0, and
// which of them said isEnabled true themselves, so that what comes back is what was written.
const (
	betweenLists = " - "
	wasTrue      = "=true"
)

// mostInTag is how long a tag's value can be. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const mostInTag = 256

func pausedNote(off []mover, was map[string]string) (string, error) {
	var lists []string
	for i := 0; i < len(off); {
		name, text := off[i].name(), off[i].name()
		for i < len(off) && off[i].name() == name {
			first, kind := off[i].place, was[off[i].key()]
			last := first
			for i++; i < len(off) && off[i].name() == name && off[i].place == last+1 && was[off[i].key()] == kind; i++ {
				last++
			}
			text += " " + strconv.Itoa(first)
			if last > first {
				text += "-" + strconv.Itoa(last)
			}
			if kind == "true" {
				text += wasTrue
			}
		}
		lists = append(lists, text)
	}
	note := strings.Join(lists, betweenLists)
	if len(note) > mostInTag {
		return "", fmt.Errorf("the note of which of its %d schedules and policies are switched off would take %d characters, and a tag holds %d", len(off), len(note), mostInTag)
	}
	return note, nil
}

// parsePaused reads a note back: what is off by its key, and what it said itself. What makes no sense is left out.
func parsePaused(note string) map[string]string {
	paused := map[string]string{}
	for _, part := range strings.Split(note, betweenLists) {
		fields := strings.Fields(part)
		if len(fields) < 2 {
			continue
		}
		for _, span := range fields[1:] {
			span, explicit := strings.CutSuffix(span, wasTrue)
			from, to, ranged := strings.Cut(span, "-")
			if !ranged {
				to = from
			}
			first, err1 := strconv.Atoi(from)
			last, err2 := strconv.Atoi(to)
			if err1 != nil || err2 != nil || first < 0 || last > mostPlaces {
				continue
			}
			for place := first; place <= last; place++ {
				paused[fields[0]+" "+strconv.Itoa(place)] = map[bool]string{true: "true"}[explicit]
			}
		}
	}
	return paused
}

// mostPlaces is more than any list of a group has.
const mostPlaces = 1000
