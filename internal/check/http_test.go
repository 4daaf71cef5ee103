package check

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

const stage = "https://stage.example.com/healthz?" + secretQuery

func TestHTTP(t *testing.T) {
	version := map[string]string{"/build/version": "2.4.1", "/ready": "true", "/n/0": "17"}
	for name, test := range map[string]struct {
		check   HTTP
		other   other
		verdict runner.Answered
		words   string
	}{
		"as expected":            {HTTP{}, other{}, runner.Good, "stage.example.com answered 200"},
		"another status":         {HTTP{}, other{status: 503}, runner.Bad, "stage.example.com answered 503 instead of 200"},
		"another is expected":    {HTTP{Status: 401}, other{status: 401}, runner.Good, "stage.example.com answered 401"},
		"redirected":             {HTTP{}, other{status: 302, header: http.Header{"Location": {"https://login.example.com/?" + secretQuery}}}, runner.Bad, "stage.example.com answered 302 instead of 200, and redirects are not followed"},
		"a redirect is expected": {HTTP{Status: 301}, other{status: 301, header: http.Header{"Location": {"https://www.example.com/"}}}, runner.Good, "stage.example.com answered 301"},
		"contains":               {HTTP{Contains: "ok"}, other{body: "all is ok"}, runner.Good, "stage.example.com answered 200"},
		"does not contain":       {HTTP{Contains: "ok"}, other{body: "starting"}, runner.Bad, `stage.example.com answered 200 without "ok" in it`},
		"contains it at the end": {HTTP{Contains: "ok"}, other{body: strings.Repeat("x", longestAnswer) + "ok"}, runner.Bad, `stage.example.com answered 200 without "ok" in it, of which no more than 64 KiB are read`},
		"contains it before":     {HTTP{Contains: "ok"}, other{body: "ok" + strings.Repeat("x", longestAnswer)}, runner.Good, "stage.example.com answered 200"},
		"cut off":                {HTTP{Contains: "ok"}, other{body: "all is", cut: true}, runner.Bad, "stage.example.com answered 200, and the end of its answer did not come: unexpected EOF"},
		"cut off, unread":        {HTTP{}, other{body: "all is", cut: true}, runner.Bad, "stage.example.com answered 200, and the end of its answer did not come: unexpected EOF"},
		"cut off after the text": {HTTP{Contains: "ok"}, other{body: "all is ok", cut: true}, runner.Bad, "stage.example.com answered 200, and the end of its answer did not come: unexpected EOF"},
		"cut off, of another":    {HTTP{}, other{status: 503, body: "all is", cut: true}, runner.Bad, "stage.example.com answered 503 instead of 200"},
		"values":                 {HTTP{JSON: version}, other{body: `{"build": {"version": "2.4.1"}, "ready": true, "n": [17]}`}, runner.Good, `stage.example.com answered 200 with /build/version "2.4.1", /n/0 "17", /ready "true"`},
		"another value":          {HTTP{JSON: version}, other{body: `{"build": {"version": "2.4.0"}, "ready": true, "n": [17]}`}, runner.Bad, `stage.example.com answered 200 with /build/version "2.4.0" instead of "2.4.1"`},
		"no such value":          {HTTP{JSON: version}, other{body: `{"build": {"version": "2.4.1"}}`}, runner.Bad, "stage.example.com answered 200 without /n/0 in it"},
		"a number in words":      {HTTP{JSON: map[string]string{"": `{"a":1.0}`}}, other{body: ` {"a": 1.0} `}, runner.Good, `stage.example.com answered 200 with  "{\"a\":1.0}"`},
		"no JSON":                {HTTP{JSON: version}, other{body: "<html>"}, runner.Bad, "stage.example.com answered 200 with what is no JSON"},
		"two documents":          {HTTP{JSON: version}, other{body: "{} {}"}, runner.Bad, "stage.example.com answered 200 with what is no JSON"},
		"too much JSON":          {HTTP{JSON: version}, other{body: "[" + strings.Repeat("1,", longestAnswer) + "1]"}, runner.Bad, "stage.example.com answered 200 with what is no JSON, of which no more than 64 KiB are read"},
		"repeats what it is told": {HTTP{JSON: map[string]string{"/key": "ok"}, Headers: map[string]string{"X-Api-Key": secretHeader}}, other{body: `{"key": "` + secretHeader + `"}`},
			runner.Bad, `stage.example.com answered 200 with /key "(redacted)" instead of "ok"`},
		"repeats a part of it": {HTTP{JSON: map[string]string{"/key": "ok"}, Headers: map[string]string{"Authorization": "Bearer " + secretToken}}, other{body: `{"key": "no such token: ` + secretToken + `"}`},
			runner.Bad, `stage.example.com answered 200 with /key "no such token: (redacted)" instead of "ok"`},
		"repeats a cookie": {HTTP{JSON: map[string]string{"/key": "ok"}, Headers: map[string]string{"Cookie": "lang=en; session=" + secretToken}}, other{body: `{"key": "session ` + secretToken + ` has expired"}`},
			runner.Bad, `stage.example.com answered 200 with /key "session (redacted) has expired" instead of "ok"`},
		"repeats a password": {HTTP{JSON: map[string]string{"/key": "ok"}, Headers: map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+secretWord))}}, other{body: `{"key": "me ` + secretWord + `"}`},
			runner.Bad, `stage.example.com answered 200 with /key "me (redacted)" instead of "ok"`},
		"not reached":        {HTTP{}, other{unsent: errRefused}, runner.NotKnown, "stage.example.com could not be asked: dial tcp 10.0.0.7:443: connect: connection refused"},
		"asked, and silent":  {HTTP{}, other{silent: true}, runner.Bad, "stage.example.com was asked and did not answer: no answer within 10s"},
		"slow":               {HTTP{Timeout: time.Minute}, other{after: 59 * time.Second}, runner.Good, "stage.example.com answered 200"},
		"too slow":           {HTTP{Timeout: time.Minute}, other{after: 61 * time.Second}, runner.Bad, "stage.example.com was asked and did not answer: no answer within 1m0s"},
		"asked, and cut off": {HTTP{}, other{lost: io.EOF}, runner.Bad, "stage.example.com was asked and did not answer: EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := test.check
				c.URL, c.Transport = stage, &test.other
				check, err := NewHTTP(c)
				if err != nil {
					t.Fatal(err)
				}
				says(t, check.Ask(t.Context(), runner.Moment{}), test.verdict, test.words)
			})
		})
	}
}

// What is sent is what is written, and no more.
func TestHTTPRequest(t *testing.T) {
	var seen *http.Request
	o := &other{seen: func(r *http.Request) { seen = r }}
	check, err := NewHTTP(HTTP{URL: stage, Transport: o, UserAgent: "terraform-provider-elastigroup/1", Headers: map[string]string{"X-Api-Key": secretHeader, "host": "www.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	check.Ask(t.Context(), runner.Moment{})
	if seen.Method != "GET" || seen.URL.String() != stage || seen.Host != "www.example.com" || seen.Header.Get("X-Api-Key") != secretHeader || seen.UserAgent() != "terraform-provider-elastigroup/1" {
		t.Errorf("it sends %+v", seen)
	}
	if o.asked != 1 {
		t.Errorf("it asked %d times", o.asked)
	}
}

// An interrupted run says nothing about the service.
func TestHTTPIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		check, _ := NewHTTP(HTTP{URL: stage, Transport: &other{silent: true}})
		says(t, check.Ask(ctx, runner.Moment{}), runner.NotKnown, "stage.example.com was not waited for")
	})
}

func TestInvalidHTTP(t *testing.T) {
	for text, words := range map[string]string{
		"":                                     "absolute http or https URL",
		"/healthz":                             "absolute http or https URL",
		"ftp://example.com":                    "absolute http or https URL",
		"https://:8443/":                       "absolute http or https URL",
		"https://me:" + secretWord + "@x.test": "user or password",
		"https://x.test/#top":                  "fragment",
		"http://169.254.169.254/latest":        "link-local",
		"http://[fe80::1%25eth0]/":             "link-local",
		"http://[::ffff:169.254.170.2]/":       "link-local",
		"http://[64:ff9b::169.254.169.254]/":   "link-local",
		"http://[fd00:ec2::254]/":              "link-local",
	} {
		_, err := NewHTTP(HTTP{URL: text})
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), secretWord) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, pointer := range []string{"version", "/a~", "/a~2"} {
		if _, err := NewHTTP(HTTP{URL: stage, JSON: map[string]string{pointer: "x"}}); err == nil || !strings.Contains(err.Error(), "JSON Pointer") {
			t.Errorf("%s: %v", pointer, err)
		}
	}
}

// The table of RFC 6901, section 5, and what leads nowhere.
func TestPointer(t *testing.T) {
	document, err := readJSON([]byte(`{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}`))
	if err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]string{
		"/foo": `["bar","baz"]`, "/foo/0": "bar", "/": "0", "/a~1b": "1", "/c%d": "2", "/e^f": "3", "/g|h": "4", "/i\\j": "5", "/k\"l": "6", "/ ": "7", "/m~0n": "8",
		"/foo/2": "", "/foo/-": "", "/foo/00": "", "/foo/+0": "", "/foo/-1": "", "/foo/bar": "", "/foo/0/x": "", "/nowhere": "",
	} {
		p, err := ParsePointer(pointer)
		if err != nil {
			t.Fatal(err)
		}
		value, ok := p.In(document)
		if ok != (want != "") || ok && textOf(value) != want {
			t.Errorf("%s is %v, %t", pointer, value, ok)
		}
	}
}

// On the network: who is connected to, and what that means. Nothing here waits.
func TestHTTPOverTheNetwork(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	connections := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/hangs-up":
			connection, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
			}
			connection.Close()
		}
	}))
	defer server.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	ask := func(url string) runner.Answer {
		check, err := NewHTTP(HTTP{URL: url, Headers: map[string]string{"X-Api-Key": secretHeader}})
		if err != nil {
			t.Fatal(err)
		}
		got := check.Ask(t.Context(), runner.Moment{})
		sound(t, got)
		return got
	}
	for url, want := range map[string]struct {
		verdict runner.Answered
		words   string
	}{
		server.URL:               {runner.Good, "answered 200"},
		server.URL + "/":         {runner.Good, "answered 200"},
		server.URL + "/away":     {runner.Bad, "redirects are not followed"},
		server.URL + "/hangs-up": {runner.Bad, "was asked and did not answer"},
		untrusted.URL:            {runner.NotKnown, "certificate"},
		closed.URL:               {runner.NotKnown, "connection refused; http checks do not use the proxy of HTTP_PROXY"},
		strings.Replace(server.URL, "http:", "https:", 1): {runner.NotKnown, "http checks do not use the proxy of HTTPS_PROXY"},
		"http://nowhere.invalid":                          {runner.NotKnown, "could not be asked"},
	} {
		if got := ask(url); got.Verdict != want.verdict || !strings.Contains(got.Words, want.words) {
			t.Errorf("%s: %s: %s", url, got.Verdict, got.Words)
		}
	}
	if elsewhere != 0 {
		t.Error("a redirect was followed")
	}
	if len(connections) != 4 {
		t.Errorf("%d connections for 4 questions", len(connections))
	}
}

// By what a name has resolved to: the last moment at which it can be told where a connection goes.
func TestLinkLocalIsNotConnectedTo(t *testing.T) {
	for address, refused := range map[string]bool{
		"169.254.169.254:80": true, "169.254.0.1:443": true, "[fe80::1]:80": true, "[fe80::1%eth0]:80": true, "[::ffff:169.254.169.254]:80": true, "[fd00:ec2::23]:80": true, "[64:ff9b::a9fe:a9fe]:80": true,
		"10.0.0.1:80": false, "127.0.0.1:80": false, "[::1]:80": false, "[fd00::1]:443": false, "[64:ff9b::a00:1]:443": false, "192.0.2.1:443": false,
	} {
		if err := control(address); (err != nil) != refused {
			t.Errorf("%s: %v", address, err)
		}
	}
	// It is asked for every connection.
	transport := network("", nil)
	if _, err := transport.DialContext(t.Context(), "tcp", "169.254.169.254:80"); err == nil || !strings.Contains(err.Error(), "link-local") {
		t.Errorf("it connects: %v", err)
	}
}

// A listener on stage is asked at its load balancer's own name, for the site whose certificate it has: TLS asks for, and verifies, the site.
func TestHTTPAsksTLSForTheHostHeader(t *testing.T) {
	for name, c := range map[string]struct {
		headers map[string]string
		asked   string
		want    runner.Answered
	}{
		"as the URL says":                       {nil, "", runner.Good}, // an address: nothing is asked for, and the certificate has it
		"as the header says":                    {map[string]string{"host": "example.com:8443"}, "example.com", runner.Good},
		"that the server has no certificate of": {map[string]string{"Host": "other.example.org"}, "other.example.org", runner.NotKnown},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Value
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) { asked.Store(hello.ServerName); return nil, nil }}
			server.StartTLS()
			defer server.Close()
			made, err := NewHTTP(HTTP{URL: server.URL, Headers: c.headers})
			if err != nil {
				t.Fatal(err)
			}
			trusted := x509.NewCertPool()
			trusted.AddCert(server.Certificate())
			made.(*httpCheck).http.Transport.(*http.Transport).TLSClientConfig.RootCAs = trusted
			if got := made.Ask(t.Context(), runner.Moment{}); got.Verdict != c.want || asked.Load() != c.asked {
				t.Errorf("asked for %q, %+v", asked.Load(), got)
			}
		})
	}
}

// Every part of a check that a mistake may leave out is noticed by one of the tests above; the two that cost most are broken here on purpose.
func TestBrokenHTTP(t *testing.T) {
	for name, verdict := range map[string]func(r reply) runner.Answered{
		"takes no connection for a bad answer": func(r reply) runner.Answered {
			if r.failed != nil {
				return runner.Bad
			}
			return runner.Good
		},
		"takes silence for not known": func(r reply) runner.Answered {
			if r.failed != nil {
				return runner.NotKnown
			}
			return runner.Good
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Logf("promise: %s", "few false verdicts")
			wrong := 0
			for _, o := range []*other{{unsent: errRefused}, {lost: io.EOF}} {
				check, _ := NewHTTP(HTTP{URL: stage, Transport: o})
				request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, stage, nil)
				if verdict(check.(*httpCheck).ask(t.Context(), request)) != check.Ask(t.Context(), runner.Moment{}).Verdict {
					wrong++
				}
			}
			if wrong != 1 {
				t.Errorf("%d of 2 are noticed", wrong)
			}
		})
	}
}

func ExampleNewHTTP() {
	o := &other{body: `{"version": "2.4.0"}`}
	check, err := NewHTTP(HTTP{URL: "https://stage.example.com/healthz", JSON: map[string]string{"/version": "2.4.1"}, Transport: o})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := check.Ask(context.Background(), runner.Moment{Deployment: "web"})
	fmt.Printf("%s: %s\n", answer.Verdict, answer.Words)
	// Output: bad: stage.example.com answered 200 with /version "2.4.0" instead of "2.4.1"
}
