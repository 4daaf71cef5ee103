package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spotinst/spotinst-sdk-go/service/elastigroup/providers/aws"
	spotclient "github.com/spotinst/spotinst-sdk-go/spotinst/client"
)

func TestFaultsAsTheClientSeesThem(t *testing.T) {
	for _, test := range []struct {
		fault   Fault
		sees    func(e envelope, err error, took time.Duration) bool
		effect  bool
		entered int // status in the journal
	}{
		{Fault{Kind: Error, Status: 400, Code: "CANT_CREATE_GROUP", Message: "no"}, func(e envelope, _ error, _ time.Duration) bool {
			return e.status == 400 && e.codes() == "CANT_CREATE_GROUP" && e.messages() == "no"
		}, false, 400},
		{Fault{Kind: Error}, func(e envelope, _ error, _ time.Duration) bool {
			return e.status == 500 && e.codes() == "GENERAL_ERROR"
		}, false, 500},
		{Fault{Kind: Error, Status: 401, Code: "NOAUTH", Message: "invalid auth"}, func(e envelope, _ error, _ time.Duration) bool {
			return e.status == 401 && e.Response.ErrorID == "NOAUTH" && e.Response.Errors == nil
		}, false, 401},
		{Fault{Kind: Throttle}, func(e envelope, _ error, _ time.Duration) bool {
			return e.status == 429 && e.Response.Data == "Rate limit exceeded" && e.header.Get("X-RateLimit-Reset") == "60"
		}, false, 429},
		{Fault{Kind: AWSThrottle}, func(e envelope, _ error, _ time.Duration) bool {
			return e.status == 400 && e.codes() == "CANT_CREATE_GROUP" && e.messages() == "Failed to create group"
		}, false, 400},
		{Fault{Kind: HTML}, func(e envelope, _ error, _ time.Duration) bool {
			return e.status == 502 && strings.HasPrefix(e.text, "<html>") && e.header.Get("Content-Type") == "text/html"
		}, false, 502},
		{Fault{Kind: Empty}, func(e envelope, _ error, _ time.Duration) bool {
			return e.status == 503 && e.text == ""
		}, false, 503},
		{Fault{Kind: Latency, Delay: Duration(7 * time.Second)}, func(e envelope, _ error, took time.Duration) bool {
			return e.status == 200 && took == 7*time.Second
		}, true, 200},
		{Fault{Kind: DropBefore}, func(_ envelope, err error, _ time.Duration) bool { return errors.Is(err, io.EOF) }, false, 0},
		{Fault{Kind: DropAfter}, func(_ envelope, err error, _ time.Duration) bool { return errors.Is(err, io.EOF) }, true, 200},
		{Fault{Kind: NoItems}, func(e envelope, _ error, _ time.Duration) bool {
			return e.status == 200 && e.Response.Items != nil && len(e.Response.Items) == 0
		}, true, 200},
	} {
		t.Run(string(test.fault.Kind), func(t *testing.T) {
			inWorld(t, web(), func(t *testing.T, w *World) {
				test.fault.Action = "CreateGroup"
				w.Fail(test.fault)
				began := time.Now()
				e, err := try(w, asUser, "POST", "/group?accountId=act-sandbox", document("web", "ami-good", 0, ""))
				if !test.sees(e, err, time.Since(began)) {
					t.Errorf("the client sees %d %q, %v, after %v", e.status, e.text, err, time.Since(began))
				}
				if err == nil && test.fault.Kind != HTML && test.fault.Kind != Empty && e.header.Get("X-RateLimit-Limit") == "" {
					t.Error("no rate limit headers")
				}
				if got := len(w.Groups()) == 1; got != test.effect {
					t.Errorf("it took effect: %v, want %v", got, test.effect)
				}
				call := w.Calls()[0]
				if call.Fault != string(test.fault.Kind) || call.Status != test.entered || call.Changed != test.effect {
					t.Errorf("the journal has %+v", call)
				}
				// Once means once.
				if e := ask(t, w, "POST", "/group", document("api", "ami-good", 0, "")); e.status != 200 && test.fault.Kind != Throttle {
					t.Errorf("the second call met it too: %s", e.text)
				}
			})
		})
	}
}

func TestFaultsThroughTheSDK(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		spot := sdk(w, "sandbox-token")
		list := func() error {
			_, err := spot.List(context.Background(), &aws.ListGroupsInput{})
			return err
		}
		w.Fail(Fault{Kind: Throttle})
		var all spotclient.Errors
		if err := list(); !errors.As(err, &all) || all[0].Response.Header.Get("X-RateLimit-Reset") != "60" {
			t.Errorf("throttled: %v", err)
		}
		time.Sleep(time.Minute)
		w.Fail(Fault{Kind: HTML})
		var syntax *json.SyntaxError
		if err := list(); !errors.As(err, &syntax) {
			t.Errorf("HTML: %v", err)
		}
		w.Fail(Fault{Kind: Empty})
		if err := list(); !errors.Is(err, io.EOF) {
			t.Errorf("empty: %v", err)
		}
		if err := list(); err != nil {
			t.Errorf("after all: %v", err)
		}
	})
}

func reset(e envelope) time.Duration {
	n, _ := strconv.Atoi(e.header.Get("X-RateLimit-Reset"))
	return time.Duration(n) * time.Second
}

func TestImpatienceLengthensABlock(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		w.Fail(Fault{Kind: Throttle, Delay: Duration(30 * time.Second)})
		ask(t, w, "GET", "/group", "")
		for range 10 {
			time.Sleep(20 * time.Second)
			if e := ask(t, w, "GET", "/group", ""); e.status != 429 || reset(e) != 30*time.Second {
				t.Fatalf("calling on: %d, reset %v", e.status, reset(e))
			}
		}
		time.Sleep(30 * time.Second)
		if e := ask(t, w, "GET", "/group", ""); e.status != 200 {
			t.Errorf("after waiting as told: %d", e.status)
		}
	})
}

func TestLimit(t *testing.T) {
	for name, setUp := range map[string]func() (Config, func(*World)){
		"fault": func() (Config, func(*World)) {
			return web(), func(w *World) { w.Fail(Fault{Kind: Throttle, Action: "ListGroups", Limit: 3}) }
		},
		"config": func() (Config, func(*World)) {
			c := web()
			c.RateLimit = 3
			return c, func(*World) {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			config, begin := setUp()
			inWorld(t, config, func(t *testing.T, w *World) {
				begin(w)
				for range 3 {
					if e := ask(t, w, "GET", "/group", ""); e.status != 200 {
						t.Fatalf("within the limit: %d", e.status)
					}
					time.Sleep(time.Second)
				}
				e := ask(t, w, "GET", "/group", "")
				if e.status != 429 || e.header.Get("X-RateLimit-Limit") != "3" || reset(e) != 58*time.Second {
					t.Fatalf("over it: %d, limit %s, reset %v", e.status, e.header.Get("X-RateLimit-Limit"), reset(e))
				}
				if e := ask(t, w, "POST", "/group", document("web", "ami-good", 0, "")); e.status != 200 {
					t.Errorf("another method: %d", e.status)
				}
				time.Sleep(57 * time.Second)
				again := ask(t, w, "GET", "/group", "")
				if again.status != 429 || reset(again) != 2*time.Second { // it would have been 1 without this call
					t.Fatalf("a second too soon: %d, reset %v", again.status, reset(again))
				}
				time.Sleep(reset(again))
				if e := ask(t, w, "GET", "/group", ""); e.status != 200 {
					t.Errorf("after waiting as told: %d", e.status)
				}
			})
		})
	}
}

func TestWhichCallsMeetAFault(t *testing.T) {
	for _, test := range []struct {
		fault Fault
		want  string // of ten calls, x for those that meet it
	}{
		{Fault{}, "x........."},
		{Fault{Nth: 3}, "..x......."},
		{Fault{Nth: 3, Times: 2}, "..xx......"},
		{Fault{Times: -1}, "xxxxxxxxxx"},
		{Fault{Nth: 8, Times: -1}, ".......xxx"},
		{Fault{Service: "ec2"}, ".........."},
		{Fault{Action: "CreateGroup"}, ".........."},
		{Fault{Action: "ReadGroup", Subject: "web"}, "x........."},
		{Fault{Subject: "sig-ffffffff"}, ".........."},
		{Fault{Rate: 1}, "xxxxxxxxxx"},
	} {
		inWorld(t, web(), func(t *testing.T, w *World) {
			id := create(t, w, document("web", "ami-good", 0, ""))
			test.fault.Kind = Empty
			w.Fail(test.fault)
			got := ""
			for range 10 {
				if ask(t, w, "GET", "/group/"+id, "").status == 503 {
					got += "x"
				} else {
					got += "."
				}
			}
			if got != test.want {
				t.Errorf("%+v: %s, want %s", test.fault, got, test.want)
			}
		})
	}
}

func TestRateIsAChance(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		remove := w.Fail(Fault{Kind: Empty, Rate: 0.3})
		met := 0
		for range 1000 {
			if ask(t, w, "GET", "/group", "").status == 503 {
				met++
			}
		}
		if met < 250 || met > 350 {
			t.Errorf("%d of 1000 calls met it, want about 300", met)
		}
		remove()
		for range 100 {
			if ask(t, w, "GET", "/group", "").status != 200 {
				t.Fatal("it was met after it was removed")
			}
		}
	})
}

func TestStaleReads(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		old := create(t, w, document("old", "ami-good", 1, ""))
		time.Sleep(2 * time.Minute)
		remove := w.Fail(Fault{Kind: Stale, Service: "spot", Delay: Duration(30 * time.Second), Times: -1})
		young := create(t, w, document("young", "ami-good", 0, ""))
		ask(t, w, "PUT", "/group/"+old+"/capacity", `{"capacity":{"minimum":0,"target":0,"maximum":0}}`)

		read := func() (groups int, target any, instances int, youngStatus int) {
			list := ask(t, w, "GET", "/group", "").Response.Items
			for _, g := range list {
				if g["id"] == old {
					target = g["capacity"].(map[string]any)["target"]
				}
			}
			return len(list), target, len(ask(t, w, "GET", "/group/"+old+"/status", "").Response.Items),
				ask(t, w, "GET", "/group/"+young, "").status
		}
		time.Sleep(29 * time.Second)
		if groups, target, instances, status := read(); groups != 1 || target != 1.0 || instances != 1 || status != 400 {
			t.Errorf("too early: %d groups, target %v, %d instances, young %d", groups, target, instances, status)
		}
		time.Sleep(2 * time.Second)
		if groups, target, instances, status := read(); groups != 2 || target != 0.0 || instances != 1 || status != 200 {
			t.Errorf("in time: %d groups, target %v, %d instances, young %d", groups, target, instances, status)
		}
		time.Sleep(62 * time.Second) // drained for 60s since 2s after the change
		if _, _, instances, _ := read(); instances != 0 {
			t.Errorf("30s after it went there are %d instances", instances)
		}
		remove()
		third := create(t, w, document("third", "ami-good", 0, ""))
		if e := ask(t, w, "GET", "/group/"+third, ""); e.status != 200 {
			t.Errorf("without the fault: %d", e.status)
		}
	})
}

func TestHangEndsWithTheContext(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		w.Fail(Fault{Kind: Hang})
		ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, "POST", "https://spot.test/aws/ec2/group", strings.NewReader(document("web", "ami-good", 0, "")))
		r.Header.Set("Authorization", asUser)
		began := time.Now()
		_, err := w.Client().Do(r)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 90*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if len(w.Groups()) != 0 {
			t.Error("it took effect")
		}
	})
}

func TestNoSuchFault(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a fault of no kind was taken")
		}
	}()
	New(Config{}).Fail(Fault{Kind: "eror"})
}
