package watch

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// server answers requests in a bubble, where there is no network.
type server func(*http.Request) (*http.Response, error)

func (s server) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

func answer(code int, body io.Reader, header ...string) (*http.Response, error) {
	r := &http.Response{StatusCode: code, Status: http.StatusText(code), Body: io.NopCloser(body), Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r, nil
}

// An address is followed as a stream, or asked again and again, by ranges where the server can do that; what passes is waited for, and what
// does not is said. A password in it is shown nowhere.
func TestAnAddressIsFollowed(t *testing.T) {
	content := timelinetest.Lines(t, timelinetest.Recorded(t, "canary"))
	for name, test := range map[string]struct {
		serve func(ask int, r *http.Request) (*http.Response, error)
		code  int
		notes string
	}{
		"as a stream": {func(int, *http.Request) (*http.Response, error) {
			read, write := io.Pipe()
			go func() {
				for rest := content; len(rest) > 0; rest = rest[min(5000, len(rest)):] {
					_, _ = write.Write(rest[:min(5000, len(rest))])
					time.Sleep(time.Minute)
				}
				write.Close()
			}()
			return answer(200, read)
		}, exitWell, ""},
		"whole, again and again": {func(ask int, _ *http.Request) (*http.Response, error) {
			return answer(200, bytes.NewReader(content[:min(ask*4000, len(content))]))
		}, exitWell, ""},
		"by ranges": {func(ask int, r *http.Request) (*http.Response, error) {
			grown := content[:min(ask*4000, len(content))]
			w := recorder{header: http.Header{}}
			http.ServeContent(&w, r, "rollout.jsonl", time.Time{}, bytes.NewReader(grown))
			return &http.Response{StatusCode: w.code, Status: http.StatusText(w.code), Header: w.header, Body: io.NopCloser(&w.body)}, nil
		}, exitWell, ""},
		"not there yet, then out of reach": {func(ask int, _ *http.Request) (*http.Response, error) {
			switch ask {
			case 1:
				return answer(404, strings.NewReader("no"))
			case 2:
				return nil, errors.New("connection refused")
			case 3:
				return answer(503, strings.NewReader("no"))
			}
			return answer(200, bytes.NewReader(content))
		}, exitWell, "http://user:xxxxx@ci.test/rollout.jsonl answers Not Found; it is asked again"},
		"forbidden": {func(int, *http.Request) (*http.Response, error) {
			return answer(403, strings.NewReader("no"))
		}, exitError, "http://user:xxxxx@ci.test/rollout.jsonl answers Forbidden: it is refused"},
		"a page": {func(int, *http.Request) (*http.Response, error) {
			return answer(200, strings.NewReader("<html>\n<body>Sign in</body>\n</html>\n"))
		}, exitTimeout, "lines were no events"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from, err := newAddress("http://user:hunter2@ci.test/rollout.jsonl", "test")
				if err != nil {
					t.Fatal(err)
				}
				asks := 0
				from.(served).client.Transport = server(func(r *http.Request) (*http.Response, error) {
					if r.Method != http.MethodGet {
						t.Errorf("it asks by %s", r.Method)
					}
					asks++
					return test.serve(asks, r)
				})
				w := start(t, settings{timeout: 30 * time.Minute}, from)
				w.mustEnd(t, test.code)
				if got, want := w.out.String(), said(t, "canary"); test.code == exitWell && !strings.HasSuffix(want, got[strings.LastIndex(strings.TrimSpace(got), "\n")+1:]) {
					t.Errorf("it says\n%s\nwant\n%s", got, want)
				}
				if notes := w.notes.String(); !strings.Contains(notes, test.notes) || strings.Contains(notes, "hunter2") || test.notes == "" && notes != "" {
					t.Errorf("it notes %q", notes)
				}
				if asks > 1000 {
					t.Errorf("it asks %d times", asks)
				}
			})
		})
	}
}

type recorder struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }
func (r *recorder) WriteHeader(code int) {
	if r.code == 0 {
		r.code = code
	}
}
func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(200)
	return r.body.Write(p)
}
