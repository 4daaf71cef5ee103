package aws

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

const functionARN = "arn:aws:lambda:us-east-1:123456789012:function:orders:live"

func lambdaRefused(status int, kind, message string) reply {
	return reply{status: status, header: http.Header{"X-Amzn-Errortype": {kind}, "Content-Type": {"application/json"}},
		body: []byte(`{"Type":"User","Message":"` + message + `"}`)}
}

func TestInvoke(t *testing.T) {
	for name, test := range map[string]struct {
		reply          reply
		answer, failed string
		says           []string
		gone           bool
	}{
		"passed":            {reply{body: []byte(`{"status":"passed"}`)}, `{"status":"passed"}`, "", nil, false},
		"failed":            {reply{body: []byte(`{"errorMessage":"no such order"}`), header: http.Header{"X-Amz-Function-Error": {"Unhandled"}}}, `{"errorMessage":"no such order"}`, "Unhandled", nil, false},
		"nothing":           {reply{}, "", "", nil, false},
		"a text":            {reply{body: []byte("<html>")}, "<html>", "", nil, false},
		"of nobody waiting": {reply{status: 202}, "", "", []string{"202", "another kind"}, false},
		"throttled":         {lambdaRefused(429, "TooManyRequestsException", "Rate Exceeded."), "", "", []string{"invoking function " + functionARN, "TooManyRequestsException: Rate Exceeded."}, false},
		"no such function":  {lambdaRefused(404, "ResourceNotFoundException", "Function not found"), "", "", []string{"ResourceNotFoundException"}, true},
		"denied":            {lambdaRefused(403, "AccessDeniedException", "User is not authorized"), "", "", []string{"the IAM action lambda:InvokeFunction"}, false},
		"a broken service":  {lambdaRefused(500, "ServiceException", "oops"), "", "", []string{"ServiceException: oops"}, false},
		"lost":              {reply{err: errors.New("connection reset by peer")}, "", "", []string{"connection reset by peer"}, false},
		"cut off":           {reply{body: []byte(`{"sta`), brokenOff: true}, "", "", []string{"broke off"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.always("lambda RequestResponse", test.reply)
			answer, failed, err := f.client().Invoke(t.Context(), functionARN, []byte(`{"deployment":"web"}`))
			if string(answer) != test.answer || failed != test.failed || (err != nil) != (test.says != nil) || errors.Is(err, runner.ErrGone) != test.gone {
				t.Errorf("got %q, %q, %v", answer, failed, err)
			}
			for _, words := range test.says {
				if err != nil && !strings.Contains(err.Error(), words) {
					t.Errorf("%q is not in: %v", words, err)
				}
			}
			// Whatever became of it: a test is not run twice by one question.
			if len(f.calls) != 1 || string(f.calls[0].json) != `{"deployment":"web"}` || !strings.Contains(f.calls[0].url.Path, "orders") {
				t.Errorf("%d calls: %s %s", len(f.calls), f.calls[0].url, f.calls[0].json)
			}
			if err != nil {
				noSecrets(t, err.Error())
			}
		})
	}
}

// A function may take its fifteen minutes; who waits no longer gets the context's error, and nobody is asked again.
func TestInvokeTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.always("lambda RequestResponse", reply{body: []byte("{}"), after: 14 * time.Minute})
		c, began := f.client(), time.Now()
		if _, _, err := c.Invoke(t.Context(), "smoke", nil); err != nil || time.Since(began) != 14*time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, _, err := c.Invoke(ctx, "smoke", nil); !errors.Is(err, context.DeadlineExceeded) || f.count("lambda RequestResponse") != 2 {
			t.Errorf("%d calls, %v", f.count("lambda RequestResponse"), err)
		}
	})
}

// Whether it may be asked is found out without running it, and is asked again like any other question.
func TestMayInvoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.sequence("lambda DryRun", lambdaRefused(429, "TooManyRequestsException", "Rate Exceeded."), reply{status: 204}, lambdaRefused(404, "ResourceNotFoundException", "Function not found"))
		c := f.client()
		if err := c.MayInvoke(t.Context(), functionARN); err != nil {
			t.Error(err)
		}
		if err := c.MayInvoke(t.Context(), functionARN); !errors.Is(err, runner.ErrGone) {
			t.Error(err)
		}
	})
}
