package rollout

import "time"

// Ahead is how long what a step begins takes at least, before the rollout can go on or rest: the bake of the phase or weight that it is
// part of, and where it moves traffic the time until that is taken for real. 0 if the step begins neither.
func Ahead(d Deployment, s Step) time.Duration {
	if s.Part != Deploy {
		return 0
	}
	return d.strategy().ahead(s)
}

// Takes is how long the run takes at least, by the bakes and settle times of its steps, and on how many growing groups it waits, each as
// long as its instances need.
func (p Preview) Takes() (least time.Duration, waits int) {
	for _, s := range p.Steps {
		switch {
		case s.Kind == Bake, s.Kind == Settle:
			least += s.Time
		case s.Kind == AwaitHealthy, s.Kind == Resize && s.Capacity.Target > s.Group.Capacity.Target:
			waits++
		}
	}
	return least, waits
}
