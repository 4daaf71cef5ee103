package deployment_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// hooks takes what is posted to webhooks, and answers as a test wants it.
type hooks struct {
	mu     sync.Mutex
	bodies []string
	answer func(r *http.Request) (*http.Response, error)
}

func (h *hooks) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	h.bodies = append(h.bodies, string(body))
	h.mu.Unlock()
	return h.answer(r)
}

func takes(*http.Request) (*http.Response, error) {
	return httptest.NewRecorder().Result(), nil
}

func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func dead(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }

// notified is the setting of hooks whose every part is a secret.
func notified() object {
	return object{"notify": []any{object{
		"webhook_url": "https://hooks.example.com/" + providertest.Secret, "secret": providertest.Secret, "headers": object{"Authorization": providertest.Secret},
	}}}
}

// story is what a user does in these tests: three releases of which one fails, one that holds, and the end. It answers what was done in the
// clouds, how it ended, and how long it took.
func story(t *testing.T, settings object, away string, answer func(*http.Request) (*http.Response, error)) (done, said []string, took time.Duration, posted []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := deploymentIn(t, sandbox.New(canaryWorld()))
		h := &hooks{answer: answer}
		d.settings, d.hooks = settings, h
		d.restart()
		if away != "" {
			if err := os.RemoveAll(away); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		for _, config := range []object{release("ami-1"), canary("ami-2"), release("ami-bad"), canary("ami-3", object{"hold_after_phase": 1})} {
			_, diags := d.tryApply(config)
			text := providertest.Render(diags)
			said = append(said, text)
			if leaked := providertest.Leaked(text); len(leaked) > 0 {
				t.Errorf("a diagnostic tells %q: %s", leaked, text)
			}
		}
		took = time.Since(began)
		names := map[string]string{} // IDs are random
		for _, c := range d.world.Changes() {
			if names[c.Subject] == "" {
				names[c.Subject] = fmt.Sprint("group ", len(names)+1)
			}
			done = append(done, c.Action+" "+names[c.Subject])
		}
		time.Sleep(time.Hour) // what hangs is given up
		posted = h.bodies
	})
	return done, said, took, posted
}

// Whatever is wrong with where events go, a rollout does the same, ends the same, and takes no longer than the few seconds for which the end
// of an apply waits.
func TestNothingThatIsWrongWithEventsChangesARollout(t *testing.T) {
	t.Log("promise: events change no rollout")
	dir, away := t.TempDir(), t.TempDir()
	want, ends, time0, _ := run(t, "without events", nil, "", takes)
	for name, test := range map[string]struct {
		settings object
		away     string // a directory that goes away after the provider was configured
		answer   func(*http.Request) (*http.Response, error)
		warns    string
	}{
		"a log and a hook":      {merged(object{"event_log": filepath.Join(dir, "good.jsonl")}, notified()), "", takes, ""},
		"a full disk":           {object{"event_log": "/dev/full"}, "", takes, "no space left on device"},
		"a dead hook":           {notified(), "", dead, "connection refused"},
		"a hook that hangs":     {notified(), "", hangs, "Events may be lost"},
		"a pipe nobody reads":   {object{"event_log": pipeIn(t, dir)}, "", takes, "Events were lost"},
		"a directory that went": {object{"event_log": filepath.Join(away, "a.jsonl")}, away, takes, "no such file or directory"},
	} {
		done, said, took, _ := run(t, name, test.settings, test.away, test.answer)
		if !slices.Equal(done, want) {
			t.Errorf("%s: it does\n%s\nwant\n%s", name, strings.Join(done, "\n"), strings.Join(want, "\n"))
		}
		if took > time0+5*time.Minute { // four ends of applies, and chance in looks
			t.Errorf("%s: it took %s, and %s without", name, took, time0)
		}
		all := strings.Join(said, "\n")
		if test.warns != "" && !strings.Contains(all, test.warns) || test.warns == "" && strings.Contains(all, "Events ") {
			t.Errorf("%s: it says\n%s", name, all)
		}
		for i := range ends {
			if failed(said[i]) != failed(ends[i]) {
				t.Errorf("%s: apply %d ends with\n%s\nwant\n%s", name, i, said[i], ends[i])
			}
		}
	}
}

// failed is how many errors an apply has ended with, and whether it was rolled back.
func failed(text string) string {
	return fmt.Sprint(strings.Count(text, "ERROR at"), " errors, rolled back: ", strings.Contains(text, "rolled back"))
}

func merged(objects ...object) object {
	all := object{}
	for _, o := range objects {
		for k, v := range o {
			all[k] = v
		}
	}
	return all
}

// run is a story in a test of its own.
func run(t *testing.T, name string, settings object, away string, answer func(*http.Request) (*http.Response, error)) (done, said []string, took time.Duration, posted []string) {
	t.Helper()
	t.Run(name, func(t *testing.T) { done, said, took, posted = story(t, settings, away, answer) })
	return done, said, took, posted
}

// What is written and posted has the whole story, under the names that users are promised, and tells no secret.
func TestEventsTellTheStoryAndNoSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rollout.jsonl")
	_, _, _, posted := run(t, "story", merged(object{"event_log": path}, notified()), "", takes)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if leaked := providertest.Leaked(string(text) + strings.Join(posted, "\n")); len(leaked) > 0 {
		t.Errorf("events tell %q", leaked)
	}
	var outcomes, posts []string
	runs := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		e, err := event.Parse([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if runs[e.Run]++; (runs[e.Run] == 1) != (e.Kind() == "begun") || e.Deployment != "web" {
			t.Errorf("a run begins with %s", line)
		}
		if f, ok := e.Fact.(event.Ended); ok {
			outcomes = append(outcomes, f.Outcome)
		}
	}
	for _, body := range posted {
		e, err := event.Parse([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		posts = append(posts, e.Kind())
	}
	if want := []string{"succeeded", "succeeded", "rolled_back", "held"}; !slices.Equal(outcomes, want) {
		t.Errorf("they end with %q, want %q", outcomes, want)
	}
	if want := []string{"begun", "ended", "begun", "ended", "begun", "going_back", "ended", "begun", "holding", "ended"}; !slices.Equal(posts, want) {
		t.Errorf("posted are %q, want %q", posts, want)
	}
}
