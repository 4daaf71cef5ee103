package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// The headers of a signed post, as Standard Webhooks has them, for which there are libraries in most languages:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp"
	headerSignature = "webhook-signature"
	// secretPrefix begins a secret that is written in base64, as those libraries make them.
	secretPrefix = "whsec_"
)

// post is what is posted of one event. It is the same in every try.
type post struct {
	id   string
	body []byte
}

// post makes what is posted. Its ID tells it apart from every other, so that whoever gets it twice can know.
func (h *Hook) post(e event.Event) (post, error) {
	p := post{id: fmt.Sprintf("%s.%s.%s.%d", e.Deployment, e.Run, e.Kind(), e.Time.UnixMilli())}
	var err error
	if h.config.Format == Slack {
		p.body, err = json.Marshal(map[string]string{"text": text(e)})
	} else {
		p.body, err = e.MarshalJSON()
	}
	return p, err
}

// request is one try to post. The time in the signature is that of the try.
func (h *Hook) request(ctx context.Context, p post) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.config.URL, bytes.NewReader(p.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", h.config.UserAgent)
	req.Header.Set("Content-Type", "application/json")
	for name, value := range h.config.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set(headerID, p.id)
	if len(h.key) > 0 {
		now := strconv.FormatInt(time.Now().Unix(), 10)
		req.Header.Set(headerTimestamp, now)
		req.Header.Set(headerSignature, "v1,"+Sign(h.key, p.id, now, p.body))
	}
	return req, nil
}

// Sign is the signature of a post: the HMAC-SHA256 of "ID.TIMESTAMP.BODY" in base64.
func Sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// CheckSecret tells what is wrong with a secret, without repeating it.
func CheckSecret(secret string) error {
	_, err := keyOf(secret)
	return err
}

// keyOf is the key that a secret stands for: what is behind whsec_ in base64, or the text itself.
func keyOf(secret string) ([]byte, error) {
	written, encoded := strings.CutPrefix(secret, secretPrefix)
	if !encoded {
		return []byte(secret), nil
	}
	key, err := base64.StdEncoding.DecodeString(written)
	if err != nil || len(key) == 0 {
		return nil, errors.New("what is behind whsec_ is no base64")
	}
	return key, nil
}

// headerName is a token: https://www.rfc-editor.org/rfc/rfc9110#name-tokens
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// own are the headers that belong to the post itself.
var own = []string{headerID, headerTimestamp, headerSignature, "content-length", "content-type", "host", "transfer-encoding", "connection"}

// CheckHeader tells what is wrong with a header, without repeating its value.
func CheckHeader(name, value string) error {
	switch {
	case !headerName.MatchString(name):
		return fmt.Errorf("%q is no name of a header", name)
	case slices.Contains(own, strings.ToLower(name)):
		return fmt.Errorf("%q is set by the provider itself", name)
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return fmt.Errorf("the value of %q has a line break or another control character in it", name)
	}
	return nil
}

// longest is how long an error is in a text, in bytes: whoever reads it in a channel wants the gist.
const longest = 2000

// text is an event for people in a channel.
func text(e event.Event) string {
	said := e.Message()
	if f, ok := e.Fact.(event.Ended); ok && f.Error != "" {
		said += ": " + f.Error
	}
	if len(said) > longest {
		said = strings.ToValidUTF8(said[:longest], "") + " …"
	}
	return fmt.Sprintf("*%s* %s", escaped.Replace(e.Deployment), escaped.Replace(said))
}

// escaped keeps a text from being markup, and from calling everybody in a channel:
// https://api.slack.com/reference/surfaces/formatting#escaping
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
