package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// session is what AssumeRole handed out.
type session struct {
	token   string
	caller  string // ARN
	expires time.Time
}

// What an access key means by how it begins.
const (
	badKeys       = "AKIABAD" // known to nobody
	temporaryKeys = "ASIA"    // good together with a session token
)

var credentialScope = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/,]+)/[0-9]{8}/[^/]+/[^/]+/aws4_request,`)

// awsCaller is the ARN of who makes a call, by the access key with which it is signed. The signature itself is not checked:
// there are no secrets here to check it with.
func (w *awsHalf) awsCaller(q awsRequest, header http.Header) (string, *awsFault) {
	authorization := header.Get("Authorization")
	if authorization == "" {
		return "", &awsFault{http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token"}
	}
	match := credentialScope.FindStringSubmatch(authorization)
	if match == nil {
		return "", refuse("IncompleteSignature", "Authorization header requires 'Credential' parameter.")
	}
	key, token := match[1], header.Get("X-Amz-Security-Token")
	s, known := w.sessions[key]
	switch {
	case strings.HasPrefix(key, badKeys),
		strings.HasPrefix(key, temporaryKeys) && token == "",
		known && token != s.token:
		return "", unknownKey(q.service)
	case known && !w.now.Before(s.expires):
		return "", expiredKey(q.service)
	case known:
		return s.caller, nil
	}
	return fmt.Sprintf("arn:aws:iam::%s:user/sandbox", w.config.AWSAccount), nil
}

// unknownKey is what a service says of credentials that it does not know. EC2 has a code of its own, and 401, and Lambda
// those of newer services.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
func unknownKey(service string) *awsFault {
	if service == "ec2" {
		return &awsFault{http.StatusUnauthorized, "AuthFailure", "AWS was not able to validate the provided access credentials"}
	}
	if service == "lambda" {
		return &awsFault{http.StatusForbidden, "UnrecognizedClientException", "The security token included in the request is invalid."}
	}
	return &awsFault{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."}
}

func expiredKey(service string) *awsFault {
	if service == "ec2" {
		return refuse("RequestExpired", "Request has expired.")
	}
	if service == "lambda" {
		return &awsFault{http.StatusForbidden, "ExpiredTokenException", "The security token included in the request is expired"}
	}
	return &awsFault{http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired"}
}

// addSession makes temporary credentials known that somebody has.
func (w *awsHalf) addSession(c SessionConfig, from time.Time) {
	w.sessions[c.AccessKey] = session{
		token:   c.Token,
		caller:  fmt.Sprintf("arn:aws:sts::%s:assumed-role/sandbox/%s", w.config.AWSAccount, c.AccessKey),
		expires: from.Add(time.Duration(c.Expires)),
	}
}

// AddSession adds temporary credentials, or changes when those of the same access key end: Expires counts from now.
func (w *awsHalf) AddSession(c SessionConfig) error {
	if err := c.check(); err != nil {
		return err
	}
	w.locked(func() { w.addSession(c, w.now) })
	return nil
}

// RevokeToken has Spot know a token no more, some time from now: each call with it is answered 401 then.
func (w *awsHalf) RevokeToken(token string, after time.Duration) {
	w.locked(func() {
		w.after(after, func() {
			for n, a := range w.config.Accounts {
				w.config.Accounts[n].Tokens = slices.DeleteFunc(slices.Clone(a.Tokens), func(known string) bool { return known == token })
			}
		})
	})
}

// AddToken has a token open an account at Spot from now on.
func (w *awsHalf) AddToken(account, token string) error {
	err := fmt.Errorf("there is no account %q", account)
	w.locked(func() {
		for n, a := range w.config.Accounts {
			if a.ID == account {
				w.config.Accounts[n].Tokens = append(slices.Clone(a.Tokens), token)
				err = nil
			}
		}
	})
	return err
}

type postedToken struct {
	Account string   `json:"account"`
	Token   string   `json:"token"`
	After   Duration `json:"after"`
	Revoked bool     `json:"revoked"`
}

func tokenPosted(w *World, p postedToken) error {
	if p.Revoked {
		w.RevokeToken(p.Token, time.Duration(p.After))
		return nil
	}
	return w.AddToken(p.Account, p.Token)
}

// stsCalls are the calls of the Security Token Service that are served.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
func (w *awsHalf) stsCalls(caller string) map[string]func(*tree) ([]element, *awsFault) {
	return map[string]func(*tree) ([]element, *awsFault){
		"GetCallerIdentity": func(*tree) ([]element, *awsFault) { return w.callerIdentity(caller), nil },
		"AssumeRole":        func(input *tree) ([]element, *awsFault) { return w.assumeRole(caller, input) },
	}
}

func (w *awsHalf) callerIdentity(caller string) []element {
	id := "AIDASANDBOXUSER000000"
	if _, name, assumed := strings.Cut(caller, ":assumed-role/"); assumed {
		role, session, _ := strings.Cut(name, "/")
		id = roleID(role) + ":" + session
	}
	return []element{leaf("Arn", caller), leaf("UserId", id), leaf("Account", strings.Split(caller, ":")[4])}
}

func roleID(role string) string { return "AROA" + strings.ToUpper(fingerprint(role)) }

var (
	roleARN = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}):role/(?:.*/)?([\w+=,.@-]+)$`)
	})
	roleSessionName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w+=,.@-]{2,64}$`) })
)

// assumeRole gives temporary credentials for any role but those whose ARN has "denied" in it.
func (w *awsHalf) assumeRole(caller string, input *tree) ([]element, *awsFault) {
	arn, name := input.text("RoleArn"), input.text("RoleSessionName")
	duration := input.number("DurationSeconds", 3600)
	role := roleARN().FindStringSubmatch(arn)
	switch {
	case role == nil:
		return nil, refuse("ValidationError", "%s is invalid", arn)
	case !roleSessionName().MatchString(name):
		return nil, refuse("ValidationError", "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [\\w+=,.@-]*", name)
	case duration < 900 || duration > 43200:
		return nil, refuse("ValidationError", "The requested DurationSeconds must be between 900 and 43200")
	case strings.Contains(arn, "denied"):
		return nil, &awsFault{http.StatusForbidden, "AccessDenied",
			fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", caller, arn)}
	}
	n := len(w.sessions) + 1
	key := fmt.Sprintf("%sSANDBOX%09d", temporaryKeys, n)
	s := session{
		token:   "session-" + fingerprint(key),
		caller:  fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", role[1], role[2], name),
		expires: w.now.Add(time.Duration(duration) * time.Second),
	}
	w.sessions[key] = s
	return []element{
		parent("Credentials",
			leaf("AccessKeyId", key),
			leaf("SecretAccessKey", "secret-"+fingerprint(s.token)),
			leaf("SessionToken", s.token),
			leaf("Expiration", s.expires.UTC().Format(time.RFC3339))),
		parent("AssumedRoleUser", leaf("AssumedRoleId", roleID(role[2])+":"+name), leaf("Arn", s.caller)),
	}, nil
}
