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

// lookAgain is how often the clouds are looked at if the user does not say it: seldom enough for the rate limits of a whole team that watches.
// mostOften is how often they may be.
const (
	lookAgain = 10 * time.Second
	mostOften = time.Second
)

// clouds are deployments that are looked up at Spot and AWS, by reading calls alone.
type clouds struct {
	spot runner.Elastigroups
	aws  interface {
		runner.Balancers
		runner.Alarms
	}
	alarms []string
	every  time.Duration // between two looks
	follow bool          // a deployment that does not exist may come
	all    []*deployment
}

// newClouds looks up what the provider would with an empty block: its environment variables and files.
func newClouds(s *settings, version string) (source, error) {
	agent := "terraform-provider-elastigroup/" + version
	elastigroups, err := spot.New(spot.Config{MaxRetries: aws.DefaultMaxRetries, UserAgent: agent})
	if err != nil {
		return nil, fmt.Errorf("Spot cannot be asked: %w. Where events are written into a file, name the file instead", err)
	}
	balancers, err := aws.New(aws.Config{UserAgent: agent})
	if err != nil {
		return nil, fmt.Errorf("AWS cannot be asked: %w", err)
	}
	c := &clouds{spot: elastigroups, aws: balancers, alarms: s.alarms, every: s.every, follow: s.follow || s.wait}
	for _, name := range s.what {
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
		failed, missing := false, false
		for _, d := range c.all {
			facts, note, err := c.look(ctx, d)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil && (errors.Is(err, runner.ErrCredentials) || d.missed > 0 && errors.Is(err, errNoDeployment) && !c.follow):
				return err
			case errors.Is(err, errNoDeployment):
				// A list may leave out what was created a moment ago.
				d.missed++
				missing = true
				notes = append(notes, fmt.Sprintf("%s; it is looked for again", err))
			case err != nil:
				failed = true
				notes = append(notes, fmt.Sprintf("%s: %s; it is looked at again", d.name, err))
			case note != "":
				notes = append(notes, d.name+": "+note)
			}
			for _, f := range facts {
				all.events = append(all.events, event.Event{Time: d.tick(), Deployment: d.name, Run: d.run, Fact: f})
			}
		}
		all.caughtUp, all.note = !failed && (!missing || c.follow), strings.Join(notes, " ")
		if all.note == "" {
			all.note = "-"
		}
		tell(all)
		wait := c.every
		if failed {
			wait = 3 * max(wait, lookAgain)
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
	if left := d.observer.LeftOut(); left != "" {
		note = strings.TrimSpace(fmt.Sprintf("%s Spot's list leaves out %s, which is there: what is new may be missing, too", note, left))
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
	if err == nil && d.adopts(w) {
		w, err = d.observer.Observe(ctx)
	}
	if err == nil {
		d.knows(w)
	}
	return w, err
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
		instances, err := c.spot.JudgedInstances(ctx, g.ID)
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
	d.knows(w)
	return w, nil
}

// deployment is what was seen of one, and what was said of it.
type deployment struct {
	name     string
	observer *runner.Observer
	adopted  map[string]bool

	missed    int // how often it was not there
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

// knows keeps in mind which groups stand. One that the next list leaves out is asked for by its ID before it is called deleted: Spot's list lags
// now and then.
func (d *deployment) knows(w rollout.World) {
	clear(d.adopted)
	for _, g := range w.Groups {
		d.adopted[g.ID] = true
	}
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
