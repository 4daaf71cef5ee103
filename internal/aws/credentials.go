package aws

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// expiryWindow is how long before their end credentials are renewed: ones that expire while an attempt is on its way
// would fail it.
const expiryWindow = time.Minute

// metadataPatience is how long the EC2 metadata service may take when it is only tried because nothing else says where
// credentials are. It answers within milliseconds where it exists, and not at all where it does not.
const metadataPatience = time.Second

// keyring hands out credentials and remembers what is secret about them, so that no error repeats it. The providers behind
// it cache what they find and renew what expires.
type keyring struct {
	base  aws.CredentialsProvider // the keys of the configuration, or what the SDK's chain finds
	final aws.CredentialsProvider // base, or the role that is assumed with it

	mu      sync.Mutex
	secrets map[string][]string // by who handed them out
}

func newKeyring(base aws.CredentialsProvider, configured ...string) *keyring {
	k := &keyring{secrets: map[string][]string{"configuration": configured}}
	k.base = watched{base, k, "base"}
	k.final = k.base
	return k
}

// Retrieve implements aws.CredentialsProvider.
func (k *keyring) Retrieve(ctx context.Context) (aws.Credentials, error) {
	return k.final.Retrieve(ctx)
}

// assume makes the keyring hand out a role's credentials. The client must sign with the base ones.
func (k *keyring) assume(client *sts.Client, role AssumeRole) {
	provider := stscreds.NewAssumeRoleProvider(client, role.RoleARN, role.options)
	cache := aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = expiryWindow })
	k.final = watched{cache, k, "role"}
}

// secret lists what must not be repeated in an error.
func (k *keyring) secret() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []string
	for _, some := range k.secrets {
		all = append(all, some...)
	}
	return all
}

// watched is a provider whose secrets the keyring remembers.
type watched struct {
	aws.CredentialsProvider
	keyring *keyring
	name    string
}

func (w watched) Retrieve(ctx context.Context) (aws.Credentials, error) {
	found, err := w.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		return found, &credentialsError{err}
	}
	w.keyring.mu.Lock()
	defer w.keyring.mu.Unlock()
	w.keyring.secrets[w.name] = []string{found.SecretAccessKey, found.SessionToken}
	return found, nil
}

// probe finds out whether there are credentials, without waiting for a metadata service that is not there.
func (k *keyring) probe(ctx context.Context) error {
	if err := k.probeBase(ctx); err != nil {
		return err
	}
	_, err := k.Retrieve(ctx)
	return err
}

func (k *keyring) probeBase(ctx context.Context) error {
	if !fromMetadata(k.base) {
		return nil
	}
	short, cancel := context.WithTimeout(ctx, metadataPatience)
	defer cancel()
	_, err := k.base.Retrieve(short)
	if err != nil && ctx.Err() == nil && short.Err() != nil {
		return &credentialsError{fmt.Errorf("the EC2 metadata service did not answer within %s", metadataPatience)}
	}
	return err
}

// fromMetadata tells whether the EC2 metadata service is where credentials come from, with no step after it.
func fromMetadata(provider aws.CredentialsProvider) bool {
	if w, ok := provider.(watched); ok {
		provider = w.CredentialsProvider
	}
	it, ok := provider.(aws.CredentialProviderSource)
	if !ok {
		return false
	}
	sources := it.ProviderSources()
	return len(sources) > 0 && sources[len(sources)-1] == aws.CredentialSourceIMDS
}

func (r AssumeRole) options(o *stscreds.AssumeRoleOptions) {
	o.RoleSessionName = DefaultSessionName
	if r.SessionName != "" {
		o.RoleSessionName = r.SessionName
	}
	o.Duration = r.Duration
	o.ExternalID = optional(r.ExternalID)
	o.Policy = optional(r.Policy)
	o.SourceIdentity = optional(r.SourceIdentity)
	o.TransitiveTagKeys = r.TransitiveTagKeys
	for _, arn := range r.PolicyARNs {
		o.PolicyARNs = append(o.PolicyARNs, types.PolicyDescriptorType{Arn: &arn})
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		o.Tags = append(o.Tags, types.Tag{Key: &key, Value: aws.String(r.Tags[key])})
	}
}

// credentialsError is that there are none, as against that a call with them failed.
type credentialsError struct{ cause error }

func (e *credentialsError) Error() string { return "no usable AWS credentials: " + e.cause.Error() }
func (e *credentialsError) Unwrap() error { return e.cause }

// optional is nil for what is not set.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
