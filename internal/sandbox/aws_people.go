package sandbox

import (
	"fmt"
	"time"
)

// SetWeights has a listener or rule, by its ARN, send traffic to these target groups, by name or ARN, each with its weight: as
// a person would in the console. The other actions of the route stay, and so does its stickiness. Traffic follows a while
// later, as after any change; see AWSConfig.Propagation.
func (w *awsHalf) SetWeights(routeARN string, weights ...WeightConfig) error {
	var err error
	w.locked(func() { err = w.setWeights(routeARN, weights) })
	return err
}

func (w *awsHalf) setWeights(arn string, weights []WeightConfig) error {
	r := w.rules[arn]
	if l := w.listeners[arn]; l != nil {
		r = l.fallback
	}
	if r == nil {
		return fmt.Errorf("there is no listener or rule %q", arn)
	}
	var groups []weighted
	for _, weight := range weights {
		g := w.targetGroupCalled(weight.TargetGroup)
		if g == nil {
			return fmt.Errorf("there is no target group %q", weight.TargetGroup)
		}
		if weight.Weight < 0 || weight.Weight > 999 {
			return fmt.Errorf("the weight of target group %q is %d; it is 0 to 999", weight.TargetGroup, weight.Weight)
		}
		groups = append(groups, weighted{g, weight.Weight})
	}
	if len(groups) == 0 {
		return fmt.Errorf("no target group is named")
	}
	actions, moved := append([]action(nil), r.accepted...), false
	for n := range actions {
		if actions[n].kind == "forward" {
			actions[n].groups, moved = groups, true
		}
	}
	if !moved {
		return fmt.Errorf("%q forwards nothing", arn)
	}
	if fault := w.checkGroups(actions, r); fault != nil {
		return fmt.Errorf("%s: %s", fault.code, fault.message)
	}
	w.turn(r, actions)
	return nil
}

type postedWeights struct {
	Route   string         `json:"route"`
	Weights []WeightConfig `json:"weights"`
}

func weightsPosted(w *World, p postedWeights) error { return w.SetWeights(p.Route, p.Weights...) }

// SetPropagation changes how long traffic takes from now on to follow a change of a listener or rule; see AWSConfig.Propagation.
func (w *awsHalf) SetPropagation(d time.Duration) {
	w.locked(func() { w.config.AWS.Propagation = Duration(d) })
}

type postedPropagation struct {
	Propagation Duration `json:"propagation"`
}

func propagationPosted(w *World, p postedPropagation) error {
	if p.Propagation < 0 {
		return fmt.Errorf("the propagation is %v; it cannot be below 0", p.Propagation)
	}
	w.SetPropagation(time.Duration(p.Propagation))
	return nil
}
