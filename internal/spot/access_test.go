package spot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhereTokenAndAccountComeFrom(t *testing.T) {
	const file = "[default]\ntoken = file-token\naccount = act-file\n\n[other]\ntoken = other-token\naccount = act-other\n\n[half]\ntoken = half-token\n\n[odd]\naccount = act-odd\n"
	for name, test := range map[string]struct {
		token, account string
		env            map[string]string
		file           string
		sends          string // token and account
		says           []string
	}{
		"configured":                     {token: "t", account: "a", env: map[string]string{"SPOTINST_TOKEN": "x", "SPOTINST_ACCOUNT": "y"}, file: file, sends: "t a"},
		"environment":                    {env: map[string]string{"SPOTINST_TOKEN": "x", "SPOTINST_ACCOUNT": "y"}, file: file, sends: "x y"},
		"file":                           {file: file, sends: "file-token act-file"},
		"file as JSON":                   {file: `{"token":"jt","account":"ja"}`, sends: "jt ja"},
		"file, another profile":          {env: map[string]string{"SPOTINST_CREDENTIALS_PROFILE": "other"}, file: file, sends: "other-token act-other"},
		"file, profile half empty":       {env: map[string]string{"SPOTINST_CREDENTIALS_PROFILE": "half"}, file: file, sends: "half-token act-file"},
		"token in file, account in env":  {env: map[string]string{"SPOTINST_ACCOUNT": "y"}, file: file, sends: "file-token y"},
		"token in env, account in file":  {env: map[string]string{"SPOTINST_TOKEN": "x"}, file: file, sends: "x act-file"},
		"token configured, account file": {token: "t", file: file, sends: "t act-file"},
		"account configured, token env":  {account: "a", env: map[string]string{"SPOTINST_TOKEN": "x"}, sends: "x a"},
		"white space around":             {env: map[string]string{"SPOTINST_TOKEN": "x\n", "SPOTINST_ACCOUNT": " y "}, sends: "x y"},
		"nothing at all":                 {says: []string{"no Spot token", "provider's token argument", "SPOTINST_TOKEN", "credentials", "no such file"}},
		"no account":                     {token: "t", says: []string{"no Spot account", "provider's account argument", "SPOTINST_ACCOUNT", "no such file"}},
		"no account in the file":         {file: "[default]\ntoken = only-token\n", says: []string{"no Spot account", "it has no account"}},
		"no such profile":                {env: map[string]string{"SPOTINST_CREDENTIALS_PROFILE": "none"}, file: file, says: []string{"no Spot token", "profile none", "no such profile"}},
		"a file that is neither form":    {file: "only-token-in-here", says: []string{"no Spot token", "cannot be read"}},
		"a token with a line break":      {token: "to\nken", account: "a", says: []string{"the provider's token argument", "characters"}},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			for key, value := range test.env {
				t.Setenv(key, value)
			}
			if test.file != "" {
				path := filepath.Join(t.TempDir(), "credentials")
				if err := os.WriteFile(path, []byte(test.file), 0o600); err != nil {
					t.Fatal(err)
				}
				t.Setenv("SPOTINST_CREDENTIALS_FILE", path)
			}
			a := says(items())
			c, err := New(Config{Token: test.token, Account: test.account, Transport: a})
			if test.says != nil {
				if err == nil {
					t.Fatal("it was accepted")
				}
				contains(t, err.Error(), test.says...)
				lacks(t, err.Error(), "only-token", "to\nken")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Groups(background); err != nil {
				t.Fatal(err)
			}
			sent := a.asked()[0]
			if got := strings.TrimPrefix(sent.token, "Bearer ") + " " + sent.account; got != test.sends {
				t.Errorf("sent %q, not %q", got, test.sends)
			}
		})
	}
}

// clean leaves nothing of the machine's own environment.
func clean(t *testing.T) {
	for _, key := range []string{"SPOTINST_TOKEN", "SPOTINST_ACCOUNT", "SPOTINST_CREDENTIALS_FILE", "SPOTINST_CREDENTIALS_PROFILE", "SPOTINST_ENDPOINT", "SPOTINST_FEATURE_FLAGS"} {
		t.Setenv(key, "")
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("USERPROFILE", t.TempDir())
}

func TestEndpoints(t *testing.T) {
	const production = "https://api.spotinst.io"
	for name, test := range map[string]struct {
		configured, variable string
		reaches, refused     string
	}{
		"none":                 {reaches: production},
		"configured":           {configured: "http://127.0.0.1:8080", variable: "http://other.test", reaches: "http://127.0.0.1:8080"},
		"variable":             {variable: "https://spot.test", reaches: "https://spot.test"},
		"slash":                {configured: "https://spot.test/", reaches: "https://spot.test"},
		"upper case":           {configured: "HTTPS://spot.test", reaches: "https://spot.test"},
		"path":                 {configured: "https://spot.test/v1", refused: "no path"},
		"query":                {configured: "https://spot.test?x=1", refused: "query"},
		"fragment":             {configured: "https://spot.test#x", refused: "fragment"},
		"no scheme":            {configured: "spot.test", refused: "absolute"},
		"host and port":        {configured: "localhost:8080", refused: "absolute"},
		"other scheme":         {configured: "ftp://spot.test", refused: "absolute"},
		"no host":              {configured: "https://", refused: "absolute"},
		"only a port":          {configured: "https://:443", refused: "absolute"},
		"unparsable":           {configured: "http://spot.test:port", refused: "cannot be parsed"},
		"control characters":   {configured: "http://spot\x7f.test", refused: "cannot be parsed"},
		"percent":              {variable: "http://%zz", refused: "SPOTINST_ENDPOINT"},
		"password":             {configured: "https://me:hush@spot.test", refused: "password"},
		"unparsable, password": {configured: "https://me:hush@spot.test:port", refused: "cannot be parsed"},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			t.Setenv(EndpointVariable, test.variable)
			var reached string
			a := says(items())
			inner := a.answer
			a.answer = answerTo(func(r string) { reached = r }, inner)
			c, err := New(Config{Token: "t", Account: "a", Endpoint: test.configured, Transport: a})
			if test.refused != "" {
				if err == nil {
					t.Fatal("it was accepted")
				}
				contains(t, err.Error(), test.refused)
				lacks(t, err.Error(), "hush", production)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Groups(background); err != nil || reached != test.reaches {
				t.Errorf("reached %q: %v", reached, err)
			}
		})
	}
}
