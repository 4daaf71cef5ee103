package aws

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// ErrMoved is what [Client.SetForward] returns (wrapped) when somebody else has changed the route since it was read.
var ErrMoved = runner.ErrMoved

// Error is a call to AWS that failed for good. It wraps runner.ErrGone if AWS says that what was asked about does not exist,
// and what the SDK returned; cancelled contexts are found with errors.Is.
type Error struct {
	// Doing is what was being done, to what: "reading the target group arn:…".
	Doing string
	// Action is the IAM action that the call needs, "elasticloadbalancing:DescribeTargetHealth".
	Action string
	// Code, Message and RequestID are AWS's own. Code is empty if no answer came, and Message then says why.
	Code      string
	Message   string
	RequestID string
	// Attempts is how often it was tried, if more than once.
	Attempts int

	hint  string
	cause error
}

// Error is one line: what was being done, AWS's words, and what they mean if they do not say it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Doing)
	b.WriteString(": ")
	b.WriteString(e.said())
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", rollout.QuoteUpTo(e.RequestID, 80))
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, ", after %d attempts", e.Attempts)
	}
	if e.hint != "" {
		b.WriteString("; " + e.hint)
	}
	return b.String()
}

// Unwrap returns the SDK's error, and runner.ErrGone or runner.ErrCredentials where they apply.
func (e *Error) Unwrap() []error {
	var none *credentialsError
	switch {
	case gone[e.Code]:
		return []error{e.cause, runner.ErrGone}
	case unaccepted[e.Code], errors.As(e.cause, &none):
		return []error{e.cause, runner.ErrCredentials}
	}
	return []error{e.cause}
}

// gone are the codes that say that something does not exist, as they come over the wire: the ELB APIs leave out the
// "Exception" of the SDK's type names. InvalidAMIID.Malformed is an ID that no image can have.
var gone = map[string]bool{
	"TargetGroupNotFound":       true,
	"ListenerNotFound":          true,
	"RuleNotFound":              true,
	"LoadBalancerNotFound":      true,
	"AccessPointNotFound":       true,
	"InvalidAMIID.NotFound":     true,
	"InvalidSubnetID.NotFound":  true,
	"InvalidAMIID.Unavailable":  true,
	"InvalidAMIID.Malformed":    true,
	"ResourceNotFound":          true,
	"ResourceNotFoundException": true,
}

// denied are the codes of a call that the credentials do not permit. EC2 says UnauthorizedOperation and does not name the
// action (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
var denied = map[string]bool{
	"AccessDenied":          true,
	"AccessDeniedException": true,
	"UnauthorizedOperation": true,
	"NotAuthorized":         true,
}

// Denied tells whether the credentials do not permit a call.
func Denied(err error) bool {
	var e *Error
	return errors.As(err, &e) && denied[e.Code]
}

// hints say what a code means here, where AWS's message leaves that open.
var hints = map[string]string{
	"TargetGroupAssociationLimit": "a target group serves one load balancer only, " +
		"and stays tied to a former one for some minutes",
	"TooManyUniqueTargetGroupsPerLoadBalancer": "every target group of its listeners and rules counts once",
	"RuleNotFound":             "a rule that is made again has another ARN, and one goes with its listener: write the ARN that it has now",
	"ListenerNotFound":         "a listener that is made again has another ARN: write the one that it has now",
	"IncompatibleProtocols":    "the target group's protocol does not fit the listener's",
	"ExpiredToken":             "log in again, or give credentials that last as long as the rollout",
	"ExpiredTokenException":    "log in again, or give credentials that last as long as the rollout",
	"RequestExpired":           "the credentials have expired, so log in again; or the machine's clock is wrong",
	"InvalidAMIID.NotFound":    "an image is in one region only, and one of another account has to be shared with this one",
	"InvalidAMIID.Unavailable": "it was deregistered, or is not to be launched",
	"InvalidSubnetID.NotFound": "a subnet is in one region and one account: name subnets of those that the group's instances start in",
	"InvalidAMIID.Malformed":   "the ID of an image is ami- and hexadecimal digits",
}

// unaccepted are the codes of credentials that are no good for anything: unknown, expired, or with a wrong secret.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html
var unaccepted = map[string]bool{
	"AuthFailure":                 true,
	"ExpiredToken":                true,
	"ExpiredTokenException":       true,
	"IncompleteSignature":         true,
	"InvalidAccessKeyId":          true,
	"InvalidClientTokenId":        true,
	"MissingAuthenticationToken":  true,
	"RequestExpired":              true,
	"SignatureDoesNotMatch":       true,
	"UnrecognizedClientException": true,
}

// Refused tells whether AWS does not know the credentials with which a call was signed. No other call would fare better.
func Refused(err error) bool {
	var e *Error
	return errors.As(err, &e) && unaccepted[e.Code]
}

// failed makes an Error of what the SDK returned, without the secrets that AWS may quote.
func (c *Client) failed(doing, action string, err error) error {
	e := &Error{Doing: doing, Action: action, cause: err}
	var none *credentialsError
	if errors.As(err, &none) {
		// An API error inside is that of looking for credentials, not of the call.
		inner := &Error{cause: none.cause}
		inner.fill(none.cause)
		e.Message = "no usable AWS credentials: " + inner.said()
		e.hint = "the provider block takes profile, access_key and secret_key, or assume_role; " +
			"the environment AWS_PROFILE, AWS_ACCESS_KEY_ID and the like"
	} else {
		e.fill(err)
	}
	e.Message = redact(e.Message, c.secrets()...)
	return e
}

// missing is that AWS answered, but not about what was asked. What else that may mean is optional.
func missing(doing, or string) error {
	if or == "" {
		return fmt.Errorf("%s: %w", doing, runner.ErrGone)
	}
	return fmt.Errorf("%s: %w, or %s", doing, runner.ErrGone, or)
}

func (e *Error) said() string {
	message := rollout.Quote(oneLine(e.Message))
	if e.Code == "" {
		return message
	}
	return rollout.QuoteUpTo(e.Code, 80) + ": " + message
}

func (e *Error) fill(err error) {
	var attempts *retry.MaxAttemptsError
	if errors.As(err, &attempts) {
		e.Attempts = attempts.Attempt
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		e.RequestID = response.ServiceRequestID()
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		e.Message = plain(err).Error()
		return
	}
	e.Code, e.Message = api.ErrorCode(), oneLine(api.ErrorMessage())
	e.hint = hints[e.Code]
	if e.Code == "UnknownError" && response != nil {
		// The SDK's name for an answer that is none of AWS's: that of a proxy, most likely.
		e.Code, e.Message = "", fmt.Sprintf("HTTP %d without an AWS error in it", response.HTTPStatusCode())
	}
	if strings.HasPrefix(e.Code, "SignatureDoesNotMatch") || strings.HasPrefix(e.Code, "IncompleteSignature") {
		// What follows the first sentence repeats the request's headers, the session token among them.
		e.Message, _, _ = strings.Cut(e.Message, ". ")
	}
	if denied[e.Code] && e.Action != "" {
		e.hint = "the credentials need the IAM action " + e.Action
	}
}

// plain takes off what the SDK wraps around an error that is not AWS's answer, down to the one that says what happened.
func plain(err error) error {
	for {
		var operation *smithy.OperationError
		var attempts *retry.MaxAttemptsError
		var response *awshttp.ResponseError
		var sending *smithyhttp.RequestSendError
		var impatient *impatience
		switch {
		case errors.As(err, &impatient):
			return impatient
		case errors.As(err, &operation):
			err = operation.Err
		case errors.As(err, &attempts):
			err = attempts.Err
		case errors.As(err, &response) && response.ResponseError != nil && response.ResponseError.Err != nil:
			err = response.ResponseError.Err
		case errors.As(err, &sending):
			err = sending.Err
		default:
			return err
		}
	}
}

// oneLine keeps a message in one line, since an error is quoted within others.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// redact takes secrets out of a text. Short ones are no secrets, and would take words out with them.
func redact(text string, secrets ...string) string {
	for _, s := range secrets {
		if len(s) >= 8 {
			text = strings.ReplaceAll(text, s, "(redacted)")
		}
	}
	return text
}

func (c *Client) secrets() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []string{c.config.SecretKey, c.config.SessionToken}
	if c.ready != nil {
		all = append(all, c.ready.credentials.secret()...)
	}
	return all
}
