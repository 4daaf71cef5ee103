package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// task is one of a group's scheduling.tasks.
type task struct {
	kind      string
	enabled   bool
	cron      *cron
	every     time.Duration // by its frequency
	start     time.Time     // zero if it has no startTime
	document  map[string]any
	isOneTime bool
}

// frequencies are the values of a task's frequency: https://github.com/spotinst/openapi (Elastigroup scheduling).
var frequencies = map[string]time.Duration{"hourly": time.Hour, "daily": 24 * time.Hour, "weekly": 7 * 24 * time.Hour}

// tasksOf reads the tasks of a document. One that cannot be read is never due.
func tasksOf(document map[string]any) []task {
	var all []task
	for _, d := range objects(object(document, "scheduling")["tasks"]) {
		t := task{kind: text(d, "taskType"), enabled: d["isEnabled"] != false, every: frequencies[text(d, "frequency")], document: d}
		t.cron, _ = parseCron(text(d, "cronExpression"))
		t.start, _ = time.Parse(time.RFC3339, text(d, "startTime"))
		t.isOneTime = t.cron == nil && t.every == 0 && !t.start.IsZero()
		all = append(all, t)
	}
	return all
}

// checkTasks finds what is wrong with the tasks of a document.
func checkTasks(document map[string]any) []apiError {
	var found []apiError
	for n, d := range objects(object(document, "scheduling")["tasks"]) {
		at := fmt.Sprintf("scheduling.tasks[%d].", n)
		expression, frequency := text(d, "cronExpression"), text(d, "frequency")
		if text(d, "taskType") == "" {
			found = append(found, required(at+"taskType"))
		}
		if expression != "" && frequency != "" {
			found = append(found, invalid(at+"frequency", `"value" contains a conflict between exclusive peers [frequency, cronExpression]`))
		}
		if _, err := parseCron(expression); expression != "" && err != nil {
			found = append(found, invalid(at+"cronExpression", "cronExpression is not valid: "+err.Error()))
		}
		if frequencies[frequency] == 0 && frequency != "" {
			found = append(found, invalid(at+"frequency", fmt.Sprintf("%q must be one of [hourly, daily, weekly]", at+"frequency")))
		}
	}
	return found
}

// next is when a task is due next. By its frequency it is so from its startTime on; without one, from the making of the group
// on: nothing documents that.
func (t task) next(now, created time.Time) (time.Time, bool) {
	switch {
	case !t.enabled:
		return time.Time{}, false
	case t.cron != nil:
		if now.Before(t.start) {
			now = t.start.Add(-time.Nanosecond)
		}
		return t.cron.next(now)
	case t.every > 0:
		from := t.start
		if from.IsZero() {
			from = created.Add(t.every)
		}
		if from.After(now) {
			return from, true
		}
		return from.Add((now.Sub(from)/t.every + 1) * t.every), true
	}
	return t.start, t.start.After(now)
}

// schedule has the tasks of a group become due. Those of an earlier document are void.
func (w *spotHalf) schedule(g *group) {
	g.plan++
	for n, t := range tasksOf(g.document) {
		w.expect(g, n, t)
	}
}

func (w *spotHalf) expect(g *group, n int, t task) {
	at, ok := t.next(w.now, g.created)
	if !ok {
		return
	}
	plan := g.plan
	w.after(at.Sub(w.now), func() {
		if g.plan != plan || w.groups[g.id] != g {
			return
		}
		w.perform(g, t)
		if t.isOneTime {
			w.forgetTask(g, n)
			return
		}
		w.expect(g, n, t)
	})
}

// forgetTask takes a task that had but its startTime out of the document: it "will run only once at the start time and will
// then be deleted from the group configuration", says https://github.com/spotinst/openapi (Elastigroup scheduling).
func (w *spotHalf) forgetTask(g *group, n int) {
	scheduling := maps.Clone(object(g.document, "scheduling"))
	tasks, _ := scheduling["tasks"].([]any)
	scheduling["tasks"] = slices.Delete(slices.Clone(tasks), n, n+1)
	g.document = maps.Clone(g.document)
	g.document["scheduling"] = scheduling
	w.revised(g)
	w.schedule(g)
}

// perform does what a task is for. It is not made up for later if it cannot be done now. It tells whether it was done.
func (w *spotHalf) perform(g *group, t task) bool {
	if w.suspended(g, "SCHEDULING") {
		g.note(w.now, "INFO", "Scheduled task %s is skipped: SCHEDULING is suspended", t.kind)
		return false
	}
	if g.locked() {
		g.note(w.now, "WARN", "Scheduled task %s is skipped: a deployment is in progress", t.kind)
		return false
	}
	if t.kind == "roll" {
		return w.rollBySchedule(g)
	}
	c, ok := t.capacity(g.capacity)
	if !ok {
		g.note(w.now, "INFO", "Scheduled task %s is nothing that the sandbox does", t.kind)
		return false
	}
	g.note(w.now, "INFO", "Scheduled task %s sets the capacity to minimum %d, target %d, maximum %d", t.kind, c.minimum, c.target, c.maximum)
	w.resize(g, c)
	return true
}

// scheduledRoll is how long a roll takes that a task begins. It is the sandbox's own choice.
const scheduledRoll = 10 * time.Minute

// rollBySchedule begins a roll, which keeps the group from being changed. There is none of a group without instances.
func (w *spotHalf) rollBySchedule(g *group) bool {
	if len(g.instances) == 0 {
		g.note(w.now, "WARN", "Scheduled task roll is skipped: the group has no instances")
		return false
	}
	w.setRoll(g, Roll{Ends: Duration(scheduledRoll)})
	return true
}

// capacity is that of a group after a task, false if the task is about something else. Keys are those of Spot's SDKs and of
// https://github.com/spotinst/openapi. A target beyond the bounds goes to the bound; the documentation does not say so.
func (t task) capacity(c capacity) (capacity, bool) {
	switch t.kind {
	case "scale":
		c.minimum = whole(t.document["scaleMinCapacity"], c.minimum)
		c.maximum = max(whole(t.document["scaleMaxCapacity"], c.maximum), c.minimum)
		c.target = whole(t.document["scaleTargetCapacity"], c.target)
	case "scaleUp":
		c.target += whole(t.document["adjustment"], 0)
	case "scaleDown":
		c.target -= whole(t.document["adjustment"], 0)
	case "percentageScaleUp":
		c.target += (c.target*whole(t.document["adjustmentPercentage"], 0) + 99) / 100
	case "percentageScaleDown":
		c.target -= c.target * whole(t.document["adjustmentPercentage"], 0) / 100
	default:
		return c, false
	}
	c.target = min(max(c.target, c.minimum), c.maximum)
	return c, true
}

// RunTask has the n-th of the scheduled tasks (from 0) of the groups of that ID or name happen now, whether it is due or not.
// It tells whether it was done: not if it is switched off (isEnabled), nor while SCHEDULING is suspended or a deployment is running, nor
// if there is no such task or it is about something that the sandbox does not do, such as a backup.
func (w *spotHalf) RunTask(nameOrID string, n int) bool {
	done := false
	w.locked(func() {
		for _, g := range w.named(nameOrID) {
			if tasks := tasksOf(g.document); n >= 0 && n < len(tasks) && tasks[n].enabled {
				done = w.perform(g, tasks[n]) || done
			}
		}
	})
	return done
}

// scheduleOf is what a document says of tasks, to be compared.
func scheduleOf(document map[string]any) string {
	var said strings.Builder
	for _, d := range objects(object(document, "scheduling")["tasks"]) {
		fmt.Fprintln(&said, d) // maps are printed in the order of their keys
	}
	return said.String()
}
