package sandbox

import "time"

// oldAnswer is what an AWS call was answered once.
type oldAnswer struct {
	at     time.Time
	answer *recorder
}

func (fs *faults) keep(key string, now time.Time, answer *recorder) {
	fs.answers[key] = append(fs.answers[key], oldAnswer{now, answer})
}

// answerOf is the last answer to the same question that was given by then, or the first one since.
func (fs *faults) answerOf(key string, then time.Time) (*recorder, bool) {
	all := fs.answers[key]
	for n := len(all) - 1; n >= 0; n-- {
		if !all[n].at.After(then) || n == 0 {
			return all[n].answer, true
		}
	}
	return nil, false
}

// view is what Spot's reads look at: the groups as they are, or were.
type view struct {
	at     time.Time
	groups []*group
}

// view is a copy of the groups as they are. Documents are never changed in place, so they need no copying.
func (w *spotHalf) view() view {
	v := view{at: w.now, groups: make([]*group, len(w.order))}
	for n, g := range w.order {
		copied := *g
		copied.instances = make([]*instance, len(g.instances))
		for m, i := range g.instances {
			one := *i
			copied.instances[m] = &one
		}
		v.groups[n] = &copied
	}
	return v
}

// remember keeps what the groups are now for as long as a Stale fault may ask.
func (w *spotHalf) remember() {
	if w.faults.keepAnswers && w.past.dirty {
		w.faults.views = append(w.faults.views, w.view())
	}
}

// viewAt is what the groups were then, as far as it was remembered.
func (w *spotHalf) viewAt(then time.Time) view {
	views := w.faults.views
	for n := len(views) - 1; n > 0; n-- {
		if !views[n].at.After(then) {
			return views[n]
		}
	}
	return views[0]
}
