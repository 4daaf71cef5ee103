package spot

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// The API echoes the whole request in all that it answers; nothing of it may come out in logs and errors.
func TestSecretsStayOutOfLogsAndErrors(t *testing.T) {
	t.Setenv("TF_LOG", "TRACE")
	script := "#!/bin/bash\nexport PASSWORD=correct-horse-battery\n"
	userData := base64.StdEncoding.EncodeToString([]byte(script))
	document := `{"name":"web__1","capacity":{"minimum":0,"target":0,"maximum":0},"compute":{"launchSpecification":{"imageId":"ami-1","userData":"` + userData +
		`","shutdownScript":"c2h1dGRvd24="}},"thirdPartiesIntegration":{"nomad":{"aclToken":"acl-token-1"},"rancher":{"accessKey":"access-1","secretKey":"secret-1"},"chef":{"pemKey":"pem-1"}}}`
	echo := func(r *http.Request, form int) (*http.Response, error) {
		body := []byte{}
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		told := r.Header.Get("Authorization") + " " + string(body) + " " + userData[:30] + "... " + script
		quoted, _ := json.Marshal(told)
		switch form {
		case 0:
			return reply(400, `{"request":{"id":"r"},"response":{"errors":[{"code":`+string(quoted)+`,"message":`+string(quoted)+`,"field":`+string(quoted)+`}]}}`)(r)
		case 1:
			return reply(400, `{"response":{"error":`+string(quoted)+`,"error_id":"NOAUTH"}}`)(r)
		case 2:
			return reply(500, told)(r)
		case 3:
			return nil, errors.New(told)
		}
		return reply(200, told)(r)
	}
	for form := range 5 {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			ctx := tflogtest.RootLogger(background, &log)
			a := &api{answer: func(r *http.Request, _ int) (*http.Response, error) { return echo(r, form) }}
			// The fake reads bodies for its record; here the answer wants them too.
			c, err := New(Config{Token: testToken, Account: testAccount, Endpoint: "http://spot.test", MaxRetries: 2, Transport: roundTrip(func(r *http.Request) (*http.Response, error) { return a.answer(r, 0) })})
			if err != nil {
				t.Fatal(err)
			}
			_, err1 := c.Create(ctx, []byte(document))
			_, err2 := c.Group(ctx, "sig-1")
			err3 := c.Resize(ctx, "sig-1", rollout.Pin(0))
			_, err4 := c.Groups(ctx)
			_, err5 := c.Log(ctx, "sig-1", time.Now(), 5)
			written := log.String()
			for _, err := range []error{err1, err2, err3, err4, err5} {
				if err == nil {
					t.Fatal("it passed")
				}
			}
			for name, text := range map[string]string{"log": written, "create": err1.Error(), "read": err2.Error(), "resize": err3.Error(), "list": err4.Error(), "group log": err5.Error()} {
				lacks(t, text, testToken, "Bearer "+testToken, testAccount)
				if name == "create" || name == "log" {
					lacks(t, text, userData, userData[:30], script, "correct-horse", "c2h1dGRvd24=", "acl-token-1", "access-1", "secret-1", "pem-1")
				}
			}
			if lines := strings.Count(written, "\n"); lines < 5 {
				t.Errorf("only %d lines were logged, so nothing is proven", lines)
			}
			contains(t, written, "/aws/ec2/group/sig-1/capacity", `"attempt":1`, `"method":"POST"`, `"duration_ms"`)
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestMask(t *testing.T) {
	m := newMask("tok-en-123", map[string]any{"group": map[string]any{"userData": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=", "name": "web"}})
	for text, want := range map[string]string{
		"plain words about sig-0123abcd": "plain words about sig-0123abcd",
		"Bearer tok-en-123!":             "Bearer (secret)!",
		"value QUJDREVGR0hJSktMTU5P...":  "value (secret)...",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ":     "(secret)",
		"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a-name-of-32-characters-as-it-is/0123456789abcdef": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a-name-of-32-characters-as-it-is/0123456789abcdef",
		"x " + strings.Repeat("aB3", 40) + " y": "x (secret) y",
		"":                                      "",
	} {
		if got := m.text(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}
