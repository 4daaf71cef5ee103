package rollout

import "fmt"

// Preview is what a run will do if every step of it works.
type Preview struct {
	// Steps are those that change the world, and the waits between them, in order. The step that ends the run is last.
	Steps []Step
	// Start and End are the worlds before and after.
	Start, End World
	// Later are the steps that follow a hold, once the user lets the rollout go on, and Whole is the world after them.
	// Without a hold there are none, and Whole is End.
	Later []Step
	Whole World

	deployment Deployment
}

// Simulate runs Next over an imagined world in which every step works at once.
func Simulate(d Deployment, w World) Preview {
	p := Preview{Start: w, deployment: d}
	p.Steps, p.End = imagined(d, w)
	p.Whole = p.End
	if p.Steps[len(p.Steps)-1].Kind == HoldHere {
		d.HoldAfter, d.HoldOnStage, d.Promotion = 0, false, nil
		p.Later, p.Whole = imagined(d, p.End)
	}
	return p
}

// imagined are the steps of a run in which every step works, the one that ends it included, and the world after them.
func imagined(d Deployment, w World) ([]Step, World) {
	var steps []Step
	phases := d.strategy().levels()
	if routes := d.RoutePairs(); len(routes) > 0 {
		phases = (phases + 4) * (1 + len(routes))
	}
	for range len(w.Groups)*4 + phases*8 + 40 {
		s := Next(d, w)
		steps = append(steps, s)
		if s.Ends() {
			return steps, w
		}
		w = Imagine(s, w)
	}
	// Every step takes a group nearer to where it ends, and there are fewer such steps than the bound. What is refused here is a
	// mistake of this package's, and better said than run into.
	why := fmt.Sprintf("a rollout of %d groups from there does not end, by its plan; the last of %d steps would be to %s. Please report this", len(w.Groups), len(steps), steps[len(steps)-1])
	return append(steps, Step{Kind: Refuse, Why: WhyEndless, Detail: why}), w
}

// Changes tells whether the run changes anything that anybody sees.
func (p Preview) Changes() bool {
	for _, s := range p.Steps {
		if s.Changes() && s.Why != WhyTermsChanged { // which only says on the candidate how its rollout is to go on later
			return true
		}
	}
	return false
}

// NewRevision tells whether the run releases: creates a revision, or brings a former one back.
func (p Preview) NewRevision() bool {
	for _, s := range p.Steps {
		if s.Kind == Create || s.Kind == Record && s.Part == Setup {
			return true
		}
	}
	return false
}

// Switches tells whether the run, or what follows a hold in it, moves production's traffic to another revision.
func (p Preview) Switches() bool {
	for _, s := range append(append([]Step(nil), p.Steps...), p.Later...) {
		if s.Kind == Shift && s.Part == Deploy {
			return true
		}
	}
	return false
}

// MayHold tells whether the run may rest where something about the candidate is not known, so that its end is not known before.
func (p Preview) MayHold() bool {
	if p.deployment.Inconclusive == InconclusiveFail || p.deployment.Inconclusive == InconclusivePass || StatusOf(p.End) == Holding {
		return false
	}
	for _, s := range p.Steps {
		if len(s.Checks) > 0 || s.Compare != nil {
			return true
		}
	}
	return false
}

// StartsWithLess tells whether the run releases a revision that starts with less than the live one has, and both numbers.
func (p Preview) StartsWithLess() (serves, starts int, less bool) {
	before, after := RolesOf(p.Start), RolesOf(p.Whole)
	if !p.NewRevision() || before.Live == nil || after.Live == nil || after.Live.ID == before.Live.ID || p.deployment.Capacity == nil {
		return 0, 0, false
	}
	serves, starts = before.own().Target, p.deployment.sized(before.own()).Target
	return serves, starts, starts < serves
}

// Refused tells whether the run ends before it touches anything.
func (p Preview) Refused() bool { return p.Steps[len(p.Steps)-1].Kind == Refuse }

// Status is where a deployment stands.
type Status string

const (
	// Stable means that the live revision is all there is, beside what is retained.
	Stable Status = "stable"
	// Holding means that a rollout rests at a phase because the user wants it to.
	Holding Status = "holding"
	// Interrupted means that a rollout was cut short, or left as it is after a failure.
	Interrupted Status = "interrupted"
)

// StatusOf reads the status off a world.
func StatusOf(w World) Status {
	c := RolesOf(w)
	if c.Candidate != nil && c.Live != nil && len(c.Leftovers) == 0 && c.journal.Holding && c.journal.underway() {
		return Holding
	}
	if c.Candidate != nil || c.Live == nil || len(c.Leftovers) > 0 {
		return Interrupted
	}
	if j, ok := c.Live.Journal(); ok && len(c.surplus(j.Retain)) > 0 || c.Live.Memory().TakenDown != nil {
		return Interrupted
	}
	return Stable
}

// Standing says where a rollout that was cut short, or that holds, stands, and what of it failed; "" for a world at rest.
func Standing(w World) string {
	text := Where(w)
	if c := RolesOf(w); text != "" && c.Candidate != nil && c.journal.Failure != "" {
		text += fmt.Sprintf(" The reason: %s.", c.journal.Failure)
	}
	return text
}

// Where is Standing without what failed, for those who say that already.
func Where(w World) string {
	text := where(w)
	if c := RolesOf(w); text != "" && c.Candidate != nil {
		for _, was := range c.journal.Routes {
			text += fmt.Sprintf(" Production's %s forwards to %s.", RouteName(was.ProductionARN), w.route(was.RoutePair).Production)
		}
	}
	return text
}

func where(w World) string {
	c := RolesOf(w)
	switch {
	case c.Candidate == nil && StatusOf(w) == Stable, c.Candidate == nil && c.Live == nil:
		return ""
	case c.Candidate == nil && len(c.Leftovers) > 0:
		return fmt.Sprintf("%s is live; a second copy of a revision, %s (%s), was never proven and is not deleted yet.",
			c.Live.Name, c.Leftovers[0].Name, c.Leftovers[0].ID)
	case c.Candidate == nil && c.Live.Memory().TakenDown != nil:
		return fmt.Sprintf("%s was being taken down with the whole deployment; it had %s and is set to %s.",
			c.Live.Name, c.Live.Unit.Size(*c.Live.Memory().TakenDown), c.Live.Size())
	case c.Candidate == nil:
		return fmt.Sprintf("%s is live; older revisions that are not to be kept are not deleted yet.", c.Live.Name)
	case c.Live == nil && c.journal.Failure != "":
		return fmt.Sprintf("The first deployment, %s (%s), failed and is not taken down yet.",
			c.Candidate.Name, c.Candidate.ImageID)
	case c.Live == nil:
		return fmt.Sprintf("The first deployment, %s (%s), was begun and is set to %s.",
			c.Candidate.Name, c.Candidate.ImageID, c.Candidate.Size())
	case c.journal.Verdict == Withdrawn:
		return fmt.Sprintf("%s (%s) is on its way back, for no fault of its own: it is set to %s, %s to %s.",
			c.Candidate.Name, c.Candidate.ImageID, c.Candidate.Size(), c.Live.Name, c.Live.Size())
	case c.journal.Verdict == Failed:
		return fmt.Sprintf("%s (%s) failed and is on its way back: it is set to %s, %s to %s.",
			c.Candidate.Name, c.Candidate.ImageID, c.Candidate.Size(), c.Live.Name, c.Live.Size())
	case c.journal.Failure != "":
		return fmt.Sprintf("%s (%s) failed and was left as it is: it is set to %s, %s to %s, which had %s before.",
			c.Candidate.Name, c.Candidate.ImageID, c.Candidate.Size(), c.Live.Name, c.Live.Size(), c.Live.Unit.Size(c.journal.PreviousCapacity))
	case StatusOf(w) == Holding && c.journal.Unknown != "":
		return fmt.Sprintf("%s (%s) holds where it is, because something is not known: %s. It is set to %s; %s is set to %s, and had %s before.",
			c.Candidate.Name, c.Candidate.ImageID, c.journal.Unknown, c.Candidate.Size(), c.Live.Name, c.Live.Size(), c.Live.Unit.Size(c.journal.PreviousCapacity))
	case StatusOf(w) == Holding && c.journal.Passed == 0:
		return fmt.Sprintf("%s (%s) holds on stage, with no production traffic, and is set to %s; %s is set to %s, and had %s before.",
			c.Candidate.Name, c.Candidate.ImageID, c.Candidate.Size(), c.Live.Name, c.Live.Size(), c.Live.Unit.Size(c.journal.PreviousCapacity))
	case StatusOf(w) == Holding:
		return fmt.Sprintf("%s (%s) holds after phase %d and is set to %s; %s is set to %s, and had %s before.",
			c.Candidate.Name, c.Candidate.ImageID, c.journal.Passed, c.Candidate.Size(), c.Live.Name, c.Live.Size(), c.Live.Unit.Size(c.journal.PreviousCapacity))
	}
	is := "is being rolled out"
	if p := c.journal.Promoted; p != nil {
		is = "was promoted " + p.Where() + ", is being rolled out"
	}
	return fmt.Sprintf("%s (%s) %s and is set to %s; %s is set to %s, and had %s before.",
		c.Candidate.Name, c.Candidate.ImageID, is, c.Candidate.Size(), c.Live.Name, c.Live.Size(), c.Live.Unit.Size(c.journal.PreviousCapacity))
}

// Moved says what somebody else has changed between the world that a plan was made for and the one that apply finds; "" if
// nothing that matters. Instance counts are an autoscaler's business and do not matter.
func Moved(planned, found World) string {
	p, f := RolesOf(planned), RolesOf(found)
	switch {
	case id(p.Live) != id(f.Live):
		return fmt.Sprintf("the live revision is %s; it was %s when this was planned", identity(f.Live), identity(p.Live))
	case id(p.Candidate) != id(f.Candidate):
		return fmt.Sprintf("the revision being rolled out is %s; it was %s when this was planned", identity(f.Candidate), identity(p.Candidate))
	case p.Candidate != nil && Overruled(p.journal, f.journal) != "":
		return fmt.Sprintf("%s %s", identity(f.Candidate), Overruled(p.journal, f.journal))
	case planned.nextRevision() != found.nextRevision():
		return fmt.Sprintf("the next revision would be %d; it was %d when this was planned", found.nextRevision(), planned.nextRevision())
	}
	for _, was := range planned.Routes {
		for _, is := range found.Routes {
			switch {
			case is.RoutePair != was.RoutePair:
			case !is.Production.Same(was.Production):
				return fmt.Sprintf("%s forwards to %s; it was %s when this was planned", RouteName(is.ProductionARN), is.Production, was.Production)
			case is.StageARN != "" && !is.Stage.Same(was.Stage):
				return fmt.Sprintf("%s forwards to %s; it was %s when this was planned", RouteName(is.StageARN), is.Stage, was.Stage)
			}
		}
	}
	return ""
}

func id(g *Group) string {
	if g == nil {
		return ""
	}
	return g.ID
}

func identity(g *Group) string {
	if g == nil {
		return "none"
	}
	return fmt.Sprintf("%s (%s, %s)", g.Name, g.ID, g.ImageID)
}
