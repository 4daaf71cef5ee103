package rollout_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// schedule is what the pretend Spot has of scheduled tasks: every group has the same ones.
type schedule struct {
	// sets are what the tasks set a group to.
	sets []Capacity
	// fires is how often tasks may still fire.
	fires int
	// scheduled is told of every task that fires, before it does.
	scheduled func(is Group, to Capacity)
}

// automation is what a group's document has, on or paused.
func (s schedule) automation(on bool) Automation {
	var a Automation
	for _, set := range s.sets {
		a.On.Tasks++
		a.Minimums, a.Maximums = append(a.Minimums, set.Minimum), append(a.Maximums, set.Maximum)
	}
	if !on {
		a.On, a.Paused = a.Paused, a.On
	}
	return a
}

// switched switches the tasks of a group off, or on again.
func (c *cloud) switched(f *fleet, pause, resume bool) {
	if pause || resume {
		f.Automation = c.automation(resume)
	}
}

// fire has one of the tasks of a group happen now and then, whatever the group stands at.
func (c *cloud) fire(f *fleet) {
	if f.Automation.On.Tasks == 0 || c.fires == 0 || c.chance.IntN(8) > 0 {
		return
	}
	c.fires--
	to := c.sets[c.chance.IntN(len(c.sets))]
	if c.scheduled != nil {
		c.scheduled(f.Group, to)
	}
	f.Capacity = to
	c.shed(f)
}

// drawTasks draws what tasks set. It is nothing that anybody else sets, so that it is plain whose doing it is.
func drawTasks(t *rapid.T, s *story) {
	if rapid.IntRange(0, 2).Draw(t, "has a schedule") == 0 {
		return
	}
	for range rapid.IntRange(1, 2).Draw(t, "tasks") {
		s.tasks = append(s.tasks, Capacity{
			Minimum: rapid.IntRange(7, 8).Draw(t, "scheduled minimum"),
			Target:  rapid.IntRange(8, 10).Draw(t, "scheduled target"),
			Maximum: rapid.IntRange(10, 12).Draw(t, "scheduled maximum"),
		})
	}
	// What serves has something to serve with: a former one that is woken beside it would be taken for the live one.
	if s.live >= 0 && s.origin[s.live].Capacity.Target == 0 {
		s.origin[s.live].Capacity, s.origin[s.live].Instances = Capacity{Minimum: 0, Target: 1, Maximum: 3}, 1
	}
	if rapid.Bool().Draw(t, "keeps the capacity") {
		// What a schedule has made of a capacity is its business as long as the user wants the same one.
		for i := range s.chapters[1:] {
			s.chapters[i+1].d.Capacity = s.chapters[0].d.Capacity
			if rapid.Bool().Draw(t, "keeps the release") {
				s.chapters[i+1].d.Release, s.chapters[i+1].d.ImageID = s.chapters[i].d.Release, s.chapters[i].d.ImageID
			}
		}
	}
	for i := range s.chapters {
		if c := s.chapters[i].d.Capacity; c != nil && c.Target == 0 {
			s.chapters[i].d.Capacity = &Capacity{Minimum: 0, Target: 1, Maximum: max(1, c.Maximum)}
		}
	}
	s.asleep = rapid.Bool().Draw(t, "is asleep")
}

// rescheduled keeps the account of a group that its schedule moves: that is its own from then on, unless the rollout has it.
func (r *run) rescheduled(is Group, to Capacity) {
	if own, ok := r.own[is.ID]; ok && own.SameBounds(is.Capacity) {
		r.own[is.ID], r.moved[is.ID] = to, true
	}
}

// became is what a candidate that is proven has as its own from now on: what it was to have, or what its schedule has made of it since.
func (m moment) became(g Group) (Capacity, bool) {
	wanted := m.wanted()
	if slices.ContainsFunc(m.sets, func(set Capacity) bool { return set.SameBounds(g.Capacity) }) {
		return g.Capacity, true
	}
	return wanted.at(g.Capacity.Target), m.moved[m.live] && m.own[m.live].SameBounds(Capacity(wanted))
}

// Whenever a run waits, and when it ends, nothing but the rollout moves a group that is pinned in it, or not live.
func (m moment) quiet() {
	s := m.step
	if s.Changes() || s.Kind == Refuse || m.d.Gone && !s.Waits() {
		return
	}
	c := RolesOf(m.before).Candidate
	for _, g := range m.before.Groups {
		switch {
		case !g.Automation.On.Any():
		case g.ID == m.live && (c == nil || !g.Capacity.Pinned() || s.Part == Back || s.Part == After):
		case c != nil && g.ID == c.ID && (!g.Capacity.Pinned() || s.Part == After):
		default:
			m.breach("nothing else moves it", "%s %s: %s has %s, with %s on", s.Kind, s.PhaseName, g.Name, g.Capacity, g.Automation.On)
		}
	}
}

// What a schedule has made of the live revision is not undone, as long as the user wants no other capacity than before.
func (m moment) leaves() {
	s := m.step
	if s.Kind == Resize && s.Part == InPlace && s.Group.ID == m.live && m.moved[m.live] && m.d.Capacity != nil && m.given != nil && *m.given == *m.d.Capacity &&
		s.Group.Capacity.SameBounds(m.own[m.live]) {
		m.breach("a schedule is not undone", "%s; its schedule has made it %s", s, m.own[m.live])
	}
}

// What serves when nothing is rolled out has the schedule that its document says.
func (m moment) awake() {
	if m.step.Kind != Done && m.step.Kind != GiveUp || m.d.Gone || m.live == "" {
		return
	}
	if g := m.group(m.live); g.Automation.Paused.Any() && g.Capacity != (Capacity{}) {
		m.breach("the live one has its schedule", "at %q %s of %s are off", m.step.Kind, g.Automation.Paused, g.Name)
	}
}

// When nothing is rolled out, only the live revision has capacity, and a previous one that is to keep it. One that
// serves in its place is left.
func (m moment) alone() {
	live := m.group(m.live)
	j, ours := live.Journal()
	if !ours {
		return
	}
	for _, g := range m.after.Groups {
		kept := g.ID == j.Previous && (j.KeepsPrevious || m.d.BlueGreen != nil && m.d.BlueGreen.KeepPrevious)
		if g.ID != m.live && !kept && !m.trafficPast(g, live) && g.Capacity != (Capacity{}) {
			m.breach("only what is live runs", "%s has %s beside %s", g.Name, g.Capacity, live.Name)
		}
	}
}

// trafficPast tells whether production's traffic goes to a group where another one does not stand: somebody has moved it there at rest.
func (m moment) trafficPast(g, other Group) bool {
	for _, r := range m.after.Routes {
		for _, s := range r.Production {
			if s.Weight > 0 && slices.Contains(g.TargetGroups, s.TargetGroup) && !slices.Contains(other.TargetGroups, s.TargetGroup) {
				return true
			}
		}
	}
	return false
}

// Nothing but the rollout moves the capacity of a group that is pinned or not live.
func TestNothingElseMovesWhatIsNotLive(t *testing.T) { holds(t, "nothing else moves it") }

// The live revision has the schedule of its document, at the end and after going back.
func TestTheLiveOneHasItsSchedule(t *testing.T) { holds(t, "the live one has its schedule") }

// What a schedule has made of the live revision stays.
func TestAScheduleIsNotUndone(t *testing.T) { holds(t, "a schedule is not undone") }

// A former revision that was woken goes back to sleep.
func TestOnlyWhatIsLiveRuns(t *testing.T) { holds(t, "only what is live runs") }
