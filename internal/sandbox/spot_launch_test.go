package sandbox

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// What EC2 gives up at launch, or refuses to launch, never serves, and Spot's log has EC2's words.
func TestLaunchesThatFail(t *testing.T) {
	for name, test := range map[string]struct {
		image Image
		want  string
	}{
		"dies":    {Image{ID: "ami-kms", Name: "web-dies"}, "Can't Spin Spot Instances: Code: Client.InvalidKMSKey.InvalidState, Message: The KMS key provided is in an incorrect state"},
		"refused": {Image{ID: "ami-kms", Name: "web-refused"}, "Can't Spin Spot Instances: Code: AuthFailure, Message: Not authorized for images"},
		"in words of its own": {Image{ID: "ami-kms", Behaviour: Behaviour{Kind: Dies, Code: "Client.InternalError", Message: "Client error on launch"}},
			"Code: Client.InternalError, Message: Client error on launch"},
	} {
		t.Run(name, func(t *testing.T) {
			config := web()
			config.Images = append(config.Images, test.image)
			inWorld(t, config, func(t *testing.T, w *World) {
				id := create(t, w, document("web", "ami-kms", 2, ""))
				time.Sleep(5 * time.Minute)
				e := ask(t, w, "GET", "/group/"+id+"/logs?limit=50", "")
				if !strings.Contains(e.text, test.want) {
					t.Errorf("the log has %s", e.text)
				}
				for _, m := range w.Timeline() {
					if len(m.Groups) > 0 && m.Groups[0].InService > 0 {
						t.Fatal("an instance came into service")
					}
				}
				out, err := clientsOf(w, "AKIASANDBOX").ec2.DescribeInstances(context.Background(), &ec2.DescribeInstancesInput{})
				if err != nil {
					t.Fatal(err)
				}
				if test.image.Name == "web-refused" {
					if len(out.Reservations) > 0 {
						t.Error("EC2 knows of an instance")
					}
					return
				}
				if r := out.Reservations[0].Instances[0].StateReason; r == nil || !strings.HasPrefix(*r.Code, "Client.") {
					t.Errorf("EC2 says %v", r)
				}
			})
		})
	}
}
