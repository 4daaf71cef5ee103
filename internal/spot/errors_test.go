package spot

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

func TestWhatErrorsSay(t *testing.T) {
	long := "<html><body>"
	for range 500 {
		long += "words "
	}
	for name, test := range map[string]struct {
		answer answers
		text   string
		gone   bool
		status int
	}{
		"several errors": {
			faultsOf(400, "CANT_X", "cannot do it", "ValidationError", "strategy is required"),
			"resizing to 2 group sig-1 (web__7): Spot answered 400 CANT_X: cannot do it; ValidationError: strategy is required (request r-1)", false, 400,
		},
		"a field": {
			reply(400, `{"request":{"id":"r-1"},"response":{"errors":[{"code":"E","message":"m","field":"capacity"}]}}`),
			"resizing to 2 group sig-1 (web__7): Spot answered 400 E: m (field capacity) (request r-1)", false, 400,
		},
		"the second form": {
			reply(400, `{"request":{"id":"r-2"},"response":{"error":"invalid thing","error_id":"NOTHING"}}`),
			"resizing to 2 group sig-1 (web__7): Spot answered 400 NOTHING: invalid thing (request r-2)", false, 400,
		},
		"the third form": {
			reply(429, `{"request":{"id":"r-3"},"response":{"status":{"code":429,"message":"Too Many Requests"},"data":"Rate limit exceeded"}}`),
			"resizing to 2 group sig-1 (web__7): Spot answered 429 Too Many Requests: Rate limit exceeded (request r-3, 3 tries)", false, 429,
		},
		"codes that are no strings": {
			reply(400, `{"request":{"id":7},"response":{"errors":[{"code":12,"message":{"a":1}}]}}`),
			`resizing to 2 group sig-1 (web__7): Spot answered 400 12: {"a":1} (request 7)`, false, 400,
		},
		"plain text": {reply(400, "Bad\nRequest"), "resizing to 2 group sig-1 (web__7): Spot answered 400 Bad Request", false, 400},
		"a page": {
			reply(502, "<html><head><TITLE>502 Bad\n Gateway</TITLE></head><body><h1>nginx</h1></body></html>"),
			"resizing to 2 group sig-1 (web__7): Spot answered 502 502 Bad Gateway (3 tries)", false, 502,
		},
		"nothing":         {reply(503, ""), "resizing to 2 group sig-1 (web__7): Spot answered 503 Service Unavailable (3 tries)", false, 503},
		"an empty object": {reply(400, "{}"), "resizing to 2 group sig-1 (web__7): Spot answered 400 Bad Request", false, 400},
		"gone": {
			faultsOf(400, "GROUP_DOESNT_EXIST", "Group doesn't exist"),
			"resizing to 2 group sig-1 (web__7): Spot answered 400 GROUP_DOESNT_EXIST: Group doesn't exist (request r-1)", true, 400,
		},
		"404": {reply(404, ""), "resizing to 2 group sig-1 (web__7): Spot answered 404 Not Found", false, 404},
		"404 of Spot": {
			faultsOf(404, "GROUP_DOESNT_EXIST", "Group doesn't exist"),
			"resizing to 2 group sig-1 (web__7): Spot answered 404 GROUP_DOESNT_EXIST: Group doesn't exist (request r-1)", true, 404,
		},
		"404 of a proxy":    {reply(404, "<html><title>no such site</title></html>"), "resizing to 2 group sig-1 (web__7): Spot answered 404 no such site", false, 404},
		"201 is no success": {reply(201, ""), "resizing to 2 group sig-1 (web__7): Spot answered 201 Created", false, 201},
		"no connection": {
			fails(refusedDial),
			"resizing to 2 group sig-1 (web__7): no answer from Spot: dial tcp: connection refused (the last of 3 tries)", false, 0,
		},
		"refused token": {
			reply(401, `{"request":{"id":"r-4"},"response":{"error":"invalid auth","error_id":"NOAUTH"}}`),
			"resizing to 2 group sig-1 (web__7): Spot answered 401 NOAUTH: invalid auth (request r-4); it refuses the token from the provider's token argument, " +
				"or its access to the account from the provider's account argument", false, 401,
		},
		"refused account": {
			reply(403, ``),
			"resizing to 2 group sig-1 (web__7): Spot answered 403 Forbidden; it refuses the token from the provider's token argument, " +
				"or its access to the account from the provider's account argument", false, 403,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, says(items(group("sig-1", "web__7", "")), test.answer), 2)
				if err := reading(background, c); err != nil { // so that it knows the name
					t.Fatal(err)
				}
				err := c.Resize(background, "sig-1", rollout.Pin(2))
				var e *Error
				if !errors.As(err, &e) || e.Status != test.status {
					t.Fatalf("%#v", err)
				}
				if err.Error() != test.text {
					t.Errorf("it says\n%s, not\n%s", err, test.text)
				}
				if errors.Is(err, runner.ErrGone) != test.gone {
					t.Errorf("gone: %t", !test.gone)
				}
				lacks(t, err.Error(), testToken, testAccount)
			})
		})
	}
	t.Run("a long page", func(t *testing.T) {
		err := reading(background, newClient(t, says(reply(400, long)), 0))
		if n := len(err.Error()); n > 300 || n < 200 {
			t.Errorf("%d characters: %s", n, err)
		}
	})
}

// A group is gone when Spot says so, in the one word that it has for that. Everything else may be said of a group that serves.
func TestOnlySpotsOwnWordMeansGone(t *testing.T) {
	for name, answer := range map[string]answers{
		"no items": items(), "null": items("null"), "a number": items("7"), "no list": reply(200, `{"response":{}}`), "nothing": reply(200, ""),
		"another group": items(group("sig-2", "web__1", "")), "an ID that is none": items(group("12345", "web__1", "")), "half a group": items(`{"id":"sig-1"}`),
		"404": reply(404, `{}`), "404 without a body": reply(404, ""), "404 of a gateway": reply(404, `{"message":"Not Found"}`), "410": reply(410, ""),
		"the word in a 500": faultsOf(500, codeGone, "x"), "the word in the text": faultsOf(400, "GENERAL_ERROR", codeGone),
		"the word with 200": reply(200, `{"response":{"status":{"code":400},"errors":[{"code":"`+codeGone+`"}]}}`),
	} {
		err := reading(background, newClient(t, says(answer), 0))
		if err == nil || errors.Is(err, runner.ErrGone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := reading(background, newClient(t, says(faultsOf(400, codeGone, "x")), 0)); !errors.Is(err, runner.ErrGone) {
		t.Errorf("in Spot's own word: %v", err)
	}
}

func TestA404OfTheListIsNoGoneGroup(t *testing.T) {
	_, err := newClient(t, says(reply(404, `{}`)), 0).Groups(background)
	if err == nil || errors.Is(err, runner.ErrGone) {
		t.Errorf("%v", err)
	}
}

func TestAnswersThatAreNot(t *testing.T) {
	for name, do := range map[string]func(*Client) error{
		"group":     func(c *Client) error { return reading(background, c) },
		"resize":    func(c *Client) error { return resizing(background, c) },
		"groups":    func(c *Client) error { _, err := c.Groups(background); return err },
		"instances": func(c *Client) error { return looking(background, c) },
	} {
		err := do(newClient(t, says(reply(200, "<html>all is well</html>")), 0))
		if err == nil {
			t.Fatalf("%s: a page of HTML passed", name)
		}
		contains(t, err.Error(), "not the JSON of an answer")
	}
}
