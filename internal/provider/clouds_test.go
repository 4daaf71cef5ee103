package provider_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// tap listens to what the provider sends to the clouds.
type tap struct {
	next http.RoundTripper

	mu       sync.Mutex
	requests []request
}

type request struct {
	host, agent, signed string
	query, form         url.Values
}

func (p *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	form, _ := url.ParseQuery(string(body)) // what is no form has no members that are asked for
	p.mu.Lock()
	p.requests = append(p.requests, request{r.URL.Host, r.Header.Get("User-Agent"), r.Header.Get("Authorization"), r.URL.Query(), form})
	p.mu.Unlock()
	return p.next.RoundTrip(r)
}

// to lists what was sent to a host.
func (p *tap) to(host string) []request {
	p.mu.Lock()
	defer p.mu.Unlock()
	var sent []request
	for _, h := range p.requests {
		if h.host == host {
			sent = append(sent, h)
		}
	}
	return sent
}

func TestSettingsReachTheClouds(t *testing.T) {
	world := sandbox.New(providertest.BalancedWorld(t))
	listener := &tap{next: world.Transport()}
	s := providertest.Serve(t, provider.WithTransport(listener))
	providertest.MustSucceed(t, s.Configure(object{
		"token": providertest.Token, "account": "act-sandbox", "region": "us-east-1",
		"access_key": " AKIASANDBOX\n", "secret_key": providertest.Secret + "\n",
		"assume_role": object{
			"role_arn": "arn:aws:iam::123456789012:role/deploy", "session_name": "ci", "external_id": "x-1", "duration": "1h",
			"policy": `{"Version":"2012-10-17","Statement":[]}`, "policy_arns": []any{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
			"tags": object{"team": "web"}, "transitive_tag_keys": []any{"team"}, "source_identity": "someone",
		},
		"endpoints": object{
			"spot": "http://spot.test", "ec2": "http://ec2.test", "elb": "http://elb.test", "elbv2": "http://elbv2.test",
			"cloudwatch": "http://cloudwatch.test", "sts": "http://sts.test", "lambda": "http://lambda.test",
		},
	}))
	for dataSource, config := range map[string]object{
		"elastigroup_group":         {"name": "web__1"},
		"elastigroup_amis":          {"owners": []any{"self"}},
		"elastigroup_target_groups": {},
	} {
		_, diags := s.Read(dataSource, config)
		providertest.MustSucceed(t, diags)
	}

	for _, host := range []string{"spot.test", "ec2.test", "elbv2.test", "sts.test"} {
		sent := listener.to(host)
		if len(sent) == 0 {
			t.Errorf("nothing was sent to %s", host)
		}
		for _, h := range sent {
			if !strings.Contains(h.agent, "terraform-provider-elastigroup/test") || !strings.Contains(h.agent, "terraform/1.11.4") {
				t.Errorf("%s was sent the user agent %q", host, h.agent)
			}
		}
	}
	for _, h := range listener.to("spot.test") {
		if got := h.query.Get("accountId"); got != "act-sandbox" {
			t.Errorf("Spot was asked for account %q", got)
		}
	}
	if got := listener.to("sts.test")[0].signed; !strings.Contains(got, "Credential=AKIASANDBOX/") {
		t.Errorf("AssumeRole was signed %q", got)
	}
	assumed := listener.to("sts.test")[0].form
	for name, want := range map[string]string{
		"Action": "AssumeRole", "RoleArn": "arn:aws:iam::123456789012:role/deploy", "RoleSessionName": "ci", "ExternalId": "x-1",
		"DurationSeconds": "3600", "Policy": `{"Version":"2012-10-17","Statement":[]}`, "SourceIdentity": "someone",
		"PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "Tags.member.1.Key": "team", "Tags.member.1.Value": "web",
		"TransitiveTagKeys.member.1": "team",
	} {
		if got := assumed.Get(name); got != want {
			t.Errorf("AssumeRole was sent %s = %q, want %q", name, got, want)
		}
	}
}

// Retries are counted in virtual time: their pauses are those of the real clients.
func TestMaxRetriesHoldsForBothClouds(t *testing.T) {
	for name, test := range map[string]struct {
		retries any
		tries   int
	}{
		"by default":    {nil, 11},
		"as configured": {2, 3},
		"none":          {0, 1},
		"not yet known": {unknown, 11},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				world := sandbox.New(providertest.BalancedWorld(t))
				world.Fail(sandbox.Fault{Times: -1, Kind: sandbox.Empty})
				listener := &tap{next: world.Transport()}
				s := providertest.Serve(t, provider.WithTransport(listener))
				providertest.MustSucceed(t, s.Configure(object{
					"token": providertest.Token, "account": "act-sandbox", "region": "us-east-1", "access_key": "AKIASANDBOX", "secret_key": providertest.SecretKey, "session_token": providertest.SessionToken,
					"endpoints":   object{"spot": "http://spot.test", "ec2": "http://ec2.test"},
					"max_retries": test.retries,
				}))
				for dataSource, config := range map[string]object{
					"elastigroup_group": {"id": "sig-00000001"},
					"elastigroup_amis":  {"owners": []any{"self"}},
				} {
					if _, diags := s.Read(dataSource, config); !providertest.Failed(diags) {
						t.Errorf("%s was read from clouds that answer nothing", dataSource)
					}
				}
				for _, host := range []string{"spot.test", "ec2.test"} {
					if got := len(listener.to(host)); got != test.tries {
						t.Errorf("%s was asked %d times, want %d", host, got, test.tries)
					}
				}
			})
		})
	}
}

// A configuration that touches no AWS API needs nothing of AWS. One that does is told what is missing.
func TestAWSIsConfiguredWhenItIsUsed(t *testing.T) {
	world := sandbox.New(providertest.BalancedWorld(t))
	s := providertest.Serve(t, provider.WithTransport(world.Transport()))
	providertest.MustSucceed(t, s.Configure(object{"token": providertest.Token, "account": "act-sandbox"}))

	_, diags := s.Read("elastigroup_group", object{"name": "web__1"})
	providertest.MustSucceed(t, diags)
	for _, test := range []struct {
		dataSource string
		config     object
	}{
		{"elastigroup_ami", object{"owners": []any{"self"}}},
		{"elastigroup_amis", object{"owners": []any{"self"}}},
		{"elastigroup_target_group", object{"name": "web"}},
		{"elastigroup_target_groups", object{}},
	} {
		_, diags := s.Read(test.dataSource, test.config)
		providertest.MustSay(t, diags, tfprotov6.DiagnosticSeverityError, "", "region")
	}
}
