package sandbox

import (
	"strings"
	"testing"
	"time"
)

// While a deployment of Spot's own is under way, or has failed and was not stopped, a group takes no update.
func TestRolls(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 2, ""))
		status := func() string {
			var all []string
			for _, r := range ask(t, w, "GET", "/group/"+id+"/roll?accountId=act-sandbox&sort=createdAt:DESC&limit=2", "").Response.Items {
				all = append(all, r["id"].(string)+" "+r["status"].(string))
			}
			return strings.Join(all, ", ")
		}
		mustUpdate := func(want bool) {
			t.Helper()
			for _, at := range []string{"", "/capacity"} {
				body := `{"group":{"description":"a"}}`
				if at != "" {
					body = `{"capacity":{"minimum":1,"target":2,"maximum":4}}`
				}
				e := ask(t, w, "PUT", "/group/"+id+at, body)
				if (e.status == 200) != want || !want && !strings.Contains(e.messages(), "while a deployment is in progress") {
					t.Errorf("PUT %s: %d %s", at, e.status, e.messages())
				}
			}
		}
		if status() != "" {
			t.Errorf("before: %s", status())
		}
		mustUpdate(true)
		roll := w.SetRoll("web", Roll{Progress: 25})
		if status() != roll+" in_progress" {
			t.Errorf("%s", status())
		}
		mustUpdate(false)
		if e := ask(t, w, "PUT", "/group/"+id+"/roll", `{"batchSizePercentage":50}`); !strings.Contains(e.messages(), "Can't have 2 Rolls at the same time") {
			t.Errorf("%d %s", e.status, e.messages())
		}
		w.SetRoll("web", Roll{ID: roll, Status: "failed", Progress: 50})
		mustUpdate(false)
		if e := ask(t, w, "PUT", "/group/"+id+"/roll/"+roll, `{"roll":{"status":"STOPPED"}}`); e.status != 200 || status() != roll+" stopped" {
			t.Errorf("%d %s, %s", e.status, e.messages(), status())
		}
		mustUpdate(true)
		e := ask(t, w, "PUT", "/group/"+id+"/roll", `{"batchSizePercentage":50}`)
		next := e.Response.Items[0]["id"].(string)
		if status() != next+" starting, "+roll+" stopped" {
			t.Errorf("%s", status())
		}
		w.SetRoll("web", Roll{Ends: Duration(10 * time.Minute)})
		time.Sleep(9 * time.Minute)
		mustUpdate(false)
		time.Sleep(time.Minute)
		mustUpdate(true)
		if e := ask(t, w, "GET", "/group/"+id+"/roll/"+next, ""); e.Response.Items[0]["status"] != "finished" {
			t.Errorf("%s", e.text)
		}
		if e := ask(t, w, "GET", "/group/"+id+"/roll/sbgd-0", ""); e.status != 400 {
			t.Errorf("%d", e.status)
		}
	})
}

func TestRollsOfTheWorldFile(t *testing.T) {
	config, err := ReadConfig(strings.NewReader(`{"images":[{"id":"ami-good"}],"groups":[` + document("web", "ami-good", 2, "") + `],
		"rolls":[{"group":"web","id":"sbgd-1","status":"failed","progress":50}]}`))
	if err != nil {
		t.Fatal(err)
	}
	inWorld(t, config, func(t *testing.T, w *World) {
		g := one(t, w)
		if n := len(g.Instances); n != 2 {
			t.Errorf("%d instances", n)
		}
		e := ask(t, w, "GET", "/group/"+g.ID+"/roll", "")
		if len(e.Response.Items) != 1 || e.Response.Items[0]["id"] != "sbgd-1" || e.Response.Items[0]["status"] != "failed" {
			t.Errorf("%s", e.text)
		}
	})
	if _, err := ReadConfig(strings.NewReader(`{"rolls":[{"group":"web","status":"odd"}]}`)); err == nil {
		t.Error("an odd status was taken")
	}
}
