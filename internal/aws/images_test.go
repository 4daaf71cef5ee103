package aws

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

func imageXML(id, name, created string) string {
	if name != "" {
		name = "<name>" + name + "</name>"
	}
	return fmt.Sprintf("<item><imageId>%s</imageId>%s<creationDate>%s</creationDate><imageState>available</imageState>"+
		"<architecture>arm64</architecture></item>", id, name, created)
}

func TestImage(t *testing.T) {
	f := newFake(t)
	f.always("ec2 DescribeImages", ec2OK("DescribeImages", "<imagesSet>"+imageXML("ami-1", "web", "")+"</imagesSet>"))
	got, err := f.client().Image(t.Context(), "ami-1")
	if err != nil {
		t.Fatal(err)
	}
	want := runner.Image{ID: "ami-1", Name: "web", State: "available", Architecture: "arm64"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	form := f.calls[0].form
	if form.Get("ImageId.1") != "ami-1" || form.Get("IncludeDeprecated") != "true" || form.Has("MaxResults") {
		t.Errorf("asked %v", form)
	}
}

func TestImageIsReadOnceForAllWhoAskTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		answer := ec2OK("DescribeImages", "<imagesSet>"+imageXML("ami-1", "web", "")+"</imagesSet>")
		answer.after = time.Second
		f.always("ec2 DescribeImages", answer)
		c := f.client()
		done := make(chan error)
		for range 100 {
			go func() { _, err := c.Image(t.Context(), "ami-1"); done <- err }()
		}
		for range 100 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		// The first to come starts a call; all others come while it is under way and share the next.
		if n := f.count("ec2 DescribeImages"); n != 2 {
			t.Errorf("%d calls for 100 questions", n)
		}
	})
}

func TestImages(t *testing.T) {
	f := newFake(t)
	pages := []reply{
		ec2OK("DescribeImages", "<nextToken>more</nextToken><imagesSet>"+
			imageXML("ami-old", "web-1", "2026-01-01T00:00:00.000Z")+
			imageXML("ami-unreadable", "web-x", "yesterday")+
			imageXML("ami-twin1", "web-3", "2026-03-01T12:00:00.000Z")+"</imagesSet>"),
		ec2OK("DescribeImages", "<imagesSet>"+
			imageXML("ami-nameless", "", "2026-09-01T00:00:00.000Z")+
			imageXML("ami-twin2", "web-3", "2026-03-01T13:00:00+01:00")+
			imageXML("ami-db", "db-1", "2026-08-01T00:00:00.000Z")+
			imageXML("ami-new", "web-9", "2026-07-01T00:00:00Z")+"</imagesSet>"),
	}
	f.sequence("ec2 DescribeImages", append(pages, pages...)...)
	c := f.client()
	ids := func(q ImageQuery) string {
		t.Helper()
		images, err := c.Images(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, image := range images {
			ids = append(ids, aws.ToString(image.ImageId))
		}
		return strings.Join(ids, " ")
	}
	if got, want := ids(ImageQuery{}), "ami-nameless ami-db ami-new ami-twin1 ami-twin2 ami-old ami-unreadable"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got := ids(ImageQuery{
		Owners: []string{"self", "amazon"}, ExecutableUsers: []string{"all"}, NameRegex: regexp.MustCompile(`^web-`),
		Filters: []Filter{{"state", []string{"available"}}, {"tag:app", []string{"web", "shop"}}}, IncludeDeprecated: true,
	})
	if want := "ami-new ami-twin1 ami-twin2 ami-old ami-unreadable"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(f.calls) != 4 || f.calls[1].form.Get("NextToken") != "more" {
		t.Fatalf("%d calls", len(f.calls))
	}
	for name, want := range map[string]string{
		"Owner.1": "self", "Owner.2": "amazon", "ExecutableBy.1": "all", "IncludeDeprecated": "true", "MaxResults": "1000",
		"Filter.1.Name": "state", "Filter.2.Name": "tag:app", "Filter.2.Value.2": "shop",
	} {
		if got := f.calls[2].form.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestImageARN(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1":      "arn:aws:ec2:us-east-1::image/ami-1",
		"cn-north-1":     "arn:aws-cn:ec2:cn-north-1::image/ami-1",
		"us-gov-west-1":  "arn:aws-us-gov:ec2:us-gov-west-1::image/ami-1",
		"us-isob-east-1": "arn:aws-iso-b:ec2:us-isob-east-1::image/ami-1",
	} {
		got, err := newFake(t).client(func(c *Config) { c.Region = region }).ImageARN(t.Context(), "ami-1")
		if err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}
