package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestNoCapacity(t *testing.T) {
	config := web()
	config.Markets = []Market{{Lifecycle: "spot", Available: false, Until: Duration(5 * time.Minute)}}
	inWorld(t, config, func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 1, ""))
		time.Sleep(4 * time.Minute)
		if i := one(t, w).Instances[0]; i.Status != "pending-evaluation" || i.ID != "" {
			t.Errorf("without capacity: %+v", i)
		}
		e := ask(t, w, "GET", "/group/"+id+"/logs?accountId=act-sandbox&severity=WARN&limit=2", "")
		if len(e.Response.Items) != 2 || !strings.HasPrefix(e.Response.Items[0]["message"].(string), "Can't Spin Spot Instances: ") {
			t.Errorf("the log says %v", e.Response.Items)
		}
		if first, second := e.Response.Items[0]["createdAt"].(string), e.Response.Items[1]["createdAt"].(string); first <= second {
			t.Errorf("the log is not newest first: %s, %s", first, second)
		}
		from := w.Now().Add(time.Minute).UnixMilli()
		if e := ask(t, w, "GET", fmt.Sprintf("/group/%s/logs?accountId=act-sandbox&fromDate=%d", id, from), ""); len(e.Response.Items) != 0 {
			t.Errorf("the log of the future says %v", e.Response.Items)
		}
		time.Sleep(3 * time.Minute)
		if n := count(one(t, w), serving); n != 1 {
			t.Errorf("%d serve when there is capacity again", n)
		}
	})
}

func TestOneTypeShort(t *testing.T) {
	config := web()
	config.Markets = []Market{{Type: "c5.large", Available: false}}
	inWorld(t, config, func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 4, ""))
		time.Sleep(time.Minute)
		if n := count(one(t, w), func(i Instance) bool { return i.Type == "m5.large" && i.ID != "" }); n != 4 {
			t.Errorf("%d of the type that is to be had, want 4", n)
		}
	})
}

func TestFallbackToOnDemand(t *testing.T) {
	config := web()
	config.Markets = []Market{{Lifecycle: "spot", Available: false}}
	inWorld(t, config, func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 1, `{"strategy":{"fallbackToOd":true}}`))
		time.Sleep(2 * time.Minute)
		i := one(t, w).Instances[0]
		if i.Request != "" || i.Status != "running" || !i.Serving {
			t.Errorf("%+v", i)
		}
		item := ask(t, w, "GET", "/group/"+id+"/status", "").Response.Items[0]
		if item["spotInstanceRequestId"] != nil {
			t.Errorf("%v", item)
		}
		if item := ask(t, w, "GET", "/group/"+id+"/instanceHealthiness", "").Response.Items[0]; item["lifeCycle"] != "OD" {
			t.Errorf("%v", item)
		}
	})
}

func TestRisk(t *testing.T) {
	for members, want := range map[string]int{
		`{"strategy":{"risk":50}}`:                     2,
		`{"strategy":{"risk":0}}`:                      4,
		`{"strategy":{"risk":null,"onDemandCount":1}}`: 1,
		`{}`: 0,
	} {
		inWorld(t, web(), func(t *testing.T, w *World) {
			create(t, w, document("web", "ami-good", 4, members))
			time.Sleep(time.Minute)
			if n := count(one(t, w), func(i Instance) bool { return i.Request == "" }); n != want {
				t.Errorf("%s: %d on demand, want %d", members, n, want)
			}
		})
	}
}

func TestWeather(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 10, ""))
		time.Sleep(2 * time.Minute)
		first := map[string]bool{}
		for _, i := range one(t, w).Instances {
			first[i.ID] = true
		}
		w.ReclaimRandom(0.5)
		time.Sleep(time.Hour)
		w.ReclaimRandom(0)
		survivors := count(one(t, w), func(i Instance) bool { return first[i.ID] })
		if survivors == 0 || survivors == 10 {
			t.Errorf("%d of 10 survive an hour of a half", survivors)
		}
		time.Sleep(5 * time.Minute) // the last ones to have had notice are gone and replaced
		quiet := one(t, w)
		time.Sleep(3 * time.Hour)
		if !same(quiet.Instances, one(t, w).Instances) {
			t.Error("it goes on after it ended")
		}
	})
}
