package rollout_test

import (
	"fmt"
	"slices"
	"time"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// run drives Next against a cloud, apply after apply, and holds every moment against the rules. It keeps its own account of
// who serves with what, so that the rules take no word of the code they judge.
type run struct {
	*cloud
	next func(Deployment, World) Step

	// live is the ID of the last group that was proven, or of the one that served when the story began (origin).
	live, origin string
	// own is what every group that is or was live is to have when nothing is rolled out.
	own map[string]Capacity
	// moved are the groups whose own capacity is what their schedule has made of it.
	moved map[string]bool
	// retain is that of the release that was proven last; proven is whether there was one.
	retain int
	proven bool
	given  *Capacity
	// failed are the releases that failed verification, each with the revision that was live.
	failed map[string]bool
	// proved are the IDs of the groups that were there before the story began, and of those that were proven since.
	proved map[string]bool
	// shifted is whether any route was changed since the rollout under way began, by whichever process.
	shifted bool
	// former are the groups that a rollout under way has brought back, by ID, each as it was before.
	former map[string]Group
	// answers are those that this apply has got, whether each lets the rollout go on; endGood are the candidates whose checks at the end did.
	answers map[answer]bool
	endGood map[string]bool
	// unjudged is a run of which only the end counts: no step of it is held against the rules.
	unjudged bool

	steps    []Step
	ending   Step
	breaches []breach
}

// breach is a rule that a step broke.
type breach struct{ rule, how string }

// moment is a step and the worlds around it.
type moment struct {
	*run
	d             Deployment
	before, after World
	step          Step
	// had and has are how many instances of each group were well before and after, by their own account.
	had, has map[string]int
}

// patience is how many looks in a row a wait may take. Instances that can come at all come sooner.
const patience = 30

// bound is how many looks one apply may take.
const bound = 1000

// apply runs one chapter until it ends or is killed.
func (r *run) apply(ch chapter) {
	d := ch.d
	d.Given, d.Automation = r.given, r.automation(true)
	if ch.adopts && r.live == r.origin && !r.proven {
		d.Adopted = r.origin
	}
	var failure *Failure
	if ch.halfWay {
		r.leaveTrafficHalfWay()
	}
	if d.BlueGreen == nil && len(r.routes) > 0 {
		d.TargetGroups = r.standing()
	}
	// What a process has seen of the routes and of its own patience dies with it.
	waited, baked, still, pastDeadline, unmoved := 0, 0, time.Duration(0), false, false
	begun, calls := unproven(r.observe()) == 0, 0
	var asked *Asked
	r.answers = map[answer]bool{}
	for looks := 0; looks != ch.kill; looks++ {
		w := r.observe()
		failure = failureWritten(failure, d, w)
		w.Failure, w.Baked, w.RoutesUnchangedFor, w.PastDeadline, w.NoTrafficMoved = failure, baked, still, pastDeadline, unmoved
		w.Asked = asked
		s := r.next(d, w)
		if failure == nil && ch.goesWrong(s) {
			failure = &Failure{Release: d.Release, Reason: "it cannot go on", Cause: ch.cause}
			w.Failure = failure
			s = r.next(d, w)
		}
		r.steps = append(r.steps, s)
		m := moment{run: r, d: d, before: w, step: s, had: r.well()}
		if looks > bound {
			r.breach("ends", "after %d looks at the world it still wants to %s %s", bound, s.Kind, s.Group.Name)
			return
		}
		switch {
		case s.Changes():
			waited = 0
			m.judgeBefore()
			if err := r.do(s); err != nil {
				r.breach("touches nothing foreign", "%s", err)
				return
			}
			if s.Kind == Create && ch.twice {
				ch.twice = false
				if ch.late {
					defer r.do(s)
				} else {
					r.do(s)
				}
			}
			if s.Kind == Shift {
				still, calls, unmoved, r.shifted = 0, calls+1, false, true
			}
			if s.Begins() {
				unmoved, r.shifted = true, false
			}
			m.after, m.has = r.observe(), r.well()
			m.judgeAfter()
		case s.Kind == Bake:
			m.judgeBefore()
			waited = 0
			for range 3 {
				r.tick()
			}
			baked, still = s.Phase, still+s.Time
			if ch.alarm == s.Phase {
				failure = &Failure{Release: d.Release, Reason: "an alarm went off", Cause: ch.cause}
			}
			if len(s.Checks) > 0 || s.Compare != nil {
				asked, failure = r.asks(ch, d, s, failure)
			}
		case s.Kind == AwaitChecks:
			m.judgeBefore()
			waited = 0
			r.tick()
			asked, failure = r.asks(ch, d, s, failure)
		case s.Kind == Settle:
			m.judgeBefore()
			waited = 0
			r.tick()
			still = s.Time
		case s.Waits():
			m.judgeBefore()
			r.tick()
			if waited++; waited < patience {
				continue
			}
			if s.Kind == AwaitHealthy && s.Part == Deploy && r.unfit(s) {
				failure = &Failure{Release: d.Release, Reason: fmt.Sprintf("%d instances never got healthy", s.Count), Cause: ch.cause}
				waited = 0
				continue
			}
			if s.Part == InPlace && r.unfit(s) {
				return // what was never tried with instances is none the better for being proven
			}
			if s.Part == Back && s.Group.ID == r.live && len(r.routes) > 0 && !pastDeadline {
				pastDeadline, waited = true, 0
				continue
			}
			if s.Part == Back && s.Group.ID == r.live && r.unfit(s) {
				return // it was proven with fewer, or none; what serves meanwhile is not taken away for it
			}
			r.breach("ends", "waited in vain: %s of %d of %s in phase %s", s.Kind, s.Count, s.Group.Name, s.Part)
			return
		default:
			m.after = w
			m.judgeBefore()
			m.judgeEnd()
			m.fewCalls(begun && failure == nil, calls)
			r.ending = s
			if (s.Kind == Done || s.Kind == HoldHere) && d.Capacity != nil {
				r.given = d.Capacity
			}
			return
		}
		for range r.chance.IntN(3) {
			r.tick()
		}
	}
}

// standing are the target groups where the live revision registers, or would: what a user writes who has no blue/green.
func (r *run) standing() []string {
	if r.live != "" {
		return r.group(r.live).TargetGroups
	}
	var all []string
	for _, route := range r.routes {
		for _, s := range route.Production {
			if s.Weight > 0 && !slices.Contains(all, s.TargetGroup) {
				all = append(all, s.TargetGroup)
			}
		}
	}
	return all
}

// goesWrong tells whether the step is the one at which the release meets its trouble: a refused call, an interrupt, a health deadline.
func (ch chapter) goesWrong(s Step) bool {
	switch ch.trouble {
	case 1:
		return s.Kind == Resize && s.Part == Deploy
	case 2:
		return s.Kind == Shift && s.Part == Deploy
	case 3:
		return s.Kind == Settle && s.Part == Deploy
	case 4:
		return s.Kind == Record && s.Part == Deploy && s.Journal.Passed > 0
	}
	return false
}

// unfit tells whether what is waited for cannot come.
func (r *run) unfit(s Step) bool {
	for _, f := range r.fleets {
		if f.ID == s.Group.ID {
			return f.able(r.fitness) < s.Count
		}
	}
	return false
}

// failureWritten is the failure that a run goes by: its own, or that of its release which it finds written on a candidate. Another release's is over
// with its candidate.
func failureWritten(failure *Failure, d Deployment, w World) *Failure {
	if c := RolesOf(w).Candidate; failure == nil && c != nil {
		if j, _ := c.Journal(); j.Verdict == Failed && j.Release == d.Release {
			return &Failure{Release: j.Release, Reason: j.Failure}
		}
	}
	return failure
}

func (r *run) breach(rule, how string, args ...any) {
	r.breaches = append(r.breaches, breach{rule, fmt.Sprintf(how, args...)})
}

// broke are the breaches of one rule.
func (r *run) broke(rule string) []breach {
	return slices.DeleteFunc(slices.Clone(r.breaches), func(b breach) bool { return b.rule != rule })
}

func (r *run) group(id string) Group {
	for _, f := range r.fleets {
		if f.ID == id {
			return f.Group
		}
	}
	return Group{}
}

// shape is what counts of a world: who is there with what, whatever the IDs.
func shape(w World) []string {
	var lines []string
	for _, g := range w.Groups {
		j, _ := g.Journal()
		lines = append(lines, fmt.Sprintf("%s %s %s release %s %s %s", g.Name, g.ImageID, g.Capacity, j.Release, j.Verdict, j.Failure))
	}
	for _, r := range w.Routes {
		lines = append(lines, fmt.Sprintf("%s -> %v, %s -> %v", r.ProductionARN, r.Production, r.StageARN, r.Stage))
	}
	slices.Sort(lines)
	return lines
}

// told are the steps that change something, by name.
func told(steps []Step) []string {
	var lines []string
	for _, s := range steps {
		if s.Changes() {
			where := ""
			if s.Kind == Shift {
				where = fmt.Sprintf("%s -> %s", s.ARN, s.To)
			}
			lines = append(lines, fmt.Sprintf("%s: %s %s %s %s%s", s.Part, s.Kind, s.Group.Name, s.Capacity, s.Journal.Verdict, where))
		}
	}
	return lines
}
