package spot

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spotinst/spotinst-sdk-go/spotinst"
	sdk "github.com/spotinst/spotinst-sdk-go/spotinst/client"
	"github.com/spotinst/spotinst-sdk-go/spotinst/credentials"
	"github.com/spotinst/spotinst-sdk-go/spotinst/session"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/pace"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// DefaultTimeout is how long one try of a read may take; a write may take twice as long, because Spot answers some of them
// only when AWS has answered it.
const DefaultTimeout = 60 * time.Second

// EndpointVariable is the environment variable that names another endpoint than production.
const EndpointVariable = "SPOTINST_ENDPOINT"

// Config is how to reach Spot. Its zero value takes everything from the environment and repeats nothing.
type Config struct {
	// Token and Account are the provider's arguments; empty ones are looked up (see New).
	Token   string
	Account string
	// Endpoint is an absolute http or https URL without a path. Empty: SPOTINST_ENDPOINT, else production.
	Endpoint string
	// MaxRetries is how often a throttled or failed call is repeated; 0 or less: never.
	MaxRetries int
	// UserAgent goes before the SDK's own, "terraform-provider-elastigroup/1.2.3".
	UserAgent string
	// Transport carries the requests; nil: a pooled HTTP transport that heeds the proxy variables.
	Transport http.RoundTripper
	// Timeout is how long one try of a read may take, twice that for a write; 0: DefaultTimeout.
	Timeout time.Duration
}

// Client speaks to Spot for one account. It is safe for concurrent use.
type Client struct {
	sdk     *sdk.Client
	access  access
	retries int // how often an answer of 200 that cannot be used is asked for again
	list    lister
	listed  map[[sha256.Size]byte]rollout.Group // what the last list said, by the digests of its items
	names   sync.Map                            // group ID → name, so that errors can name the group
	tags    sync.Map                            // group ID → chan struct{}, one writer of tags at a time
}

var _ runner.Elastigroups = (*Client)(nil)

// New prepares a client. It makes no call. Token and account are looked up each on its own: the configuration, then
// SPOTINST_TOKEN and SPOTINST_ACCOUNT, then the credentials file (~/.spotinst/credentials, or SPOTINST_CREDENTIALS_FILE and
// SPOTINST_CREDENTIALS_PROFILE). It fails if either is nowhere to be found, or if the endpoint is not one.
func New(c Config) (*Client, error) {
	access, err := findAccess(c.Token, c.Account)
	if err != nil {
		return nil, err
	}
	endpoint, err := findEndpoint(c.Endpoint)
	if err != nil {
		return nil, err
	}
	config := spotinst.DefaultConfig().
		WithCredentials(credentials.NewStaticCredentials(access.token, access.account)).
		WithHTTPClient(&http.Client{
			Transport: newTransport(c),
			// A redirected POST would become a GET; a redirect is an answer like any other that is not 200.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		})
	if c.UserAgent != "" {
		config = config.WithUserAgent(c.UserAgent)
	}
	if endpoint != "" {
		config = config.WithBaseURL(endpoint)
	}
	client := &Client{sdk: sdk.New(session.New(config).Config), access: access, retries: min(max(c.MaxRetries, 0), fewRetries)}
	client.list.ask, client.list.pace, client.list.runs = client.listGroups, pace.New(mostLists, listEvery), map[*runner.Running]bool{}
	return client, nil
}

// Account is the account that the client speaks for.
func (c *Client) Account() string { return c.access.account }

// findEndpoint returns scheme and host of the endpoint, or "" for production. The SDK takes production for a URL that
// it cannot parse and ignores a path, so neither may reach it.
func findEndpoint(configured string) (string, error) {
	endpoint, where := configured, "the provider's endpoint for Spot"
	if endpoint == "" {
		endpoint, where = os.Getenv(EndpointVariable), EndpointVariable
	}
	if endpoint == "" {
		return "", nil
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil && strings.Contains(endpoint, "@"):
		return "", fmt.Errorf("%s cannot be parsed as a URL", where)
	case err != nil:
		return "", fmt.Errorf("%s, %q, cannot be parsed as a URL", where, endpoint)
	case u.User != nil:
		return "", fmt.Errorf("%s, %q, holds a user name or password; Spot takes a token", where, u.Redacted())
	case (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return "", fmt.Errorf("%s, %q, is not an absolute http or https URL", where, endpoint)
	case (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("%s, %q, has more than scheme, host and port; no path, query or fragment is possible", where, endpoint)
	}
	return u.Scheme + "://" + u.Host, nil
}

// call is one request of the API.
type call struct {
	doing  string // "resizing group sig-123 (web__7)"
	method string
	path   string
	query  url.Values
	body   any
	group  bool // it is about one group, so that 404 says that the group is gone
}

// ask makes a call and returns its answer. Its errors are *Error.
func (c *Client) ask(ctx context.Context, call call) ([]byte, error) {
	request := sdk.NewRequest(call.method, call.path)
	for key, values := range call.query {
		request.Params[key] = values
	}
	request.Obj = call.body
	mask := newMask(c.access.token, call.body)

	response, err := c.sdk.Do(ctx, request)
	if err != nil {
		return nil, unanswered(call, err, mask)
	}
	defer response.Body.Close()
	// The transport holds the whole body already, so this cannot fail half way.
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, unanswered(call, err, mask)
	}
	// The SDK's own check forgets the status of an answer that is not JSON, and two of Spot's three forms of an error.
	if response.StatusCode != http.StatusOK {
		return nil, c.refused(call, response, body, mask)
	}
	return body, nil
}
