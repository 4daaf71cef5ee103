package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestJournal(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 1, ""))
		time.Sleep(time.Minute)
		ask(t, w, "GET", "/group", "")
		ask(t, w, "GET", "/group/"+id, "")
		ask(t, w, "GET", "/group/"+id+"/status", "")
		ask(t, w, "GET", "/group/"+id+"/instanceHealthiness", "")
		ask(t, w, "GET", "/group/"+id+"/logs", "")
		ask(t, w, "PUT", "/group/"+id, `{"group":{"description":"x"}}`)
		ask(t, w, "PUT", "/group/"+id+"/capacity", `{"capacity":{"minimum":0}}`)
		ask(t, w, "PUT", "/group/"+id+"/scale/down?adjustment=1", "")
		ask(t, w, "PUT", "/group/"+id+"/scale/up?adjustment=1", "")
		ask(t, w, "POST", "/group/"+id+"/suspension", `{"processes":["AUTO_SCALE"]}`)
		ask(t, w, "GET", "/group/"+id+"/suspension", "")
		ask(t, w, "DELETE", "/group/"+id+"/suspension", `{"processes":["AUTO_SCALE"]}`)
		ask(t, w, "DELETE", "/group/"+id, "")
		ask(t, w, "DELETE", "/group/"+id, "")

		want := "CreateGroup! ListGroups ReadGroup GroupStatus InstanceHealthiness GroupLogs UpdateGroup! SetCapacity! ScaleDown! ScaleUp! " +
			"Suspend! ListSuspensions Unsuspend! DeleteGroup! DeleteGroup"
		var got []string
		for n, c := range w.Calls() {
			if c.Seq != n+1 || c.Service != "spot" {
				t.Errorf("call %d: %+v", n+1, c)
			}
			if c.Action != "ListGroups" && c.Subject != id {
				t.Errorf("%s is about %q", c.Action, c.Subject)
			}
			if c.Action != "ListGroups" && c.Status == 200 && c.Name != "web" {
				t.Errorf("%s names %q", c.Action, c.Name)
			}
			if c.Changed {
				c.Action += "!"
			}
			got = append(got, c.Action)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s, want %s", got, want)
		}
		if n := len(w.Changes()); n != strings.Count(want, "!") {
			t.Errorf("%d changes", n)
		}
		if first := w.Calls()[0]; !first.Time.Equal(w.start) {
			t.Errorf("the first call was at %v", first.Time)
		}
	})
}

func TestJournalKeepsNoSecrets(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 0, `{"thirdPartiesIntegration":{"rancher":{"masterHost":"h","accessKey":"KEY-1","secretKey":"KEY-2"}}}`))
		body := w.Calls()[0].Body
		for _, secret := range []string{"c2VjcmV0", "KEY-1", "KEY-2", "sandbox-token"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s is in it: %s", secret, body)
			}
		}
		if !strings.Contains(body, `"imageId":"ami-good"`) || !strings.Contains(body, redacted) {
			t.Errorf("what is no secret is not in it: %s", body)
		}
	})
	form := withoutSecrets([]byte("Action=ModifyListener&DefaultActions.member.1.AuthenticateOidcConfig.ClientSecret=hush&ListenerArn=arn"))
	if strings.Contains(form, "hush") || !strings.Contains(form, "ListenerArn=arn") {
		t.Errorf("a form: %s", form)
	}
}

// Several clients may be at work, and each call tells whose it is.
func TestJournalNamesClients(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		r, err := http.NewRequest(http.MethodGet, "https://spot.test/aws/ec2/group?accountId=act-sandbox", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", asUser)
		r.Header.Set("X-Sandbox-Client", "somebody else")
		answer, err := w.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		ask(t, w, "GET", "/group", "")
		if calls := w.Calls(); calls[0].Client != "somebody else" || calls[1].Client != "" {
			t.Errorf("the calls are of %q and %q", calls[0].Client, calls[1].Client)
		}
	})
}

func TestIntercept(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		var seen []string
		w.Intercept(
			func(c *Call) {
				seen = append(seen, "before "+c.Action+" "+c.Name)
				if n := len(w.Groups()); c.Action == "CreateGroup" && n != 0 {
					t.Errorf("before it there are %d groups", n)
				}
			},
			func(c *Call) {
				seen = append(seen, "after "+c.Action+" "+c.Subject)
				if n := len(w.Groups()); n != 1 || c.Status != 200 {
					t.Errorf("after it there are %d groups, %+v", n, c)
				}
			})
		id := create(t, w, document("web", "ami-good", 0, ""))
		if got, want := strings.Join(seen, "; "), "before CreateGroup web; after CreateGroup "+id; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestDropAndCancel(t *testing.T) {
	drop := func(c *Call, _ func()) { c.Drop() }
	cancel := func(_ *Call, cancel func()) { cancel() }
	for _, test := range []struct {
		name          string
		before, after func(*Call, func())
		groups        int
		want          error
	}{
		{"drop before", drop, nil, 0, io.EOF},
		{"drop after", nil, drop, 1, io.EOF},
		{"cancel before", cancel, nil, 0, context.Canceled},
		{"cancel after", nil, cancel, 1, context.Canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, web(), func(t *testing.T, w *World) {
				ctx, stop := context.WithCancel(context.Background())
				defer stop()
				hook := func(f func(*Call, func())) func(*Call) {
					if f == nil {
						return nil
					}
					return func(c *Call) { f(c, stop) }
				}
				w.Intercept(hook(test.before), hook(test.after))
				r, _ := http.NewRequestWithContext(ctx, "POST", "https://spot.test/aws/ec2/group", strings.NewReader(document("web", "ami-good", 0, "")))
				r.Header.Set("Authorization", asUser)
				_, err := w.Client().Do(r)
				if !errors.Is(err, test.want) {
					t.Errorf("the client sees %v, want %v", err, test.want)
				}
				w.Intercept(nil, nil)
				if n := len(w.Groups()); n != test.groups {
					t.Errorf("%d groups, want %d", n, test.groups)
				}
				if calls := w.Calls(); len(calls) != 1 || calls[0].Changed != (test.groups == 1) {
					t.Errorf("the journal has %+v", calls)
				}
			})
		})
	}
}
