package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// spotOnly is the least that configures the provider.
func spotOnly(more object) object {
	config := object{"token": "tok-" + providertest.Secret, "account": "act-0123abcd"}
	maps.Copy(config, more)
	return config
}

func TestProviderConfigurations(t *testing.T) {
	const arn = "arn:aws:iam::123456789012:role/deploy"
	for name, test := range map[string]struct {
		config object
		// at is the attribute of the only error, says are words of it. Without at, the configuration is good.
		at   string
		says []string
	}{
		"least":         {config: spotOnly(nil)},
		"no retries":    {config: spotOnly(object{"max_retries": 0})},
		"retries later": {config: spotOnly(object{"max_retries": unknown})},
		"everything": {config: spotOnly(object{
			"region": "eu-central-1", "profile": "p", "access_key": "AKIA", "secret_key": providertest.Secret, "session_token": providertest.Secret,
			"shared_config_files": []any{"a"}, "shared_credentials_files": []any{"b"}, "max_retries": 3,
			"assume_role": object{
				"role_arn": arn, "session_name": "ci", "external_id": "x:y/z", "duration": "1h", "policy": `{"Version":"2012-10-17"}`,
				"policy_arns": []any{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, "tags": object{"team": "web"},
				"transitive_tag_keys": []any{"team"}, "source_identity": "someone",
			},
			"endpoints": object{
				"spot": "http://127.0.0.1:8700", "ec2": "http://127.0.0.1:8700", "elb": "https://elb.example.com/",
				"elbv2": "https://elbv2.example.com/path", "cloudwatch": "http://[::1]:8700", "sts": "HTTPS://sts.example.com", "lambda": "https://lambda.example.com",
			},
		})},
		"empty strings are as good as none": {config: spotOnly(object{
			"region": "", "profile": "", "access_key": "", "secret_key": "", "session_token": "",
		})},

		"events": {config: spotOnly(object{"event_log": "rollout.jsonl", "notify": []any{
			object{"webhook_url": "https://hooks.example.com/services/" + providertest.Secret, "format": "slack"},
			object{"webhook_url": "http://127.0.0.1:8080/", "secret": providertest.Secret, "headers": object{"Authorization": "Bearer " + providertest.Secret}, "events": []any{"ended", "holding"}},
		}})},
		"events that are not known while planning": {config: spotOnly(object{"event_log": unknown, "notify": []any{
			object{"webhook_url": unknown, "secret": unknown, "headers": unknown, "events": unknown, "format": unknown},
			object{"webhook_url": "https://a.example.com", "headers": object{"A": unknown}, "events": []any{unknown}},
		}})},
		"no event log":                  {config: spotOnly(object{"event_log": ""})},
		"event log that is a directory": {config: spotOnly(object{"event_log": "logs/"}), at: "event_log", says: []string{"is a directory"}},
		"event log in no directory":     {config: spotOnly(object{"event_log": "none/rollout.jsonl"}), at: "event_log", says: []string{"there is no directory", "create it first"}},
		"event log at home":             {config: spotOnly(object{"event_log": "~/rollout.jsonl"}), at: "event_log", says: []string{"pathexpand("}},
		"event log that is a URL":       {config: spotOnly(object{"event_log": "https://example.com"}), at: "event_log", says: []string{"notify"}},
		"hook that is no URL":           {config: spotOnly(object{"notify": []any{object{"webhook_url": "hooks/" + providertest.Secret}}}), at: "notify.0.webhook_url", says: []string{"https://"}},
		"hook without URL":              {config: spotOnly(object{"notify": []any{object{"webhook_url": ""}}}), at: "notify.0.webhook_url", says: []string{"https://"}},
		"hook with half a key":          {config: spotOnly(object{"notify": []any{object{"webhook_url": "https://a.example.com", "secret": "whsec_" + providertest.Secret + "!"}}}), at: "notify.0.secret", says: []string{"base64"}},
		"hook for unknown events":       {config: spotOnly(object{"notify": []any{object{"webhook_url": "https://a.example.com", "events": []any{"step_done"}}}}), at: "notify.0.events.{{String []} step_done}", says: []string{"going_back"}},
		"hook for no events":            {config: spotOnly(object{"notify": []any{object{"webhook_url": "https://a.example.com", "events": []any{}}}}), at: "notify.0.events", says: []string{"at least 1"}},
		"hook of another form":          {config: spotOnly(object{"notify": []any{object{"webhook_url": "https://a.example.com", "format": "teams"}}}), at: "notify.0.format", says: []string{"slack"}},
		"hook with a header of two lines": {config: spotOnly(object{"notify": []any{object{"webhook_url": "https://a.example.com", "headers": object{"A": providertest.Secret + "\n"}}}}),
			at: "notify.0.headers.A", says: []string{"line break"}},
		"hook with the signature": {config: spotOnly(object{"notify": []any{object{"webhook_url": "https://a.example.com", "headers": object{"Webhook-Signature": "a"}}}}),
			at: "notify.0.headers.Webhook-Signature", says: []string{"set by the provider"}},

		"no token":                {config: object{"account": "act-1"}, at: "token", says: []string{"SPOTINST_TOKEN"}},
		"no account":              {config: object{"token": providertest.Secret}, at: "account", says: []string{"SPOTINST_ACCOUNT"}},
		"token with a line break": {config: object{"token": providertest.Secret + "\n", "account": "act-1\n"}},
		"two tokens":              {config: object{"token": providertest.Secret + "\n" + providertest.Secret, "account": "act-1"}, at: "token", says: []string{"white space"}},
		"an AWS account":          {config: object{"token": providertest.Secret, "account": "123456789012"}, at: "account", says: []string{"AWS account", "act-"}},
		"region":                  {config: spotOnly(object{"region": "us_east_1"}), at: "region", says: []string{"us-east-1"}},
		"key without secret": {
			config: spotOnly(object{"access_key": "AKIA"}), at: "secret_key", says: []string{"access_key is set"},
		},
		"secret without key": {
			config: spotOnly(object{"secret_key": providertest.Secret}), at: "access_key", says: []string{"secret_key is set"},
		},
		"key in two parts":    {config: spotOnly(object{"access_key": "AKIA X", "secret_key": providertest.Secret}), at: "access_key", says: []string{"white space"}},
		"secret in two parts": {config: spotOnly(object{"access_key": "AKIA", "secret_key": providertest.Secret + " x"}), at: "secret_key", says: []string{"white space"}},
		"session token alone": {
			config: spotOnly(object{"session_token": providertest.Secret}), at: "session_token", says: []string{"access_key and a secret_key"},
		},
		"retries below 0": {config: spotOnly(object{"max_retries": -1}), at: "max_retries"},

		"role":         {config: role("role_arn", "deploy"), at: "assume_role.role_arn", says: []string{"arn:aws:iam::"}},
		"session name": {config: role("session_name", "a b"), at: "assume_role.session_name"},
		"external ID":  {config: role("external_id", "x"), at: "assume_role.external_id"},
		"no duration":  {config: role("duration", "an hour"), at: "assume_role.duration", says: []string{"1h30m"}},
		"too short":    {config: role("duration", "14m59s"), at: "assume_role.duration", says: []string{"15m", "12h"}},
		"too long":     {config: role("duration", "12h0m1s"), at: "assume_role.duration", says: []string{"15m", "12h"}},
		"policy":       {config: role("policy", `{"a":`+providertest.Secret), at: "assume_role.policy", says: []string{"not JSON"}},
		"policy list":  {config: role("policy", `[]`), at: "assume_role.policy", says: []string{"not an object"}},
		"transitive": {
			config: role("transitive_tag_keys", []any{"team"}), at: "assume_role.transitive_tag_keys", says: []string{`"team"`},
		},

		"relative endpoint":   {config: endpoint("ec2", "ec2.example.com"), at: "endpoints.ec2", says: []string{"absolute"}},
		"endpoint's scheme":   {config: endpoint("sts", "ftp://example.com"), at: "endpoints.sts", says: []string{"http or https"}},
		"endpoint's host":     {config: endpoint("elb", "https:///path"), at: "endpoints.elb", says: []string{"absolute"}},
		"empty endpoint":      {config: endpoint("elbv2", ""), at: "endpoints.elbv2", says: []string{"absolute"}},
		"endpoint's password": {config: endpoint("cloudwatch", "https://me:"+providertest.Secret+"@example.com"), at: "endpoints.cloudwatch", says: []string{"password"}},
		"endpoint's query":    {config: endpoint("spot", "https://example.com?a=b"), at: "endpoints.spot", says: []string{"query"}},
		"unreadable endpoint": {config: endpoint("spot", "https://me:"+providertest.Secret+"@exa mple\x7f"), at: "endpoints.spot", says: []string{"not a URL"}},
		"Spot endpoint with a path": {
			config: endpoint("spot", "https://example.com/v1"), at: "endpoints.spot", says: []string{"https://example.com/v1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			diags := providertest.Serve(t).Configure(test.config)
			if strings.Contains(providertest.Render(diags), providertest.Secret) {
				t.Errorf("a secret is repeated:\n%s", providertest.Render(diags))
			}
			if test.at == "" {
				providertest.MustSucceed(t, diags)
				return
			}
			providertest.MustSay(t, diags, tfprotov6.DiagnosticSeverityError, test.at, test.says...)
		})
	}
}

// role is a good configuration but for one member of assume_role.
func role(name string, value any) object {
	members := object{"role_arn": "arn:aws:iam::123456789012:role/deploy"}
	members[name] = value
	return spotOnly(object{"assume_role": members})
}

// endpoint is a good configuration but for one endpoint.
func endpoint(name string, value any) object {
	return spotOnly(object{"endpoints": object{name: value}})
}

func TestProviderTakesSpotCredentialsFromElsewhere(t *testing.T) {
	t.Run("environment", func(t *testing.T) {
		s := providertest.Serve(t)
		t.Setenv("SPOTINST_TOKEN", providertest.Secret)
		t.Setenv("SPOTINST_ACCOUNT", "act-1")
		providertest.MustSucceed(t, s.Configure(nil))
	})
	t.Run("file", func(t *testing.T) {
		s := providertest.Serve(t)
		file := filepath.Join(t.TempDir(), "credentials")
		if err := os.WriteFile(file, []byte("[default]\ntoken = "+providertest.Secret+"\naccount = act-1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("SPOTINST_CREDENTIALS_FILE", file)
		providertest.MustSucceed(t, s.Configure(nil))
	})
	// The SDK's own chain stops at the first source that has anything.
	t.Run("both", func(t *testing.T) {
		s := providertest.Serve(t)
		t.Setenv("SPOTINST_ACCOUNT", "act-1")
		providertest.MustSucceed(t, s.Configure(object{"token": providertest.Secret}))
	})
	t.Run("an endpoint that is none", func(t *testing.T) {
		s := providertest.Serve(t)
		t.Setenv("SPOTINST_ENDPOINT", "api.example.com")
		providertest.MustSay(t, s.Configure(spotOnly(nil)), tfprotov6.DiagnosticSeverityError, "endpoints.spot", "SPOTINST_ENDPOINT")
	})
}

// Everything wrong is said at once, not one mistake a run.
func TestProviderReportsEverything(t *testing.T) {
	diags := providertest.Serve(t).Configure(nil)
	if got, want := len(diags), 2; got != want {
		t.Errorf("%d diagnostics, want %d (token, account):\n%s", got, want, providertest.Render(diags))
	}
}

// A hook of a chat that would refuse every event is warned of by the plan already, and one that is written rightly is not.
func TestAChatThatTakesNoEventsIsWarnedOf(t *testing.T) {
	hook := func(format any) object {
		return spotOnly(object{"notify": []any{object{"webhook_url": "https://hooks.slack.com/services/" + providertest.Secret, "format": format}}})
	}
	diags := providertest.Serve(t).Configure(hook(nil))
	providertest.MustSay(t, diags, tfprotov6.DiagnosticSeverityWarning, "notify.0.format", "notify[0] (hooks.slack.com)", `format = "slack"`)
	if text := providertest.Render(diags); strings.Contains(text, providertest.Secret) {
		t.Errorf("a secret is repeated:\n%s", text)
	}
	if diags := providertest.Serve(t).Configure(hook("slack")); len(diags) > 0 {
		t.Errorf("it says\n%s", providertest.Render(diags))
	}
}
