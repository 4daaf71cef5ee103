package aws

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// imagesPage is how many images one call asks for. EC2 recommends pages, since an unpaged listing may time out.
const imagesPage = 1000

// imagesPerCall is how many images are asked for by their IDs at a time. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
// names no limit but that of a page.
const imagesPerCall = 200

// Image reads one image, a deprecated one too: it can still be launched. The error wraps runner.ErrGone if there is none,
// or none that this account may launch. What State says ("available", "pending", "failed", "deregistered" for a while
// after its end) is for the caller to judge.
func (c *Client) Image(ctx context.Context, id string) (runner.Image, error) {
	s, err := c.services(ctx)
	if err != nil {
		return runner.Image{}, err
	}
	doing := func(id string) string { return fmt.Sprintf("reading image %s in region %s", id, s.region) }
	return c.images.ask(ctx, id, question[runner.Image]{most: imagesPerCall, reusable: true, doing: doing,
		call: func(ctx context.Context, ids []string) (map[string]runner.Image, error) {
			found, err := c.describeImages(ctx, s.ec2, doing(strings.Join(ids, ", ")), ids)
			if _, ok := found[ids[0]]; err == nil && !ok && len(ids) == 1 {
				err = missing(doing(ids[0]), "this account may not launch it")
			}
			return found, err
		}})
}

func (c *Client) describeImages(ctx context.Context, client ec2Operations, doing string, ids []string) (map[string]runner.Image, error) {
	out, err := client.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: ids, IncludeDeprecated: aws.Bool(true)})
	if err != nil {
		return nil, c.failed(doing, "ec2:DescribeImages", err)
	}
	found := make(map[string]runner.Image, len(out.Images))
	for _, image := range out.Images {
		id := aws.ToString(image.ImageId)
		found[id] = runner.Image{ID: id, Name: aws.ToString(image.Name), State: string(image.State), Architecture: string(image.Architecture)}
	}
	return found, nil
}

// ImageQuery selects images. Everything that is set must hold; values within a filter are alternatives.
type ImageQuery struct {
	// Owners are account IDs, "self", "amazon", "aws-marketplace" or "aws-backup-vault". None is everybody, public images of
	// other accounts included.
	Owners []string
	// ExecutableUsers are account IDs, "self" or "all".
	ExecutableUsers []string
	Filters         []Filter
	// NameRegex picks by name among what EC2 answers; an image without a name is left out. Nil takes all.
	NameRegex *regexp.Regexp
	// IncludeDeprecated takes in deprecated images of others. One's own are always listed.
	IncludeDeprecated bool
}

// Filter is one of EC2's (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html).
type Filter struct {
	Name   string
	Values []string
}

// Images lists images, the newest first. Images of the same age stay in EC2's order, which EC2 does not promise to keep;
// one whose creation date cannot be read comes last.
func (c *Client) Images(ctx context.Context, q ImageQuery) ([]types.Image, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	var found []types.Image
	list := ec2.NewDescribeImagesPaginator(s.ec2, q.input())
	err = pages(list.HasMorePages, func() (*ec2.DescribeImagesOutput, error) { return list.NextPage(ctx) }, func(page *ec2.DescribeImagesOutput) {
		found = append(found, page.Images...)
	})
	if err != nil {
		return nil, c.failed("listing images", "ec2:DescribeImages", err)
	}
	found = slices.DeleteFunc(found, q.excludes)
	slices.SortStableFunc(found, newestFirst)
	return found, nil
}

func (q ImageQuery) input() *ec2.DescribeImagesInput {
	in := &ec2.DescribeImagesInput{
		Owners:            q.Owners,
		ExecutableUsers:   q.ExecutableUsers,
		IncludeDeprecated: aws.Bool(q.IncludeDeprecated),
		MaxResults:        aws.Int32(imagesPage),
	}
	for _, f := range q.Filters {
		in.Filters = append(in.Filters, types.Filter{Name: &f.Name, Values: f.Values})
	}
	return in
}

func (q ImageQuery) excludes(image types.Image) bool {
	return q.NameRegex != nil && (image.Name == nil || !q.NameRegex.MatchString(*image.Name))
}

// newestFirst compares times, not texts: EC2 promises RFC 3339, not that all have as many digits.
func newestFirst(a, b types.Image) int { return created(b).Compare(created(a)) }

func created(image types.Image) time.Time {
	at, err := time.Parse(time.RFC3339, aws.ToString(image.CreationDate))
	if err != nil {
		return time.Time{}
	}
	return at
}

// ImageARN is the ARN of an image, which EC2 does not answer. Images belong to no account in it, as in the AWS provider's.
func (c *Client) ImageARN(ctx context.Context, id string) (string, error) {
	region, err := c.Region(ctx)
	if err != nil {
		return "", err
	}
	return "arn:" + partition(region) + ":ec2:" + region + "::image/" + id, nil
}

// partitions are those that are not "aws", by how the names of their regions begin
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html and the SDK's partitions.json).
var partitions = []struct{ prefix, name string }{
	{"cn-", "aws-cn"},
	{"us-gov-", "aws-us-gov"},
	{"us-isob-", "aws-iso-b"},
	{"us-isof-", "aws-iso-f"},
	{"eu-isoe-", "aws-iso-e"},
	{"us-iso-", "aws-iso"},
	{"eusc-", "aws-eusc"},
}

func partition(region string) string {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	return "aws"
}
