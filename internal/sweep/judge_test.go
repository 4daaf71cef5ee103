package sweep_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// judge looks at every moment of a stretch of the timeline, and says what promise is broken first; "" is none.
type judge struct {
	scene *scene
	from  int // the first moment
	floor int
}

func (s *scene) judge(floor int) judge {
	return judge{scene: s, from: len(s.world.Timeline()) - 1, floor: floor}
}

// verdict judges all moments since. Lenient leaves out what serves: where the market takes instances, that is its doing.
func (j judge) verdict(lenient bool) string {
	moments := j.scene.world.Timeline()[j.from:]
	counted.instants.Add(int64(len(moments)))
	for i, m := range moments {
		if breach := single(m); breach != "" {
			return at(m, breach)
		}
		if i > 0 {
			if breach := deletes(moments[i-1], m); breach != "" {
				return at(m, breach)
			}
		}
		if lenient || j.floor == 0 {
			continue
		}
		if breach := j.serves(m); breach != "" {
			return at(m, breach)
		}
	}
	return ""
}

func at(m sandbox.Moment, breach string) string {
	return m.Time.Format(time.TimeOnly) + ": " + breach
}

// single: no two groups bear the same name.
func single(m sandbox.Moment) string {
	for i, g := range m.Groups {
		if slices.ContainsFunc(m.Groups[:i], func(o *sandbox.GroupMoment) bool { return o.Name == g.Name }) {
			return "there are two groups " + g.Name
		}
	}
	return ""
}

// deletes: nothing that has or wants instances is deleted.
func deletes(was, is sandbox.Moment) string {
	for _, g := range was.Groups {
		if g.Instances+g.Target > 0 && !slices.ContainsFunc(is.Groups, func(o *sandbox.GroupMoment) bool { return o.ID == g.ID }) {
			return fmt.Sprintf("%s was deleted with %d instances and a target of %d", g.Name, g.Instances, g.Target)
		}
	}
	return ""
}

// serves: production reaches no fewer than the floor. In blue/green every target group that has any of its traffic is whole: so
// many groups of instances serve, and each of them with the floor. (What balancers say of a target is no help here: it is out
// of use as soon as the listener is told, and gets traffic until that is so.)
func (j judge) serves(m sandbox.Moment) string {
	if n := m.Serving(nil); n < j.floor {
		return fmt.Sprintf("production reaches %d instances, %d are promised", n, j.floor)
	}
	if !j.scene.how.blueGreen() {
		return ""
	}
	weighted := map[string]bool{}
	for _, r := range m.Routes {
		for _, w := range r.Weights {
			if w.Weight > 0 && slices.Contains(j.scene.how.routes, r.ARN) {
				weighted[w.TargetGroup] = true
			}
		}
	}
	whole := 0
	for _, g := range m.Groups {
		if g.Serving >= j.floor {
			whole++
		}
	}
	if whole < len(weighted) {
		return fmt.Sprintf("%d target groups have a weight, and %d of them are whole", len(weighted), whole)
	}
	return ""
}
