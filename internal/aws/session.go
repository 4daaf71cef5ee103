package aws

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Session is how long the credentials last that calls are signed with.
type Session struct {
	// Ends is when they end and nobody renews them; zero if that is never, or not known.
	Ends time.Time
	// Temporary says that they end, and Ends is zero where nobody says when. Credentials that are renewed as long as a rollout takes,
	// such as those of an assumed role, a web identity, a container or an instance, are not temporary.
	Temporary bool
	// From says where they were found.
	From string
}

// expirationVariable is where tools that put temporary credentials into the environment say when these end, in RFC 3339; the SDK does
// not read it. https://docs.aws.amazon.com/cli/latest/reference/configure/export-credentials.html
const expirationVariable = "AWS_CREDENTIAL_EXPIRATION"

// Session tells how long the credentials last. It asks nobody but for credentials.
//
// A role that is assumed with temporary credentials can be renewed only until these end, so it is their end that counts.
func (c *Client) Session(ctx context.Context) (Session, error) {
	s, err := c.services(ctx)
	if err != nil {
		return Session{}, err
	}
	found, err := s.credentials.base.Retrieve(ctx)
	if err != nil {
		return Session{}, c.failed("looking for AWS credentials", "sts:AssumeRole", err)
	}
	session := Session{From: origin(found.Source), Temporary: !found.CanExpire && found.SessionToken != ""}
	if found.Source == config.CredentialsSourceName || found.CanExpire && basedOn(s.credentials.base, aws.CredentialSourceEnvVars) {
		if ends, err := time.Parse(time.RFC3339, strings.TrimSpace(os.Getenv(expirationVariable))); err == nil && os.Getenv("AWS_SESSION_TOKEN") != "" {
			session.Ends, session.Temporary, session.From = ends, true, origin(config.CredentialsSourceName)
		}
	}
	return session, nil
}

// basedOn tells whether credentials are made of those of a source.
func basedOn(provider aws.CredentialsProvider, source aws.CredentialSource) bool {
	if w, ok := provider.(watched); ok {
		provider = w.CredentialsProvider
	}
	it, ok := provider.(aws.CredentialProviderSource)
	return ok && slices.Contains(it.ProviderSources(), source)
}

// origin is how people name a source of the SDK's.
func origin(source string) string {
	switch {
	case source == config.CredentialsSourceName:
		return "the environment (AWS_SESSION_TOKEN)"
	case source == "StaticCredentials":
		return "the provider block (session_token)"
	case strings.HasPrefix(source, "SharedConfigCredentials"):
		return "a shared credentials file"
	}
	return source
}
