package deployment_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// misbehaving is Spot where some of its answers are not as it documents them. It stands between the provider and a world: calls
// take effect, unless they are lied about.
type misbehaving struct {
	base http.RoundTripper

	mu    sync.Mutex
	how   map[string]spoilt // by the action of Spot's calls
	lie   bool              // a call that would change something has no effect, and is answered as if it had
	from  int               // the first such call that meets it, from 1
	times int               // how many do from there; below 0 is all
	calls map[string]int
	met   int
}

// spoilt is an answer as it is given in place of a good one.
type spoilt func(status int, body []byte) (int, []byte)

// strike makes calls of an action meet a misbehaviour.
func (m *misbehaving) strike(action string, how spoilt, from, times int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.how, m.from, m.times, m.met, m.lie = map[string]spoilt{action: how}, from, times, 0, false
	m.calls = map[string]int{}
}

// also makes calls of another action meet a misbehaviour, too.
func (m *misbehaving) also(action string, how spoilt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.how[action] = how
}

func (m *misbehaving) calm() { m.strike("", nil, 0, 0) }

// RoundTrip implements http.RoundTripper.
func (m *misbehaving) RoundTrip(r *http.Request) (*http.Response, error) {
	action := spotAction(r)
	m.mu.Lock()
	how, struck := m.how[action]
	lie := m.lie
	if m.calls == nil {
		m.calls = map[string]int{}
	}
	m.calls[action]++
	n := m.calls[action]
	meets := action != "" && struck && n >= m.from && (m.times < 0 || n < m.from+m.times)
	if meets {
		m.met++
	}
	m.mu.Unlock()
	if !meets {
		return m.base.RoundTrip(r)
	}
	if r.Method == http.MethodPost && refusesForSure(how) {
		return m.answer(r, http.StatusOK, nil, how)
	}
	if lie && r.Method != http.MethodGet {
		return m.answer(r, http.StatusOK, []byte(`{"request":{"id":"r-lie"},"response":{"status":{"code":200,"message":"OK"}}}`), how)
	}
	response, err := m.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	return m.answer(r, response.StatusCode, body, how)
}

// refusesForSure tells whether an answer says that a call had no effect, which may be made again: then it had none.
func refusesForSure(how spoilt) bool {
	status, _ := how(http.StatusOK, []byte(`{"response":{"items":[{}]}}`))
	return status == http.StatusTooManyRequests
}

func (m *misbehaving) answer(r *http.Request, status int, body []byte, how spoilt) (*http.Response, error) {
	if how != nil {
		status, body = how(status, body)
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// spotAction is what a call does at Spot: "list", "create", "read", "update", "delete", "capacity", "status",
// "instanceHealthiness", "logs"; "" of a call to AWS.
func spotAction(r *http.Request) string {
	rest, ok := strings.CutPrefix(r.URL.Path, "/aws/ec2/group")
	_, what, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	switch {
	case !ok:
		return ""
	case rest == "" && r.Method == http.MethodPost:
		return "create"
	case rest == "":
		return "list"
	case what != "":
		return what
	case r.Method == http.MethodPut:
		return "update"
	case r.Method == http.MethodDelete:
		return "delete"
	}
	return "read"
}

// answerWith is an answer whatever the good one is.
func answerWith(status int, body string) spoilt {
	return func(int, []byte) (int, []byte) { return status, []byte(body) }
}

// changedResponse changes what is in an answer's "response".
func changedResponse(change func(response object)) spoilt {
	return func(status int, body []byte) (int, []byte) {
		var answer object
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if d.Decode(&answer) != nil {
			return status, body
		}
		response, ok := answer["response"].(object)
		if !ok {
			return status, body
		}
		change(response)
		return status, []byte(asJSON(answer))
	}
}

// changedItems changes the list of items; its count says what it says.
func changedItems(change func(items []any) any) spoilt {
	return changedResponse(func(response object) {
		items, _ := response["items"].([]any)
		response["items"] = change(items)
		delete(response, "count")
	})
}

// changedItem changes each item, which is an object.
func changedItem(change func(item object) any) spoilt {
	return changedItems(func(items []any) any {
		for i := range items {
			if it, ok := items[i].(object); ok {
				items[i] = change(it)
			}
		}
		return items
	})
}

// changedMember sets a member of each item, at a path.
func changedMember(value any, path ...string) spoilt {
	return changedItem(func(it object) any {
		inner := it
		for _, key := range path[:len(path)-1] {
			next, ok := inner[key].(object)
			if !ok {
				return it
			}
			inner = next
		}
		if value == absent {
			delete(inner, path[len(path)-1])
		} else {
			inner[path[len(path)-1]] = value
		}
		return it
	})
}

type absentValue struct{}

// absent is the value of a member that is left out.
var absent absentValue

// misbehaviours are what a service may answer that nobody meant, each by its name.
var misbehaviours = func() map[string]spoilt {
	all := map[string]spoilt{
		"nothing": answerWith(200, ""), "null": answerWith(200, "null"), "an array": answerWith(200, "[]"), "an empty object": answerWith(200, "{}"), "a number": answerWith(200, "7"),
		"a text": answerWith(200, `"ok"`), "true": answerWith(200, "true"), "a page": answerWith(200, "<html><title>Maintenance</title><body>Back soon</body></html>"),
		"plain text": answerWith(200, "OK"), "blanks": answerWith(200, strings.Repeat(" ", 1000)), "half an object": answerWith(200, `{"response":{"items":[{"id":`),
		"other bytes": answerWith(200, "\x00\xff\xfe\x1f\x8b"), "two answers": answerWith(200, `{"response":{}} {"response":{}}`), "deep nesting": answerWith(200, strings.Repeat("[", 20000)),
		"no response": answerWith(200, `{"request":{"id":"r-1"}}`), "a null response": answerWith(200, `{"response":null}`), "an empty response": answerWith(200, `{"response":{}}`),
		"a response that is a list": answerWith(200, `{"response":[]}`), "a response that is a text": answerWith(200, `{"response":"OK"}`),
		"201": answerWith(201, ""), "202": answerWith(202, `{"response":{"status":{"code":202}}}`), "204": answerWith(204, ""), "206": answerWith(206, `{"response":{"items":[]}}`),
		"301": answerWith(301, ""), "304": answerWith(304, ""), "400": answerWith(400, "Bad Request"), "400, general error": spotError(400, "GENERAL_ERROR", "Something went wrong"),
		"400, strange code": spotError(400, "SOMETHING_ELSE", "it is not known what"), "404": answerWith(404, ""), "404 of a gateway": answerWith(404, `{"message":"Not Found"}`),
		"404, a page": answerWith(404, "<html><title>404 Not Found</title></html>"), "404 of another kind": spotError(404, "NOT_FOUND", "no such route"), "409": answerWith(409, "{}"),
		"410": answerWith(410, ""), "418": answerWith(418, "I'm a teapot"), "429": answerWith(429, ""), "500": answerWith(500, ""), "500 that says gone": spotError(500, "GROUP_DOESNT_EXIST", "x"),
		"502": answerWith(502, "<html><title>502 Bad Gateway</title></html>"), "503": answerWith(503, "{}"),
		"a long error": spotError(400, "LONG", strings.Repeat("it goes on and on, ", 10000)), "many errors": manyErrors(400, 5000), "a long code": spotError(400, strings.Repeat("CODE_", 5000), "x"),

		"no items": changedItems(func([]any) any { return []any{} }), "items null": changedItems(func([]any) any { return nil }), "items a text": changedItems(func([]any) any { return "none" }),
		"items an object": changedItems(func(items []any) any { return object{"0": items} }), "items in items": changedItems(func(items []any) any { return []any{items} }),
		"half the items": changedItems(func(items []any) any { return items[:len(items)/2] }), "the items twice": changedItems(func(items []any) any { return append(items, items...) }),
		"items without a list":  changedResponse(func(response object) { delete(response, "items") }),
		"fewer than counted":    changedResponse(func(response object) { response["items"] = []any{} }),
		"a count of none":       changedResponse(func(response object) { response["count"] = 0 }),
		"another kind":          changedResponse(func(response object) { response["kind"] = "spotinst:azure:compute:virtualMachine" }),
		"a status of 400":       changedResponse(func(response object) { response["status"] = object{"code": 400, "message": "Bad Request"} }),
		"a status of 500":       changedResponse(func(response object) { response["status"] = object{"code": "500"} }),
		"a status without code": changedResponse(func(response object) { response["status"] = object{"message": "OK"}; delete(response, "items") }),
		"another envelope": func(status int, body []byte) (int, []byte) {
			return status, []byte(strings.Replace(string(body), `"response"`, `"result"`, 1))
		},
		"JSON in a text":    func(status int, body []byte) (int, []byte) { return status, []byte(asJSON(string(body))) },
		"cut in the middle": func(status int, body []byte) (int, []byte) { return status, body[:len(body)/2] },
		"cut at the end":    func(status int, body []byte) (int, []byte) { return status, body[:max(len(body)-2, 0)] },
		"in groups":         changedItems(func(items []any) any { return []any{object{"groups": items}} }),
	}
	for name, value := range map[string]any{"null": nil, "a text": "an item", "a number": 12345, "true": true, "a list": []any{}, "an empty object": object{}} {
		all["each item "+name] = changedItem(func(object) any { return value })
		all["one more item, "+name] = changedItems(func(items []any) any { return append(items, value) })
	}
	for _, key := range []string{"id", "name", "capacity", "compute", "instanceId", "status", "spotInstanceRequestId", "healthStatus"} {
		for name, value := range map[string]any{
			"absent": absent, "null": nil, "a number": 12345, "a path": "../../setup/account", "with a blank": "sig-1 2", "empty": "", "a list": []any{"x"}, "an object": object{"x": 1}, "very long": strings.Repeat("x", 100000),
		} {
			all[key+" "+name] = changedMember(value, key)
		}
	}
	for _, key := range []string{"minimum", "target", "maximum"} {
		for name, value := range map[string]any{"absent": absent, "null": nil, "a text": "many", "negative": -1, "half": 1.5, "huge": 1e300} {
			all[key+" "+name] = changedMember(value, "capacity", key)
		}
	}
	for name, value := range map[string]any{"absent": absent, "null": nil, "a text": "x", "a list": []any{}} {
		all["launch specification "+name] = changedMember(value, "compute", "launchSpecification")
	}
	for name, value := range map[string]any{
		"a text": "elastigroup:revision=1", "texts": []any{"web"}, "nulls": []any{nil}, "an object": object{"tagKey": "a"}, "without keys": []any{object{"tagValue": "x"}},
	} {
		all["tags "+name] = changedMember(value, "compute", "launchSpecification", "tags")
	}
	return all
}()

// spotError is one of Spot's errors.
func spotError(status int, code, message string) spoilt {
	return answerWith(status, asJSON(object{"request": object{"id": "r-1"}, "response": object{"errors": []any{object{"code": code, "message": message}}}}))
}

func manyErrors(status, n int) spoilt {
	errors := make([]any, n)
	for i := range errors {
		errors[i] = object{"code": fmt.Sprintf("CODE_%d", i), "message": "no"}
	}
	return answerWith(status, asJSON(object{"response": object{"errors": errors}}))
}

func misbehaviourNames() []string { return slices.Sorted(maps.Keys(misbehaviours)) }
