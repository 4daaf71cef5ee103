package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const elbPrefix = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"

const (
	blueARN  = elbPrefix + "targetgroup/web-blue/0000000000000001"
	greenARN = elbPrefix + "targetgroup/web-green/0000000000000002"
	spareARN = elbPrefix + "targetgroup/spare/0000000000000003"
	otherARN = elbPrefix + "targetgroup/other/0000000000000004"
	tcpARN   = elbPrefix + "targetgroup/tcp/0000000000000005"
	goneARN  = elbPrefix + "targetgroup/gone/0000000000000006"

	balancerARN   = elbPrefix + "loadbalancer/app/web/00000000000000a1"
	productionARN = elbPrefix + "listener/app/web/00000000000000a1/00000000000000b1"
	stageARN      = elbPrefix + "listener/app/web/00000000000000a1/00000000000000b2"
	flowARN       = elbPrefix + "listener/net/flow/00000000000000a2/00000000000000b3"
	apiRuleARN    = elbPrefix + "listener-rule/app/web/00000000000000a1/00000000000000b1/00000000000000c1"
	loginRuleARN  = elbPrefix + "listener-rule/app/web/00000000000000a1/00000000000000b1/00000000000000c2"
)

// twoTargetGroups is a world with a load balancer whose listeners send production to blue and tests to green.
func twoTargetGroups() Config {
	check := HealthCheckConfig{Interval: Duration(10 * time.Second)}
	shortDrain := map[string]string{"deregistration_delay.timeout_seconds": "60"}
	return Config{
		Images: []Image{{ID: "ami-0a1", Name: "web-1"}, {ID: "ami-0bad", Name: "web-2-never"}},
		AWS: AWSConfig{
			TargetGroups: []TargetGroupConfig{
				{Name: "web-blue", ARN: blueARN, HealthCheck: check, Attributes: shortDrain, Tags: map[string]string{"colour": "blue"}},
				{Name: "web-green", ARN: greenARN, HealthCheck: check, Attributes: shortDrain, Tags: map[string]string{"colour": "green"}},
				{Name: "spare", ARN: spareARN, HealthCheck: check},
				{Name: "other", ARN: otherARN},
				{Name: "tcp", ARN: tcpARN, Protocol: "TCP", Port: 443},
			},
			LoadBalancers: []LoadBalancerConfig{
				{Name: "web", ARN: balancerARN, Listeners: []ListenerConfig{
					{ARN: productionARN, Port: 443, Protocol: "HTTPS", TargetGroup: "web-blue", Rules: []RuleConfig{
						{ARN: loginRuleARN, Priority: 20, Actions: []ActionConfig{
							{Type: "authenticate-oidc", Order: 1, Config: map[string]any{
								"Issuer": "https://id.example.com", "AuthorizationEndpoint": "https://id.example.com/a",
								"TokenEndpoint": "https://id.example.com/t", "UserInfoEndpoint": "https://id.example.com/u",
								"ClientId": "web", "ClientSecret": "hush", "SessionTimeout": 3600,
							}},
							{Order: 2, TargetGroups: []WeightConfig{{TargetGroup: "web-blue"}}},
						}, Conditions: []map[string]any{{"Field": "path-pattern", "PathPatternConfig": map[string]any{"Values": []any{"/login"}}}}},
						{ARN: apiRuleARN, Priority: 10, TargetGroup: "web-blue", Conditions: []map[string]any{
							{"Field": "host-header", "HostHeaderConfig": map[string]any{"Values": []any{"api.example.com", "*.api.example.com"}}},
						}},
					}},
					{ARN: stageARN, Port: 8080, Stage: true, TargetGroup: "web-green"},
				}},
				{Name: "elsewhere", Listeners: []ListenerConfig{{TargetGroup: "other"}}},
				{Name: "flow", Type: "network", Listeners: []ListenerConfig{{ARN: flowARN, Port: 443, TargetGroup: "tcp"}}},
			},
			ClassicLoadBalancers: []ClassicBalancerConfig{{Name: "old", HealthCheck: check, Draining: Duration(30 * time.Second)}},
		},
	}
}

// with is the configuration with a group of instances more, which are there and healthy when the world begins.
func (c Config) with(name, image string, n int, balancers ...string) Config {
	c.Groups = append(c.Groups, groupOf(name, image, n, balancers...))
	return c
}

// groupOf is the document of a group whose instances register in target groups (ARNs) and with classic balancers (names).
func groupOf(name, image string, n int, balancers ...string) []byte {
	var at []string
	for _, b := range balancers {
		if strings.HasPrefix(b, "arn:") {
			at = append(at, fmt.Sprintf(`{"type":"TARGET_GROUP","name":"tg","arn":%q}`, b))
		} else {
			at = append(at, fmt.Sprintf(`{"type":"CLASSIC","name":%q}`, b))
		}
	}
	return fmt.Appendf(nil, `{"name":%q,"region":"us-east-1","capacity":{"minimum":%d,"target":%d,"maximum":%d},
		"strategy":{"risk":100,"drainingTimeout":60},
		"compute":{"product":"Linux/UNIX","instanceTypes":{"spot":["m5.large"],"ondemand":"m5.large"},
			"launchSpecification":{"imageId":%q,"autoHealing":false,"tags":[{"tagKey":"Name","tagValue":%q}],
				"loadBalancersConfig":{"loadBalancers":[%s]}}}}`, name, n, n, n, image, name, strings.Join(at, ","))
}

// clients are the real SDK's, on a world in memory.
type clients struct {
	world      *World
	config     aws.Config
	ec2        *ec2.Client
	elbv2      *elbv2.Client
	elb        *elasticloadbalancing.Client
	cloudwatch *cloudwatch.Client
	sts        *sts.Client
}

func clientsOf(w *World, accessKey string) clients {
	c := aws.Config{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String("http://sandbox.invalid"),
		Credentials:      credentials.NewStaticCredentialsProvider(accessKey, "secret", ""),
		HTTPClient:       w.Client(),
		RetryMaxAttempts: 1,
	}
	return clients{
		world: w, config: c, ec2: ec2.NewFromConfig(c), elbv2: elbv2.NewFromConfig(c), elb: elasticloadbalancing.NewFromConfig(c),
		cloudwatch: cloudwatch.NewFromConfig(c), sts: sts.NewFromConfig(c),
	}
}

// inAWS runs a test in a bubble with a world of its own.
func inAWS(t *testing.T, c Config, test func(*testing.T, clients)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, clientsOf(New(c), "AKIASANDBOX")) })
}

// sleep lets the bubble's time pass.
func (c clients) sleep(d time.Duration) { time.Sleep(d) }

// instances are the IDs of a group's instances, in order.
func (c clients) instances(t *testing.T, group string) []string {
	t.Helper()
	g, ok := c.world.Group(group)
	if !ok {
		t.Fatalf("there is no group %s", group)
	}
	var ids []string
	for _, i := range g.Instances {
		ids = append(ids, i.ID)
	}
	return ids
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// wantRefusal checks that an error is a refusal with the code, the HTTP status, and a part of the message.
func wantRefusal(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want the refusal %s", err, code)
	}
	if refusal.ErrorCode() != code || !strings.Contains(refusal.ErrorMessage(), message) {
		t.Errorf("got %s: %s\nwant %s: …%s…", refusal.ErrorCode(), refusal.ErrorMessage(), code, message)
	}
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() != status {
		t.Errorf("%s came with HTTP status %d, want %d", code, answer.HTTPStatusCode(), status)
	}
	if answer == nil || answer.ServiceRequestID() == "" {
		t.Errorf("%s came without a request ID", code)
	}
}

func TestAWSCredentials(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, good clients) {
		bad := clientsOf(good.world, "AKIABADKEY")
		_, err := bad.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		wantRefusal(t, err, 403, "InvalidClientTokenId", "security token")
		_, err = bad.elbv2.DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{})
		wantRefusal(t, err, 403, "InvalidClientTokenId", "security token")
		_, err = bad.elb.DescribeLoadBalancers(t.Context(), &elasticloadbalancing.DescribeLoadBalancersInput{})
		wantRefusal(t, err, 403, "InvalidClientTokenId", "security token")
		_, err = bad.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{})
		wantRefusal(t, err, 403, "InvalidClientTokenId", "security token")
		_, err = bad.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{})
		wantRefusal(t, err, 401, "AuthFailure", "not able to validate")

		unfinished := clientsOf(good.world, "ASIASANDBOX") // without a session token
		_, err = unfinished.elbv2.DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{})
		wantRefusal(t, err, 403, "InvalidClientTokenId", "security token")
	})
}

func TestAWSWithoutSignature(t *testing.T) {
	for _, test := range []struct {
		name, path, body, authorization string
		status                          int
		answer                          string
	}{
		{"none", "/", "Version=2015-12-01&Action=DescribeTargetGroups", "", 403, "<Code>MissingAuthenticationToken</Code>"},
		{"none at EC2", "/", "Version=2016-11-15&Action=DescribeImages", "", 403, "<Response><Errors><Error><Code>MissingAuthenticationToken"},
		{"none at CloudWatch", cloudWatchPath + "DescribeAlarms", "", "", 403, "MissingAuthenticationToken"},
		{"no signature", "/", "Version=2015-12-01&Action=DescribeTargetGroups", "Bearer abc", 400, "<Code>IncompleteSignature</Code>"},
		{"no service", "/", "Version=2010-01-01&Action=Sing", "", 404, "no call of EC2"},
		{"no form", "/", "%%%", "", 404, "no call of EC2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
				r := must(http.NewRequestWithContext(t.Context(), "POST", "http://sandbox.invalid"+test.path, strings.NewReader(test.body)))(t)
				if test.authorization != "" {
					r.Header.Set("Authorization", test.authorization)
				}
				answer := must(c.world.Client().Do(r))(t)
				text := string(must(io.ReadAll(answer.Body))(t))
				if answer.StatusCode != test.status || !strings.Contains(text, test.answer) {
					t.Errorf("got %d %s\nwant %d …%s…", answer.StatusCode, text, test.status, test.answer)
				}
			})
		})
	}
}

func TestAWSUnservedActions(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		_, err := c.elbv2.DescribeSSLPolicies(t.Context(), &elbv2.DescribeSSLPoliciesInput{})
		wantRefusal(t, err, 400, "InvalidAction", "DescribeSSLPolicies")
		_, err = c.ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		wantRefusal(t, err, 400, "InvalidAction", "DescribeVpcs")
		_, err = c.cloudwatch.ListDashboards(t.Context(), &cloudwatch.ListDashboardsInput{})
		wantRefusal(t, err, 404, "UnknownOperationException", "ListDashboards")
	})
}

func TestAWSJournal(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		must(c.elbv2.DescribeTargetHealth(t.Context(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: aws.String(blueARN)}))(t)
		must(c.elbv2.ModifyListener(t.Context(), forwardTo(productionARN, greenARN)))(t)
		must(c.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"a", "b"}}))(t)
		must(c.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{"ami-0a1"}}))(t)
		_, err := c.elbv2.ModifyListener(t.Context(), forwardTo(productionARN, goneARN))
		wantRefusal(t, err, 400, "TargetGroupNotFound", "")

		want := []Call{
			{Service: "elbv2", Action: "DescribeTargetHealth", Subject: blueARN, Status: 200},
			{Service: "elbv2", Action: "ModifyListener", Subject: productionARN, Status: 200, Changed: true},
			{Service: "cloudwatch", Action: "DescribeAlarms", Subject: "a,b", Status: 200},
			{Service: "ec2", Action: "DescribeImages", Subject: "ami-0a1", Status: 200},
			{Service: "elbv2", Action: "ModifyListener", Subject: productionARN, Status: 400},
		}
		got := c.world.Calls()
		if len(got) != len(want) {
			t.Fatalf("got %d calls, want %d", len(got), len(want))
		}
		for i, w := range want {
			g := got[i]
			if g.Service != w.Service || g.Action != w.Action || g.Subject != w.Subject || g.Status != w.Status || g.Changed != w.Changed {
				t.Errorf("call %d: got %+v\nwant %+v", i+1, g, w)
			}
		}
	})
}

func TestAWSConfigCheck(t *testing.T) {
	group := []TargetGroupConfig{{Name: "web"}}
	for _, test := range []struct {
		name   string
		config AWSConfig
		want   string
	}{
		{"empty", AWSConfig{}, ""},
		{"two colours", twoTargetGroups().AWS, ""},
		{"a name twice", AWSConfig{TargetGroups: append(group, group...)}, `target_groups[1].name: "web" is there twice`},
		{"unknown target group", AWSConfig{LoadBalancers: []LoadBalancerConfig{{Name: "l", Listeners: []ListenerConfig{{TargetGroup: "x"}}}}},
			`no target group "x"`},
		{"no action", AWSConfig{LoadBalancers: []LoadBalancerConfig{{Name: "l", Listeners: []ListenerConfig{{Port: 80}}}}}, "no action"},
		{"weight", AWSConfig{TargetGroups: group, LoadBalancers: []LoadBalancerConfig{{Name: "l", Listeners: []ListenerConfig{{
			DefaultActions: []ActionConfig{{TargetGroups: []WeightConfig{{"web", 1000}}}}}}}}}, "1000 is above 999"},
		{"type", AWSConfig{LoadBalancers: []LoadBalancerConfig{{Name: "l", Type: "gateway"}}}, `"gateway"`},
		{"alarm state", AWSConfig{Alarms: []AlarmConfig{{Name: "a", Changes: []AlarmChange{{State: "FINE"}}}}}, `"FINE"`},
		{"interval", AWSConfig{TargetGroups: []TargetGroupConfig{{Name: "web", HealthCheck: HealthCheckConfig{Interval: -1}}}}, "below 0"},
		{"no classic name", AWSConfig{ClassicLoadBalancers: []ClassicBalancerConfig{{}}}, "no name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.config.Check()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want …%s…", err, test.want)
			}
		})
	}
}

// Whatever is sent, a call is answered and nothing panics.
func FuzzAWSCalls(f *testing.F) {
	for _, body := range []string{
		"Version=2015-12-01&Action=ModifyListener&ListenerArn=" + productionARN + "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + greenARN,
		"Version=2015-12-01&Action=ModifyRule&RuleArn=" + apiRuleARN + "&Actions.member.01.Type=forward&Conditions.member.1.Field=x",
		"Version=2015-12-01&Action=RegisterTargets&TargetGroupArn=" + blueARN + "&Targets.member.1=i-0&Targets.member.-1.Id=i-1",
		"Version=2016-11-15&Action=DescribeImages&Filter.1.Name=name&Filter.1.Value.1=*%5C&MaxResults=-1",
		"Version=2012-06-01&Action=DescribeInstanceHealth&LoadBalancerName=old&Instances.member.1.InstanceId=i-0",
		"Version=2011-06-15&Action=AssumeRole&RoleArn=%FF&DurationSeconds=x",
	} {
		f.Add("/", []byte(body))
	}
	f.Add(cloudWatchPath+"DescribeAlarms", []byte("\xa1jAlarmNames\x81\xf6"))
	f.Add(cloudWatchPath+"DescribeAlarmHistory", []byte("\xa1iStartDate\xc1\x1a\x00\x00\x00\x00"))
	w := New(twoTargetGroups())
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		if !strings.HasPrefix(path, cloudWatchPath) {
			path = "/"
		}
		r := must(http.NewRequestWithContext(t.Context(), "POST", "http://sandbox.invalid/", bytes.NewReader(body)))(t)
		r.URL.Path = path
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/x/aws4_request, SignedHeaders=host, Signature=0")
		answer := must(w.Client().Do(r))(t)
		if answer.StatusCode < 200 || answer.StatusCode > 499 {
			t.Errorf("answered %s", answer.Status)
		}
	})
}
