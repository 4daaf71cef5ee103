package aws

import (
	"strings"
	"testing"
	"time"
)

func TestNewSaysWhatIsWrong(t *testing.T) {
	role := func(r AssumeRole) Config {
		if r.RoleARN == "" {
			r.RoleARN = "arn:aws:iam::123456789012:role/deploy"
		}
		return Config{AssumeRole: &r}
	}
	tests := map[string]struct {
		config Config
		want   string // "" is nothing wrong
	}{
		"nothing set":            {Config{}, ""},
		"keys":                   {Config{AccessKey: testKey, SecretKey: testSecret}, ""},
		"keys and token":         {Config{AccessKey: testKey, SecretKey: testSecret, SessionToken: testToken}, ""},
		"key without secret":     {Config{AccessKey: testKey}, "access_key is set without secret_key"},
		"secret without key":     {Config{SecretKey: testSecret}, "secret_key is set without access_key"},
		"token alone":            {Config{SessionToken: testToken}, "session_token is set without"},
		"region":                 {Config{Region: "eu-central-1"}, ""},
		"no region":              {Config{Region: "EU (Frankfurt)"}, `region "EU (Frankfurt)" is not the name`},
		"region with a path":     {Config{Region: "us-east-1.evil/"}, "is not the name"},
		"endpoint":               {Config{Endpoints: Endpoints{EC2: "http://127.0.0.1:8080"}}, ""},
		"endpoint with a path":   {Config{Endpoints: Endpoints{STS: "https://proxy.example/sts"}}, ""},
		"endpoint without http":  {Config{Endpoints: Endpoints{ELB: "localhost:8080"}}, "endpoint elb is not"},
		"endpoint without host":  {Config{Endpoints: Endpoints{ELBv2: "https://"}}, "endpoint elbv2 is not"},
		"endpoint of functions":  {Config{Endpoints: Endpoints{Lambda: "lambda.test"}}, "endpoint lambda is not"},
		"endpoint of a file":     {Config{Endpoints: Endpoints{CloudWatch: "file:///etc/passwd"}}, "endpoint cloudwatch is not"},
		"role":                   {role(AssumeRole{Duration: time.Hour, SessionName: "ci@web"}), ""},
		"role in another place":  {role(AssumeRole{RoleARN: "arn:aws-us-gov:iam::123456789012:role/a/b"}), ""},
		"no role":                {role(AssumeRole{RoleARN: "deploy"}), `"deploy" is not the ARN of a role`},
		"short session":          {role(AssumeRole{Duration: time.Minute}), "a duration of 1m0s is not between"},
		"long session":           {role(AssumeRole{Duration: 13 * time.Hour}), "is not between"},
		"session name of spaces": {role(AssumeRole{SessionName: "my session"}), `session name "my session"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := New(tt.config)
			if tt.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want one with %q", err, tt.want)
			}
			noSecrets(t, err.Error())
		})
	}
}

func TestNewSaysAllThatIsWrong(t *testing.T) {
	_, err := New(Config{Region: "!", SecretKey: testSecret, Endpoints: Endpoints{EC2: "x", STS: "y"}})
	for _, want := range []string{"region", "access_key", "endpoint ec2", "endpoint sts"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
}
