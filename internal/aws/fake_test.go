package aws

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// The access key says for whom a fake's call was signed; the other two must never be seen in an error.
const (
	testKey    = "AKIATESTTESTTEST"
	testSecret = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYSECRETKEY"
	testToken  = "IQoJb3JpZ2luX2VjSESSIONTOKEN"
)

// TestMain keeps the machine's own AWS configuration out of the tests.
func TestMain(m *testing.M) {
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("AWS_CONFIG_FILE", "/nonexistent/config")
	os.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
	os.Exit(m.Run())
}

// fake answers AWS's calls in memory. What has no handler is a failure of the test.
type fake struct {
	t *testing.T

	mu       sync.Mutex
	handlers map[string]func(call) reply
	calls    []call
}

// call is one request: "elbv2 DescribeTargetHealth" and what it asks for.
type call struct {
	name   string
	form   url.Values  // Query protocols
	body   map[any]any // CBOR
	json   []byte      // Lambda
	header http.Header // the signature is here
	url    *url.URL    // the endpoint
}

// reply is one answer. The zero status is 200; a reply with an error breaks the connection.
type reply struct {
	status int
	header http.Header
	body   []byte
	after  time.Duration
	err    error
	// brokenOff ends the body before its end, as a lost connection does.
	brokenOff bool
}

func newFake(t *testing.T) *fake { return &fake{t: t, handlers: map[string]func(call) reply{}} }

func (f *fake) on(name string, answer func(call) reply) { f.handlers[name] = answer }

// always answers every such call alike.
func (f *fake) always(name string, r reply) { f.on(name, func(call) reply { return r }) }

// sequence answers such calls one after the other, the last for good.
func (f *fake) sequence(name string, replies ...reply) {
	var n int
	f.on(name, func(call) reply {
		r := replies[min(n, len(replies)-1)]
		n++
		return r
	})
}

func (f *fake) count(name string) int { return len(f.seen(name)) }

func (f *fake) seen(name string) []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	var seen []call
	for _, c := range f.calls {
		if c.name == name {
			seen = append(seen, c)
		}
	}
	return seen
}

// client is a Client of this fake, with static credentials unless the configuration is changed.
func (f *fake) client(change ...func(*Config)) *Client {
	f.t.Helper()
	c := Config{Region: "us-east-1", AccessKey: testKey, SecretKey: testSecret, SessionToken: testToken, Transport: f}
	for _, it := range change {
		it(&c)
	}
	client, err := New(c)
	if err != nil {
		f.t.Fatal(err)
	}
	return client
}

// RoundTrip implements http.RoundTripper.
func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	it, err := readCall(r)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.calls = append(f.calls, it)
	handler := f.handlers[it.name]
	var answer reply
	if handler != nil {
		answer = handler(it)
	}
	f.mu.Unlock()
	if handler == nil {
		f.t.Errorf("a call that nobody expected: %s", it.name)
		return refused(400, "NoHandler", it.name).response(r), nil // a lost connection would be tried again
	}
	select {
	case <-time.After(answer.after):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if answer.err != nil {
		return nil, answer.err
	}
	return answer.response(r), nil
}

func (a reply) response(r *http.Request) *http.Response {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	header := http.Header{"X-Amzn-Requestid": {"req-1"}}
	if strings.Contains(r.URL.Path, "GraniteService") {
		header.Set("Smithy-Protocol", "rpc-v2-cbor")
		header.Set("Content-Type", "application/cbor")
	}
	for name, values := range a.header {
		header[name] = values
	}
	var body io.Reader = bytes.NewReader(a.body)
	if a.brokenOff {
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	return &http.Response{StatusCode: a.status, Header: header, Request: r, Body: io.NopCloser(body), ContentLength: -1}
}

// versions tell apart the Query services, which share names of actions.
var versions = map[string]string{
	"2016-11-15": "ec2", "2012-06-01": "elb", "2015-12-01": "elbv2", "2011-06-15": "sts",
}

func readCall(r *http.Request) (call, error) {
	it := call{header: r.Header, url: r.URL}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return it, err
		}
	}
	if r.URL.Host == "169.254.169.254" {
		it.name = "imds " + r.Method + " " + r.URL.Path
		return it, nil
	}
	if strings.Contains(r.URL.Path, "GraniteService") {
		it.name = "cloudwatch " + path.Base(r.URL.Path)
		return it, cbor.Unmarshal(body, &it.body)
	}
	if strings.Contains(r.URL.Path, "/functions/") {
		it.name, it.json = "lambda "+r.Header.Get("X-Amz-Invocation-Type"), body
		return it, nil
	}
	form, err := url.ParseQuery(string(body))
	it.form, it.name = form, versions[form.Get("Version")]+" "+form.Get("Action")
	return it, err
}

// signer is the access key that the call was signed with.
func (c call) signer() string {
	_, rest, _ := strings.Cut(c.header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(rest, "/")
	return key
}

// ok is the answer of a Query service: the result's members.
func ok(action, members string) reply {
	return reply{body: fmt.Appendf(nil, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult>"+
		"<ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata></%[1]sResponse>", action, members)}
}

// refused is an error of a Query service.
func refused(status int, code, message string) reply {
	return reply{status: status, body: fmt.Appendf(nil, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code>"+
		"<Message>%s</Message></Error><RequestId>req-1</RequestId></ErrorResponse>", code, message)}
}

// ec2OK and ec2Refused are the same in EC2's dialect.
func ec2OK(action, members string) reply {
	return reply{body: fmt.Appendf(nil, "<%[1]sResponse><requestId>req-1</requestId>%[2]s</%[1]sResponse>", action, members)}
}

func ec2Refused(status int, code, message string) reply {
	return reply{status: status, body: fmt.Appendf(nil, "<Response><Errors><Error><Code>%s</Code><Message>%s</Message>"+
		"</Error></Errors><RequestID>req-1</RequestID></Response>", code, message)}
}

// cborOK and cborRefused are CloudWatch's.
func cborOK(t *testing.T, members map[string]any) reply {
	return reply{body: encode(t, members)}
}

func cborRefused(t *testing.T, status int, code, message string) reply {
	return reply{status: status, body: encode(t, map[string]any{"__type": code, "message": message})}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := cbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// stamp is a time as RPC v2 CBOR has it.
func stamp(t time.Time) any { return cbor.Tag{Number: 1, Content: float64(t.UnixMilli()) / 1000} }

// noSecrets fails the test if a text repeats what is secret.
func noSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testSecret, testToken, url.QueryEscape(testSecret), base64.StdEncoding.EncodeToString([]byte(testSecret))} {
		if strings.Contains(text, secret) {
			t.Errorf("this repeats a secret: %s", text)
		}
	}
}

const (
	account  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	blueARN  = account + "targetgroup/web-blue/1111111111111111"
	greenARN = account + "targetgroup/web-green/2222222222222222"

	albARN      = account + "loadbalancer/app/web/50dc6c495c0c9188"
	listenerARN = account + "listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
	ruleARN     = account + "listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee"
	nlbListener = account + "listener/net/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
)
