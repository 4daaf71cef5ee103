package check

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// longestAnswer is how many bytes of an answer are read, after they are unpacked.
const longestAnswer = 64 << 10

// DefaultTimeout is how long an HTTP request and a query may take where nothing else is written.
const DefaultTimeout = 10 * time.Second

// ParseURL reads where a check asks. No error repeats the URL, in which there may be a secret.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("an absolute http or https URL is expected, such as https://stage.example.com/healthz")
	case u.User != nil:
		return nil, errors.New("the URL has a user or password in it, which plans and states show; write a header in secret_headers, for prometheus username and password")
	case u.Fragment != "":
		return nil, errors.New("the URL has a fragment (#), which is never sent")
	}
	if address, err := netip.ParseAddr(u.Hostname()); err == nil {
		return u, refuseLinkLocal(address)
	}
	return u, nil
}

// ParseServerURL reads the address of a server, to which paths are added.
func ParseServerURL(text string) (*url.URL, error) {
	u, err := ParseURL(text)
	if err == nil && (u.RawQuery != "" || u.ForceQuery) {
		err = errors.New("the URL of a server is expected, without a query")
	}
	return u, err
}

// client asks one question at a time.
type client struct {
	http    *http.Client
	agent   string
	timeout time.Duration
	secrets []string
}

// newClient is a client over a transport, or over the network if there is none (see network).
func newClient(transport http.RoundTripper, agent string, timeout time.Duration, server string, proxy func(*http.Request) (*url.URL, error)) client {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	if transport == nil {
		transport = network(server, proxy)
	}
	return client{timeout: timeout, agent: agent, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// network is a transport that opens a connection for each request. With TLS it asks for a server by its name, whose certificate it has to be; "" is
// the one in the URL.
func network(server string, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	dialer := &net.Dialer{ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error { return control(address) }}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{ServerName: server, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: longestAnswer,
	}
}

// control refuses addresses that are not to be connected to. It is asked with what names have resolved to.
func control(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%q is no address", address)
	}
	return refuseLinkLocal(at.Addr())
}

var (
	// The metadata and credentials services of EC2, ECS and EKS over IPv6:
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
	servicesOfEC2 = netip.MustParsePrefix("fd00:ec2::/32")
	// IPv4 addresses in IPv6, by RFC 6052.
	translated = netip.MustParsePrefix("64:ff9b::/96")
)

// refuseLinkLocal refuses the addresses at which clouds hand out a machine's credentials.
func refuseLinkLocal(address netip.Addr) error {
	plain := address.Unmap().WithZone("")
	if translated.Contains(plain) {
		bytes := plain.As16()
		plain = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	if plain.IsLinkLocalUnicast() || servicesOfEC2.Contains(plain) {
		return fmt.Errorf("%s is a link-local address, at which clouds keep the credentials of machines; checks do not ask there", address)
	}
	return nil
}

// reply is what became of a question.
type reply struct {
	status    int
	header    http.Header
	body      []byte
	truncated bool
	// broken is why the body is not whole.
	broken error
	// failed is why there is no answer, and written says that the question had been sent by then.
	failed  error
	written bool
}

// ask sends a request and reads its answer to the end, or to as much of it as is read. What is asked is over when the time-out is.
func (c client) ask(ctx context.Context, request *http.Request) reply {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var written atomic.Bool
	trace := &httptrace.ClientTrace{WroteRequest: func(info httptrace.WroteRequestInfo) { written.Store(info.Err == nil) }}
	if request.Header.Get("User-Agent") == "" && c.agent != "" {
		request.Header.Set("User-Agent", c.agent)
	}
	response, err := c.http.Do(request.WithContext(httptrace.WithClientTrace(bounded, trace)))
	if err != nil {
		return reply{failed: err, written: written.Load()}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer+1))
	r := reply{status: response.StatusCode, header: response.Header, body: body, broken: err}
	if len(body) > longestAnswer {
		r.body, r.truncated = body[:longestAnswer], true
	}
	return r
}

// why is an error in words, without the URL that net/http puts around it.
func (c client) why(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer within " + c.timeout.String()
	}
	return c.quote(err.Error(), 300)
}

// quote is a text of somebody else's, in one line, cut off, and without the secrets that it may repeat.
func (c client) quote(text string, most int) string {
	return rollout.QuoteUpTo(strings.Join(strings.Fields(redacted(strings.ToValidUTF8(text, "?"), c.secrets)), " "), most)
}
