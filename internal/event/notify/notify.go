// Package notify posts the few events that matter to a webhook.
//
// Nothing that may be wrong with a hook keeps a rollout waiting or lets it fail: what is to be posted waits in the background, a hook that
// fails is tried again for [Patience] in all for each event, and what it does not take is dropped, counted and said once.
//
// A hook's URL is often its only secret. It is in no message: a hook is called by its number and host.
package notify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/outbox"
)

const (
	// Patience is for how long an event is tried to be posted, and eachTry how long one try may take.
	Patience = time.Minute
	eachTry  = 10 * time.Second
	// firstPause is that before the second try; each is twice as long as the one before, and jittered.
	firstPause = time.Second
	// mostWaiting is how many events may wait.
	mostWaiting = 256
)

// Kinds are the events that can be posted, in the order in which they come.
var Kinds = []string{"begun", "holding", "going_back", "ended"}

// The forms of what is posted.
const (
	// JSON is the event as the event log has it.
	JSON = "json"
	// Slack is what incoming webhooks of Slack, Mattermost, Rocket.Chat and the like take: an object with a text.
	Slack = "slack"
)

// Config is a hook.
type Config struct {
	// Name is what it is called in messages beside its host: "notify[0]".
	Name string
	// URL is where to post to, absolute, http or https. Secret signs what is posted; "" signs nothing. Headers go with every post.
	URL     string
	Secret  string
	Headers map[string]string
	// Events are those of Kinds that are posted; none is all. Format is JSON or Slack; "" is JSON.
	Events []string
	Format string
	// UserAgent introduces the provider, and Transport carries posts; nil is the network.
	UserAgent string
	Transport http.RoundTripper
}

// Hook is a webhook.
type Hook struct {
	config Config
	host   string
	key    []byte
	client *http.Client
	posts  *outbox.Outbox[post]

	mu   sync.Mutex
	lost int
	why  error
	said bool
}

// New is a hook. It asks nobody anything. The error says what is wrong with its URL or secret, and repeats neither.
func New(c Config) (*Hook, error) {
	at, err := parsed(c.URL)
	if err != nil {
		return nil, err
	}
	key, err := keyOf(c.Secret)
	if err != nil {
		return nil, err
	}
	h := &Hook{config: c, host: at.Hostname(), key: key, client: &http.Client{
		Transport: c.Transport,
		Timeout:   eachTry,
		// What is posted is signed, and headers may have secrets in them, for this host alone. Besides, a redirect turns POST into GET.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	h.posts = outbox.New(mostWaiting, h.deliver)
	return h, nil
}

// CheckURL tells what is wrong with a hook's URL, without repeating it.
func CheckURL(text string) error {
	_, err := parsed(text)
	return err
}

// chats are hosts of chats whose hooks take texts, and refuse an event: https://github.com/fluxcd/flagger/issues/1009
var chats = []string{"hooks.slack.com", "hooks.slack-gov.com", "discord.com", "discordapp.com"}

// WantsText tells whether a hook's URL is that of a chat, which refuses events as they are.
func WantsText(text string) bool {
	at, err := parsed(text)
	return err == nil && slices.Contains(chats, strings.ToLower(at.Hostname()))
}

func parsed(text string) (*url.URL, error) {
	at, err := url.Parse(text)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" {
		return nil, errors.New("it is no absolute http or https URL, such as https://hooks.example.com/deployments")
	}
	return at, nil
}

// Name is what the hook is called in messages.
func (h *Hook) Name() string { return fmt.Sprintf("%s (%s)", h.config.Name, h.host) }

// Take takes an event, if it is one that the hook wants, and never waits.
func (h *Hook) Take(e event.Event) {
	wanted := h.config.Events
	if len(wanted) == 0 {
		wanted = Kinds
	}
	if !slices.Contains(wanted, e.Kind()) {
		return
	}
	p, err := h.post(e)
	if err == nil && !h.posts.Put(p) {
		err = errors.New("it takes them too slowly")
	}
	if err != nil {
		h.lose(err)
	}
}

// Flushed is closed when what was taken until now is posted, or given up.
func (h *Hook) Flushed() <-chan struct{} { return h.posts.Flushed() }

// Problem says, the first time after something was given up, why; else it is "".
func (h *Hook) Problem() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lost == 0 || h.said {
		return ""
	}
	h.said = true
	return fmt.Sprintf("A notification was not delivered to %s: %v. Rollouts go on without it, and others are still tried; this is said once.", h.Name(), h.why)
}

func (h *Hook) lose(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lost++; h.why == nil {
		h.why = err
	}
}

// deliver posts until the hook takes it, or it is no use, in the background.
func (h *Hook) deliver(p post) {
	deadline := time.Now().Add(Patience)
	pause := firstPause
	for {
		failed := h.try(p)
		if failed == nil {
			return
		}
		wait := max(time.Duration(float64(pause)*(0.8+0.4*rand.Float64())), failed.after)
		if failed.final || time.Now().Add(wait).After(deadline) {
			h.lose(failed.why)
			return
		}
		time.Sleep(wait)
		pause *= 2
	}
}

// failure is a post that was not taken.
type failure struct {
	why   error
	final bool          // it would not be taken the next time, either
	after time.Duration // not again before, as the hook wants it
}

// try posts once. What the hook answers beside its status is not repeated: it may have the URL in it, or whatever was sent.
func (h *Hook) try(p post) *failure {
	ctx, cancel := context.WithTimeout(context.Background(), eachTry)
	defer cancel()
	req, err := h.request(ctx, p)
	if err != nil {
		return &failure{why: withoutURL(err), final: true}
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return &failure{why: withoutURL(err)}
	}
	resp.Body.Close()
	status := fmt.Errorf("it answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	switch {
	case resp.StatusCode/100 == 2:
		return nil
	case resp.StatusCode/100 == 3:
		return &failure{why: fmt.Errorf("%w, and redirects are not followed: write the address that it leads to", status), final: true}
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout, resp.StatusCode/100 == 5:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return &failure{why: status, after: time.Duration(max(seconds, 0)) * time.Second}
	case resp.StatusCode == http.StatusBadRequest && h.config.Format != Slack:
		return &failure{why: fmt.Errorf("%w: if it is a chat's, it wants format = \"slack\"", status), final: true}
	}
	return &failure{why: status, final: true}
}

// withoutURL is an error of the HTTP client without the URL that it repeats.
func withoutURL(err error) error {
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		if failed.Timeout() {
			return fmt.Errorf("it has not answered within %s", eachTry)
		}
		return failed.Err
	}
	return err
}
