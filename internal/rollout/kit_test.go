package rollout_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

const (
	balancing     = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	listener      = balancing + "listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
	stageListener = balancing + "listener/app/web/50dc6c495c0c9188/0467ef3c8400ae65"
	rule          = balancing + "listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee"
	blue          = balancing + "targetgroup/blue/73e2d6bc24d8a067"
	green         = balancing + "targetgroup/green/1f0c2a5e77d8b3c4"
)

// usual is the size of a live revision.
var usual = Capacity{Minimum: 2, Target: 4, Maximum: 8}

// script writes down runs in a world where instances come as soon as they are waited for.
type script struct {
	*cloud
	strings.Builder
	// alarm is the phase in whose bake an alarm goes off; 0 is none.
	alarm int
	// bad and unknown are the points at which what is asked is answered so.
	bad, unknown Point
}

func newScript(sickReleases ...string) *script {
	c := &cloud{chance: rand.New(rand.NewPCG(1, 1)), fitness: map[string]int{}}
	for _, r := range sickReleases {
		c.fitness[r] = 0
	}
	return &script{cloud: c}
}

// scheduled has every group of the world have tasks that set these.
func (s *script) scheduled(sets ...Capacity) { s.sets = sets }

// has puts a former revision into the world.
func (s *script) has(revision int, release string, c Capacity) {
	s.add(Group{
		Name: Name(name, revision), Revision: revision, ImageID: "ami-" + release, Capacity: c, Instances: c.Target,
		Tags:       Journal{Deployment: name, Revision: revision, Release: release, Verdict: Proven, Retain: 2}.Tags(),
		Automation: s.automation(c.Target > 0),
	})
}

// in puts a former revision into a target group.
func (s *script) in(group string, revision int, release string, c Capacity) {
	s.has(revision, release, c)
	s.fleets[len(s.fleets)-1].TargetGroups = []string{group}
}

// staged puts the live revision behind a listener, with one of stage beside it.
func (s *script) staged() {
	s.in(blue, 6, "r6", usual)
	s.routes = []Route{{RoutePair{listener, stageListener}, Forward{{blue, 1}}, Forward{{green, 1}}}}
}

// weighted puts the live revision behind one listener that has both target groups.
func (s *script) weighted() {
	s.in(blue, 6, "r6", usual)
	s.routes = []Route{{RoutePair{ProductionARN: listener}, Forward{{blue, 100}, {green, 0}}, nil}}
}

func (s *script) say(line string) { fmt.Fprintf(s, "\n%s\n\n", line) }

// plan writes what the plan says.
func (s *script) plan(d Deployment) {
	d.Automation = s.automation(true)
	w := s.observe()
	w.Failure = failureWritten(nil, d, w)
	if standing := Standing(w); standing != "" {
		fmt.Fprintf(s, "    (%s)\n\n", standing)
	}
	for line := range strings.Lines(Simulate(d, w).Text()) {
		s.WriteString("    | " + line)
	}
	s.WriteString("\n")
}

// apply plans and runs, until it ends or until a step that the process does not live to take.
func (s *script) apply(d Deployment, until func(Step) bool) {
	s.plan(d)
	fmt.Fprintf(s, "    %-60s %s\n", "", s.world())
	d.Automation = s.automation(true)
	var failure *Failure
	baked, still, unmoved := 0, time.Duration(0), false
	var asked *Asked
	for range 60 {
		w := s.observe()
		failure = failureWritten(failure, d, w)
		w.Failure, w.Baked, w.RoutesUnchangedFor, w.NoTrafficMoved = failure, baked, still, unmoved
		w.Asked = asked
		step := Next(d, w)
		if until != nil && until(step) {
			s.say("The process is killed.")
			return
		}
		what := step.String()
		switch {
		case step.Ends():
			fmt.Fprintf(s, "    %s\n", what)
			return
		case step.Kind == Settle:
			still = step.Time
			s.tick()
		case step.Changes():
			s.do(step)
			if step.Kind == Shift {
				still, unmoved = 0, false
			}
			unmoved = unmoved || step.Begins()
		case step.Kind == Bake:
			baked, still = step.Phase, still+step.Time
			if s.alarm == step.Phase {
				failure = &Failure{Release: d.Release, Reason: "alarm web-5xx went to ALARM: 12 datapoints were above 5"}
				what += ": an alarm goes off"
			}
			if len(step.Checks) > 0 || step.Compare != nil {
				asked, failure = s.ask(d, step, &what)
			}
		case step.Kind == AwaitChecks:
			asked, failure = s.ask(d, step, &what)
		default:
			for range patience {
				s.tick()
			}
			if step.Kind == AwaitHealthy && Next(d, s.observe()).Kind == AwaitHealthy {
				failure = &Failure{Release: d.Release, Reason: "2 of 4 targets unhealthy: Target.Timeout"}
				what += ": in vain"
			}
		}
		fmt.Fprintf(s, "    %-60s %s\n", what, s.world())
	}
	panic("the script does not end:\n" + s.String())
}

// ask answers what a step asks.
func (s *script) ask(d Deployment, step Step, what *string) (*Asked, *Failure) {
	asked := &Asked{At: step.At}
	if step.At == InBake {
		asked.Phase = step.Phase
	}
	switch step.At {
	case s.bad:
		*what += ": bad"
		return nil, &Failure{Release: d.Release, Reason: "check audit is bad: status 503, and 200 was wanted"}
	case s.unknown:
		*what += ": not known"
		asked.Unknown = "compare: 61 of at least 200 requests in 8 minutes on the new revision"
		if d.Inconclusive == InconclusiveFail {
			return asked, &Failure{Release: d.Release, Reason: asked.Unknown, Cause: NotKnown}
		}
	}
	return asked, nil
}

// world is every group with what it is set to, and how many instances are in service of how many there are.
func (s *script) world() string {
	var groups []string
	for _, g := range s.observe().Groups {
		size := fmt.Sprint(g.Capacity.Target)
		if !g.Capacity.Pinned() {
			size = fmt.Sprintf("%d [%d..%d]", g.Capacity.Target, g.Capacity.Minimum, g.Capacity.Maximum)
		}
		if g.Instances > 0 || g.Capacity.Target > 0 {
			size += fmt.Sprintf(", %d/%d serve", g.InService, g.Instances)
		}
		if g.Automation.Paused.Any() {
			size += " asleep"
		}
		groups = append(groups, strings.TrimPrefix(g.Name, name)+": "+size)
	}
	if len(s.routes) > 0 {
		groups = append(groups, s.traffic())
	}
	return strings.Join(groups, "  ")
}

func release(r string) Deployment {
	return Deployment{Name: name, Release: r, ImageID: "ami-" + r, TargetGroups: []string{"web"}, HealthyPercent: 100, Retain: 2,
		OwnCapacity: Capacity{Minimum: 1, Target: 2, Maximum: 4}}
}

// canary is a release in two phases before the whole.
func canary(r string) Deployment {
	d := release(r)
	d.Canary = []Phase{{Percent: 25, Bake: 5 * time.Minute}, {Percent: 50, Bake: 5 * time.Minute}}
	d.Alarms = []string{"web-5xx"}
	return d
}

// blueGreen is a release behind a listener and one of stage.
func blueGreen(r string) Deployment {
	d := release(r)
	d.TargetGroups = nil
	d.Alarms = []string{"web-5xx"}
	d.BlueGreen = &BlueGreen{Routes: []RoutePair{{listener, stageListener}}, Settle: 30 * time.Second, Bake: 10 * time.Minute}
	return d
}

// shifting is a release by weights of one listener.
func shifting(r string) Deployment {
	d := blueGreen(r)
	d.BlueGreen.Routes = []RoutePair{{ProductionARN: listener}}
	d.BlueGreen.Shift = []Weight{{10, 5 * time.Minute}, {50, 0}}
	return d
}

// atStep tells the first step of a kind that is about a revision.
func atStep(kind Kind, revision int) func(Step) bool {
	return func(s Step) bool { return s.Kind == kind && s.Group.Revision == revision }
}
