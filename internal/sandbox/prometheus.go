package sandbox

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// prometheusPath is where a pretend Prometheus answers instant queries; its address for a client is …/prometheus.
// https://prometheus.io/docs/prometheus/latest/querying/api/
const prometheusPath = "/prometheus/api/v1/query"

// PrometheusConfig is a Prometheus that has scraped what stands behind the load balancers. It understands no PromQL: a query is answered by
// its text. One that is in no list is answered by the requests of the last while (of its first range, as in [5m]; default 2m) to the
// target group that it names in a matcher target_group="web-green" (or to all): the ratio of those that were answered 5XX, or with
// histogram_quantile(0.9, …) that quantile of the response times, in seconds. Without requests that is NaN, and for a target group that
// there is not an empty result.
type PrometheusConfig struct {
	// BearerToken is what a proxy before it wants. Default: it lets everybody in.
	BearerToken string `json:"bearer_token"`
	// Username is what such a proxy wants with a password instead.
	Username string `json:"username"`
	// Password is that password.
	Password string `json:"password"`
	// Queries are those that have an answer of their own.
	Queries []PrometheusQuery `json:"queries"`
}

// PrometheusQuery is how a query is answered.
type PrometheusQuery struct {
	// Query is its exact text; "" is any that is not in the list.
	Query string `json:"query"`
	// Value is the value of the result: a number, "NaN", "+Inf", "-Inf". Left out, it is as if the query were not in the list.
	Value Sample `json:"value"`
	// Type is the type of the result. Default "vector".
	Type string `json:"type"`
	// Series is how many series a vector has. Default 1.
	Series int `json:"series"`
	// Empty makes a vector have none.
	Empty bool `json:"empty"`
	// Warnings come beside the result, which is a part of the truth then.
	Warnings []string `json:"warnings"`
	// Error answers an error of this type, with the HTTP status that goes with it.
	Error string `json:"error"`
	// Message is what that error says. Default: something that goes with it.
	Message string `json:"message"`
}

// Sample is a value as Prometheus writes it: a text.
type Sample string

// UnmarshalJSON takes a number, or the text of one.
func (s *Sample) UnmarshalJSON(data []byte) error {
	if string(data) == "null" { // says nothing, by the convention of encoding/json
		return nil
	}
	text := string(data)
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return fmt.Errorf("%s is no value; write a number, \"NaN\", \"+Inf\" or \"-Inf\"", data)
	}
	*s = Sample(text)
	return nil
}

// prometheusErrors are the types of errors, with their status.
// https://github.com/prometheus/prometheus/blob/main/web/api/v1/api.go
var prometheusErrors = map[string]int{
	"bad_data": http.StatusBadRequest, "not_found": http.StatusNotFound, "execution": http.StatusUnprocessableEntity, "canceled": 499,
	"internal": http.StatusInternalServerError, "timeout": http.StatusServiceUnavailable, "unavailable": http.StatusServiceUnavailable,
}

// prometheusErrorTypes are the types of errors, in order.
var prometheusErrorTypes = slices.Sorted(maps.Keys(prometheusErrors))

func (c PrometheusConfig) check() error {
	var ms mistakes
	seen := map[string]bool{}
	for n, q := range c.Queries {
		path := fmt.Sprintf("queries[%d]", n)
		ms.under(path, q.check())
		ms.once(path+".query", q.Query, seen)
	}
	ms.under("", outOfBounds(c))
	return ms.orNil()
}

func (q PrometheusQuery) check() error {
	var ms mistakes
	if q.Empty && (q.Value != "" || q.Series > 0) {
		ms.add("empty", "an empty result has no value and no series")
	}
	return ms.orNil()
}

// SetPrometheus has a query answered so from now on; one of the same text is replaced.
func (w *awsHalf) SetPrometheus(q PrometheusQuery) error {
	if err := errors.Join(q.check(), outOfBounds(q)); err != nil {
		return err
	}
	w.locked(func() {
		w.config.Prometheus.Queries = append(w.otherQueries(q.Query), q)
	})
	return nil
}

// ForgetPrometheus has a query answered again as if nobody had said how.
func (w *awsHalf) ForgetPrometheus(query string) {
	w.locked(func() { w.config.Prometheus.Queries = w.otherQueries(query) })
}

func (w *awsHalf) otherQueries(text string) []PrometheusQuery {
	return slices.DeleteFunc(slices.Clone(w.config.Prometheus.Queries), func(q PrometheusQuery) bool { return q.Query == text })
}

// prometheusQuery is the text of a query, and whether a request makes one.
func prometheusQuery(r *http.Request, body []byte) (query string, ok bool) {
	if r.URL.Path != prometheusPath {
		return "", false
	}
	if r.Method == http.MethodPost {
		form, err := url.ParseQuery(string(body))
		if err == nil && form.Has("query") {
			return form.Get("query"), true
		}
	}
	return r.URL.Query().Get("query"), true
}

// servePrometheus answers an instant query.
func (w *awsHalf) servePrometheus(rw http.ResponseWriter, r *http.Request, query string) {
	if !w.config.Prometheus.admits(r) {
		rw.Header().Set("WWW-Authenticate", `Basic realm="prometheus"`)
		webError(rw, http.StatusUnauthorized, "Unauthorized")
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		webError(rw, http.StatusMethodNotAllowed, "Method Not Allowed")
		return
	}
	if wrong := unbalanced(query); wrong != "" {
		prometheusError(rw, "bad_data", `invalid parameter "query": `+wrong)
		return
	}
	q, known := w.config.Prometheus.answerTo(query)
	if known && q.Error != "" {
		orText(&q.Message, "the query was answered "+q.Error)
		prometheusError(rw, q.Error, q.Message)
		return
	}
	if !q.Empty && q.Value == "" {
		q.Value, known = w.measured(query)
		q.Empty = !known
	}
	at := float64(w.clock().UnixMilli()) / 1000
	answer := map[string]any{"status": "success", "data": q.data(at)}
	if len(q.Warnings) > 0 {
		answer["warnings"] = q.Warnings
	}
	writePrometheus(rw, http.StatusOK, answer)
}

// admits tells whether the proxy lets a request through.
func (c PrometheusConfig) admits(r *http.Request) bool {
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	if c.BearerToken == "" && c.Username == "" && c.Password == "" {
		return true
	}
	if c.BearerToken != "" && same(r.Header.Get("Authorization"), "Bearer "+c.BearerToken) {
		return true
	}
	user, password, ok := r.BasicAuth()
	return ok && (c.Username != "" || c.Password != "") && same(user, c.Username) && same(password, c.Password)
}

// answerTo is how a query is answered: as its own text says, or as "" does.
func (c PrometheusConfig) answerTo(query string) (PrometheusQuery, bool) {
	for _, text := range []string{query, ""} {
		for _, q := range c.Queries {
			if q.Query == text {
				return q, true
			}
		}
	}
	return PrometheusQuery{}, false
}

// data is the result in Prometheus's form.
func (q PrometheusQuery) data(at float64) map[string]any {
	kind := q.Type
	orText(&kind, "vector")
	value := []any{at, string(q.Value)}
	switch kind {
	case "scalar", "string":
		return map[string]any{"resultType": kind, "result": value}
	}
	result := []any{}
	for n := range max(q.Series, 1) {
		if q.Empty {
			break
		}
		metric := map[string]string{}
		if q.Series > 1 {
			metric["series"] = strconv.Itoa(n + 1)
		}
		if kind == "matrix" {
			result = append(result, map[string]any{"metric": metric, "values": []any{value}})
			continue
		}
		result = append(result, map[string]any{"metric": metric, "value": value})
	}
	return map[string]any{"resultType": kind, "result": result}
}

var (
	namedGroup    = regexp.MustCompile(`target_?group\s*=\s*"([^"]*)"`)
	firstRange    = regexp.MustCompile(`\[(\d+[smhd])\]`)
	quantileAsked = regexp.MustCompile(`histogram_quantile\(\s*([0-9.]+)`)
)

// measured is the value of a query that nobody has given one. It answers false for an empty result.
func (w *awsHalf) measured(query string) (Sample, bool) {
	span := 2 * time.Minute
	if m := firstRange.FindStringSubmatch(query); m != nil && !strings.HasSuffix(m[1], "d") {
		if d, err := time.ParseDuration(m[1]); err == nil {
			span = min(d, time.Hour)
		}
	}
	groups := w.groups
	if m := namedGroup.FindStringSubmatch(query); m != nil {
		g := w.targetGroupCalled(m[1])
		if g == nil {
			return "", false
		}
		groups = []*targetGroup{g}
	}
	var sum counts
	for _, g := range groups {
		sum = sum.plus(w.counted(g, w.clock().Add(-span), w.clock()))
	}
	if sum.answered() == 0 {
		return "NaN", true // 0/0
	}
	value := sum.errors / sum.answered()
	if m := quantileAsked.FindStringSubmatch(query); m != nil {
		q, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			q = math.NaN()
		}
		value = sum.quantile(w.chance(query, w.now), q)
	}
	return Sample(strconv.FormatFloat(value, 'g', -1, 64)), true
}

// unbalanced tells what is wrong with a query that cannot be read, in Prometheus's words. Of its grammar it knows brackets alone.
func unbalanced(query string) string {
	if strings.TrimSpace(query) == "" {
		return "unknown position: parse error: no expression found in input"
	}
	var open []rune
	quoted := rune(0)
	closes := map[rune]rune{')': '(', ']': '[', '}': '{'}
	names := map[rune]string{'(': "parenthesis", '[': "bracket", '{': "brace"}
	for n, c := range query {
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quoted = c
		case names[c] != "":
			open = append(open, c)
		case closes[c] != 0:
			if len(open) == 0 || open[len(open)-1] != closes[c] {
				return fmt.Sprintf("1:%d: parse error: unexpected right %s %q", n+1, names[closes[c]], string(c))
			}
			open = open[:len(open)-1]
		}
	}
	if quoted != 0 {
		return "parse error: unterminated quoted string"
	}
	if len(open) > 0 {
		return fmt.Sprintf("1:%d: parse error: unclosed left %s", len(query)+1, names[open[len(open)-1]])
	}
	return ""
}

func prometheusError(rw http.ResponseWriter, kind, message string) {
	writePrometheus(rw, prometheusErrors[kind], map[string]any{"status": "error", "errorType": kind, "error": message})
}

func writePrometheus(rw http.ResponseWriter, status int, answer map[string]any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(answer) // into memory
}
