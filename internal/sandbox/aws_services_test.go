package sandbox

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func imagesWorld() Config {
	return Config{Images: []Image{
		{ID: "ami-0a1", Name: "web-2026-01", CreationDate: "2026-01-02T03:04:05.000Z", Tags: map[string]string{"app": "web"}},
		{ID: "ami-0a2", Name: "web-2026-02", CreationDate: "2026-02-02T03:04:05.000Z", Tags: map[string]string{"app": "web", "proven": ""}},
		{ID: "ami-0a3", Name: "web[3]*", Architecture: "arm64", State: "pending", Description: "third"},
		{ID: "ami-0b1", Name: "al2023", Owner: "137112412989", OwnerAlias: "amazon", Public: true},
		{ID: "ami-0b2", Name: "al2", Owner: "137112412989", OwnerAlias: "amazon", Public: true, DeprecationTime: "2000-01-01T00:00:00.000Z"},
		{ID: "ami-0c1", Name: "shared", Owner: "999999999999", Platform: "windows"},
		{ID: "ami-0d1", Name: "own-old", DeprecationTime: "1999-12-31T00:00:00.000Z"},
	}}
}

func filter(name string, values ...string) ec2types.Filter {
	return ec2types.Filter{Name: aws.String(name), Values: values}
}

func TestDescribeImages(t *testing.T) {
	type input = ec2.DescribeImagesInput
	all := "ami-0a1 ami-0a2 ami-0a3 ami-0b1 ami-0c1 ami-0d1"
	for _, test := range []struct {
		name  string
		input input
		want  string
	}{
		{"all", input{}, all},
		{"deprecated as well", input{IncludeDeprecated: aws.Bool(true)}, "ami-0a1 ami-0a2 ami-0a3 ami-0b1 ami-0b2 ami-0c1 ami-0d1"},
		{"self", input{Owners: []string{"self"}}, "ami-0a1 ami-0a2 ami-0a3 ami-0d1"},
		{"an account or an alias", input{Owners: []string{"999999999999", "amazon"}}, "ami-0b1 ami-0c1"},
		{"ids", input{ImageIds: []string{"ami-0a2", "ami-0b1"}}, "ami-0a2 ami-0b1"},
		{"everybody's", input{ExecutableUsers: []string{"all"}}, "ami-0b1"},
		{"shared with me", input{ExecutableUsers: []string{"self"}}, "ami-0c1"},
		{"name with *", input{Filters: []ec2types.Filter{filter("name", "web-*")}}, "ami-0a1 ami-0a2"},
		{"name with ?", input{Filters: []ec2types.Filter{filter("name", "web-2026-0?")}}, "ami-0a1 ami-0a2"},
		{"name with a literal *", input{Filters: []ec2types.Filter{filter("name", `web[3]\*`)}}, "ami-0a3"},
		{"name in capitals", input{Filters: []ec2types.Filter{filter("name", "WEB-*")}}, ""},
		{"one of the values", input{Filters: []ec2types.Filter{filter("name", "al2023", "shared")}}, "ami-0b1 ami-0c1"},
		{"all of the filters", input{Filters: []ec2types.Filter{filter("name", "web*"), filter("architecture", "x86_64"), filter("creation-date", "2026-02-*")}}, "ami-0a2"},
		{"tag", input{Filters: []ec2types.Filter{filter("tag:app", "web")}}, "ami-0a1 ami-0a2"},
		{"tag that is empty", input{Filters: []ec2types.Filter{filter("tag:proven", "")}}, "ami-0a2"},
		{"tag key", input{Filters: []ec2types.Filter{filter("tag-key", "prov*")}}, "ami-0a2"},
		{"state", input{Filters: []ec2types.Filter{filter("state", "pending")}}, "ami-0a3"},
		{"owner", input{Filters: []ec2types.Filter{filter("owner-id", "999999999999")}}, "ami-0c1"},
		{"alias", input{Filters: []ec2types.Filter{filter("owner-alias", "amazon")}}, "ami-0b1"},
		{"public", input{Filters: []ec2types.Filter{filter("is-public", "true")}}, "ami-0b1"},
		{"platform", input{Filters: []ec2types.Filter{filter("platform", "windows")}}, "ami-0c1"},
		{"device and virtualization", input{Filters: []ec2types.Filter{filter("root-device-type", "ebs"), filter("virtualization-type", "hvm")}}, all},
		{"id as a filter", input{Filters: []ec2types.Filter{filter("image-id", "ami-0zz")}}, ""},
		{"description", input{Filters: []ec2types.Filter{filter("description", "thir?")}}, "ami-0a3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inAWS(t, imagesWorld(), func(t *testing.T, c clients) {
				answer := must(c.ec2.DescribeImages(t.Context(), &test.input))(t)
				var ids []string
				for _, i := range answer.Images {
					ids = append(ids, *i.ImageId)
				}
				if got := strings.Join(ids, " "); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

func TestWildcard(t *testing.T) {
	for _, test := range []struct {
		pattern, value string
		want           bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"?", "", false}, {"?", "é", true}, {"a?c", "abc", true},
		{"a*c", "abcbc", true}, {"a*c", "abcb", false}, {"*b*c", "abxbc", true}, {"**", "", true}, {"a*b*c*", "aXbYcZ", true},
		{"a*?", "a", false}, {`a\*`, "a*", true}, {`a\*`, "ab", false}, {`\?`, "?", true}, {`a\`, `a\`, true},
		{strings.Repeat("*a", 40) + "b", strings.Repeat("a", 400), false}, // at once, not in exponential time
	} {
		if got := wildcard(test.pattern, test.value); got != test.want {
			t.Errorf("%q matches %q: %v, want %v", test.pattern, test.value, got, test.want)
		}
	}
}

func TestImageAttributes(t *testing.T) {
	inAWS(t, imagesWorld(), func(t *testing.T, c clients) {
		i := must(c.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{"ami-0a2"}}))(t).Images[0]
		if *i.Name != "web-2026-02" || *i.CreationDate != "2026-02-02T03:04:05.000Z" || i.State != ec2types.ImageStateAvailable ||
			*i.OwnerId != "123456789012" || i.Architecture != ec2types.ArchitectureValuesX8664 || len(i.BlockDeviceMappings) != 1 ||
			len(i.Tags) != 2 || *i.Tags[0].Key != "app" || *i.Public || i.ImageOwnerAlias != nil || i.Description != nil {
			t.Errorf("got %+v", i)
		}
		_, err := c.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{"ami-0a1", "ami-0abc"}})
		wantRefusal(t, err, 400, "InvalidAMIID.NotFound", "The image id '[ami-0abc]' does not exist")
		_, err = c.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{"web"}})
		wantRefusal(t, err, 400, "InvalidAMIID.Malformed", `"web"`)
		_, err = c.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Filters: []ec2types.Filter{filter("colour", "red")}})
		wantRefusal(t, err, 400, "InvalidParameterValue", "The filter 'colour' is invalid")

		c.world.RemoveImage("ami-0a1")
		_, err = c.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{"ami-0a1"}})
		wantRefusal(t, err, 400, "InvalidAMIID.NotFound", "ami-0a1")
	})
}

func TestPagesOfImages(t *testing.T) {
	inAWS(t, imagesWorld(), func(t *testing.T, c clients) {
		var sizes []int
		p := ec2.NewDescribeImagesPaginator(c.ec2, &ec2.DescribeImagesInput{MaxResults: aws.Int32(4)})
		for p.HasMorePages() {
			sizes = append(sizes, len(must(p.NextPage(t.Context()))(t).Images))
		}
		if !slices.Equal(sizes, []int{4, 2}) {
			t.Errorf("pages of %v", sizes)
		}
		_, err := c.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{NextToken: aws.String("there")})
		wantRefusal(t, err, 400, "InvalidParameterValue", "NextToken")
	})
}

func TestDescribeInstances(t *testing.T) {
	inAWS(t, twoTargetGroups().with("web__1", "ami-0a1", 2, blueARN), func(t *testing.T, c clients) {
		ids := c.instances(t, "web__1")
		answer := must(c.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: ids[:1]}))(t)
		i := answer.Reservations[0].Instances[0]
		if *i.InstanceId != ids[0] || i.State.Name != ec2types.InstanceStateNameRunning || *i.ImageId != "ami-0a1" || i.InstanceType != "m5.large" ||
			i.InstanceLifecycle != ec2types.InstanceLifecycleTypeSpot || i.LaunchTime == nil {
			t.Errorf("got %+v", i)
		}
		p := ec2.NewDescribeInstancesPaginator(c.ec2, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(1),
			Filters: []ec2types.Filter{filter("tag:Name", "web__1"), filter("instance-state-name", "running")}})
		pages := 0
		for p.HasMorePages() {
			pages += len(must(p.NextPage(t.Context()))(t).Reservations)
		}
		if pages != 2 {
			t.Errorf("%d instances, want 2", pages)
		}
		status := must(c.ec2.DescribeInstanceStatus(t.Context(), &ec2.DescribeInstanceStatusInput{InstanceIds: ids}))(t).InstanceStatuses
		if len(status) != 2 || status[0].InstanceStatus.Status != ec2types.SummaryStatusOk || *status[0].InstanceState.Code != 16 {
			t.Errorf("got %+v", status)
		}
		c.world.ReclaimAtOnce(ids[0])
		status = must(c.ec2.DescribeInstanceStatus(t.Context(), &ec2.DescribeInstanceStatusInput{InstanceIds: ids}))(t).InstanceStatuses
		if len(status) != 1 {
			t.Errorf("a terminated instance has the status %+v", status)
		}
		_, err := c.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{"i-0abc"}})
		wantRefusal(t, err, 400, "InvalidInstanceID.NotFound", "'i-0abc'")
		_, err = c.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: ids, MaxResults: aws.Int32(5)})
		wantRefusal(t, err, 400, "InvalidParameterCombination", "maxResults")
	})
}

func alarmsWorld() Config {
	hours := func(n int) Duration { return Duration(n) * Duration(time.Hour) }
	return Config{AWS: AWSConfig{Alarms: []AlarmConfig{
		{Name: "web-5xx", State: "OK", Changes: []AlarmChange{
			{At: hours(-3), State: "ALARM", Reason: "five errors"}, {At: hours(-2), State: "OK"},
			{At: Duration(10 * time.Minute), State: "ALARM", Reason: "nine errors"},
		}},
		{Name: "new"},
		{Name: "all", Type: "composite", Rule: "ALARM(web-5xx) OR ALARM(new)"},
	}}}
}

func (c clients) alarms(t *testing.T, names ...string) map[string]string {
	t.Helper()
	answer := must(c.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: names,
		AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm}}))(t)
	states := map[string]string{}
	for _, a := range answer.MetricAlarms {
		states[*a.AlarmName] = string(a.StateValue)
	}
	for _, a := range answer.CompositeAlarms {
		states[*a.AlarmName] = string(a.StateValue) + " composite"
	}
	return states
}

func TestDescribeAlarms(t *testing.T) {
	inAWS(t, alarmsWorld(), func(t *testing.T, c clients) {
		got := c.alarms(t, "web-5xx", "new", "all", "unknown")
		if len(got) != 3 || got["web-5xx"] != "OK" || got["new"] != "INSUFFICIENT_DATA" || got["all"] != "OK composite" {
			t.Errorf("got %v", got)
		}
		answer := must(c.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{}))(t)
		if len(answer.MetricAlarms) != 2 || len(answer.CompositeAlarms) != 0 {
			t.Errorf("without AlarmTypes there are %d metric and %d composite alarms, want 2 and 0", len(answer.MetricAlarms), len(answer.CompositeAlarms))
		}
		a := answer.MetricAlarms[0]
		twoHoursAgo := time.Now().Add(-2 * time.Hour)
		if !a.StateTransitionedTimestamp.Equal(twoHoursAgo) || !a.StateUpdatedTimestamp.Equal(twoHoursAgo) || *a.Threshold != 1 || *a.Period != 60 {
			t.Errorf("got %+v", a)
		}

		time.Sleep(11 * time.Minute)
		began := time.Now().Add(-time.Minute)
		answer = must(c.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{StateValue: cwtypes.StateValueAlarm}))(t)
		a = answer.MetricAlarms[0]
		if len(answer.MetricAlarms) != 1 || *a.StateReason != "nine errors" || !a.StateTransitionedTimestamp.Equal(began) {
			t.Errorf("got %+v", answer.MetricAlarms)
		}
		c.world.SetAlarm("web-5xx", "ALARM", "still")
		c.world.SetAlarmAfter(time.Minute, "new", "OK", "")
		a = must(c.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("web")}))(t).MetricAlarms[0]
		if !a.StateTransitionedTimestamp.Equal(began) || !a.StateUpdatedTimestamp.Equal(time.Now()) {
			t.Errorf("set to the state that it had, it was updated %v and changed %v", a.StateUpdatedTimestamp, a.StateTransitionedTimestamp)
		}
		time.Sleep(time.Minute)
		if got := c.alarms(t, "new")["new"]; got != "OK" {
			t.Errorf("new is %s", got)
		}
		if c.world.SetAlarm("unknown", "OK", "") || c.world.SetAlarm("new", "FINE", "") {
			t.Error("an unknown alarm or state was set")
		}
	})
}

func TestAlarmHistory(t *testing.T) {
	inAWS(t, alarmsWorld(), func(t *testing.T, c clients) {
		history := func(input cloudwatch.DescribeAlarmHistoryInput) string {
			t.Helper()
			var all []string
			p := cloudwatch.NewDescribeAlarmHistoryPaginator(c.cloudwatch, &input)
			for p.HasMorePages() {
				for _, item := range must(p.NextPage(t.Context()))(t).AlarmHistoryItems {
					all = append(all, strings.TrimPrefix(*item.HistorySummary, "Alarm updated from "))
					if !strings.Contains(*item.HistoryData, `"newState"`) || item.HistoryItemType != cwtypes.HistoryItemTypeStateUpdate {
						t.Errorf("got %+v", item)
					}
				}
			}
			return strings.Join(all, ", ")
		}
		must(c.cloudwatch.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("all"),
			StateValue: cwtypes.StateValueAlarm, StateReason: aws.String("a test")}))(t)
		time.Sleep(11 * time.Minute)
		both := []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm}
		for _, test := range []struct {
			input cloudwatch.DescribeAlarmHistoryInput
			want  string
		}{
			{cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("web-5xx")}, "OK to ALARM, ALARM to OK, OK to ALARM"},
			{cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("web-5xx"), MaxRecords: aws.Int32(2), ScanBy: cwtypes.ScanByTimestampAscending},
				"OK to ALARM, ALARM to OK, OK to ALARM"},
			{cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("web-5xx"), StartDate: aws.Time(time.Now().Add(-time.Hour))}, "OK to ALARM"},
			{cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("web-5xx"), StartDate: aws.Time(time.Now().Add(-150 * time.Minute)),
				EndDate: aws.Time(time.Now().Add(-time.Hour))}, "ALARM to OK"},
			{cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("all")}, ""},
			{cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("all"), AlarmTypes: both}, "OK to ALARM"},
			{cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("web-5xx"), HistoryItemType: cwtypes.HistoryItemTypeAction}, ""},
		} {
			if got := history(test.input); got != test.want {
				t.Errorf("%+v: got %q, want %q", test.input, got, test.want)
			}
		}
	})
}

func TestRefusedAlarmCalls(t *testing.T) {
	inAWS(t, alarmsWorld(), func(t *testing.T, c clients) {
		_, err := c.cloudwatch.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("unknown"),
			StateValue: cwtypes.StateValueOk, StateReason: aws.String("a test")})
		wantRefusal(t, err, 404, "ResourceNotFound", "unknown")
		_, err = c.cloudwatch.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("new"),
			StateValue: "FINE", StateReason: aws.String("a test")})
		wantRefusal(t, err, 400, "ValidationError", "'FINE'")
		_, err = c.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: slices.Repeat([]string{"a"}, 101)})
		wantRefusal(t, err, 400, "ValidationError", "100")
		_, err = c.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(101)})
		wantRefusal(t, err, 400, "ValidationError", "maxRecords")
		_, err = c.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{NextToken: aws.String("there")})
		wantRefusal(t, err, 400, "InvalidNextToken", "")
		p := cloudwatch.NewDescribeAlarmsPaginator(c.cloudwatch, &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(1)})
		pages := 0
		for p.HasMorePages() {
			pages += len(must(p.NextPage(t.Context()))(t).MetricAlarms)
		}
		if pages != 2 {
			t.Errorf("%d alarms, want 2", pages)
		}
	})
}

func TestAssumeRole(t *testing.T) {
	inAWS(t, Config{}, func(t *testing.T, c clients) {
		who := must(c.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))(t)
		if *who.Account != "123456789012" || *who.Arn != "arn:aws:iam::123456789012:user/sandbox" {
			t.Errorf("got %+v", who)
		}
		assume := func(arn string) (*sts.AssumeRoleOutput, error) {
			return c.sts.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(arn), RoleSessionName: aws.String("rollout"), DurationSeconds: aws.Int32(900)})
		}
		answer := must(assume("arn:aws:iam::210987654321:role/path/release"))(t)
		given := answer.Credentials
		if !given.Expiration.Equal(time.Now().Add(15 * time.Minute).Truncate(time.Second)) {
			t.Errorf("the credentials expire %v", given.Expiration)
		}
		as := func(token string) (*sts.GetCallerIdentityOutput, error) {
			config := c.config
			config.Credentials = credentials.NewStaticCredentialsProvider(*given.AccessKeyId, *given.SecretAccessKey, token)
			return sts.NewFromConfig(config).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
		}
		who = must(as(*given.SessionToken))(t)
		if *who.Account != "210987654321" || *who.Arn != "arn:aws:sts::210987654321:assumed-role/release/rollout" || !strings.HasSuffix(*who.UserId, ":rollout") {
			t.Errorf("got %+v", who)
		}
		_, err := as("another")
		wantRefusal(t, err, 403, "InvalidClientTokenId", "")
		time.Sleep(16 * time.Minute)
		_, err = as(*given.SessionToken)
		wantRefusal(t, err, 403, "ExpiredToken", "expired")

		_, err = assume("arn:aws:iam::210987654321:role/denied")
		wantRefusal(t, err, 403, "AccessDenied", "arn:aws:iam::123456789012:user/sandbox is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::210987654321:role/denied")
		_, err = assume("release")
		wantRefusal(t, err, 400, "ValidationError", "release is invalid")
	})
}
