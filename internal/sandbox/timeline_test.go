package sandbox

import (
	"slices"
	"testing"
	"time"
)

// lowest is the least production traffic ever reached since a time.
func lowest(w *World, since time.Time) int {
	least := -1
	timeline := w.Timeline()
	for n, m := range timeline {
		lasted := n == len(timeline)-1 || timeline[n+1].Time.After(since)
		if lasted && (least < 0 || m.Serving(nil) < least) {
			least = m.Serving(nil)
		}
	}
	return least
}

func TestTimelineTellsARollout(t *testing.T) {
	config := web()
	inWorld(t, config, func(t *testing.T, w *World) {
		old := create(t, w, document("web__1", "ami-good", 2, ""))
		time.Sleep(3 * time.Minute)
		begin := w.Now()

		create(t, w, document("web__2", "ami-next", 2, ""))
		time.Sleep(3 * time.Minute)
		ask(t, w, "PUT", "/group/"+old+"/capacity", `{"capacity":{"minimum":0,"target":0,"maximum":0}}`)
		time.Sleep(10 * time.Minute)
		if n := lowest(w, begin); n != 2 {
			t.Errorf("new first: it fell to %d, want 2", n)
		}

		begin = w.Now()
		w.SetCapacity("web__2", 1, 1, 1)
		time.Sleep(time.Minute)
		w.SetCapacity("web__2", 2, 2, 2)
		time.Sleep(3 * time.Minute)
		if n := lowest(w, begin); n != 1 {
			t.Errorf("a dip of a minute: it fell to %d, want 1", n)
		}
	})
}

func TestTimelineHasOnlyChanges(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 2, ""))
		time.Sleep(5 * time.Minute)
		timeline := w.Timeline()
		for range 100 {
			time.Sleep(10 * time.Second)
			ask(t, w, "GET", "/group/"+id, "")
		}
		if more := len(w.Timeline()) - len(timeline); more != 0 {
			t.Errorf("%d moments of nothing", more)
		}
		for n := 1; n < len(timeline); n++ {
			if timeline[n].Time.Before(timeline[n-1].Time) || sameMoment(timeline[n-1], timeline[n]) {
				t.Errorf("moment %d: %+v after %+v", n, timeline[n], timeline[n-1])
			}
		}
		var course [][4]int
		for _, m := range timeline {
			for _, g := range m.Groups {
				now := [4]int{g.Instances, g.Running, g.InService, g.Serving}
				if len(course) == 0 || course[len(course)-1] != now {
					course = append(course, now)
				}
			}
		}
		want := [][4]int{{0, 0, 0, 0}, {2, 0, 0, 0}, {2, 1, 0, 0}, {2, 2, 0, 0}, {2, 2, 1, 1}, {2, 2, 2, 2}}
		if !slices.Equal(course, want) {
			t.Errorf("the course of the group was %v, want %v", course, want)
		}
	})
}

func TestTimelineFollowsARoute(t *testing.T) {
	config := web()
	config.AWS.TargetGroups = append(config.AWS.TargetGroups, TargetGroupConfig{Name: "idle"})
	config.AWS.LoadBalancers[0].Listeners[0].TargetGroup = ""
	config.AWS.LoadBalancers[0].Listeners[0].DefaultActions = []ActionConfig{
		{TargetGroups: []WeightConfig{{TargetGroup: "web", Weight: 0}, {TargetGroup: "idle", Weight: 100}}}}
	inWorld(t, config, func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 2, ""))
		time.Sleep(3 * time.Minute)
		timeline := w.Timeline()
		last := timeline[len(timeline)-1]
		if last.Groups[0].InService != 2 || last.Groups[0].Serving != 0 {
			t.Errorf("healthy behind a weight of 0: %+v", last.Groups[0])
		}
		if last.TargetGroups[0].Healthy+last.TargetGroups[1].Healthy != 2 || len(last.Routes) != 1 || len(last.Routes[0].Weights) != 2 {
			t.Errorf("%+v", last)
		}
	})
}
