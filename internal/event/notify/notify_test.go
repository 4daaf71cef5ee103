package notify_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/notify"
)

const (
	url    = "https://hooks.example.com/services/T0/B0/s3cr3t-path?token=s3cr3t-query"
	secret = "s3cr3t-key"
)

// server answers posts, one after the other, and keeps them.
type server struct {
	mu     sync.Mutex
	answer func(n int, r *http.Request) (*http.Response, error)
	posts  []*http.Request
	bodies []string
	times  []time.Time
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.posts, s.bodies, s.times = append(s.posts, r), append(s.bodies, string(body)), append(s.times, time.Now())
	n := len(s.posts)
	s.mu.Unlock()
	return s.answer(n, r)
}

func status(code int, headers ...string) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, "no luck at "+r.URL.String())
		return w.Result(), nil
	}
}

func hook(t *testing.T, s *server, change func(*notify.Config)) *notify.Hook {
	t.Helper()
	c := notify.Config{Name: "notify[0]", URL: url, Secret: secret, Headers: map[string]string{"Authorization": "Bearer s3cr3t-header"}, Transport: s, UserAgent: "test"}
	if change != nil {
		change(&c)
	}
	h, err := notify.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func happened(f event.Fact) event.Event {
	return event.Event{Time: time.Now(), Deployment: "web", Run: "5f0c", Fact: f}
}

var ended = event.Ended{Outcome: "rolled_back", Took: 200, Error: "the release of ami-2 failed <!channel> & more", Groups: []event.Group{}}

// quiet fails the test if a message has a secret in it.
func quiet(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, "s3cr3t") || strings.Contains(text, "/services") {
		t.Errorf("a secret is told: %s", text)
	}
}

func TestWhatIsPosted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{answer: status(204)}
		h := hook(t, s, nil)
		for _, f := range []event.Fact{event.Begun{Image: "ami-2"}, event.StepDone{}, event.Health{}, event.Holding{}, event.Notice{}, event.GoingBack{}, ended} {
			h.Take(happened(f))
		}
		<-h.Flushed()
		var kinds []string
		for i, body := range s.bodies {
			e, err := event.Parse([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, e.Kind())
			r := s.posts[i]
			id, at := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
			if r.Header.Get("webhook-signature") != "v1,"+notify.Sign([]byte(secret), id, at, []byte(body)) || at != strconv.FormatInt(time.Now().Unix(), 10) {
				t.Errorf("it is signed as %v", r.Header)
			}
			if r.Method != "POST" || r.URL.String() != url || r.Header.Get("Authorization") != "Bearer s3cr3t-header" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("User-Agent") != "test" {
				t.Errorf("it is posted with %v", r.Header)
			}
			quiet(t, body)
		}
		if !slices.Equal(kinds, notify.Kinds) || h.Problem() != "" {
			t.Errorf("posted are %v, %s", kinds, h.Problem())
		}
	})
}

// The signature is the one of the specification's own example, so that its libraries verify it.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
func TestSignature(t *testing.T) {
	key, _ := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if got := notify.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)); got != "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("it is %s", got)
	}
}

func TestEventsThatAreWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{answer: status(200)}
		h := hook(t, s, func(c *notify.Config) { c.Events, c.Secret = []string{"ended"}, "" })
		h.Take(happened(event.Begun{}))
		h.Take(happened(ended))
		<-h.Flushed()
		if len(s.bodies) != 1 || s.posts[0].Header.Get("webhook-signature") != "" {
			t.Errorf("posted are %v", s.bodies)
		}
	})
}

// A channel gets a text, in which nothing is markup and nobody is called.
func TestSlack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{answer: status(200)}
		h := hook(t, s, func(c *notify.Config) { c.Format = notify.Slack })
		long := ended
		long.Error = strings.Repeat("ä", 5000)
		h.Take(happened(ended))
		h.Take(happened(long))
		<-h.Flushed()
		var body map[string]string
		if err := json.Unmarshal([]byte(s.bodies[0]), &body); err != nil || len(body) != 1 ||
			body["text"] != "*web* rolled back after 3m20s: the release of ami-2 failed &lt;!channel&gt; &amp; more" {
			t.Errorf("posted is %s, %v", s.bodies[0], err)
		}
		if n := len(s.bodies[1]); n > 2200 {
			t.Errorf("a long error makes %d bytes", n)
		}
	})
}

// What passes is tried again, later each time, with the same ID; what does not is not.
func TestTriesAgain(t *testing.T) {
	refused := func(int, *http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }
	hangs := func(_ int, r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for name, test := range map[string]struct {
		answer      func(int, *http.Request) (*http.Response, error)
		least, most int
		problem     string
	}{
		"502 once": {func(n int, r *http.Request) (*http.Response, error) {
			return status(map[bool]int{true: 502, false: 200}[n == 1])(n, r)
		}, 2, 2, ""},
		"500 for good":           {status(500), 5, 7, "it answers 500 Internal Server Error"},
		"dead":                   {refused, 5, 7, "connection refused"},
		"hanging":                {hangs, 3, 5, "it has not answered within 10s"},
		"400":                    {status(400), 1, 1, `it answers 400 Bad Request: if it is a chat's, it wants format = "slack"`},
		"404":                    {status(404), 1, 1, "it answers 404 Not Found"},
		"429":                    {status(429, "Retry-After", "20"), 3, 4, "it answers 429 Too Many Requests"},
		"429 for hours":          {status(429, "Retry-After", "7200"), 1, 1, "it answers 429 Too Many Requests"},
		"redirect":               {status(302, "Location", "https://elsewhere.example.com/"), 1, 1, "redirects are not followed"},
		"redirect of the method": {status(308, "Location", "https://elsewhere.example.com/"), 1, 1, "redirects are not followed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{answer: test.answer}
				h := hook(t, s, nil)
				began := time.Now()
				h.Take(happened(ended))
				if took := time.Since(began); took > 0 {
					t.Errorf("it was taken in %s", took)
				}
				<-h.Flushed()
				if took := time.Since(began); took > notify.Patience+10*time.Second {
					t.Errorf("it was given up after %s", took)
				}
				problem := h.Problem()
				if n := len(s.posts); n < test.least || n > test.most || !strings.Contains(problem, test.problem) || (problem == "") != (test.problem == "") {
					t.Errorf("it was posted %d times: %s", n, problem)
				}
				quiet(t, problem)
				if problem != "" && (!strings.Contains(problem, "notify[0] (hooks.example.com)") || h.Problem() != "") {
					t.Errorf("it says %q, and then %q", problem, h.Problem())
				}
				for i, r := range s.posts {
					if r.URL.Host != "hooks.example.com" || r.Header.Get("webhook-id") != s.posts[0].Header.Get("webhook-id") {
						t.Errorf("the post %d goes to %s as %s", i, r.URL.Host, r.Header.Get("webhook-id"))
					}
				}
				for i := 2; i < len(s.times); i++ {
					if s.times[i].Sub(s.times[i-1]) < s.times[i-1].Sub(s.times[i-2])*3/4 {
						t.Errorf("it is tried at %v", s.times)
					}
				}
			})
		})
	}
}

// A hook that hangs takes no more than it has room for, and is waited for by nobody.
func TestAHookThatHangsDropsWhatIsTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		s := &server{answer: func(n int, r *http.Request) (*http.Response, error) { <-free; return status(200)(n, r) }}
		h := hook(t, s, nil)
		for range 1000 {
			h.Take(happened(ended))
		}
		close(free)
		<-h.Flushed()
		if n := len(s.posts); n > 257 || !strings.Contains(h.Problem(), "too slowly") {
			t.Errorf("%d are posted in the end", n)
		}
	})
}

func TestWhatIsWrittenWrongly(t *testing.T) {
	for _, bad := range []string{"", "hooks.example.com/s3cr3t", "ftp://example.com/s3cr3t", "https:///s3cr3t", "https://exa mple.com/s3cr3t", "http://[::1/s3cr3t"} {
		if err := notify.CheckURL(bad); err == nil {
			t.Errorf("%q is taken", bad)
		} else {
			quiet(t, err.Error())
		}
	}
	if err := notify.CheckSecret("whsec_s3cr3t!"); err == nil {
		t.Error("a key that is no base64 is taken")
	} else {
		quiet(t, err.Error())
	}
	for name, value := range map[string]string{"": "a", "a b": "a", "Host": "a", "webhook-signature": "a", "Content-Length": "1", "X-Ok": "s3cr3t\r\nX-Evil: 1"} {
		if err := notify.CheckHeader(name, value); err == nil {
			t.Errorf("the header %q: %q is taken", name, value)
		} else {
			quiet(t, err.Error())
		}
	}
	if err := errors.Join(notify.CheckURL(url), notify.CheckSecret(secret), notify.CheckSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), notify.CheckHeader("X-Team", "web")); err != nil {
		t.Error(err)
	}
}

// The hooks of known chats are known to want texts, however their URL is written.
func TestChatsWantTexts(t *testing.T) {
	for url, want := range map[string]bool{
		"https://hooks.slack.com/services/T0/B0/x": true, "https://HOOKS.slack.com:443/services/T0": true, "https://discord.com/api/webhooks/1/x": true,
		"https://hooks.example.com/services/hooks.slack.com": false, "https://hooks.slack.com.example.com/": false, "no URL": false,
	} {
		if got := notify.WantsText(url); got != want {
			t.Errorf("%s: %v", url, got)
		}
	}
}
