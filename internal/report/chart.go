package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// The chart's measures, in its own units.
const (
	chartWidth = 900
	left       = 44  // room for the numbers
	right      = 150 // room for the names of lines
	plot       = chartWidth - left - right
	bandTop    = 8 // where the phases' names stand
	top        = 34
	capHeight  = 150
	gap        = 34
	trafHeight = 90
)

// chart is what the template draws.
type chart struct {
	ID             string
	Height         int
	Title, Words   string
	Right, Bottom  int
	Bands          []band
	Bakes          []band
	Lines          []line
	Marks          []mark
	XTicks, YTicks []tick
	Panels         []panel
}

type band struct {
	X, W   float64
	Y, H   int
	Label  string
	Shaded bool
}

// line is a group's capacity or a target group's part of the traffic.
type line struct {
	Class, Path, Area, Label string
	LabelX, LabelY           int
	at                       int
}

type mark struct {
	X     float64
	Y, H  int
	Label string
	// End is that the label stands to the left of the mark.
	End bool
}

type tick struct {
	X, Y  float64
	Label string
}

type panel struct {
	Middle int
	Label  string
}

// scale is how time lies on the chart.
type scale struct {
	from time.Time
	over time.Duration
}

func (s scale) x(at time.Time) float64 {
	share := float64(at.Sub(s.from)) / float64(s.over)
	return round(left + plot*min(max(share, 0), 1))
}

func round(f float64) float64 { return float64(int(f*10+0.5)) / 10 }

// draw makes the chart of a rollout: capacity of every group that had any, and below it the traffic, if listeners forward it by weights.
func draw(r *timeline.Rollout, id string) chart {
	s := scale{r.Began, max(r.Updated.Sub(r.Began), time.Second)}
	c := chart{ID: id, Title: "Capacity and traffic of " + r.Deployment + " over time", Words: inWords(r), Right: left + plot}
	c.Panels = []panel{{top + capHeight/2, "capacity"}}
	bottom := top + capHeight
	names := running(r)
	c.capacity(r, s, names)
	if groups := weighted(r); len(groups) > 0 {
		c.Panels = append(c.Panels, panel{bottom + gap + trafHeight/2, "traffic, %"})
		c.traffic(r, s, groups, bottom+gap)
		bottom += gap + trafHeight
	} else {
		c.Title = "Capacity of " + r.Deployment + " over time"
	}
	c.Bottom, c.Height = bottom, bottom+34
	for i, p := range r.Phases(r.Updated) {
		x := s.x(p.Began)
		b := band{X: x, W: max(round(s.x(p.Began.Add(p.Took))-x), 0), Y: bandTop, H: bottom - bandTop, Shaded: i%2 == 1}
		if float64(len(p.Name))*7+6 < b.W {
			b.Label = p.Name
		}
		c.Bands = append(c.Bands, b)
	}
	for _, step := range r.Steps {
		if step.Step.Step != "bake" {
			continue
		}
		until := r.Updated
		if step.State != timeline.Open {
			until = step.Began.Add(time.Duration(step.Took * float64(time.Second)))
		}
		x := s.x(step.Began)
		c.Bakes = append(c.Bakes, band{X: x, W: max(round(s.x(until)-x), 1), Y: top - 7, H: 6})
	}
	c.marks(r, s)
	for at := time.Duration(0); at <= s.over; at += pace(s.over) {
		c.XTicks = append(c.XTicks, tick{X: s.x(r.Began.Add(at)), Label: timeline.Brief(at)})
	}
	return c
}

// running are the names of the groups that had any capacity or instances, the newest first.
func running(r *timeline.Rollout) []string {
	var names []string
	for _, g := range r.Groups {
		had := slices.ContainsFunc(r.Capacity, func(p timeline.CapacityPoint) bool { return p.Group == g.Group.Group && p.Target+p.InService > 0 })
		if had && !slices.Contains(names, g.Group.Group) {
			names = append(names, g.Group.Group)
		}
	}
	return names
}

// class is how the lines of a group look.
func class(r *timeline.Rollout, name string) string {
	if g := r.New(); g != nil && g.Group.Group == name {
		return "new"
	}
	if g := r.Previous(); g != nil && g.Group.Group == name {
		return "previous"
	}
	return "other"
}

func (c *chart) capacity(r *timeline.Rollout, s scale, names []string) {
	most := 1
	for _, p := range r.Capacity {
		most = max(most, p.Target, p.InService)
	}
	y := func(n int) float64 { return round(top + capHeight - float64(n)/float64(most)*(capHeight-6)) }
	every := max((most+4)/5, 1)
	for n := 0; n <= most; n += every {
		c.YTicks = append(c.YTicks, tick{Y: y(n), Label: fmt.Sprint(n)})
	}
	first := len(c.Lines)
	for _, name := range names {
		var target, serving []stair
		for _, p := range r.Capacity {
			if p.Group == name {
				target = append(target, stair{s.x(p.Time), y(p.Target)})
				serving = append(serving, stair{s.x(p.Time), y(p.InService)})
			}
		}
		l := line{Class: class(r, name), Label: name, Path: stairs(target, s.x(r.Updated)), LabelX: left + plot + 6, at: int(target[len(target)-1].y)}
		area := stairs(serving, s.x(r.Updated))
		l.Area = fmt.Sprintf("%s V%g H%g Z", area, y(0), serving[0].x)
		c.Lines = append(c.Lines, l)
	}
	apart(c.Lines[first:], top, top+capHeight)
}

// weighted are the target groups that a production route ever forwards to beside or instead of another one.
func weighted(r *timeline.Rollout) []string {
	var names []string
	for _, p := range r.Traffic {
		if p.Route.Stage {
			continue
		}
		for _, w := range p.Route.Weights {
			if !slices.Contains(names, w.Name) {
				names = append(names, w.Name)
			}
		}
	}
	return names
}

func (c *chart) traffic(r *timeline.Rollout, s scale, names []string, from int) {
	y := func(percent int) float64 {
		return round(float64(from+trafHeight) - float64(percent)/100*(trafHeight-6))
	}
	for _, n := range []int{0, 50, 100} {
		c.YTicks = append(c.YTicks, tick{Y: y(n), Label: fmt.Sprint(n)})
	}
	first := len(c.Lines)
	var arns []string
	for _, p := range r.Traffic {
		if !p.Route.Stage && !slices.Contains(arns, p.Route.ARN) {
			arns = append(arns, p.Route.ARN)
		}
	}
	for i, name := range names {
		for _, arn := range arns {
			var points []stair
			for _, p := range r.Traffic {
				if p.Route.ARN == arn {
					points = append(points, stair{s.x(p.Time), y(percent(p.Route, name))})
				}
			}
			l := line{Class: trafficClass(r, name, i), Label: name, Path: stairs(points, s.x(r.Updated)), LabelX: left + plot + 6, at: int(points[len(points)-1].y)}
			if arn != arns[0] {
				l.Label = "" // of several routes the first has the names
			}
			c.Lines = append(c.Lines, l)
		}
	}
	apart(c.Lines[first:], from, from+trafHeight)
}

// trafficClass makes the target group that all begins with look like the previous revision.
func trafficClass(r *timeline.Rollout, name string, i int) string {
	for _, p := range r.Traffic {
		if !p.Route.Stage {
			if percent(p.Route, name) == 100 {
				return "previous"
			}
			break
		}
	}
	if i > 1 {
		return "other"
	}
	return "new"
}

func percent(route event.Route, name string) int {
	for _, w := range route.Weights {
		if w.Name == name {
			return w.Percent
		}
	}
	return 0
}

// marks are the moments in which something was decided.
func (c *chart) marks(r *timeline.Rollout, s scale) {
	put := func(at time.Time, label string) {
		x := s.x(at)
		c.Marks = append(c.Marks, mark{X: x, Y: top, H: c.Bottom - top, Label: label, End: x > left+plot*0.8})
	}
	if r.Back != nil {
		put(r.BackAt, "goes back")
	}
	for _, a := range r.Alarms {
		if a.State == "ALARM" && a.Since.After(r.Began) && r.Back == nil {
			put(a.Since, "alarm "+a.Name)
		}
	}
}

// stair is a point from which on a value holds until the next.
type stair struct{ x, y float64 }

// stairs is the path of values that hold until the next one.
func stairs(points []stair, end float64) string {
	var b strings.Builder
	for i, p := range points {
		if i == 0 {
			fmt.Fprintf(&b, "M%g %g", p.x, p.y)
			continue
		}
		fmt.Fprintf(&b, " H%g V%g", p.x, p.y)
	}
	fmt.Fprintf(&b, " H%g", end)
	return b.String()
}

// apart moves the names of lines that end at the same height away from each other.
func apart(lines []line, from, to int) {
	order := make([]*line, len(lines))
	for i := range lines {
		order[i] = &lines[i]
	}
	slices.SortStableFunc(order, func(a, b *line) int { return a.at - b.at })
	next := from + 6
	for _, l := range order {
		if l.Label == "" {
			continue
		}
		l.LabelY = max(l.at+4, next)
		next = l.LabelY + 15
	}
	for below := next - 15 - to; below > 0; below = 0 {
		for _, l := range order {
			l.LabelY -= below
		}
	}
}

// pace is the distance between two times on the axis: at most nine of them.
func pace(over time.Duration) time.Duration {
	for _, d := range []time.Duration{
		time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
		15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	} {
		if over/d <= 8 {
			return d
		}
	}
	return max(24*time.Hour, (over/8).Truncate(24*time.Hour)+24*time.Hour)
}

// inWords is what the chart shows, for those who do not see it.
func inWords(r *timeline.Rollout) string {
	var parts []string
	for _, name := range running(r) {
		var course []string
		last := -1
		for _, p := range r.Capacity {
			if p.Group == name && p.Target != last {
				last = p.Target
				course = append(course, fmt.Sprint(last))
			}
		}
		if len(course) > 1 {
			parts = append(parts, fmt.Sprintf("%s was set to %s", name, strings.Join(course, ", then ")))
		} else {
			parts = append(parts, fmt.Sprintf("%s stayed at %s", name, course[0]))
		}
	}
	for _, p := range r.Traffic {
		if !p.Route.Stage {
			parts = append(parts, fmt.Sprintf("after %s, %s", timeline.Brief(p.Time.Sub(r.Began)), event.Weights{Route: p.Route}))
		}
	}
	return strings.Join(parts, "; ") + ". The same in numbers stands below the chart."
}
