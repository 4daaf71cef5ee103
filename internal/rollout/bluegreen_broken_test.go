package rollout_test

import (
	"slices"
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Each promise of blue/green is broken here on purpose, and has to notice.
func TestBrokenBlueGreens(t *testing.T) {
	findOutIn(t, routed, map[string]variant{
		"moves traffic before the candidate is healthy": {"traffic only to the healthy", instead(early)},
		"moves traffic before the candidate is whole":   {"whole before traffic", instead(early)},
		"takes the target group out that traffic leaves": {"both target groups stay", instead(func(d Deployment, _ World, _ Roles, s Step) Step {
			if s.Kind == Shift && s.Part == Deploy && len(d.BlueGreen.Shift) > 0 {
				s.To = slices.DeleteFunc(slices.Clone(s.To), func(share Share) bool { return share.Weight == 0 })
			}
			return s
		})},
		"goes by a weight that is not written": {"weight by weight", instead(func(d Deployment, _ World, _ Roles, s Step) Step {
			if s.Kind == Shift && s.Part == Deploy && s.Phase <= len(d.BlueGreen.Shift) {
				s.To = slices.Clone(s.To)
				for i := range s.To {
					s.To[i].Weight = 50
				}
			}
			return s
		})},
		"moves stage before production": {"in turn", instead(func(d Deployment, w World, c Roles, s Step) Step {
			if s.Kind == Shift && s.Part == Deploy && s.Phase > len(d.BlueGreen.Shift) && isProduction(journal(c), s.ARN) {
				return otherwise(w, c, s, false)
			}
			return s
		})},
		"moves production before stage in a shift": {"in turn", instead(func(d Deployment, w World, c Roles, s Step) Step {
			if s.Kind == Shift && s.Part == Deploy && s.Phase <= len(d.BlueGreen.Shift) && !isProduction(journal(c), s.ARN) {
				return otherwise(w, c, s, true)
			}
			return s
		})},
		"does not let the routes settle": {"settles first", func(d Deployment, w World) Step {
			if d.BlueGreen != nil {
				w.RoutesUnchangedFor = d.BlueGreen.Settle
			}
			return Next(d, w)
		}},
		"takes the previous before balancers have followed": {"balancers follow first", instead(func(d Deployment, w World, _ Roles, s Step) Step {
			if s.Kind == Settle && s.Part == Deploy && d.BlueGreen != nil && w.RoutesUnchangedFor >= d.BlueGreen.Settle {
				w.RoutesUnchangedFor = s.Time
				return Next(d, w)
			}
			return s
		})},
		"takes back without waiting for balancers": {"balancers follow first", func(d Deployment, w World) Step {
			w.NoTrafficMoved = true
			return Next(d, w)
		}},
		"does not bake the switch": {"bakes first", instead(func(d Deployment, w World, _ Roles, s Step) Step {
			if s.Kind == Bake && d.BlueGreen != nil {
				w.Baked = s.Phase
				return Next(d, w)
			}
			return s
		})},
		"takes the previous while the switch is baked": {"the previous is kept", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Bake && d.BlueGreen != nil && c.Live.Capacity.Target > 0 {
				return Step{Kind: Resize, Part: After, Group: *c.Live}
			}
			return s
		})},
		"takes the previous that gets traffic": {"production serves", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Settle && s.Part == Deploy && d.BlueGreen != nil && s.Phase <= len(d.BlueGreen.Shift) && c.Live.Capacity.Target > 0 {
				return Step{Kind: Resize, Part: After, Group: *c.Live}
			}
			return s
		})},
		"takes the candidate before its traffic": {"the forwards come back", instead(takesFirst)},
		"leaves production with what is gone":    {"production serves", instead(takesFirst)},
		"brings back other weights": {"the forwards come back", instead(func(_ Deployment, _ World, _ Roles, s Step) Step {
			if s.Kind == Shift && s.Part == Back && len(s.To) == 2 {
				s.To = slices.Clone(s.To)
				slices.Reverse(s.To)
			}
			return s
		})},
		"forgets the routes": {"journal first", instead(func(_ Deployment, _ World, _ Roles, s Step) Step {
			if s.Kind == Create {
				s.Journal.Routes = nil
			}
			return s
		})},
		"grows beside what stands in the idle target group": {"alone in its target groups", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Part == Setup && s.Kind != Create && s.Kind != Shift && c.Candidate != nil && c.Candidate.Capacity.Target == 0 {
				return Step{Kind: Resize, Part: Deploy, Group: *c.Candidate, Capacity: Pin(max(1, finalOf(d, c)))}
			}
			return s
		})},
		"makes room while it gets traffic": {"production serves", func(d Deployment, w World) Step {
			s := Next(d, w)
			if c := RolesOf(w); s.Kind == Shift && s.Part == Setup {
				for _, g := range c.Others {
					if g.Capacity.Target > 0 {
						return Step{Kind: Resize, Part: Setup, Group: g}
					}
				}
			}
			return s
		}},
		"writes somebody else's route": {"writes its own routes alone", instead(func(d Deployment, w World, _ Roles, s Step) Step {
			if s.Kind == Shift && d.BlueGreen != nil && len(w.Routes) > len(d.BlueGreen.Routes) {
				s.ARN = w.Routes[1].ProductionARN
			}
			return s
		})},
		"moves traffic back and forth": {"few calls", backAndForth},
		"takes any routes": {"refuses what is not sound", instead(func(d Deployment, w World, c Roles, s Step) Step {
			if s.Kind == Refuse && len(w.Unowned) == 0 && c.Live != nil {
				s.Kind, s.Part, s.Group = Create, Setup, Group{Name: Name(d.Name, 99), Revision: 99}
				s.Journal = Journal{Deployment: d.Name, Revision: 99, Release: d.Release, Verdict: RollingOut, Previous: c.Live.ID}
			}
			return s
		})},
		"refuses two routes": {"refuses only what is not sound", instead(func(d Deployment, w World, _ Roles, s Step) Step {
			if s.Kind == Create && d.BlueGreen != nil && len(d.BlueGreen.Routes) > 1 {
				return Step{Kind: Refuse}
			}
			return s
		})},
		"leaves the candidate pinned": {"pins never leak", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Part == After && s.Why == WhyOwnBounds {
				return proven(d, c)
			}
			return s
		})},
		"goes past the weight where it is to hold": {"goes past no hold", func(d Deployment, w World) Step {
			d.HoldAfter = 0
			return Next(d, w)
		}},
	})
}

// early moves traffic while the candidate is waited for.
func early(d Deployment, w World, c Roles, s Step) Step {
	if s.Kind != AwaitHealthy || s.Part != Deploy || c.Candidate == nil || s.Group.ID != c.Candidate.ID || d.BlueGreen == nil {
		return s
	}
	for _, was := range journal(c).Routes {
		p, ok := sidesOf(was, nil)
		if is := at(w, was.RoutePair).Production; ok && is.Percent(p.idle) == 0 {
			return Step{Kind: Shift, Part: Deploy, Phase: 1, Group: *c.Candidate, ARN: was.ProductionARN, From: is,
				To: Forward{{TargetGroup: p.live, Weight: 0}, {TargetGroup: p.idle, Weight: 100}}}
		}
	}
	return s
}

// takesFirst takes a candidate away before its traffic goes back.
func takesFirst(_ Deployment, _ World, c Roles, s Step) Step {
	if s.Kind == Shift && s.Part == Back && c.Candidate.Capacity.Target > 0 {
		return Step{Kind: Resize, Part: Back, Group: *c.Candidate}
	}
	return s
}

// otherwise is a step that changes the route of the other kind first.
func otherwise(w World, c Roles, s Step, production bool) Step {
	for _, was := range journal(c).Routes {
		p, _ := sidesOf(was, nil)
		is := at(w, was.RoutePair)
		if production && is.Production.Percent(p.idle) == 0 {
			s.ARN, s.From, s.To = was.ProductionARN, is.Production, Forward{{TargetGroup: p.live, Weight: 50}, {TargetGroup: p.idle, Weight: 50}}
			return s
		}
		if !production && was.StageARN != "" && is.Stage.Percent(p.live) == 0 {
			s.ARN, s.From, s.To = was.StageARN, is.Stage, Forward{{TargetGroup: p.live, Weight: 1}}
			return s
		}
	}
	return s
}

// backAndForth undoes a switch a few times before it goes on.
func backAndForth(d Deployment, w World) Step {
	s, c := Next(d, w), RolesOf(w)
	if d.BlueGreen == nil || s.Kind != Settle || s.Part != Deploy || w.RoutesUnchangedFor > 0 || c.Candidate.Steady%2 > 0 {
		return s
	}
	for _, was := range journal(c).Routes {
		return Step{Kind: Shift, Part: Deploy, Phase: s.Phase, Group: *c.Candidate, ARN: was.ProductionARN,
			From: at(w, was.RoutePair).Production, To: was.Production}
	}
	return s
}
