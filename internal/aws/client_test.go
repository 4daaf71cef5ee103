package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const noTargets = "<TargetHealthDescriptions/>"

func TestClientLooksAtNothingUntilItIsUsed(t *testing.T) {
	f := newFake(t)
	c := f.client(func(c *Config) {
		c.SharedConfigFiles = []string{"/nonexistent/x"}
		c.Profile = "nobody"
		c.AccessKey, c.SecretKey, c.SessionToken = "", "", ""
	})
	if c.ready != nil || len(f.calls) != 0 {
		t.Error("New has looked already")
	}
	// A profile that does not exist is reported each time.
	for range 2 {
		if err := c.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "reading the AWS configuration") {
			t.Errorf("got %v", err)
		}
	}
}

func TestClientResolvesAgainWhatFailed(t *testing.T) {
	f := newFake(t)
	f.always("elbv2 DescribeTargetHealth", ok("DescribeTargetHealth", noTargets))
	c := f.client(func(c *Config) { c.Region = "" })
	_, err := c.TargetHealth(t.Context(), blueARN)
	if err == nil || !strings.Contains(err.Error(), "no AWS region: set region in the provider block") {
		t.Fatalf("got %v", err)
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	if _, err := c.TargetHealth(t.Context(), blueARN); err != nil {
		t.Fatal(err)
	}
	if host := f.calls[0].url.Host; host != "elasticloadbalancing.eu-west-1.amazonaws.com" {
		t.Errorf("called %s", host)
	}
}

func TestEndpoints(t *testing.T) {
	answer := func(f *fake) {
		f.always("elbv2 DescribeTargetHealth", ok("DescribeTargetHealth", noTargets))
		f.always("elb DescribeInstanceHealth", ok("DescribeInstanceHealth", "<InstanceStates/>"))
		f.always("ec2 DescribeImages", ec2OK("DescribeImages", "<imagesSet><item><imageId>ami-1</imageId></item></imagesSet>"))
		f.always("cloudwatch DescribeAlarmHistory", cborOK(f.t, map[string]any{"AlarmHistoryItems": []any{}}))
		f.always("lambda DryRun", reply{status: 204})
	}
	use := func(t *testing.T, c *Client) {
		_, err1 := c.TargetHealth(t.Context(), blueARN)
		_, err2 := c.ClassicHealth(t.Context(), "web")
		_, err3 := c.Image(t.Context(), "ami-1")
		_, _, err4 := c.AlarmTripped(t.Context(), "web-5xx", time.Now())
		err5 := c.MayInvoke(t.Context(), "smoke")
		if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
			t.Fatal(err)
		}
	}
	hosts := func(f *fake) string {
		var hosts []string
		for _, c := range f.calls {
			hosts = append(hosts, c.url.Host)
		}
		return strings.Join(hosts, " ")
	}
	t.Run("configuration", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", "http://everything")
		f := newFake(t)
		answer(f)
		use(t, f.client(func(c *Config) {
			c.Endpoints = Endpoints{EC2: "http://ec2", ELB: "http://elb", ELBv2: "http://elbv2", CloudWatch: "http://cw", Lambda: "http://lambda"}
		}))
		if got := hosts(f); got != "elbv2 elb ec2 cw lambda" {
			t.Error(got)
		}
	})
	t.Run("environment", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", "http://everything")
		t.Setenv("AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", "http://second")
		t.Setenv("AWS_ENDPOINT_URL_LAMBDA", "http://functions")
		f := newFake(t)
		answer(f)
		use(t, f.client())
		if got := hosts(f); got != "second everything everything everything functions" {
			t.Error(got)
		}
	})
}

func TestUserAgent(t *testing.T) {
	f := newFake(t)
	f.always("elbv2 DescribeTargetHealth", ok("DescribeTargetHealth", noTargets))
	c := f.client(func(c *Config) { c.UserAgent = "Terraform/1.9.0 terraform-provider-elastigroup/1.2.3" })
	if _, err := c.TargetHealth(t.Context(), blueARN); err != nil {
		t.Fatal(err)
	}
	agent := f.calls[0].header.Get("User-Agent")
	for _, want := range []string{"Terraform/1.9.0", "terraform-provider-elastigroup/1.2.3", "aws-sdk-go-v2/"} {
		if !strings.Contains(agent, want) {
			t.Errorf("%s is not in %s", want, agent)
		}
	}
}

func TestRetries(t *testing.T) {
	ok := ok("DescribeTargetHealth", noTargets)
	throttled := refused(400, "Throttling", "Rate exceeded")
	tests := map[string]struct {
		retries  int
		env      string
		replies  []reply
		attempts int
		want     string
	}{
		"throttled for a while":         {0, "", []reply{throttled, throttled, throttled, throttled, ok}, 5, ""},
		"throttled for good":            {0, "", []reply{throttled}, 11, "Throttling: Rate exceeded (request req-1), after 11 attempts"},
		"few retries":                   {2, "", []reply{throttled}, 3, "after 3 attempts"},
		"no retry":                      {-1, "", []reply{throttled}, 1, "Rate exceeded (request req-1)"},
		"environment":                   {0, "2", []reply{throttled}, 2, "after 2 attempts"},
		"configuration and environment": {4, "2", []reply{throttled}, 5, "after 5 attempts"},
		"dependency throttled":          {0, "", []reply{refused(400, "DependencyThrottle", "slow"), ok}, 2, ""},
		"server error":                  {0, "", []reply{refused(500, "HealthUnavailable", "not now"), ok}, 2, ""},
		"a proxy's error":               {1, "", []reply{{status: 502, body: []byte("<html>bad gateway</html>")}}, 2, "HTTP 502 without an AWS error in it"},
		"too many for a proxy":          {0, "", []reply{{status: 429}, ok}, 2, ""},
		"connection lost":               {0, "", []reply{{err: io.ErrUnexpectedEOF}, ok}, 2, ""},
		"connection lost for good":      {1, "", []reply{{err: errors.New("connection reset by peer")}}, 2, "connection reset by peer"},
		"hanging":                       {0, "", []reply{{after: time.Hour}, ok}, 2, ""},
		"broken off":                    {0, "", []reply{{body: ok.body[:90], brokenOff: true}, ok}, 2, ""},
		"refused":                       {0, "", []reply{refused(400, "ValidationError", "'x' is not valid")}, 1, "ValidationError: 'x' is not valid"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_MAX_ATTEMPTS", tt.env)
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				f.sequence("elbv2 DescribeTargetHealth", tt.replies...)
				_, err := f.client(func(c *Config) { c.MaxRetries = tt.retries }).TargetHealth(t.Context(), blueARN)
				if got := f.count("elbv2 DescribeTargetHealth"); got != tt.attempts {
					t.Errorf("%d attempts, want %d (%v)", got, tt.attempts, err)
				}
				if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			})
		})
	}
}

// A hundred rollouts that are throttled together all get through: no quota that they share cuts their retries short.
func TestThrottledTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		tried := map[string]int{}
		f.on("elbv2 DescribeTargetHealth", func(c call) reply {
			arn := c.form.Get("TargetGroupArn")
			if tried[arn]++; tried[arn] <= 8 {
				return refused(400, "Throttling", "Rate exceeded")
			}
			return ok("DescribeTargetHealth", noTargets)
		})
		c := f.client()
		failed := make(chan error)
		for i := range 100 {
			go func() {
				_, err := c.TargetHealth(t.Context(), fmt.Sprint(blueARN, i))
				failed <- err
			}()
		}
		for range 100 {
			if err := <-failed; err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestCancelledCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.always("elbv2 DescribeTargetHealth", reply{after: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := f.client().TargetHealth(ctx, blueARN)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if n := f.count("elbv2 DescribeTargetHealth"); n != 1 {
			t.Errorf("%d attempts after nobody waited", n)
		}
	})
}

func TestReady(t *testing.T) {
	nothing := func(c *Config) { c.AccessKey, c.SecretKey, c.SessionToken = "", "", "" }
	t.Run("keys", func(t *testing.T) {
		if err := newFake(t).client().Ready(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("environment", func(t *testing.T) {
		t.Setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
		t.Setenv("AWS_SECRET_ACCESS_KEY", testSecret)
		if err := newFake(t).client(nothing).Ready(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("profile", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "credentials")
		os.WriteFile(file, []byte("[ci]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = "+testSecret+"\n"), 0o600)
		f := newFake(t)
		f.always("elbv2 DescribeTargetHealth", ok("DescribeTargetHealth", noTargets))
		c := f.client(nothing, func(c *Config) { c.Profile = "ci"; c.SharedCredentialsFiles = []string{file} })
		if _, err := c.TargetHealth(t.Context(), blueARN); err != nil {
			t.Fatal(err)
		}
		if got := f.calls[0].signer(); got != "AKIAPROFILE" {
			t.Errorf("signed by %s", got)
		}
	})
	t.Run("a machine outside EC2", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			f.always("imds PUT /latest/api/token", reply{after: time.Hour})
			f.always("imds GET /latest/meta-data/iam/security-credentials/", reply{after: time.Hour})
			start := time.Now()
			err := f.client(nothing).Ready(t.Context())
			if err == nil || !strings.Contains(err.Error(), "no usable AWS credentials: the EC2 metadata service did not answer within 1s") {
				t.Errorf("got %v", err)
			}
			if took := time.Since(start); took != time.Second {
				t.Errorf("it took %s", took)
			}
			time.Sleep(metadataTimeout)
		})
	})
	t.Run("metadata disabled", func(t *testing.T) {
		t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
		err := newFake(t).client(nothing).Ready(t.Context())
		if err == nil || !strings.Contains(err.Error(), "no usable AWS credentials") || !strings.Contains(err.Error(), "AWS_PROFILE") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a machine in EC2", func(t *testing.T) {
		f := newFake(t)
		f.always("imds PUT /latest/api/token", reply{body: []byte("token")})
		f.always("imds GET /latest/meta-data/iam/security-credentials/", reply{body: []byte("role")})
		f.always("imds GET /latest/meta-data/iam/security-credentials/role", reply{body: []byte(
			`{"Code":"Success","AccessKeyId":"AKIAEC2","SecretAccessKey":"s","Token":"t","Expiration":"2199-01-01T00:00:00Z"}`)})
		if err := f.client(nothing).Ready(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			f.always("imds PUT /latest/api/token", reply{after: time.Hour})
			f.always("imds GET /latest/meta-data/iam/security-credentials/", reply{after: time.Hour})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			if err := f.client(nothing).Ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			time.Sleep(metadataTimeout)
		})
	})
}

// metadataTimeout is when the SDK gives up the metadata service, which it does on its own time.
const metadataTimeout = 6 * time.Second

func TestNoSecondHTTPClient(t *testing.T) {
	// Without a transport the client must be the SDK's own, or AWS_CA_BUNDLE would be refused.
	c := Config{}
	first := c.httpClient(nil)
	if _, ok := first.(bounded).HTTPClient.(*http.Client); ok {
		t.Error("not the SDK's client")
	}
	if second := c.httpClient(first); second == nil {
		t.Error("no client")
	}
}
