package watch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// atRest is the outcome of a deployment that was looked up and has no rollout under way.
const atRest = "at_rest"

// look at a picture as lines of at most width columns, and of at most height lines in all (0: as many as there are). What matters most comes
// first, and what does not fit is left out at the bottom, never at the top.
type view struct {
	width, height int
	style         style
	note          string
}

// Lines that a rollout has at least, and how many of what was said are shown of one if there is room.
const (
	leastWidth = 20
	mostSaid   = 8
)

// lines are all rollouts: those that go on first, in the order in which they began.
func (v view) lines(t *timeline.Timeline, now time.Time) []string {
	v.width = max(v.width, leastWidth)
	rollouts := t.Latest()
	slices.SortStableFunc(rollouts, func(a, b *timeline.Rollout) int { return rank(a) - rank(b) })
	blocks := make([][]string, len(rollouts))
	used := len(blocks) // an empty line after each
	for i, r := range rollouts {
		blocks[i] = v.rollout(r, now)
		used += len(blocks[i])
	}
	// What room is left goes to what was said, in equal parts.
	room := mostSaid
	if v.height > 0 && len(blocks) > 0 {
		room = min(max((v.height-1-used)/len(blocks), 0), mostSaid)
	}
	var all []string
	for i, r := range rollouts {
		all = append(all, blocks[i]...)
		for _, said := range newest(r.Said, room) {
			all = append(all, v.cut("  "+v.style.quiet(said.Time.UTC().Format("15:04:05"))+"  "+clean(said.Text)))
		}
		all = append(all, "")
	}
	if v.note != "" {
		all = append(all, v.cut(v.style.quiet(clean(v.note))))
	}
	if v.height > 0 && len(all) > v.height {
		all = all[:max(v.height-1, 0)]
		all = append(all, v.cut(v.style.quiet(v.style.mark("…")+" the window is too small for the rest")))
	}
	return all
}

// newest are the last sentences, without what says no more than that something is about to be done.
func newest(all []timeline.Sentence, n int) []timeline.Sentence {
	var some []timeline.Sentence
	for _, said := range slices.Backward(all) {
		if len(some) == n {
			break
		}
		if !announces(said) {
			some = append(some, said)
		}
	}
	slices.Reverse(some)
	return some
}

func rank(r *timeline.Rollout) int {
	if r.Running() {
		return 0
	}
	return 1
}

// rollout is one of them, without what was said.
func (v view) rollout(r *timeline.Rollout, now time.Time) []string {
	state, text := standing(r, now)
	var head []string
	head = append(head, v.style.strong(clean(r.Deployment)))
	if r.Image != "" {
		head = append(head, clean(r.Image))
	}
	head = append(head, v.style.state(state, text))
	lines := []string{v.cut(strings.Join(head, "  ") + "  " + v.style.quiet(timeline.Brief(r.Took(now))))}
	shown := groups(r)
	wide, most := 0, most(r)
	for _, g := range shown {
		wide = max(wide, columns(clean(g.Group.Group)))
	}
	for _, g := range shown {
		lines = append(lines, v.cut(v.group(r, g, wide, most)))
	}
	for _, route := range r.Routes {
		if !route.Stage {
			lines = append(lines, v.cut("  "+v.style.quiet("traffic   ")+v.traffic(r, route)))
		}
	}
	if r.Bake != nil {
		left := r.BakeLeft(now)
		whole := time.Duration(r.Bake.Of * float64(time.Second))
		share := 0
		if whole > 0 {
			share = int(100 * (whole - left) / whole)
		}
		lines = append(lines, v.cut(fmt.Sprintf("  %s%s %s left of %s, at %s", v.style.quiet("bake      "), v.style.bar(share, 100, v.barWidth(), "quiet"), timeline.Brief(left), timeline.Brief(whole), clean(r.Bake.PhaseName))))
	}
	if len(r.Alarms) > 0 {
		var each []string
		for _, a := range r.Alarms {
			kind := map[string]string{"OK": "good", "ALARM": "bad"}[a.State]
			each = append(each, v.style.state(kind, clean(a.Name+" "+a.State)))
		}
		lines = append(lines, v.cut("  "+v.style.quiet("alarms    ")+strings.Join(each, ", ")))
	}
	if phases := r.Phases(now); len(phases) > 0 {
		var each []string
		for _, p := range phases {
			kind := map[timeline.State]string{timeline.Done: "good", timeline.Failed: "bad", timeline.Stopped: "bad"}[p.State]
			each = append(each, v.style.state(kind, v.style.mark(map[timeline.State]string{timeline.Done: "✓", timeline.Failed: "✗", timeline.Open: "…", timeline.Stopped: "✗"}[p.State])+" "+clean(p.Name)))
		}
		each = append(each, v.ahead(r, phases)...)
		lines = append(lines, v.cut("  "+v.style.quiet("phases    ")+strings.Join(each, "  ")))
	}
	if why := why(r); why != "" {
		lines = append(lines, v.cut("  "+v.style.quiet("why       ")+clean(why)))
	}
	return lines
}

// ahead are the phases of the plan that are yet to come.
func (v view) ahead(r *timeline.Rollout, phases []timeline.Phase) []string {
	if !r.Running() || r.Back != nil {
		return nil
	}
	var names []string
	for _, s := range r.Plan {
		name := s.PhaseName
		if name == "" {
			name = s.Part
		}
		if !slices.ContainsFunc(phases, func(p timeline.Phase) bool { return p.Name == name }) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for i, name := range names {
		names[i] = v.style.quiet(clean(name))
	}
	return names
}

// groups are those that are worth a line: both revisions, and others that have anything.
func groups(r *timeline.Rollout) []timeline.Group {
	var shown []timeline.Group
	for i := range r.Groups {
		g := &r.Groups[i]
		if g == r.New() || g == r.Previous() || g.Target+g.InService+g.Instances > 0 {
			shown = append(shown, *g)
		}
	}
	return shown
}

// most is what bars are measured by: the most that a group had or is to have in this rollout, so that they keep their scale.
func most(r *timeline.Rollout) int {
	n := 1
	for _, p := range r.Capacity {
		n = max(n, p.Target, p.InService)
	}
	for _, s := range r.Plan {
		if s.To != nil {
			n = max(n, s.To.Target)
		}
	}
	return n
}

// group is a group's capacity as a bar: what is in service, of what it is set to.
func (v view) group(r *timeline.Rollout, g timeline.Group, wide, most int) string {
	role := g.Role
	if n := r.New(); n != nil && n.Group.Group == g.Group.Group {
		role = "new"
	} else if p := r.Previous(); p != nil && p.Group.Group == g.Group.Group {
		role = "previous"
		if r.New() == nil {
			role = "live"
		}
	}
	text := fmt.Sprintf("  %s%s  %s ", v.style.quiet(pad(role, 10)), pad(clean(g.Group.Group), wide), v.style.capacity(g.InService, g.Target, most, v.barWidth(), role))
	of := g.Target
	switch {
	case g.Deleted:
		return text + "deleted"
	case g.Needed > 0:
		of = g.Needed
	case of == 0 && g.InService > 0:
		return text + strings.TrimRight(fmt.Sprintf("%d %s", g.InService, clean(g.Unit)), " ") + " left, none wanted"
	}
	text += fmt.Sprintf("%d of %d", g.InService, of)
	if g.Unit != "" {
		text += " " + clean(g.Unit)
	}
	text += " in service"
	var reasons []string
	for _, reason := range g.Reasons {
		reasons = append(reasons, fmt.Sprintf("%d %s", reason.Count, reason.Reason))
	}
	if len(reasons) > 0 {
		text += ": " + clean(strings.Join(reasons, ", "))
	}
	return text
}

func (v view) traffic(r *timeline.Rollout, route event.Route) string {
	var each []string
	for _, w := range route.Weights {
		each = append(each, fmt.Sprintf("%s %d %%", clean(w.Name), w.Percent))
	}
	share := ""
	if len(route.Weights) == 2 {
		second := route.Weights[1]
		if first := firstWeights(r, route); len(first) > 0 && percent(first, second.TargetGroup) == 100 {
			second = route.Weights[0]
		}
		share = v.style.bar(second.Percent, 100, v.barWidth(), "new") + " "
	}
	return share + strings.Join(each, ", ") + v.style.quiet("  "+clean(route.Name))
}

// firstWeights are those that a route began with.
func firstWeights(r *timeline.Rollout, route event.Route) []event.Weight {
	for _, p := range r.Traffic {
		if p.Route.ARN == route.ARN {
			return p.Route.Weights
		}
	}
	return nil
}

func percent(weights []event.Weight, group string) int {
	for _, w := range weights {
		if w.TargetGroup == group {
			return w.Percent
		}
	}
	return 0
}

// barWidth is how wide bars are: a fifth of the window.
func (v view) barWidth() int { return min(max(v.width/5, 4), 24) }

// quietFor is for how long nothing may be said until that is said itself. Whoever waits says something every minute.
const quietFor = 3 * time.Minute

// standing says where a rollout is, and how well that is.
func standing(r *timeline.Rollout, now time.Time) (kind, text string) {
	switch outcome := r.Outcome(); outcome {
	case "":
	case "succeeded":
		return "good", "succeeded"
	case "held":
		if holds := r.End.Holds(); holds != "" {
			return "good", clean(holds)
		}
		return "bad", "is left as it is"
	case atRest:
		return "", "no rollout is under way"
	case "rolled_back":
		return "bad", "rolled back"
	case "cut_short":
		return "bad", "cut short"
	default:
		return "bad", clean(strings.ReplaceAll(outcome, "_", " "))
	}
	text = "begins"
	kind = ""
	if r.Back != nil {
		kind, text = "bad", "goes back"
	}
	if s := r.Current(); s != nil {
		phase := s.PhaseName
		if phase == "" || r.Back != nil {
			phase = s.Part
		}
		if r.Back != nil {
			phase = "goes back"
		}
		text = clean(phase) + ", " + doing(s.Step)
	} else if phases := r.Phases(now); len(phases) > 0 && r.Back == nil {
		text = clean(phases[len(phases)-1].Name)
	}
	if silent := now.Sub(r.Updated); silent > quietFor && strings.HasPrefix(r.Run, seen) {
		text += fmt.Sprintf(", nothing has changed for %s", timeline.Brief(silent))
	} else if silent > quietFor {
		text += fmt.Sprintf(", nothing was said for %s", timeline.Brief(silent))
	}
	return kind, text
}

func doing(s event.Step) string {
	switch s.Step {
	case "await_healthy":
		return "waits for instances"
	case "await_drained":
		return "waits until instances have left"
	case "settle":
		return "traffic settles"
	case "bake":
		return "bakes"
	case "await_checks":
		return "asks " + clean(strings.Join(s.Checks, ", "))
	case "record", "remember":
		return "tags " + clean(s.Group)
	}
	return strings.ReplaceAll(clean(s.Step), "_", " ") + " " + clean(s.Group)
}

// why is why a rollout does not do what was wanted.
func why(r *timeline.Rollout) string {
	switch {
	case r.End != nil && r.End.Error != "":
		return r.End.Error
	case r.Back != nil && r.Outcome() != "succeeded":
		return r.Back.Why
	}
	return ""
}

// cut cuts a line to the window.
func (v view) cut(line string) string { return cutTo(line, v.width, v.style.mark("…")) }
