package check

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// Prometheus is a check that asks Prometheus, or what speaks its protocol, for a number.
type Prometheus struct {
	// URL is that of the server, to which /api/v1/query is added.
	URL string
	// Query is one in PromQL that gives one number.
	Query string
	// Below is what the number has to be less than, Above what it has to be more than; one of them is set.
	Below, Above *float64
	// BearerToken, or the environment variable BearerTokenEnv, or Username and Password say who asks; none of it is ever said.
	BearerToken, BearerTokenEnv string
	Username, Password          string
	// Timeout is how long the answer may take; 0 is DefaultTimeout.
	Timeout time.Duration
	// UserAgent introduces whoever asks. Transport replaces the network, for tests.
	UserAgent string
	Transport http.RoundTripper
}

type prometheusCheck struct {
	Prometheus
	client
	url   *url.URL
	token string
}

// NewPrometheus is a check by a number. It is good if the number is within its limit and bad if it is not. Everything else is not known: no
// series or several, NaN and infinite ones (which come of a division by nothing), warnings, which mean that a part of the data is missing, and
// everything that is no answer of Prometheus's. An instant query is asked, at the server's own time.
// https://prometheus.io/docs/prometheus/latest/querying/api/
func NewPrometheus(c Prometheus) (runner.Checker, error) {
	check, err := newPrometheus(c)
	if err != nil {
		return nil, err
	}
	return check, nil
}

func newPrometheus(c Prometheus) (*prometheusCheck, error) {
	at, err := ParseServerURL(c.URL)
	switch {
	case err != nil:
		return nil, err
	case strings.TrimSpace(c.Query) == "":
		return nil, errors.New("a query is expected")
	case (c.Below == nil) == (c.Above == nil):
		return nil, errors.New("one of below and above is expected")
	}
	check := &prometheusCheck{Prometheus: c, client: newClient(c.Transport, c.UserAgent, c.Timeout, "", http.ProxyFromEnvironment)}
	check.url = at.JoinPath("api/v1/query")
	check.token = c.BearerToken
	if c.BearerTokenEnv != "" {
		check.token = strings.TrimSpace(os.Getenv(c.BearerTokenEnv))
	}
	check.secrets = []string{check.token, c.Password, base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password))}
	return check, nil
}

// Ask implements runner.Checker.
func (c *prometheusCheck) Ask(ctx context.Context, _ runner.Moment) runner.Answer {
	r, why := c.query(ctx)
	if why != "" {
		return notKnown("%s", why)
	}
	return c.judge(ctx, r)
}

// judge compares an answer with its limit.
func (c *prometheusCheck) judge(ctx context.Context, r reply) runner.Answer {
	switch {
	case ctx.Err() != nil && (r.failed != nil || r.broken != nil):
		return notKnown("%s was not waited for", c.url.Host)
	case r.failed != nil:
		return notKnown("%s could not be asked: %s", c.url.Host, c.why(r.failed))
	case r.broken != nil:
		return notKnown("%s broke off its answer: %s", c.url.Host, c.why(r.broken))
	}
	value, why := c.number(r)
	if why != "" {
		return notKnown("%s", why)
	}
	within, limit, word := c.Below != nil && value < *c.Below, c.Below, "below"
	if c.Above != nil {
		within, limit, word = value > *c.Above, c.Above, "above"
	}
	words := fmt.Sprintf("%s; limit %s %s", number(value, *limit), word, number(*limit, value))
	if !within {
		return bad("%s", words)
	}
	return runner.Answer{Verdict: runner.Good, Words: words}
}

// ErrBadQuery is that a query cannot be read, or can never give one number.
var ErrBadQuery = errors.New("the query is not one of PromQL")

// TryQuery asks a Prometheus once, before anything depends on it. The error wraps ErrBadQuery if its answer is that the query cannot be read; what else
// keeps it from answering with a number may be over by the time at which it counts, and is an answer that is not known.
func TryQuery(ctx context.Context, c Prometheus) (runner.Answer, error) {
	check, err := newPrometheus(c)
	if err != nil {
		return runner.Answer{}, err
	}
	r, why := check.query(ctx)
	if why != "" {
		return notKnown("%s", why), nil
	}
	var said prometheusAnswer
	if json.Unmarshal(r.body, &said) == nil && said.Status == "error" && said.ErrorType == "bad_data" {
		return runner.Answer{}, fmt.Errorf("%w: %s", ErrBadQuery, check.quote(said.Error, 300))
	}
	return check.judge(ctx, r), nil
}

// query sends the query: as a form, for a long one does not fit into an address, or in the address to what takes nothing else. It says why it
// was not sent.
func (c *prometheusCheck) query(ctx context.Context) (reply, string) {
	if c.BearerTokenEnv != "" && c.token == "" {
		return reply{}, fmt.Sprintf("%s was not asked: there is no %s in the environment, where its token is expected", c.url.Host, c.BearerTokenEnv)
	}
	// A Thanos that has lost a store would otherwise answer with less than there is; Prometheus does not look at it.
	form := url.Values{"query": {c.Query}, "partial_response": {"false"}, "timeout": {strconv.FormatFloat(c.timeout.Seconds(), 'f', -1, 64) + "s"}}
	var r reply
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		at := *c.url
		body := form.Encode()
		if method == http.MethodGet {
			at.RawQuery, body = body, ""
		}
		request, err := http.NewRequestWithContext(ctx, method, at.String(), strings.NewReader(body))
		if err != nil {
			return reply{}, c.url.Host + " cannot be asked"
		}
		if method == http.MethodPost {
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		switch {
		case c.token != "":
			request.Header.Set("Authorization", "Bearer "+c.token)
		case c.Username != "":
			request.SetBasicAuth(c.Username, c.Password)
		}
		if r = c.ask(ctx, request); r.failed != nil || r.status != http.StatusMethodNotAllowed {
			break
		}
	}
	return r, ""
}

// prometheusAnswer is what Prometheus answers. IsPartial is VictoriaMetrics's.
type prometheusAnswer struct {
	Status string `json:"status"`
	Data   struct {
		ResultType string          `json:"resultType"`
		Result     json.RawMessage `json:"result"`
	} `json:"data"`
	ErrorType string   `json:"errorType"`
	Error     string   `json:"error"`
	Warnings  []string `json:"warnings"`
	IsPartial bool     `json:"isPartial"`
}

// number is the one number of an answer, or why there is none.
func (c *prometheusCheck) number(r reply) (float64, string) {
	host := c.url.Host
	if r.truncated {
		return 0, fmt.Sprintf("%s answered more than %d KiB; the query has to give one number", host, longestAnswer>>10)
	}
	var said prometheusAnswer
	err := json.Unmarshal(r.body, &said)
	switch {
	case err == nil && said.Status == "error":
		return 0, fmt.Sprintf("%s answered %d, %s: %s", host, r.status, c.quote(said.ErrorType, 80), c.quote(said.Error, 300))
	case err != nil || r.status/100 != 2 || said.Status != "success":
		return 0, fmt.Sprintf("%s answered %d with what is no answer of Prometheus's", host, r.status)
	case said.IsPartial:
		return 0, host + " answered from a part of its data"
	case len(said.Warnings) > 0:
		return 0, fmt.Sprintf("%s answered with a warning: %s", host, c.quote(strings.Join(said.Warnings, "; "), 300))
	}
	var sample []json.RawMessage
	switch said.Data.ResultType {
	case "scalar":
		err = json.Unmarshal(said.Data.Result, &sample)
	case "vector":
		var series []struct {
			Value []json.RawMessage `json:"value"`
		}
		if err = json.Unmarshal(said.Data.Result, &series); err == nil {
			switch {
			case len(series) == 0:
				return 0, host + " answered with no series: there are no such data, or not yet"
			case len(series) > 1:
				return 0, fmt.Sprintf("%s answered with %d series; the query has to give one number", host, len(series))
			}
			sample = series[0].Value
		}
	default:
		return 0, fmt.Sprintf("%s answered with a %s; the query has to give one number", host, c.quote(said.Data.ResultType, 80))
	}
	var text string
	if err != nil || len(sample) != 2 || json.Unmarshal(sample[1], &text) != nil {
		return 0, host + " answered with what is no number"
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return 0, fmt.Sprintf("%s answered with %s, which is no number to compare", host, c.quote(text, 80))
	}
	return value, ""
}

// number is a value as people read it, with as many digits as tell it from another.
func number(value, other float64) string {
	digits := 6
	if value != other && strconv.FormatFloat(value, 'g', digits, 64) == strconv.FormatFloat(other, 'g', digits, 64) {
		digits = -1
	}
	return strconv.FormatFloat(value, 'g', digits, 64)
}
