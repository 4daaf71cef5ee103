// Package validators has the rules for strings that several schemas share, each named after what it takes. The framework's own validators serve
// everything else.
package validators

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

// stringRule is a validator of strings. Its check's error says what is wrong and what would be right; it quotes the value
// only where that cannot be a secret.
type stringRule struct {
	description string
	check       func(value string) error
}

// Description says what values must be.
func (r stringRule) Description(context.Context) string { return r.description }

// MarkdownDescription says what values must be.
func (r stringRule) MarkdownDescription(context.Context) string { return r.description }

// ValidateString judges a value that is known.
func (r stringRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := r.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+diagtext.LastName(req.Path), diagtext.Sentence(err))
		diagtext.Locate(&resp.Diagnostics)
	}
}

// String is a validator of strings by a function whose error says what is wrong and what would be right. It quotes the value only where
// that cannot be a secret.
func String(description string, check func(value string) error) validator.String {
	return stringRule{description, check}
}

// Unspaced refuses white space within a value. White space around it, such as the line break at the end of a file, is
// cut off when the value is used. The value is never quoted.
func Unspaced() validator.String {
	return stringRule{"value must not contain white space", func(value string) error {
		if strings.ContainsFunc(strings.TrimSpace(value), unicode.IsSpace) {
			return errors.New("there is white space within the value")
		}
		return nil
	}}
}

var awsAccountPattern = regexp.MustCompile(`^\d{12}$`)

// SpotAccount refuses what cannot be a Spot account.
func SpotAccount() validator.String {
	return stringRule{"value must be a Spot account such as act-0123abcd", func(value string) error {
		value = strings.TrimSpace(value)
		switch {
		case strings.ContainsFunc(value, unicode.IsSpace):
			return fmt.Errorf("there is white space in %q", value)
		case awsAccountPattern.MatchString(value):
			return fmt.Errorf("%s is the number of an AWS account; a Spot account looks like act-0123abcd", value)
		}
		return nil
	}}
}

// AbsoluteURL takes absolute http and https URLs. User names and passwords in a URL are refused, since URLs are logged.
func AbsoluteURL() validator.String {
	return stringRule{"value must be an absolute http or https URL", func(value string) error {
		u, err := url.Parse(value)
		switch {
		case err != nil:
			return errors.New("the value is not a URL; write an absolute one, such as https://api.example.com")
		case u.User != nil:
			return errors.New("the URL carries a user name or password, which would end up in logs")
		case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
			return fmt.Errorf("%q is not an absolute http or https URL, such as https://api.example.com", value)
		case u.RawQuery != "" || u.Fragment != "":
			return fmt.Errorf("%q has a query or a fragment, which an API's address cannot have", value)
		}
		return nil
	}}
}

// BalancingARN takes the ARN of a resource of Elastic Load Balancing of one of the kinds: "targetgroup", "loadbalancer",
// "listener", "listener-rule". An empty string is left to be treated as none.
func BalancingARN(kinds ...string) validator.String {
	example := fmt.Sprintf("arn:aws:elasticloadbalancing:us-east-1:123456789012:%s/…", kinds[0])
	return stringRule{"value must be an ARN such as " + example, func(value string) error {
		parts := strings.SplitN(value, ":", 6)
		if value == "" {
			return nil
		}
		if len(parts) == 6 && parts[0] == "arn" && parts[2] == "elasticloadbalancing" {
			kind, name, _ := strings.Cut(parts[5], "/")
			if slices.Contains(kinds, kind) && name != "" && !strings.ContainsFunc(value, unicode.IsSpace) {
				return nil
			}
		}
		return fmt.Errorf("%q is not the ARN of a %s, such as %s", value, strings.NewReplacer("targetgroup", "target group", "loadbalancer", "load balancer", "listener-rule", "listener rule").Replace(strings.Join(kinds, " or ")), example)
	}}
}

// DurationBetween takes Go durations of at least the shortest and at most the longest.
func DurationBetween(shortest, longest time.Duration) validator.String {
	return stringRule{fmt.Sprintf("value must be a duration from %s to %s", diagtext.Duration(shortest), diagtext.Duration(longest)), func(value string) error {
		d, err := time.ParseDuration(value)
		switch {
		case err != nil:
			return fmt.Errorf("%q is not a duration; write it like %q, %q or %q", value, "90s", "5m", "1h30m")
		case d < shortest, d > longest:
			return fmt.Errorf("%s is not between %s and %s", value, diagtext.Duration(shortest), diagtext.Duration(longest))
		}
		return nil
	}}
}

// JSONObject takes JSON objects. It never quotes the value.
func JSONObject() validator.String {
	return stringRule{"value must be a JSON object", func(value string) error {
		var object map[string]json.RawMessage
		err := json.Unmarshal([]byte(value), &object)
		var syntax *json.SyntaxError
		switch {
		case errors.As(err, &syntax):
			return fmt.Errorf("the value is not JSON: %w, at character %d", syntax, syntax.Offset)
		case err != nil || object == nil:
			return errors.New("the value is JSON, but not an object")
		}
		return nil
	}}
}

// RegularExpression takes what Go's regexp package compiles.
func RegularExpression() validator.String {
	return stringRule{"value must be a regular expression", func(value string) error {
		if _, err := regexp.Compile(value); err != nil {
			return fmt.Errorf("%q is not a regular expression: %w", value, err)
		}
		return nil
	}}
}
