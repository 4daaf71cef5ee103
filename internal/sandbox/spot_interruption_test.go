package sandbox

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/spotinst/spotinst-sdk-go/service/elastigroup/providers/aws"
	"github.com/spotinst/spotinst-sdk-go/spotinst"
)

// find is an instance of the only group of a world.
func find(t *testing.T, w *World, id string) (Instance, bool) {
	t.Helper()
	for _, i := range one(t, w).Instances {
		if i.ID == id {
			return i, true
		}
	}
	return Instance{}, false
}

func requested(i Instance) bool { return i.Status == "pending-evaluation" }

func TestReclaimWithNotice(t *testing.T) {
	for cause, code := range map[string]string{"": "instance-terminated-no-capacity", "price": "marked-for-termination"} {
		config := web()
		config.Interruption.Cause = cause
		inWorld(t, config, func(t *testing.T, w *World) {
			id := create(t, w, document("web", "ami-good", 2, `{"strategy":{"drainingTimeout":30}}`))
			time.Sleep(2 * time.Minute)
			gone := one(t, w).Instances[0].ID
			if !w.Reclaim(gone) || w.Reclaim(gone) || w.Reclaim("i-none") {
				t.Error("one can be reclaimed, and once only")
			}
			status, err := sdk(w, "sandbox-token").Status(context.Background(), &aws.StatusGroupInput{GroupID: &id})
			if err != nil || len(status.Instances) != 2 || spotinst.StringValue(status.Instances[0].Status) != code {
				t.Errorf("Spot shows %+v, %v; want %s", status, err, code)
			}
			if n := count(one(t, w), serving); n != 2 {
				t.Errorf("%d serve at the notice", n)
			}
			time.Sleep(2 * time.Second) // Spot has learned of it
			if n := count(one(t, w), requested); n != 1 {
				t.Errorf("%d replacements are requested", n)
			}
			i, _ := find(t, w, gone)
			if i.State != "running" || i.Status != code || !i.Answering || i.Serving || w.TargetGroups()[0].Draining != 1 {
				t.Errorf("when Spot has learned of it, it is %+v; targets %+v", i, w.TargetGroups()[0])
			}
			time.Sleep(117 * time.Second)
			if i, there := find(t, w, gone); !there || i.State != "running" {
				t.Errorf("just before its end it is %+v, %v", i, there)
			}
			if n := count(one(t, w), serving); n != 2 {
				t.Errorf("%d serve, the replacement among them, want 2", n)
			}
			time.Sleep(time.Second)
			if _, there := find(t, w, gone); there || w.Reclaim(gone) {
				t.Error("it is there after its end")
			}
			time.Sleep(time.Hour)
			if g := one(t, w); len(g.Instances) != 2 || count(g, serving) != 2 {
				t.Errorf("an hour later there are %+v", g.Instances)
			}
		})
	}
}

func TestReclaimWithoutNotice(t *testing.T) {
	atOnce := func(w *World, id string) bool { return w.ReclaimAtOnce(id) }
	for name, test := range map[string]struct {
		config Interruption
		take   func(*World, string) bool
	}{
		"by hand":            {take: atOnce},
		"by the world file":  {config: Interruption{WithoutNotice: true}, take: (*World).Reclaim},
		"before its end":     {take: func(w *World, id string) bool { return w.Reclaim(id) && w.ReclaimAtOnce(id) }},
		"with one's own way": {take: func(w *World, id string) bool { return w.ReclaimWithNotice(id, Interruption{WithoutNotice: true}) }},
	} {
		config := web()
		config.Interruption = test.config
		inWorld(t, config, func(t *testing.T, w *World) {
			create(t, w, document("web", "ami-good", 2, ""))
			time.Sleep(2 * time.Minute)
			gone := one(t, w).Instances[0].ID
			if !test.take(w, gone) || test.take(w, gone) {
				t.Errorf("%s: one can be reclaimed, and once only", name)
			}
			if g := one(t, w); len(g.Instances) != 1 || count(g, serving) != 1 {
				t.Errorf("%s: there are %+v", name, g.Instances)
			}
			time.Sleep(3 * time.Second)
			if n := count(one(t, w), requested); n != 1 {
				t.Errorf("%s: %d replacements are requested", name, n)
			}
			time.Sleep(2 * time.Minute)
			if g := one(t, w); len(g.Instances) != 2 || count(g, serving) != 2 {
				t.Errorf("%s: after the replacement there are %+v", name, g.Instances)
			}
		})
	}
}

// A notice can be shorter than two minutes, though the world says that there is none; and an on-demand instance has none.
func TestOtherNotices(t *testing.T) {
	config := web()
	config.Interruption.WithoutNotice = true
	inWorld(t, config, func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 2, `{"strategy":{"risk":50}}`))
		time.Sleep(2 * time.Minute)
		for _, i := range one(t, w).Instances {
			if !w.ReclaimWithNotice(i.ID, Interruption{Notice: Duration(5 * time.Second)}) {
				t.Errorf("%s was not taken", i.ID)
			}
			_, there := find(t, w, i.ID)
			if spot := i.Request != ""; there != spot {
				t.Errorf("spot %v, there %v after notice", spot, there)
			}
			time.Sleep(5 * time.Second)
			if _, there := find(t, w, i.ID); there {
				t.Error("it is there after its notice")
			}
		}
	})
}

func TestRebalance(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 2, `{"capacity":{"minimum":1}}`))
		time.Sleep(2 * time.Minute)
		old := one(t, w).Instances[0].ID
		suspension := `{"suspensions":[{"name":"PREVENTIVE_REPLACEMENT"}]}`
		ask(t, w, "POST", "/group/"+id+"/suspension", suspension)
		if w.Rebalance(old) {
			t.Error("it is replaced though that is suspended")
		}
		ask(t, w, "DELETE", "/group/"+id+"/suspension", `{"processes":["PREVENTIVE_REPLACEMENT"]}`)
		if !w.Rebalance(old) || w.Rebalance(old) {
			t.Error("one can be replaced, and once only")
		}
		time.Sleep(3 * time.Second) // the other one is requested
		if g := one(t, w); len(g.Instances) != 3 || count(g, serving) != 2 || count(g, requested) != 1 {
			t.Errorf("before the other one is launched: %+v", g.Instances)
		}
		time.Sleep(5 * time.Second) // and launched
		if i, there := find(t, w, old); !there || !i.Leaving || i.Serving {
			t.Errorf("after the other one is launched, it is %+v, %v", i, there)
		}
		time.Sleep(2 * time.Minute)
		if g := one(t, w); len(g.Instances) != 2 || count(g, serving) != 2 {
			t.Errorf("in the end there are %+v", g.Instances)
		}
		if said := ask(t, w, "GET", "/group/"+id+"/logs", "").text; !strings.Contains(said, "Preventive") {
			t.Errorf("the log says %s", said)
		}

		// One that needs no replacement any more goes without one.
		w.Rebalance(one(t, w).Instances[0].ID)
		w.SetCapacity("web", 1, 1, 2)
		time.Sleep(2 * time.Minute)
		if g := one(t, w); len(g.Instances) != 1 || count(g, serving) != 1 {
			t.Errorf("after the target has fallen there are %+v", g.Instances)
		}
	})
}

func TestInterruptionCheck(t *testing.T) {
	for _, c := range []Interruption{{Notice: -1}, {Cause: "spite"}} {
		if (Config{Interruption: c}).Check() == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
