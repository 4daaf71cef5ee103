package aws

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAssumeRole(t *testing.T) {
	assumed := func(seconds int) reply {
		return ok("AssumeRole", fmt.Sprintf(`<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>%s</SecretAccessKey>
			<SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials>`,
			"ROLE"+testSecret, "ROLE"+testToken, time.Now().Add(time.Duration(seconds)*time.Second).UTC().Format(time.RFC3339)))
	}
	role := func(c *Config) {
		c.AssumeRole = &AssumeRole{
			RoleARN: "arn:aws:iam::123456789012:role/deploy", ExternalID: "ext", Policy: `{"Version":"2012-10-17"}`,
			Tags: map[string]string{"team": "web", "app": "shop"}, TransitiveTagKeys: []string{"team"}, SourceIdentity: "ci",
			PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, Duration: 30 * time.Minute,
		}
		c.Endpoints.STS = "http://sts"
	}
	t.Run("renewed as long as it takes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			var since time.Time
			f.on("sts AssumeRole", func(call) reply { since = time.Now(); return assumed(1800) })
			f.on("elbv2 DescribeTargetHealth", func(call) reply {
				if left := 30*time.Minute - time.Since(since); left < expiryWindow {
					t.Errorf("called with credentials that last %s", left)
				}
				return ok("DescribeTargetHealth", noTargets)
			})
			c := f.client(role)
			if err := c.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 3 * 120 {
				if _, err := c.TargetHealth(t.Context(), blueARN); err != nil {
					t.Fatal(err)
				}
				time.Sleep(30 * time.Second)
			}
			asked := f.seen("sts AssumeRole")
			if len(asked) < 6 || len(asked) > 7 {
				t.Errorf("assumed %d times in three hours of half-hour sessions", len(asked))
			}
			if asked[0].url.Host != "sts" || asked[0].signer() != testKey {
				t.Errorf("asked %s, signed by %s", asked[0].url.Host, asked[0].signer())
			}
			for name, want := range map[string]string{
				"RoleSessionName": DefaultSessionName, "ExternalId": "ext", "DurationSeconds": "1800", "SourceIdentity": "ci",
				"Tags.member.1.Key": "app", "Tags.member.2.Value": "web", "TransitiveTagKeys.member.1": "team",
				"PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
			} {
				if got := asked[0].form.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if got := f.seen("elbv2 DescribeTargetHealth")[0].signer(); got != "ASIAROLE" {
				t.Errorf("the call was signed by %s", got)
			}
		})
	})
	t.Run("refused", func(t *testing.T) {
		f := newFake(t)
		f.always("sts AssumeRole", refused(403, "AccessDenied", "User is not authorized to perform: sts:AssumeRole"))
		_, err := f.client(role).TargetHealth(t.Context(), blueARN)
		if err == nil || !strings.Contains(err.Error(), "no usable AWS credentials: AccessDenied: User is not authorized") {
			t.Errorf("got %v", err)
		}
		if Denied(err) {
			t.Error("a refused role is taken for a refused call")
		}
	})
	t.Run("of a profile", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "config")
		os.WriteFile(file, []byte("[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = "+testSecret+
			"\n[profile ci]\nrole_arn = arn:aws:iam::123456789012:role/ci\nsource_profile = base\nregion = eu-north-1\n"), 0o600)
		f := newFake(t)
		f.on("sts AssumeRole", func(call) reply { return assumed(3600) })
		f.always("elbv2 DescribeTargetHealth", ok("DescribeTargetHealth", noTargets))
		c := f.client(func(c *Config) {
			c.Region, c.AccessKey, c.SecretKey, c.SessionToken = "", "", "", ""
			c.Profile, c.SharedConfigFiles, c.Endpoints.STS = "ci", []string{file}, "http://sts"
		})
		if _, err := c.TargetHealth(t.Context(), blueARN); err != nil {
			t.Fatal(err)
		}
		if f.calls[0].signer() != "AKIABASE" || f.calls[0].url.Host != "sts" || f.calls[1].signer() != "ASIAROLE" {
			t.Errorf("signed by %s and %s", f.calls[0].signer(), f.calls[1].signer())
		}
	})
	t.Run("of a web identity", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "token")
		os.WriteFile(file, []byte(testToken), 0o600)
		t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", file)
		t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci")
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			f.always("sts AssumeRoleWithWebIdentity", refused(400, "InvalidIdentityToken", "not this one"))
			c := f.client(func(c *Config) {
				c.AccessKey, c.SecretKey, c.SessionToken = "", "", ""
				c.Endpoints.STS = "http://sts"
			})
			err := c.Ready(t.Context())
			if err == nil || !strings.Contains(err.Error(), "InvalidIdentityToken: not this one") {
				t.Errorf("got %v", err)
			}
			if f.calls[0].url.Host != "sts" {
				t.Errorf("asked %s", f.calls[0].url.Host)
			}
			// The SDK's own rule for a token that is not known everywhere yet holds on.
			if len(f.calls) != DefaultMaxRetries+1 {
				t.Errorf("asked %d times", len(f.calls))
			}
		})
	})
}
