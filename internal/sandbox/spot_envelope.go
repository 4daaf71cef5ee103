package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// milliseconds is the form of timestamps in Spot's and EC2's answers.
const milliseconds = "2006-01-02T15:04:05.000Z"

// documented is the form of some timestamps in Spot's documentation and in older answers.
const documented = "2006-01-02T15:04:05.000-0700"

const kindGroup = "spotinst:aws:ec2:group"

// apiError is one error in an answer of Spot.
type apiError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

// items writes an answer with items, always an array: https://docs.spot.io/api (response envelope).
func (c *spotCall) items(kind string, items []json.RawMessage) {
	b := &c.answer.body
	c.head(c.answer, http.StatusOK)
	fmt.Fprintf(b, `"response":{"status":{"code":200,"message":"OK"},"kind":%q,"items":[`, kind)
	for n, item := range items {
		if n > 0 {
			b.WriteByte(',')
		}
		b.Write(item)
	}
	fmt.Fprintf(b, `],"count":%d}}`, len(items))
}

// item writes an answer with one item.
func (c *spotCall) item(kind string, item any) {
	raw, err := json.Marshal(item)
	if err != nil {
		panic(err) // items are made of what JSON can say
	}
	c.items(kind, []json.RawMessage{raw})
}

// done writes an answer that has nothing to say.
func (c *spotCall) done(kind string) {
	c.head(c.answer, http.StatusOK)
	fmt.Fprintf(&c.answer.body, `"response":{"status":{"code":200,"message":"OK"},"kind":%q}}`, kind)
}

// refuse writes errors. Bad credentials have a shape of their own, as observed by clients of the real API.
func (w *spotHalf) refuse(answer *recorder, status int, errors ...apiError) {
	if answer.header.Get("X-RateLimit-Limit") == "" {
		writeLimits(answer, w.limit(), w.limit()-1, rateWindow)
	}
	w.head(answer, status)
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		shape, _ := json.Marshal(map[string]string{"error": errors[0].Message, "error_id": errors[0].Code})
		fmt.Fprintf(&answer.body, `"response":%s}`, shape)
		return
	}
	list, _ := json.Marshal(errors) // structs of strings
	fmt.Fprintf(&answer.body, `"response":{"status":{"code":%d,"message":%q},"errors":%s}}`, status, http.StatusText(status), list)
}

// throttled writes the answer of the rate limit, which has no list of errors.
func (w *spotHalf) throttled(answer *recorder) {
	w.head(answer, http.StatusTooManyRequests)
	answer.body.WriteString(`"response":{"status":{"code":429,"message":"Too Many Requests"},"data":"Rate limit exceeded"}}`)
}

// head writes the status, and the part of the envelope that repeats the question.
func (w *spotHalf) head(answer *recorder, status int) {
	answer.Header().Set("Content-Type", "application/json; charset=utf-8")
	answer.WriteHeader(status)
	url, _ := json.Marshal(answer.url)
	fmt.Fprintf(&answer.body, `{"request":{"id":%q,"url":%s,"method":%q,"timestamp":%q},`,
		w.uuid(), url, answer.method, w.now.UTC().Format(milliseconds))
}

func (w *spotHalf) uuid() string {
	a, b := w.random.Uint64(), w.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

// decode reads the body of a call, or refuses the call: what is not JSON gets the plain text that the edge answers.
func (c *spotCall) decode() (map[string]any, bool) {
	body, err := decodeObject(c.body)
	if err != nil {
		c.answer.Header().Set("Content-Type", "text/plain")
		c.answer.WriteHeader(http.StatusBadRequest)
		c.answer.body.WriteString("Bad Request")
		return nil, false
	}
	return body, true
}

// decodeObject reads a JSON object and keeps its numbers as they are written.
func decodeObject(data []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if v == nil {
		return nil, fmt.Errorf("it is null, not an object")
	}
	return v, nil
}

// queryInt is a whole number in the query of a call, or d.
func (c *spotCall) queryInt(key string, d int) int {
	n, err := strconv.Atoi(c.request.URL.Query().Get(key))
	if err != nil {
		return d
	}
	return n
}

// queryTime is a time in milliseconds since 1970 in the query of a call, or d.
func (c *spotCall) queryTime(key string, d time.Time) time.Time {
	ms, err := strconv.ParseInt(c.request.URL.Query().Get(key), 10, 64)
	if err != nil {
		return d
	}
	return time.UnixMilli(ms)
}
