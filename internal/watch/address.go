package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// The bounds of an address: how long it may take to answer at all, how much of it is read in one answer, and how soon and how late it is
// asked again.
const (
	answersWithin = 30 * time.Second
	mostRead      = 256 << 20
	askAgain      = 2 * time.Second
	askLatest     = 30 * time.Second
)

// served is an address that serves events.
type served struct {
	url     *url.URL
	version string
	client  *http.Client
}

func newAddress(text, version string) (source, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is no http address", text)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = answersWithin
	return served{u, version, &http.Client{Transport: transport}}, nil
}

// send implements source. An answer that goes on is read as it comes; one that ends is asked for again, and only for what is new if the
// server can do that.
func (s served) send(ctx context.Context, out chan<- news) error {
	r := newReader(out)
	var at int64
	wait := askAgain
	for {
		n, whole, err := s.ask(ctx, r, at)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errRefused):
			return err
		case err != nil:
			r.note(ctx, fmt.Sprintf("%s; it is asked again", err))
			wait = min(wait*2, askLatest)
		default:
			r.note(ctx, "-")
			wait = askAgain
		}
		if whole {
			at = n
		} else {
			at += n
		}
		if !pause(ctx, wait) {
			return ctx.Err()
		}
	}
}

// errRefused is an answer that another try does not change.
var errRefused = errors.New("it is refused")

// ask reads one answer: from a place on, or, if the server answers so, the whole. It tells how much that was.
func (s served) ask(ctx context.Context, r *reader, at int64) (n int64, whole bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url.String(), nil)
	if err != nil {
		return 0, false, err
	}
	req.Header.Set("Accept", "application/x-ndjson, application/jsonl, */*;q=0.5")
	req.Header.Set("User-Agent", "terraform-provider-elastigroup/"+s.version)
	if at > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(at, 10)+"-")
	}
	resp, err := s.client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // it has the address with its password
		}
		return 0, false, fmt.Errorf("%s does not answer: %w", s.url.Redacted(), err)
	}
	defer resp.Body.Close()
	switch code := resp.StatusCode; {
	case code == http.StatusRequestedRangeNotSatisfiable:
		_, size, known := contentRange(resp.Header.Get("Content-Range"))
		if known && size < at {
			r.lines.Restart() // it has become shorter: from its start
			return 0, true, nil
		}
		return 0, false, nil // nothing is new
	case code == http.StatusPartialContent:
		if from, _, known := contentRange(resp.Header.Get("Content-Range")); !known || from != at {
			return 0, true, fmt.Errorf("%s answers another range than was asked for", s.url.Redacted())
		}
	case code == http.StatusOK:
		whole = true
		r.lines.Restart()
	case code == http.StatusNotFound, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code >= 500:
		return 0, false, fmt.Errorf("%s answers %s", s.url.Redacted(), resp.Status)
	default:
		return 0, false, fmt.Errorf("%s answers %s: %w", s.url.Redacted(), resp.Status, errRefused)
	}
	r.note(ctx, "-")
	n, err = r.all(ctx, io.LimitReader(resp.Body, mostRead))
	if err != nil {
		err = fmt.Errorf("%s breaks off: %w", s.url.Redacted(), err)
	}
	return n, whole, err
}

// contentRange reads "bytes 5-9/10" and "bytes */10".
func contentRange(text string) (from, size int64, known bool) {
	var to int64
	if _, err := fmt.Sscanf(text, "bytes %d-%d/%d", &from, &to, &size); err == nil {
		return from, size, true
	}
	if _, err := fmt.Sscanf(text, "bytes */%d", &size); err == nil {
		return 0, size, true
	}
	return 0, 0, false
}
