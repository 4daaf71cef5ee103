package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// showing is how long a change of a route may take until the API shows it.
const showing = 2 * time.Minute

// LookAtRoutes reads where the deployment's listeners and rules forward, and those of a candidate that was made for others. It
// asks nobody if there are none.
func (o *Observer) LookAtRoutes(ctx context.Context, w *rollout.World) error {
	pairs := slices.Clone(o.config.Deployment.RoutePairs())
	for _, was := range rollout.RoutesOf(*w) {
		if !slices.Contains(pairs, was.RoutePair) {
			pairs = append(pairs, was.RoutePair)
		}
	}
	var routes []rollout.Route
	for _, pair := range pairs {
		route := rollout.Route{RoutePair: pair}
		var err error
		if route.Production, err = o.config.Balancers.Traffic(ctx, pair.ProductionARN); err != nil {
			return err
		}
		if pair.StageARN != "" {
			if route.Stage, err = o.config.Balancers.Traffic(ctx, pair.StageARN); err != nil {
				return err
			}
		}
		routes = append(routes, route)
	}
	w.Routes = routes
	return nil
}

// trafficTracker tells for how long the routes have stood as they do. Its zero value is that of a run that has seen none.
type trafficTracker struct {
	since   time.Time
	changed bool // a route was changed since the last look
	unmoved bool // the rollout began in this run, and no route was changed since
}

// standing is for how long the routes have stood as a look shows them, the last one of which showed seen.
func (t *trafficTracker) standing(seen *rollout.World, w rollout.World) time.Duration {
	same := seen != nil && slices.EqualFunc(seen.Routes, w.Routes, func(a, b rollout.Route) bool {
		return a.RoutePair == b.RoutePair && a.Production.Same(b.Production) && a.Stage.Same(b.Stage)
	})
	if !same || t.changed {
		t.since, t.changed = time.Now(), false
	}
	return time.Since(t.since)
}

// changes is that the run changes a route.
func (t *trafficTracker) changes() { t.changed, t.unmoved = true, false }

// begins is that the run begins a rollout.
func (t *trafficTracker) begins() { t.unmoved = true }

// shift makes a route forward otherwise, and reads until that shows.
func (r *Run) shift(ctx context.Context, s rollout.Step) error {
	r.traffic.changes()
	if err := r.Balancers.SetTraffic(ctx, s.ARN, s.From, s.To); err != nil {
		return err
	}
	interval := firstLook
	for begun := time.Now(); ; {
		now, err := r.Balancers.Traffic(ctx, s.ARN)
		if err == nil && now.Same(s.To) {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if refusedCredentials(err) {
			return fmt.Errorf("making %s forward to %s was taken, and whether it shows is not known: %w", s.ARN, s.To, err)
		}
		if time.Since(begun) > showing {
			// Where traffic goes is not known, so that nothing may be taken away, on the way back either: the run stops.
			shows := fmt.Sprintf("it forwards to %s", now)
			if err != nil {
				shows = err.Error()
			}
			return fmt.Errorf("making %s forward to %s was taken, and does not show after %s (%s): AWS's answers are stale, or %w",
				s.ARN, s.To, showing, shows, ErrMoved)
		}
		pause(ctx, jittered(interval))
		interval = min(interval*3/2, lastLook)
	}
}
