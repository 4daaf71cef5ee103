package aws

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// bareEnvironment hides whatever credentials the machine has.
func bareEnvironment(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			_ = os.Unsetenv(name)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestSession(t *testing.T) {
	const ends = "2026-11-26T15:04:05+00:00"
	at := time.Date(2026, 11, 26, 15, 4, 5, 0, time.UTC)
	environment := map[string]string{"AWS_ACCESS_KEY_ID": "ASIAENV", "AWS_SECRET_ACCESS_KEY": "s3cr3t-of-env"}
	for name, c := range map[string]struct {
		env    map[string]string
		files  string
		config Config
		want   Session
	}{
		"keys that last":       {environment, "", Config{}, Session{From: "the environment (AWS_SESSION_TOKEN)"}},
		"a session, known":     {with(environment, "AWS_SESSION_TOKEN", "t0k3n", expirationVariable, ends), "", Config{}, Session{at, true, "the environment (AWS_SESSION_TOKEN)"}},
		"a session, not known": {with(environment, "AWS_SESSION_TOKEN", "t0k3n"), "", Config{}, Session{Temporary: true, From: "the environment (AWS_SESSION_TOKEN)"}},
		"no time":              {with(environment, "AWS_SESSION_TOKEN", "t0k3n", expirationVariable, "soon"), "", Config{}, Session{Temporary: true, From: "the environment (AWS_SESSION_TOKEN)"}},
		"a session of a file": {nil, "[default]\naws_access_key_id = ASIAFILE\naws_secret_access_key = s3cr3t-of-file\naws_session_token = t0k3n\n", Config{},
			Session{Temporary: true, From: "a shared credentials file"}},
		"what the provider block says wins": {with(environment, "AWS_SESSION_TOKEN", "t0k3n", expirationVariable, ends), "", Config{AccessKey: "AKIABLOCK", SecretKey: "s3cr3t-of-block"},
			Session{From: "the provider block (session_token)"}},
		"a session of the provider block": {nil, "", Config{AccessKey: "ASIABLOCK", SecretKey: "s3cr3t-of-block", SessionToken: "t0k3n"},
			Session{Temporary: true, From: "the provider block (session_token)"}},
		// It can be renewed until these end, and no longer.
		"a role that is assumed with them": {with(environment, "AWS_SESSION_TOKEN", "t0k3n", expirationVariable, ends), "",
			Config{AssumeRole: &AssumeRole{RoleARN: "arn:aws:iam::123456789012:role/deploy"}}, Session{at, true, "the environment (AWS_SESSION_TOKEN)"}},
		"a process that renews them": {with(nil, expirationVariable, ends), "[default]\ncredential_process = " +
			`echo '{"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "s3cr3t-of-process", "SessionToken": "t0k3n", "Expiration": "2999-01-01T00:00:00Z"}'` + "\n", Config{},
			Session{From: "ProcessProvider"}},
	} {
		t.Run(name, func(t *testing.T) {
			bareEnvironment(t)
			for key, value := range c.env {
				t.Setenv(key, value)
			}
			if c.files != "" {
				file := filepath.Join(t.TempDir(), "credentials")
				if err := os.WriteFile(file, []byte(c.files), 0o600); err != nil {
					t.Fatal(err)
				}
				t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
				if strings.Contains(c.files, "credential_process") {
					t.Setenv("AWS_CONFIG_FILE", file)
				}
			}
			c.config.Region = "us-east-1"
			client, err := New(c.config)
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.Session(t.Context())
			if err != nil || !got.Ends.Equal(c.want.Ends) || got.Temporary != c.want.Temporary || got.From != c.want.From {
				t.Errorf("it is %+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

// with is an environment with more in it.
func with(environment map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	for key, value := range environment {
		all[key] = value
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}
