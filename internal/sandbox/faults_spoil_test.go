package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What is spoilt is spoilt in the answer alone: the world is as it was, and the call took effect.
func TestFaultsThatSpoilAnswers(t *testing.T) {
	for kind, want := range map[FaultKind]string{
		NoItems:          `"items":[]`,
		CutItems:         `"items":[]`,
		NullItem:         `"items":[null]`,
		TextItem:         `"items":["an item"]`,
		NumberItem:       `"items":[12345]`,
		ItemWithoutID:    `"name":"web"`,
		ItemOfWrongKinds: `"name":12345`,
		StrangeID:        `"id":"../../setup/account"`,
		OddTags:          `"web",12345,null,["web"]`,
		OtherForm:        `{"groups":[{"group":{`,
	} {
		t.Run(string(kind), func(t *testing.T) {
			inWorld(t, web(), func(t *testing.T, w *World) {
				for n, call := range []string{"POST", "GET"} {
					w.Fail(Fault{Kind: kind, Service: "spot"})
					e, err := try(w, asUser, call, "/group?accountId=act-sandbox", document("web", "ami-good", 2, ""))
					if err != nil || e.status != http.StatusOK || !strings.Contains(e.text, want) {
						t.Errorf("%s: %v %d %s", call, err, e.status, e.text)
					}
					if kind == ItemWithoutID && strings.Contains(e.text, one(t, w).ID) {
						t.Errorf("%s has an ID: %s", call, e.text)
					}
					if c := w.Calls()[n]; c.Fault != string(kind) || c.Status != 200 || c.Changed != (call == "POST") {
						t.Errorf("the journal has %+v", c)
					}
				}
				one(t, w)
				if e := ask(t, w, "GET", "/group", ""); e.Response.Items[0]["name"] != "web" {
					t.Errorf("afterwards: %s", e.text)
				}
			})
		})
	}
}

func TestSomeOfTheItems(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		for _, name := range []string{"a", "b", "c"} {
			create(t, w, document(name, "ami-good", 0, ""))
		}
		w.Fail(Fault{Kind: StrangeID, Item: 2, Value: "sig- 1"})
		items := ask(t, w, "GET", "/group", "").Response.Items
		if items[0]["id"] == "sig- 1" || items[1]["id"] != "sig- 1" || items[2]["id"] == "sig- 1" {
			t.Errorf("%v %v %v", items[0]["id"], items[1]["id"], items[2]["id"])
		}
		w.Fail(Fault{Kind: CutItems})
		if items := ask(t, w, "GET", "/group", "").Response.Items; len(items) != 1 {
			t.Errorf("%d of 3 are left", len(items))
		}
		if w.Calls()[3].Fault != "strange-id" {
			t.Errorf("%+v", w.Calls()[3])
		}
	})
}

func TestGeneralErrorsAreForReads(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		w.Fail(Fault{Kind: GeneralError, Times: -1})
		if e := ask(t, w, "GET", "/group", ""); e.status != 400 || e.codes() != "GENERAL_ERROR" {
			t.Errorf("%d %s", e.status, e.text)
		}
		create(t, w, document("web", "ami-good", 0, ""))
		if _, err := try(w, asUser, "GET", "/group/x/status", ""); err != nil {
			t.Error(err)
		}
	})
}

func TestLongErrors(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		w.Fail(Fault{Kind: LongError})
		if e := ask(t, w, "GET", "/group", ""); e.status != 400 || len(e.text) < 150_000 || e.codes() != "GENERAL_ERROR" {
			t.Errorf("%d, %d bytes", e.status, len(e.text))
		}
		w.Fail(Fault{Kind: HTML, Size: 200_000})
		if e := ask(t, w, "GET", "/group", ""); e.status != 502 || len(e.text) < 199_000 {
			t.Errorf("%d, %d bytes", e.status, len(e.text))
		}
		w.Fail(Fault{Kind: LongError, Service: "ec2"})
		_, err := clientsOf(w, "AKIASANDBOX").ec2.DescribeSubnets(context.Background(), nil)
		if err == nil || len(err.Error()) < 150_000 {
			t.Errorf("EC2: %.200v", err)
		}
	})
}

// A body is unpacked while it is read, and one that never ends is read until the client gives up: by the world in memory and on a
// port alike.
func TestBodiesWithoutBound(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		w.Fail(Fault{Kind: GzipBomb, Size: 8 << 20})
		get := func(ctx context.Context) io.ReadCloser {
			r, _ := http.NewRequestWithContext(ctx, "GET", "https://spot.test/aws/ec2/group", nil)
			answer, err := w.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			return answer.Body
		}
		body := get(t.Context())
		if n, err := io.Copy(io.Discard, body); n != 8<<20 || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		body.Close()
		w.Fail(Fault{Kind: Endless})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		n, err := io.Copy(io.Discard, get(ctx))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second || n < 10<<20 {
			t.Errorf("%d bytes in %v, %v", n, time.Since(began), err)
		}
	})
	if b := bomb(1 << 30); len(b) > 2<<20 || !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		t.Errorf("the bomb has %d bytes", len(b))
	}
}

func TestEveryKindOfFaultIsServed(t *testing.T) {
	for _, kind := range FaultKinds() {
		inWorld(t, web(), func(t *testing.T, w *World) {
			create(t, w, document("web", "ami-good", 0, ""))
			w.Fail(Fault{Kind: kind, Size: 1 << 20, Delay: Duration(time.Second)})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			r, _ := http.NewRequestWithContext(ctx, "GET", "https://spot.test/aws/ec2/group", nil)
			r.Header.Set("Authorization", asUser)
			if answer, err := w.Client().Do(r); err == nil {
				_, _ = io.Copy(io.Discard, answer.Body) // whatever it is
			}
			if c := w.Calls()[1]; c.Fault != string(kind) {
				t.Errorf("%s: the journal has %+v", kind, c)
			}
		})
	}
}
