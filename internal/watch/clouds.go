package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// lookAgain is how often the clouds are looked at: seldom enough for the rate limits of a whole team that watches.
const lookAgain = 10 * time.Second

// clouds are deployments that are looked up at Spot and AWS, by reading calls alone.
type clouds struct {
	spot runner.Elastigroups
	aws  interface {
		runner.Balancers
		runner.Alarms
	}
	alarms []string
	follow bool
	all    []*deployment
}

// newClouds looks up what the provider would with an empty block: its environment variables and files.
func newClouds(names, alarms []string, follow bool, version string) (source, error) {
	agent := "terraform-provider-elastigroup/" + version
	elastigroups, err := spot.New(spot.Config{MaxRetries: aws.DefaultMaxRetries, UserAgent: agent})
	if err != nil {
		return nil, fmt.Errorf("Spot cannot be asked: %w. Where events are written into a file, name the file instead", err)
	}
	balancers, err := aws.New(aws.Config{UserAgent: agent})
	if err != nil {
		return nil, fmt.Errorf("AWS cannot be asked: %w", err)
	}
	c := &clouds{spot: elastigroups, aws: balancers, alarms: alarms, follow: follow}
	for _, name := range names {
		if err := rollout.CheckName(name); err != nil {
			return nil, fmt.Errorf("%q is no deployment: %w", name, err)
		}
		c.all = append(c.all, c.deployment(name))
	}
	return c, nil
}

func (c *clouds) deployment(name string) *deployment {
	adopted := map[string]bool{}
	return &deployment{
		name: name, adopted: adopted,
		observer: runner.New(runner.Config{Deployment: rollout.Deployment{Name: name}, Spot: c.spot, Balancers: c.aws, Adopted: adopted}).Observer,
	}
}

// send implements source.
func (c *clouds) send(ctx context.Context, out chan<- news) error {
	first := true
	tell := func(n news) {
		select {
		case out <- n:
		case <-ctx.Done():
		}
	}
	tell(news{note: "looking at Spot and AWS"})
	for {
		var all news
		var notes []string
		failed := false
		for _, d := range c.all {
			facts, note, err := c.look(ctx, d)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil && (errors.Is(err, runner.ErrCredentials) || first && errors.Is(err, errNoDeployment) && !c.follow):
				return err
			case err != nil:
				failed = failed || !errors.Is(err, errNoDeployment)
				notes = append(notes, fmt.Sprintf("%s: %s; it is looked at again", d.name, err))
			case note != "":
				notes = append(notes, d.name+": "+note)
			}
			for _, f := range facts {
				all.events = append(all.events, event.Event{Time: d.tick(), Deployment: d.name, Run: d.run, Fact: f})
			}
		}
		all.caughtUp, all.note = !failed, strings.Join(notes, " ")
		if all.note == "" {
			all.note = "-"
		}
		tell(all)
		first = false
		wait := lookAgain
		if failed {
			wait = 3 * lookAgain
		}
		if !pause(ctx, wait) {
			return ctx.Err()
		}
	}
}

// errNoDeployment is that no group bears the tags of a deployment.
var errNoDeployment = errors.New("there is no such deployment")

// look looks at a deployment and says what is otherwise than before. The note is what could not be seen.
func (c *clouds) look(ctx context.Context, d *deployment) (facts []event.Fact, note string, err error) {
	w, err := c.observe(ctx, d)
	if err != nil {
		if errors.Is(err, runner.ErrCredentials) && !c.spotAnswers(ctx) {
			return nil, "", fmt.Errorf("Spot cannot be asked: %w", err)
		}
		note = fmt.Sprintf("load balancers and listeners could not be asked, so that \"in service\" is Spot's own word: %s", err)
		if w, err = c.withoutBalancers(ctx, d); err != nil {
			return nil, "", err
		}
	}
	if len(w.Groups) == 0 && d.last == nil {
		return nil, "", fmt.Errorf("%w as %q: no group of the Spot account is of that name or has its tags", errNoDeployment, d.name)
	}
	facts = d.differs(w)
	if len(c.alarms) > 0 {
		alarms, err := c.aws.Alarms(ctx, c.alarms)
		if err != nil {
			return facts, strings.TrimSpace(note + " the alarms could not be read: " + err.Error()), nil //nolint:nilerr // the rest is shown all the same
		}
		at := 0
		if len(facts) > 0 && facts[0].Kind() == "begun" {
			at = 1
		}
		facts = slices.Insert(facts, at, d.alarmed(alarms)...)
	}
	return facts, note, nil
}

// observe looks at everything. A deployment that was imported and not released since has no tags: what looks like it is taken for it, and so
// is what a candidate's tags call its previous revision.
func (c *clouds) observe(ctx context.Context, d *deployment) (rollout.World, error) {
	w, err := d.observer.Observe(ctx)
	if err != nil || !d.adopts(w) {
		return w, err
	}
	return d.observer.Observe(ctx)
}

func (c *clouds) spotAnswers(ctx context.Context) bool {
	_, err := c.spot.Groups(ctx)
	return err == nil
}

// withoutBalancers is what Spot alone says.
func (c *clouds) withoutBalancers(ctx context.Context, d *deployment) (rollout.World, error) {
	w, err := d.observer.Look(ctx)
	if err == nil && d.adopts(w) {
		w, err = d.observer.Look(ctx)
	}
	if err != nil {
		return w, err
	}
	for i := range w.Groups {
		g := &w.Groups[i]
		if g.Capacity == (rollout.Capacity{}) {
			continue
		}
		instances, err := c.spot.Instances(ctx, g.ID)
		if err != nil {
			return w, err
		}
		for _, instance := range instances {
			g.Instances++
			if instance.Health == "HEALTHY" {
				g.InService++
			}
		}
	}
	return w, nil
}

// deployment is what was seen of one, and what was said of it.
type deployment struct {
	name     string
	observer *runner.Observer
	adopted  map[string]bool

	last      *rollout.World
	run       string // of what is said
	runs      int
	candidate bool // it has one
	over      bool // its end was said
	back      bool // and so was that it goes back
	since     time.Time
	phase     string
	waiting   *event.Step
	health    string
	alarms    map[string]string
	at        time.Time
}

// adopts takes what has no tags for the deployment's, where it has to be. It tells whether anything is new.
func (d *deployment) adopts(w rollout.World) bool {
	named := map[string]bool{}
	for _, g := range w.Groups {
		if j, ok := g.Journal(); ok && j.Previous != "" {
			named[j.Previous] = true
		}
	}
	fresh := false
	for _, g := range w.Unowned {
		if (len(w.Groups) == 0 || named[g.ID]) && !d.adopted[g.ID] {
			d.adopted[g.ID], fresh = true, true
		}
	}
	return fresh
}

// seen begins the names of runs that were looked up: nothing is said in them while nothing changes.
const seen = "seen-"

// tick is the time of an event. No two have the same, so that none is taken for another.
func (d *deployment) tick() time.Time {
	now := time.Now()
	if !now.After(d.at) {
		now = d.at.Add(time.Millisecond)
	}
	d.at = now
	return now
}

// differs is what is otherwise than in the last look. A rollout begins when a candidate is seen, or goes on after it has held.
func (d *deployment) differs(w rollout.World) []event.Fact {
	roles := rollout.RolesOf(w)
	was := d.last
	d.last = &w
	var candidate rollout.Group
	if roles.Candidate != nil {
		candidate = *roles.Candidate
	}
	if was == nil || d.over && (roles.Candidate != nil && !rests(w) || !sameStand(*was, w)) {
		return d.begins(w, candidate)
	}
	if d.over {
		return nil
	}
	return append(d.changed(*was, w), d.reaches(w)...)
}

// begins says what stands as a rollout is first seen, and where it is.
func (d *deployment) begins(w rollout.World, candidate rollout.Group) []event.Fact {
	d.runs++
	d.run, d.over, d.back, d.waiting, d.health, d.phase, d.alarms = fmt.Sprintf("%s%d", seen, d.runs), false, false, nil, "", "", nil
	d.candidate, d.since = candidate.ID != "", time.Now()
	groups, routes := runner.Picture(w)
	image := candidate.ImageID
	if roles := rollout.RolesOf(w); image == "" && roles.Live != nil {
		image = roles.Live.ImageID
	}
	return append([]event.Fact{event.Begun{Image: image, Groups: groups, Routes: routes}}, d.reaches(w)...)
}

// rests tells whether a candidate stays as it is until somebody goes on with it.
func rests(w rollout.World) bool {
	roles := rollout.RolesOf(w)
	if roles.Candidate == nil {
		return true
	}
	j, _ := roles.Candidate.Journal()
	return j.Holding || j.Failure != "" && (j.Verdict == rollout.RollingOut || j.Verdict == rollout.Reverting)
}

func sameStand(a, b rollout.World) bool {
	return slices.EqualFunc(a.Groups, b.Groups, func(a, b rollout.Group) bool { return a.ID == b.ID && a.Capacity == b.Capacity })
}

// changed says the changes that somebody has made since the last look.
func (d *deployment) changed(was, is rollout.World) []event.Fact {
	part, phase := where(is)
	if rollout.RolesOf(is).Candidate == nil {
		part, phase = where(was)
		if phase != "" {
			part, phase = "after", ""
		}
	}
	groupsWere, routesWere := runner.Picture(was)
	groupsAre, routesAre := runner.Picture(is)
	var facts []event.Fact
	for _, g := range groupsAre {
		i := slices.IndexFunc(groupsWere, func(b event.Group) bool { return b.GroupID == g.GroupID })
		step := event.Step{Part: part, PhaseName: phase, Group: g.Group, GroupID: g.GroupID}
		if i < 0 {
			facts = append(facts, event.StepDone{Step: event.Step{Step: "create", Part: "setup", Group: g.Group, GroupID: g.GroupID}})
			groupsWere = append(groupsWere, event.Group{GroupID: g.GroupID, Size: event.Size{Unit: g.Unit}})
			i = len(groupsWere) - 1
		}
		if from, to := groupsWere[i].Size, g.Size; from != to {
			step.Step, step.From, step.To = "resize", &from, &to
			facts = append(facts, event.StepDone{Step: step})
		}
	}
	for _, g := range groupsWere {
		if !slices.ContainsFunc(groupsAre, func(b event.Group) bool { return b.GroupID == g.GroupID }) {
			facts = append(facts, event.StepDone{Step: event.Step{Step: "delete", Part: part, PhaseName: phase, Group: g.Group, GroupID: g.GroupID}})
		}
	}
	for _, r := range routesAre {
		if !slices.ContainsFunc(routesWere, func(b event.Route) bool { return b.ARN == r.ARN && slices.Equal(b.Weights, r.Weights) }) {
			facts = append(facts, event.Weights{Route: r})
		}
	}
	return facts
}

// where is the part and the phase that a candidate's tags say.
func where(w rollout.World) (part, phase string) {
	roles := rollout.RolesOf(w)
	if roles.Candidate == nil {
		return "after", ""
	}
	j, _ := roles.Candidate.Journal()
	if j.Verdict == rollout.Failed || j.Verdict == rollout.Aborted {
		return "back", ""
	}
	return "deploy", fmt.Sprintf("phase %d", j.Passed+1)
}

// reaches says what is waited for, decided, or over.
func (d *deployment) reaches(w rollout.World) []event.Fact {
	roles := rollout.RolesOf(w)
	groups, routes := runner.Picture(w)
	if roles.Candidate == nil {
		return d.ends(w, groups, routes)
	}
	j, _ := roles.Candidate.Journal()
	part, phase := where(w)
	var facts []event.Fact
	if part == "back" && !d.back {
		d.back = true
		facts = append(facts, event.GoingBack{Why: reason(j)})
	}
	awaited := *roles.Candidate
	if part == "back" && roles.Live != nil {
		awaited = *roles.Live
	}
	facts = append(facts, d.awaits(awaited, part, phase)...)
	if !rests(w) {
		return facts
	}
	d.over = true
	end := event.Ended{Outcome: "held", Took: event.Seconds(time.Since(d.since)), Groups: groups, Routes: routes}
	hold := event.Holding{Group: roles.Candidate.Name, GroupID: roles.Candidate.ID}
	if j.Holding {
		hold.Phase, hold.PhaseName = j.Passed, fmt.Sprintf("phase %d", j.Passed)
		end.Holding = hold.PhaseName
	} else {
		hold.Failure, end.Error = j.Failure, j.Failure
	}
	return append(facts, hold, end)
}

// ends says how a rollout has ended whose candidate is none any more, or that there was none.
func (d *deployment) ends(w rollout.World, groups []event.Group, routes []event.Route) []event.Fact {
	d.over = true
	end := event.Ended{Outcome: "succeeded", Took: event.Seconds(time.Since(d.since)), Groups: groups, Routes: routes}
	switch {
	case d.back:
		end.Outcome = "rolled_back"
	case !d.candidate:
		end.Outcome, end.Error = atRest, rollout.Where(w)
	case rollout.RolesOf(w).Live == nil:
		end.Outcome = "rolled_back" // a first deployment that is gone
	}
	if d.waiting != nil {
		step := *d.waiting
		d.waiting = nil
		return []event.Fact{event.StepDone{Step: step}, end}
	}
	return []event.Fact{end}
}

// reason is why a candidate is taken back, by its tags.
func reason(j rollout.Journal) string {
	if j.Failure != "" {
		return j.Failure
	}
	return "another release is wanted, or the run was told to go back"
}

// awaits says how far a group is whose instances are waited for.
func (d *deployment) awaits(g rollout.Group, part, phase string) []event.Fact {
	var facts []event.Fact
	step := event.Step{Step: "await_healthy", Part: part, PhaseName: phase, Group: g.Name, GroupID: g.ID, Count: &g.Capacity.Target}
	reached := g.InService >= g.Capacity.Target
	fresh := d.phase != part+phase
	d.phase = part + phase
	switch {
	case reached && d.waiting != nil:
		facts = append(facts, event.StepDone{Step: *d.waiting})
		d.waiting = nil
		return facts
	case reached && fresh && part != "back":
		return append(facts, event.StepDone{Step: step}) // a bake, or what comes after it: tags do not say
	case reached:
		return nil
	}
	if d.waiting == nil || d.waiting.Group != g.Name || d.waiting.Part != part || d.waiting.PhaseName != phase {
		if d.waiting != nil {
			facts = append(facts, event.StepDone{Step: *d.waiting})
		}
		facts = append(facts, event.StepBegun{Step: step})
	}
	d.waiting = &step
	h := event.Health{
		Group: g.Name, GroupID: g.ID, InService: g.InService, Needed: g.Capacity.Target, Instances: g.Instances, Unit: g.Unit.Name,
		Reasons: d.observer.Reasons(g.ID),
	}
	if said := fmt.Sprint(h); said != d.health {
		d.health = said
		facts = append(facts, h)
	}
	return facts
}

// alarmed says the alarms whose state has changed.
func (d *deployment) alarmed(alarms []runner.Alarm) []event.Fact {
	if d.alarms == nil {
		d.alarms = map[string]string{}
	}
	var changed []event.Alarm
	for _, a := range alarms {
		if d.alarms[a.Name] != a.State {
			d.alarms[a.Name] = a.State
			changed = append(changed, event.Alarm{Name: a.Name, State: a.State, Reason: a.Reason, Since: a.Since})
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return []event.Fact{event.Alarms{Alarms: changed}}
}
