package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// change does a step that changes the world. It returns the end of the run if that is one.
func (r *Run) change(ctx context.Context, s rollout.Step) *Result {
	if stop := r.repeated(ctx, s); stop != nil {
		return stop
	}
	if s.Kind == rollout.Create && r.creates.exhausted() {
		return r.end(ctx, Broken, fmt.Errorf("creating %s was asked for %d times in this run, which is as often as it may be. %s Apply again to go on",
			s.Group.Name, r.creates.calls, r.standing()))
	}
	r.begin(ctx, s)
	if s.Kind == rollout.Record {
		r.wrote = append(r.wrote, s.Journal) // also if the answer is lost
	}
	r.changed = true
	err := r.call(ctx, s)
	sized := s.Kind == rollout.Resize || s.Kind == rollout.Pause || s.Kind == rollout.Resume
	r.moved = r.moved || !sized || s.Part == rollout.TakeDown // as all go, another revision is the live one with each that goes
	r.wait.over()
	delete(r.empty, s.Group.ID)
	r.health.changes(s.Group.ID)
	if err != nil {
		r.counted = time.Time{}
		r.fail(ctx, err.Error())
		return r.refused(ctx, s, err)
	}
	r.refusals.over()
	r.stale.wrote(s)
	r.lasted.sizes(s)
	if s.Begins() {
		r.traffic.begins()
	}
	if s.Kind == rollout.Record && s.Part == rollout.Back && s.Journal.Verdict == rollout.Proven {
		r.returned = &s.Group
	}
	if j, _ := s.Group.Journal(); s.Kind == rollout.Delete && s.Part == rollout.Back && j.Release == r.Deployment.Release {
		r.gone = true
	}
	r.steps.changes++
	r.succeed(ctx)
	return nil
}

// call makes the call, or the calls, of a step.
func (r *Run) call(ctx context.Context, s rollout.Step) error {
	switch s.Kind {
	case rollout.Create:
		document, err := r.Document(s.Group, s.Journal.Tags())
		if err != nil {
			return err
		}
		r.creates.calls++
		g, err := r.Spot.Create(ctx, document)
		if err == nil {
			r.made[g.ID], r.empty[g.ID] = time.Now(), true
		}
		return err
	case rollout.Resize:
		if s.Pause || s.Resume {
			return r.Spot.Automate(ctx, s.Group.ID, s.Resume, &s.Capacity)
		}
		return r.Spot.Resize(ctx, s.Group.ID, s.Capacity)
	case rollout.Pause, rollout.Resume:
		return r.Spot.Automate(ctx, s.Group.ID, s.Kind == rollout.Resume, nil)
	case rollout.Shift:
		return r.shift(ctx, s)
	case rollout.Record, rollout.Remember:
		return r.Spot.Tag(ctx, s.Group.ID, s.Tags())
	case rollout.Delete:
		err := r.delete(ctx, s.Group)
		if err == nil {
			delete(r.made, s.Group.ID)
			r.deleted[s.Group.ID] = true
		}
		return err
	}
	return fmt.Errorf("there is no way to %s", s.Kind)
}
