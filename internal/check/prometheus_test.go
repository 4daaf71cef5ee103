package check

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

func limit(v float64) *float64 { return &v }

func vector(values ...string) string {
	var series []string
	for _, v := range values {
		series = append(series, `{"metric": {}, "value": [1790000000.1, "`+v+`"]}`)
	}
	return `{"status": "success", "data": {"resultType": "vector", "result": [` + strings.Join(series, ",") + `]}}`
}

func TestPrometheus(t *testing.T) {
	below, above := Prometheus{Below: limit(0.01)}, Prometheus{Above: limit(100)}
	const name = "prometheus.internal:9090"
	for what, test := range map[string]struct {
		check   Prometheus
		other   other
		verdict runner.Answered
		words   string
	}{
		"below":                  {below, other{body: vector("0.0034")}, runner.Good, "0.0034; limit below 0.01"},
		"not below":              {below, other{body: vector("0.034")}, runner.Bad, "0.034; limit below 0.01"},
		"at the limit":           {below, other{body: vector("0.01")}, runner.Bad, "0.01; limit below 0.01"},
		"hardly":                 {below, other{body: vector("0.0100000001")}, runner.Bad, "0.0100000001; limit below 0.01"},
		"above":                  {above, other{body: vector("120")}, runner.Good, "120; limit above 100"},
		"not above":              {above, other{body: vector("0")}, runner.Bad, "0; limit above 100"},
		"a scalar":               {below, other{body: `{"status": "success", "data": {"resultType": "scalar", "result": [1790000000, "0.5"]}}`}, runner.Bad, "0.5; limit below 0.01"},
		"infos":                  {below, other{body: `{"status": "success", "infos": ["metric might not be a counter"], "data": {"resultType": "scalar", "result": [1, "0"]}}`}, runner.Good, "0; limit below 0.01"},
		"empty":                  {below, other{body: vector()}, runner.NotKnown, name + " answered with no series: there are no such data, or not yet"},
		"NaN":                    {below, other{body: vector("NaN")}, runner.NotKnown, name + " answered with NaN, which is no number to compare"},
		"infinite":               {above, other{body: vector("+Inf")}, runner.NotKnown, name + " answered with +Inf, which is no number to compare"},
		"several":                {below, other{body: vector("0", "0.5")}, runner.NotKnown, name + " answered with 2 series; the query has to give one number"},
		"a number as number":     {below, other{body: `{"status": "success", "data": {"resultType": "scalar", "result": [1, 0.5]}}`}, runner.NotKnown, name + " answered with what is no number"},
		"a histogram":            {below, other{body: `{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "histogram": [1, {"count": "7"}]}]}}`}, runner.NotKnown, name + " answered with what is no number"},
		"a range":                {below, other{body: `{"status": "success", "data": {"resultType": "matrix", "result": []}}`}, runner.NotKnown, name + " answered with a matrix; the query has to give one number"},
		"warnings":               {below, other{body: `{"status": "success", "warnings": ["a store is unreachable"], "data": {"resultType": "vector", "result": [{"value": [1, "0"]}]}}`}, runner.NotKnown, name + " answered with a warning: a store is unreachable"},
		"in part":                {below, other{body: `{"status": "success", "isPartial": true, "data": {"resultType": "vector", "result": [{"value": [1, "0"]}]}}`}, runner.NotKnown, name + " answered from a part of its data"},
		"a bad query":            {below, other{status: 400, body: `{"status": "error", "errorType": "bad_data", "error": "1:5: parse error"}`}, runner.NotKnown, name + " answered 400, bad_data: 1:5: parse error"},
		"too long":               {below, other{status: 503, body: `{"status": "error", "errorType": "timeout", "error": "query timed out"}`}, runner.NotKnown, name + " answered 503, timeout: query timed out"},
		"an error, with 200":     {below, other{body: `{"status": "error", "errorType": "execution", "error": "x"}`}, runner.NotKnown, name + " answered 200, execution: x"},
		"a proxy":                {below, other{status: 502, body: "<html>Bad Gateway"}, runner.NotKnown, name + " answered 502 with what is no answer of Prometheus's"},
		"a page":                 {below, other{body: "<html>Log in"}, runner.NotKnown, name + " answered 200 with what is no answer of Prometheus's"},
		"success, with 500":      {below, other{status: 500, body: vector("0")}, runner.NotKnown, name + " answered 500 with what is no answer of Prometheus's"},
		"redirected":             {below, other{status: 302, header: http.Header{"Location": {"https://login.example.com"}}, body: vector("0")}, runner.NotKnown, name + " answered 302 with what is no answer of Prometheus's"},
		"another's JSON":         {below, other{body: "{}"}, runner.NotKnown, name + " answered 200 with what is no answer of Prometheus's"},
		"not reached":            {below, other{unsent: errRefused}, runner.NotKnown, name + " could not be asked: dial tcp 10.0.0.7:443: connect: connection refused"},
		"silent":                 {below, other{silent: true}, runner.NotKnown, name + " could not be asked: no answer within 10s"},
		"cut off":                {below, other{body: vector("0"), cut: true}, runner.NotKnown, name + " broke off its answer: unexpected EOF"},
		"too much":               {below, other{body: vector(strings.Split(strings.Repeat("0 ", 9999), " ")...)}, runner.NotKnown, name + " answered more than 64 KiB; the query has to give one number"},
		"repeats the token":      {Prometheus{Below: limit(1), BearerToken: secretToken}, other{status: 401, body: `{"status": "error", "errorType": "unauthorized", "error": "no such token: ` + secretToken + `"}`}, runner.NotKnown, name + " answered 401, unauthorized: no such token: (redacted)"},
		"the token is not there": {Prometheus{Below: limit(1), BearerTokenEnv: "NO_SUCH_TOKEN"}, other{body: vector("0")}, runner.NotKnown, name + " was not asked: there is no NO_SUCH_TOKEN in the environment, where its token is expected"},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := test.check
				c.URL, c.Query, c.Transport = "http://"+name+"/", "errors / requests", &test.other
				check, err := NewPrometheus(c)
				if err != nil {
					t.Fatal(err)
				}
				says(t, check.Ask(t.Context(), runner.Moment{}), test.verdict, test.words)
				if want := 1; test.other.asked != want && c.BearerTokenEnv == "" {
					t.Errorf("it asked %d times", test.other.asked)
				}
			})
		})
	}
}

// What is sent: where, as a form, and by whom.
func TestPrometheusRequest(t *testing.T) {
	t.Setenv("PROM_TOKEN", secretToken+"\n")
	for name, test := range map[string]struct {
		check Prometheus
		sent  string
	}{
		"nobody":   {Prometheus{}, ""},
		"bearer":   {Prometheus{BearerToken: secretToken}, "Bearer " + secretToken},
		"variable": {Prometheus{BearerTokenEnv: "PROM_TOKEN"}, "Bearer " + secretToken},
		"basic":    {Prometheus{Username: "me", Password: secretWord}, "Basic bWU6cDRzc3dvcmQ="},
	} {
		t.Run(name, func(t *testing.T) {
			var seen *http.Request
			o := &other{body: vector("0"), seen: func(r *http.Request) { seen = r }}
			c := test.check
			c.URL, c.Query, c.Below, c.Transport = "https://prom.example.com/thanos/", `up{job="web"} == 1`, limit(1), o
			check, err := NewPrometheus(c)
			if err != nil {
				t.Fatal(err)
			}
			sound(t, check.Ask(t.Context(), runner.Moment{}))
			form, _ := url.ParseQuery(o.form)
			if seen.Method != "POST" || seen.URL.String() != "https://prom.example.com/thanos/api/v1/query" || seen.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || seen.Header.Get("Authorization") != test.sent {
				t.Errorf("it sends %s %s %v", seen.Method, seen.URL, seen.Header)
			}
			if form.Get("query") != `up{job="web"} == 1` || form.Get("partial_response") != "false" || form.Get("timeout") != "10s" || form.Has("time") {
				t.Errorf("it asks %v", form)
			}
		})
	}
}

// Where nothing but GET is taken, that is what is sent.
func TestPrometheusBehindWhatTakesNoForm(t *testing.T) {
	o := &other{replies: []other{{status: 405}, {body: vector("0")}}}
	check, _ := NewPrometheus(Prometheus{URL: "https://prom.example.com", Query: "x", Below: limit(1), Transport: o})
	says(t, check.Ask(t.Context(), runner.Moment{}), runner.Good, "0; limit below 1")
	if o.asked != 2 {
		t.Errorf("it asked %d times", o.asked)
	}
}

func TestTryQuery(t *testing.T) {
	for name, test := range map[string]struct {
		other   other
		bad     bool
		verdict runner.Answered
		says    string
	}{
		"sound":     {other{body: vector("0.05")}, false, runner.Good, "0.05"},
		"beyond":    {other{body: vector("0.5")}, false, runner.Bad, "0.5"},
		"bad":       {other{status: 400, body: `{"status": "error", "errorType": "bad_data", "error": "1:5: parse error"}`}, true, runner.NotKnown, "parse error"},
		"no series": {other{body: vector()}, false, runner.NotKnown, "no series"},
		"away":      {other{unsent: errRefused}, false, runner.NotKnown, "refused"},
		"silent":    {other{silent: true}, false, runner.NotKnown, "no answer within 3s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				got, err := TryQuery(t.Context(), Prometheus{URL: "https://prom.example.com", Query: "x", Below: limit(0.1), Timeout: 3 * time.Second, Transport: &test.other})
				if errors.Is(err, ErrBadQuery) != test.bad || !test.bad && err != nil || got.Verdict != test.verdict || !strings.Contains(fmt.Sprint(got.Words, err), test.says) {
					t.Errorf("got %+v, %v", got, err)
				}
				if took := time.Since(began); took > 3*time.Second || test.other.asked != 1 {
					t.Errorf("it asked %d times and took %s", test.other.asked, took)
				}
			})
		})
	}
}

func TestInvalidPrometheus(t *testing.T) {
	for name, c := range map[string]Prometheus{
		"no limit":   {URL: "https://x.test", Query: "x"},
		"two limits": {URL: "https://x.test", Query: "x", Below: limit(1), Above: limit(0)},
		"no query":   {URL: "https://x.test", Query: " ", Below: limit(1)},
		"a query":    {URL: "https://x.test?dedup=true", Query: "x", Below: limit(1)},
		"no URL":     {Query: "x", Below: limit(1)},
	} {
		if _, err := NewPrometheus(c); err == nil {
			t.Errorf("%s is a check", name)
		}
	}
}
