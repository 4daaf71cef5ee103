package aws

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

func targetXML(id string, port int, state, reason, description string) string {
	return fmt.Sprintf("<member><Target><Id>%s</Id><Port>%d</Port></Target><HealthCheckPort>80</HealthCheckPort><TargetHealth>"+
		"<State>%s</State><Reason>%s</Reason><Description>%s</Description></TargetHealth></member>", id, port, state, reason, description)
}

func TestTargetHealth(t *testing.T) {
	f := newFake(t)
	f.always("elbv2 DescribeTargetHealth", ok("DescribeTargetHealth", "<TargetHealthDescriptions>"+
		targetXML("i-1", 80, "healthy", "", "")+
		targetXML("i-1", 81, "unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]")+
		targetXML("i-2", 80, "initial", "Elb.RegistrationInProgress", "Target registration is in progress")+
		targetXML("i-3", 80, "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")+
		targetXML("i-4", 80, "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")+
		targetXML("i-5", 80, "unavailable", "Elb.InternalError", "")+
		targetXML("i-6", 80, "unhealthy.draining", "", "")+
		"</TargetHealthDescriptions>"))
	got, err := f.client().TargetHealth(t.Context(), blueARN)
	if err != nil {
		t.Fatal(err)
	}
	want := []runner.Target{
		{Instance: "i-1", Port: 80, InService: true, State: "healthy"},
		{Instance: "i-1", Port: 81, State: "unhealthy", Reason: "Target.ResponseCodeMismatch", Description: "Health checks failed with these codes: [503]"},
		{Instance: "i-2", Port: 80, State: "initial", Reason: "Elb.RegistrationInProgress", Description: "Target registration is in progress"},
		{Instance: "i-3", Port: 80, State: "draining", Reason: "Target.DeregistrationInProgress", Description: "Target deregistration is in progress"},
		{Instance: "i-4", Port: 80, State: "unused", Reason: "Target.NotInUse", Description: "Target group is not configured to receive traffic from the load balancer"},
		{Instance: "i-5", Port: 80, State: "unavailable", Reason: "Elb.InternalError"},
		{Instance: "i-6", Port: 80, State: "unhealthy.draining"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(HealthCounts{Healthy: 1, Unhealthy: 2, Initial: 2, Draining: 1, Unused: 1}, CountHealth(got)); diff != "" {
		t.Error(diff)
	}
	if arn := f.calls[0].form.Get("TargetGroupArn"); arn != blueARN {
		t.Errorf("asked about %s", arn)
	}
}

// A hundred rollouts that poll one target group every ten seconds cost one call at a time, and none sees old health.
func TestTargetHealthIsPolledTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		start := time.Now()
		f.on("elbv2 DescribeTargetHealth", func(call) reply {
			// The answer tells when the call began, as a port.
			r := ok("DescribeTargetHealth", "<TargetHealthDescriptions>"+
				targetXML("i-1", int(time.Since(start).Milliseconds()), "healthy", "", "")+"</TargetHealthDescriptions>")
			r.after = 300 * time.Millisecond
			return r
		})
		c := f.client()
		done := make(chan bool)
		for i := range 100 {
			go func() {
				time.Sleep(time.Duration(i) * 7 * time.Millisecond)
				for range 6 {
					asked := int(time.Since(start).Milliseconds())
					targets, err := c.TargetHealth(t.Context(), blueARN)
					if err != nil || targets[0].Port < asked || targets[0].Instance != "i-1" {
						t.Errorf("asked at %d, got %v, %v", asked, targets, err)
					}
					targets[0].Instance = "" // an answer is the caller's own
					time.Sleep(10 * time.Second)
				}
				done <- true
			}()
		}
		for range 100 {
			<-done
		}
		if n := f.count("elbv2 DescribeTargetHealth"); n > 40 {
			t.Errorf("%d calls for 600 questions", n)
		}
	})
}

func TestClassicHealth(t *testing.T) {
	f := newFake(t)
	state := func(id, state, reason, description string) string {
		return fmt.Sprintf("<member><InstanceId>%s</InstanceId><State>%s</State><ReasonCode>%s</ReasonCode><Description>%s</Description></member>",
			id, state, reason, description)
	}
	f.always("elb DescribeInstanceHealth", ok("DescribeInstanceHealth", "<InstanceStates>"+
		state("i-1", "InService", "N/A", "N/A")+
		state("i-2", "InService", "N/A", "Instance deregistration currently in progress.")+
		state("i-3", "OutOfService", "ELB", "Instance registration is still in progress.")+
		state("i-4", "OutOfService", "Instance", "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.")+
		state("i-5", "Unknown", "N/A", "A transient error occurred. Please try again later.")+
		"</InstanceStates>"))
	got, err := f.client().ClassicHealth(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	want := []runner.Target{
		{Instance: "i-1", InService: true, State: "InService"},
		{Instance: "i-2", State: "InService", Description: "Instance deregistration currently in progress."},
		{Instance: "i-3", State: "OutOfService", Reason: "ELB", Description: "Instance registration is still in progress."},
		{Instance: "i-4", State: "OutOfService", Reason: "Instance", Description: "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."},
		{Instance: "i-5", State: "Unknown", Description: "A transient error occurred. Please try again later."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestClassicBalancer(t *testing.T) {
	f := newFake(t)
	f.always("elb DescribeLoadBalancers", ok("DescribeLoadBalancers",
		"<LoadBalancerDescriptions><member><LoadBalancerName>web</LoadBalancerName><VPCId>vpc-1</VPCId>"+
			"<HealthCheck><Interval>20</Interval><HealthyThreshold>3</HealthyThreshold></HealthCheck></member></LoadBalancerDescriptions>"))
	got, err := f.client().ClassicBalancer(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	want := runner.ClassicBalancer{Name: "web", VPC: "vpc-1", Check: runner.HealthCheck{Interval: 20 * time.Second, Passes: 3}}
	if diff := cmp.Diff(want, got); diff != "" || got.Check.Takes() != time.Minute {
		t.Error(diff, got.Check.Takes())
	}
	if got := f.calls[0].form.Get("LoadBalancerNames.member.1"); got != "web" {
		t.Errorf("asked about %q", got)
	}
}

func groupXML(name, arn string, balancers ...string) string {
	var b strings.Builder
	for _, it := range balancers {
		b.WriteString("<member>" + it + "</member>")
	}
	return fmt.Sprintf("<member><TargetGroupArn>%s</TargetGroupArn><TargetGroupName>%s</TargetGroupName><Protocol>HTTP</Protocol>"+
		"<Port>8080</Port><VpcId>vpc-1</VpcId><TargetType>instance</TargetType><ProtocolVersion>HTTP1</ProtocolVersion>"+
		"<IpAddressType>ipv4</IpAddressType><HealthCheckEnabled>true</HealthCheckEnabled><HealthCheckIntervalSeconds>30</HealthCheckIntervalSeconds>"+
		"<HealthCheckTimeoutSeconds>5</HealthCheckTimeoutSeconds><HealthyThresholdCount>3</HealthyThresholdCount>"+
		"<UnhealthyThresholdCount>2</UnhealthyThresholdCount><HealthCheckPath>/up</HealthCheckPath><HealthCheckPort>traffic-port</HealthCheckPort>"+
		"<HealthCheckProtocol>HTTP</HealthCheckProtocol><Matcher><HttpCode>200</HttpCode></Matcher>"+
		"<LoadBalancerArns>%s</LoadBalancerArns></member>", arn, name, b.String())
}

func groupsXML(groups ...string) reply {
	return ok("DescribeTargetGroups", "<TargetGroups>"+strings.Join(groups, "")+"</TargetGroups>")
}

func tagsXML(arn string, pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "<member><Key>%s</Key><Value>%s</Value></member>", pairs[i], pairs[i+1])
	}
	return fmt.Sprintf("<member><ResourceArn>%s</ResourceArn><Tags>%s</Tags></member>", arn, b.String())
}

func TestTargetGroup(t *testing.T) {
	f := newFake(t)
	f.always("elbv2 DescribeTargetGroups", groupsXML(groupXML("web-blue", blueARN, albARN)))
	got, err := f.client().TargetGroup(t.Context(), blueARN)
	if err != nil {
		t.Fatal(err)
	}
	want := runner.TargetGroup{ARN: blueARN, Name: "web-blue", Type: "instance", VPC: "vpc-1", Balancers: []string{albARN},
		Check: runner.HealthCheck{Interval: 30 * time.Second, Passes: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
