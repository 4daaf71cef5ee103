package sandbox

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

func TestZonesThatAreNotEnabled(t *testing.T) {
	config := web()
	config.AWS.LoadBalancers[0].Zones = []string{"us-east-1b", "us-east-1c"}
	inWorld(t, config, func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 2, ""))
		time.Sleep(5 * time.Minute)
		client := clientsOf(w, "AKIASANDBOX").elbv2
		states := func() map[string]int {
			out, err := client.DescribeTargetHealth(context.Background(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: aws.String(webARN)})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]int{}
			for _, d := range out.TargetHealthDescriptions {
				key := string(d.TargetHealth.State) + " " + string(d.TargetHealth.Reason)
				if d.TargetHealth.Description != nil {
					key += ": " + *d.TargetHealth.Description
				}
				seen[key]++
			}
			return seen
		}
		const unused = "unused Target.NotInUse: Target is in an Availability Zone that is not enabled for the load balancer"
		if seen := states(); seen[unused] != 2 {
			t.Errorf("%v", seen)
		}
		out, err := client.DescribeLoadBalancers(context.Background(), &elasticloadbalancingv2.DescribeLoadBalancersInput{Names: []string{"web"}})
		if err != nil || len(out.LoadBalancers[0].AvailabilityZones) != 2 || *out.LoadBalancers[0].AvailabilityZones[1].ZoneName != "us-east-1c" {
			t.Errorf("%v, %v", out, err)
		}
		if err := w.SetZones("web", "us-east-1a"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if seen := states(); seen["healthy "] != 2 {
			t.Errorf("when the zone is enabled: %v", seen)
		}
		if err := w.SetZones("web", "us-east-1b"); err != nil || states()[unused] != 2 {
			t.Errorf("when it is not any more: %v, %v", states(), err)
		}
		if w.SetZones("nobody", "us-east-1a") == nil || w.SetZones("web") == nil {
			t.Error("it took a balancer that there is not, or no zone")
		}
	})
}

func TestSubnetsHaveZones(t *testing.T) {
	config := web()
	config.AWS.Subnets = []SubnetConfig{{ID: "subnet-1", Zone: "us-east-1c"}, {ID: "subnet-2", Zone: "us-east-1a"}}
	inWorld(t, config, func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 2, `{"region":"us-east-1","compute":{"availabilityZones":null,"subnetIds":["subnet-1"]}}`))
		time.Sleep(time.Minute)
		for _, i := range one(t, w).Instances {
			if i.Zone != "us-east-1c" {
				t.Errorf("an instance is in %s", i.Zone)
			}
		}
		client := clientsOf(w, "AKIASANDBOX").ec2
		out, err := client.DescribeSubnets(context.Background(), &ec2.DescribeSubnetsInput{SubnetIds: []string{"subnet-2"}})
		if err != nil || len(out.Subnets) != 1 || *out.Subnets[0].AvailabilityZone != "us-east-1a" {
			t.Errorf("%v, %v", out, err)
		}
		if _, err := client.DescribeSubnets(context.Background(), &ec2.DescribeSubnetsInput{SubnetIds: []string{"subnet-9"}}); err == nil {
			t.Error("a subnet that there is not is described")
		}
	})
}
