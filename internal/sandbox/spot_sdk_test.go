package sandbox

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/spotinst/spotinst-sdk-go/service/elastigroup/providers/aws"
	"github.com/spotinst/spotinst-sdk-go/spotinst"
	spotclient "github.com/spotinst/spotinst-sdk-go/spotinst/client"
	"github.com/spotinst/spotinst-sdk-go/spotinst/credentials"
	spotsession "github.com/spotinst/spotinst-sdk-go/spotinst/session"
)

// sdk is Spot's own client on the world.
func sdk(w *World, token string) aws.Service {
	config := spotinst.DefaultConfig().
		WithBaseURL("https://spot.test").
		WithHTTPClient(w.Client()).
		WithCredentials(credentials.NewStaticCredentials(token, "act-sandbox"))
	return aws.New(spotsession.New(config))
}

// sdkGroup is a group as programs make it with the SDK.
func sdkGroup(name string, n int) *aws.Group {
	return (&aws.Group{}).SetName(spotinst.String(name)).
		SetCapacity((&aws.Capacity{}).SetMinimum(spotinst.Int(n)).SetTarget(spotinst.Int(n)).SetMaximum(spotinst.Int(n)).SetUnit(spotinst.String("instance"))).
		SetStrategy((&aws.Strategy{}).SetRisk(spotinst.Float64(100)).SetAvailabilityVsCost(spotinst.String("balanced")).SetDrainingTimeout(spotinst.Int(60))).
		SetCompute((&aws.Compute{}).SetProduct(spotinst.String("Linux/UNIX")).
			SetInstanceTypes((&aws.InstanceTypes{}).SetOnDemand(spotinst.String("m5.large")).SetSpot([]string{"m5.large"})).
			SetAvailabilityZones([]*aws.AvailabilityZone{(&aws.AvailabilityZone{}).SetName(spotinst.String("us-east-1a")).SetSubnetIDs([]string{"subnet-1"})}).
			SetLaunchSpecification((&aws.LaunchSpecification{}).SetImageId(spotinst.String("ami-good")).SetSecurityGroupIDs([]string{"sg-1"}).
				SetHealthCheckType(spotinst.String("TARGET_GROUP")).
				SetTags([]*aws.Tag{{Key: spotinst.String("app"), Value: spotinst.String("web")}}).
				SetLoadBalancersConfig((&aws.LoadBalancersConfig{}).SetLoadBalancers([]*aws.LoadBalancer{
					{Type: spotinst.String("TARGET_GROUP"), Arn: spotinst.String(webARN)}}))))
}

func TestSDKLifeOfAGroup(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		ctx, spot := context.Background(), sdk(w, "sandbox-token")
		created, err := spot.Create(ctx, &aws.CreateGroupInput{Group: sdkGroup("web", 2)})
		if err != nil {
			t.Fatal(err)
		}
		id := created.Group.ID

		status := func() []*aws.Instance {
			t.Helper()
			out, err := spot.Status(ctx, &aws.StatusGroupInput{GroupID: id})
			if err != nil {
				t.Fatal(err)
			}
			return out.Instances
		}
		health := func() map[string]int {
			t.Helper()
			out, err := spot.GetInstanceHealthiness(ctx, &aws.GetInstanceHealthinessInput{GroupID: id})
			if err != nil {
				t.Fatal(err)
			}
			counts := map[string]int{}
			for _, i := range out.Instances {
				counts[spotinst.StringValue(i.HealthStatus)]++
			}
			return counts
		}

		if n := len(status()); n != 0 {
			t.Errorf("%d instances at once", n)
		}
		time.Sleep(3 * time.Second)
		for _, i := range status() {
			if spotinst.StringValue(i.Status) != "pending-evaluation" || i.ID != nil || i.SpotRequestID == nil {
				t.Errorf("requested: %+v", i)
			}
		}
		time.Sleep(5 * time.Second)
		for _, i := range status() {
			if spotinst.StringValue(i.Status) != "fulfilled" || i.ID == nil || i.CreatedAt == nil {
				t.Errorf("fulfilled: %+v", i)
			}
		}
		if counts := health(); counts["UNKNOWN"] != 2 {
			t.Errorf("booting: %v", counts)
		}
		time.Sleep(2 * time.Minute)
		if counts := health(); counts["HEALTHY"] != 2 {
			t.Errorf("booted: %v", counts)
		}

		change := (&aws.Group{}).SetId(id).SetDescription(spotinst.String("the web")).
			SetCompute((&aws.Compute{}).SetLaunchSpecification((&aws.LaunchSpecification{}).SetLoadBalancersConfig((&aws.LoadBalancersConfig{}).SetLoadBalancers(nil))))
		if _, err := spot.Update(ctx, &aws.UpdateGroupInput{Group: change}); err != nil {
			t.Fatal(err)
		}
		read, err := spot.Read(ctx, &aws.ReadGroupInput{GroupID: id})
		if err != nil {
			t.Fatal(err)
		}
		if spotinst.StringValue(read.Group.Description) != "the web" || len(read.Group.Compute.LaunchSpecification.LoadBalancersConfig.LoadBalancers) != 0 {
			t.Errorf("after the update: %+v", read.Group)
		}
		time.Sleep(6 * time.Second)
		if g := w.TargetGroups()[0]; g.Draining != 2 || g.Healthy != 0 {
			t.Errorf("without balancers the targets are %+v", g)
		}

		list, err := spot.List(ctx, &aws.ListGroupsInput{})
		if err != nil || len(list.Groups) != 1 {
			t.Fatalf("list: %v, %v", list, err)
		}
		if _, err := spot.Delete(ctx, &aws.DeleteGroupInput{GroupID: id}); err != nil {
			t.Fatal(err)
		}
		_, err = spot.Read(ctx, &aws.ReadGroupInput{GroupID: id})
		if code := sdkCode(err); code != "GROUP_DOESNT_EXIST" {
			t.Errorf("read after delete: %v", err)
		}
	})
}

// sdkCode is the first error code in an error of the SDK.
func sdkCode(err error) string {
	var all spotclient.Errors
	if !errors.As(err, &all) || len(all) == 0 {
		return ""
	}
	return all[0].Code
}

func TestSDKScaleAndSuspend(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		ctx, spot := context.Background(), sdk(w, "sandbox-token")
		group := sdkGroup("web", 1)
		group.Capacity.SetMaximum(spotinst.Int(5))
		created, err := spot.Create(ctx, &aws.CreateGroupInput{Group: group})
		if err != nil {
			t.Fatal(err)
		}
		id := spotinst.StringValue(created.Group.ID)
		time.Sleep(time.Minute)

		up, err := spot.Scale(ctx, &aws.ScaleGroupInput{GroupID: &id, ScaleType: spotinst.String("up"), Adjustment: spotinst.Int(2)})
		if err != nil || len(up.Items) != 1 || len(up.Items[0].NewSpotRequests) != 2 {
			t.Errorf("scale up: %+v, %v", up, err)
		}
		down, err := spot.Scale(ctx, &aws.ScaleGroupInput{GroupID: &id, ScaleType: spotinst.String("down"), Adjustment: spotinst.Int(9)})
		if err != nil || len(down.Items) != 1 || len(down.Items[0].VictimSpotRequests) != 2 {
			t.Errorf("scale down: %+v, %v", down, err)
		}

		out, err := spot.CreateSuspensions(ctx, &aws.CreateSuspensionsInput{GroupID: &id, Suspensions: []*aws.Suspension{
			{Name: spotinst.String("AUTO_SCALE"), TTLInMinutes: spotinst.Int(10)}, {Name: spotinst.String("AUTO_HEALING")}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.SuspendProcesses.Suspensions {
			switch spotinst.StringValue(s.Name) {
			case "AUTO_SCALE":
				if s.ExpiresAt == nil || s.ExpiresAt.Sub(w.Now()) != 10*time.Minute {
					t.Errorf("AUTO_SCALE ends %v", s.ExpiresAt)
				}
			case "AUTO_HEALING":
				if s.ExpiresAt != nil {
					t.Errorf("AUTO_HEALING ends %v", s.ExpiresAt)
				}
			}
		}
		if w.SetTarget(id, 4) {
			t.Error("the autoscaler moved a suspended group")
		}
		time.Sleep(10 * time.Minute)
		left, err := spot.ListSuspensions(ctx, &aws.ListSuspensionsInput{GroupID: &id})
		if err != nil || len(left.SuspendProcesses.Suspensions) != 1 {
			t.Errorf("after the TTL: %+v, %v", left, err)
		}
		if !w.SetTarget(id, 9) {
			t.Error("the autoscaler did not move the group after the TTL")
		}
		if g, _ := w.Group(id); g.Target != 5 {
			t.Errorf("it moved it to %d, beyond the maximum of 5", g.Target)
		}
		if _, err := spot.DeleteSuspensions(ctx, &aws.DeleteSuspensionsInput{GroupID: &id, Processes: []string{"AUTO_HEALING"}}); err != nil {
			t.Fatal(err)
		}
		if g, _ := w.Group(id); len(g.Suspended) != 0 {
			t.Errorf("still suspended: %v", g.Suspended)
		}
	})
}

func TestSDKErrors(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		ctx := context.Background()
		_, err := sdk(w, "wrong").List(ctx, &aws.ListGroupsInput{})
		var all spotclient.Errors
		if !errors.As(err, &all) || all[0].Response.StatusCode != 401 {
			t.Errorf("a wrong token: %v", err)
		}
		bad := sdkGroup("web", 1)
		bad.Capacity.SetMinimum(spotinst.Int(7))
		bad.Strategy.SetAvailabilityVsCost(spotinst.String("cheap"))
		_, err = sdk(w, "sandbox-token").Create(ctx, &aws.CreateGroupInput{Group: bad})
		if !errors.As(err, &all) || len(all) != 2 || all[0].Code != "ValidationError" {
			t.Errorf("two mistakes at once: %v", err)
		}
	})
}

func TestSDKCannotReadDocumentedTimestamps(t *testing.T) {
	config := web()
	config.DocumentedTimestamps = true
	inWorld(t, config, func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 0, ""))
		suspension := []*aws.Suspension{{Name: spotinst.String("AUTO_SCALE"), TTLInMinutes: spotinst.Int(10)}}
		_, err := sdk(w, "sandbox-token").CreateSuspensions(context.Background(), &aws.CreateSuspensionsInput{GroupID: &id, Suspensions: suspension})
		var unreadable *time.ParseError
		if !errors.As(err, &unreadable) {
			t.Errorf("%v", err)
		}
	})
}
