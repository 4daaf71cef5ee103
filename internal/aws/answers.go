package aws

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// longestAnswer is how many bytes of an answer are taken in, after they are unpacked. A page of a thousand images has some 5 MB.
const longestAnswer = 64 << 20

// mostPages is how many pages of a list are read. AWS's own limits are far below, of images, too.
const mostPages = 1000

// bounded is an HTTP client whose answers have been read to their end, within bounds, and are what the SDK may believe. To the SDK
// an empty answer, or a text, is one in which nothing is: a target group without targets.
type bounded struct{ aws.HTTPClient }

// Do implements aws.HTTPClient. Its errors are repeated as those of a broken connection are.
func (b bounded) Do(request *http.Request) (*http.Response, error) {
	response, body, err := readWhole(b.HTTPClient, request)
	if err != nil || response.Body == nil {
		return response, err
	}
	if response.StatusCode/100 == 2 && request.Method == http.MethodPost {
		// The services answer 200 alone; the SDK takes any other 2xx without a body for an answer in which nothing is.
		what := unlike(request, body)
		if what == "" && response.StatusCode != http.StatusOK {
			what = "what only 200 can mean"
		}
		if what != "" {
			return nil, &unusableAnswer{response.StatusCode, what}
		}
	}
	return response, nil
}

// readWhole has a request answered, and reads the answer to its end.
func readWhole(client aws.HTTPClient, request *http.Request) (*http.Response, []byte, error) {
	response, err := client.Do(request)
	if err != nil || response.Body == nil {
		return response, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer+1))
	response.Body.Close()
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("the answer broke off: %w", err)
	case len(body) > longestAnswer:
		return nil, nil, fmt.Errorf("the answer has more than %d MiB", longestAnswer>>20)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, body, nil
}

// unusableAnswer is an answer of 2xx that is none of the service's.
type unusableAnswer struct {
	status int
	what   string
}

func (e *unusableAnswer) Error() string {
	return fmt.Sprintf("it answered %d with %s", e.status, e.what)
}
func (e *unusableAnswer) Unwrap() error      { return runner.ErrUnusable }
func (*unusableAnswer) RetryableError() bool { return true }

// unlike says what a body is that is not the answer to a call; "" of one that may be.
func unlike(request *http.Request, body []byte) string {
	query := strings.HasPrefix(request.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return "nothing"
	case !query:
		return "" // the SDK refuses what is no CBOR
	}
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/making-api-requests.html: the root is <ActionResponse>, in all query APIs
	for decoder := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := decoder.Token()
		if err != nil {
			return "what is not XML: " + rollout.QuoteUpTo(oneLine(string(body[:min(len(body), 400)])), 80)
		}
		if start, ok := token.(xml.StartElement); ok {
			if strings.HasSuffix(start.Name.Local, "Response") {
				return ""
			}
			return "the document of another: <" + rollout.QuoteUpTo(start.Name.Local, 80) + ">"
		}
	}
}

// unusable is the error of an answer that is well-formed and cannot be. The SDK knows nothing of that, so that such a question is asked
// again by askedAgain.
func unusable(doing, what string) error {
	return &unsoundAnswer{fmt.Errorf("%s: %w: %s", doing, runner.ErrUnusable, what)}
}

// unsoundAnswer is an answer that the SDK has taken for one.
type unsoundAnswer struct{ error }

func (e *unsoundAnswer) Unwrap() error { return e.error }

// mostUnsound is how many answers to one question that cannot be are taken: what answers so a few times will answer so again.
const mostUnsound = 4

// askedAgain asks a question, and asks again where the answer was well-formed and cannot be, as the SDK does where it is not.
func askedAgain[Answer any](ctx context.Context, c *Client, ask func() (Answer, error)) (Answer, error) {
	for try := 1; ; try++ {
		answer, err := ask()
		if unsound := (*unsoundAnswer)(nil); !errors.As(err, &unsound) || try >= min(c.config.attempts(), mostUnsound) {
			return answer, err
		}
		// Full jitter, as the SDK's.
		wait := time.NewTimer(rand.N(time.Second << (try - 1)))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return answer, err
		}
	}
}

// askedAgainAlone is askedAgain of a question about one name. One about several is asked name by name then.
func askedAgainAlone[Answer any](ctx context.Context, c *Client, names []string, ask func() (Answer, error)) (Answer, error) {
	if len(names) > 1 {
		return ask()
	}
	return askedAgain(ctx, c, ask)
}

// about tells whether an answer is about what was asked: each name once, and no other.
func about[Thing any](names []string, found []Thing, name func(Thing) *string) bool {
	seen := map[string]bool{}
	for _, it := range found {
		is := aws.ToString(name(it))
		if seen[is] || !slices.Contains(names, is) {
			return false
		}
		seen[is] = true
	}
	return len(seen) == len(names)
}

// otherAnswer is the error of an answer that is not about what was asked. That nothing is in it does not say that there is none: AWS has a
// code for that.
func otherAnswer[Thing any](doing string, found []Thing, name func(Thing) *string) error {
	if len(found) == 0 {
		return unusable(doing, "nothing is in it, and not that there is none")
	}
	var others []string
	for _, it := range found {
		others = append(others, fmt.Sprintf("%q", rollout.QuoteUpTo(aws.ToString(name(it)), 200)))
	}
	return unusable(doing, "it is about "+rollout.Quote(strings.Join(others, ", ")))
}

// pages reads all pages of a list.
func pages[Page any](more func() bool, next func() (Page, error), read func(Page)) error {
	for n := 0; more(); n++ {
		if n == mostPages {
			return fmt.Errorf("the list has more than %d pages", mostPages)
		}
		page, err := next()
		if err != nil {
			return err
		}
		read(page)
	}
	return nil
}

// patiently ends an operation, its repetitions included, when its caller's patience does (see runner.WithPatience).
func patiently(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Patience", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		patience, isBounded := runner.Patience(ctx)
		if !isBounded {
			return next.HandleInitialize(ctx, in)
		}
		short, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		out, metadata, err := next.HandleInitialize(short, in)
		if err != nil && short.Err() != nil && ctx.Err() == nil {
			err = &impatience{patience, err}
		}
		return out, metadata, err
	}), middleware.Before)
}

// impatience ends an operation that would take longer than its caller has patience for.
type impatience struct {
	patience time.Duration
	last     error
}

func (e *impatience) Error() string {
	said := ""
	if last := plain(e.last); !errors.Is(last, context.DeadlineExceeded) && !errors.Is(last, context.Canceled) {
		said = fmt.Sprintf(" (%v)", last)
	}
	return fmt.Sprintf("no longer than %s is waited for the answer to a question in a plan or refresh%s", e.patience, said)
}

func (e *impatience) Unwrap() error { return e.last }
