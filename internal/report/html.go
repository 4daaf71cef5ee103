package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

//go:embed page.html.tmpl
var pageText string

//go:embed page.css
var styles string

var page = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageText)) })

// section is one rollout as the template takes it: words and numbers, in the order in which they are shown.
type section struct {
	ID, Heading, Mark, Kind, Outcome string
	Facts                            []fact
	Failure                          string
	Chart                            chart
	Phases                           []phaseRow
	Plan                             []planRow
	Beside                           []stepRow
	Waits                            []stepRow
	Alarms                           []event.Alarm
	Groups                           []groupRow
	Numbers                          []numberRow
	Traffic                          []trafficRow
	Events                           []eventRow
	Warnings                         []string
}

type (
	fact      struct{ Name, Value string }
	phaseRow  struct{ Name, Began, Took, Mark, State, What string }
	planRow   struct{ Phase, What, Mark, State, Took string }
	stepRow   struct{ Phase, What, Mark, State, Took, Waited, Error string }
	groupRow  struct{ Name, Image, Role, Size, InService string }
	numberRow struct {
		After, Group, Phase string
		Target, InService   int
	}
	trafficRow struct{ After, Text string }
	eventRow   struct{ At, Kind, Text string }
)

// HTML writes a page of rollouts, the last one first.
func HTML(w io.Writer, rollouts []*timeline.Rollout) error {
	sections := make([]section, 0, len(rollouts))
	for i := range rollouts {
		sections = append(sections, describe(rollouts[len(rollouts)-1-i], fmt.Sprintf("rollout-%d", i+1)))
	}
	title := fmt.Sprintf("%d rollouts", len(sections))
	if len(sections) == 1 {
		title = sections[0].Heading + " " + sections[0].Outcome
	}
	return page().Execute(w, struct {
		Title    string
		Styles   template.CSS
		Sections []section
	}{title, template.CSS(styles), sections}) //nolint:gosec // the style sheet is this package's own
}

// marks are what has become of a step, as a sign.
var marks = map[timeline.State]string{timeline.Done: "✓", timeline.Failed: "✗", timeline.Open: "…", timeline.Stopped: "✗"}

func describe(r *timeline.Rollout, id string) section {
	now := r.Updated
	s := section{ID: id, Heading: heading(r), Outcome: outcome(r), Failure: failure(r), Chart: draw(r, id+"-chart"), Alarms: r.Alarms}
	s.Mark, s.Kind = sign(r)
	s.Facts = facts(r)
	if r.End != nil {
		s.Warnings = r.End.Warnings
	}
	for _, p := range r.Phases(now) {
		s.Phases = append(s.Phases, phaseRow{p.Name, clock(p.Began), timeline.Brief(p.Took), marks[p.State], string(p.State), strings.Join(changes(p), "; ")})
	}
	plan, beside := r.PlanAndFact()
	for _, p := range plan {
		row := planRow{Phase: p.Phase, What: intent(p.Step), Mark: "–", State: "not reached"}
		if p.Happened != nil {
			row.Mark, row.State, row.Took = marks[p.Happened.State], string(p.Happened.State), took(*p.Happened, now)
		}
		s.Plan = append(s.Plan, row)
	}
	for _, step := range beside {
		s.Beside = append(s.Beside, row(step, now))
	}
	for _, step := range r.Steps {
		if step.Count != nil || step.Lasts > 0 {
			s.Waits = append(s.Waits, row(step, now))
		}
	}
	for _, g := range r.Groups {
		role := g.Role
		if g.Deleted {
			role = "deleted"
		}
		s.Groups = append(s.Groups, groupRow{g.Group.Group, g.Image, role, g.Size.String(), fmt.Sprint(g.InService)})
	}
	for _, p := range r.Capacity {
		s.Numbers = append(s.Numbers, numberRow{After: timeline.Brief(p.Time.Sub(r.Began)), Group: p.Group, Target: p.Target, InService: p.InService})
	}
	for _, p := range r.Traffic {
		s.Traffic = append(s.Traffic, trafficRow{timeline.Brief(p.Time.Sub(r.Began)), event.Weights{Route: p.Route}.String()})
	}
	for _, e := range r.Said {
		s.Events = append(s.Events, eventRow{clock(e.Time), strings.ReplaceAll(e.Kind, "_", " "), e.Text})
	}
	return s
}

func facts(r *timeline.Rollout) []fact {
	all := []fact{
		{"Deployment", r.Deployment}, {"Image", r.Image}, {"Previous revision", before(r)}, {"New revision", after(r)},
		{"Began", r.Began.UTC().Format("2006-01-02 15:04:05") + " UTC"},
	}
	if r.Running() {
		all = append(all, fact{"Known until", fmt.Sprintf("%s UTC, after %s: the rollout runs, or was killed", clock(r.Updated), timeline.Brief(r.Took(r.Updated)))})
	} else {
		all = append(all, fact{"Took", timeline.Brief(r.Took(r.Updated))})
	}
	if r.Bake != nil {
		all = append(all, fact{"Bake", fmt.Sprintf("%s, %s of %s left", r.Bake.PhaseName, timeline.Brief(r.BakeLeft(r.Updated)), seconds(r.Bake.Of))})
	}
	all = append(all, fact{"Run", r.Run})
	kept := all[:0]
	for _, f := range all {
		if f.Value != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

// changes are what was done in a phase, waits left out.
func changes(p timeline.Phase) []string {
	var all []string
	for _, s := range p.Steps {
		switch {
		case s.Count != nil || s.Step.Step == "settle" || s.Step.Step == "await_checks" && s.State == timeline.Done:
		case s.State == timeline.Failed:
			all = append(all, event.StepFailed{Step: s.Step, Error: s.Error}.String())
		case s.State == timeline.Open, s.State == timeline.Stopped:
			all = append(all, event.StepBegun{Step: s.Step}.String())
		default:
			all = append(all, event.StepDone{Step: s.Step}.String())
		}
	}
	return all
}

func took(s timeline.Step, now time.Time) string {
	if s.State == timeline.Open {
		return timeline.Brief(now.Sub(s.Began)) + " so far"
	}
	return seconds(s.Took)
}

func row(s timeline.Step, now time.Time) stepRow {
	phase := s.PhaseName
	if s.Part == "back" {
		phase = "way back"
	} else if phase == "" {
		phase = s.Part
	}
	return stepRow{Phase: phase, What: intent(s.Step), Mark: marks[s.State], State: string(s.State), Took: took(s, now), Waited: s.Reasons(), Error: s.Error}
}
