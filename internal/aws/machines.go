package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Ended implements runner.Machines. It asks by a filter, which leaves out instances that EC2 does not know any more; it shows a
// terminated one for about an hour.
func (c *Client) Ended(ctx context.Context, instances []string) (map[string]string, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{
		Filters: []types.Filter{{Name: aws.String("instance-id"), Values: instances}},
	})
	if err != nil {
		return nil, c.failed("reading why instances ended", "ec2:DescribeInstances", err)
	}
	words := map[string]string{}
	for _, reservation := range out.Reservations {
		for _, i := range reservation.Instances {
			if i.StateReason != nil && atLaunch(aws.ToString(i.StateReason.Code)) {
				words[aws.ToString(i.InstanceId)] = inWords(*i.StateReason)
			}
		}
	}
	return words, nil
}

// Running implements runner.Machines.
func (c *Client) Running(ctx context.Context, instances []string) ([]string, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{
		Filters: []types.Filter{
			{Name: aws.String("instance-id"), Values: instances},
			{Name: aws.String("instance-state-name"), Values: []string{"pending", "running"}},
		},
	})
	if err != nil {
		return nil, c.failed("reading which instances run", "ec2:DescribeInstances", err)
	}
	var running []string
	for _, reservation := range out.Reservations {
		for _, i := range reservation.Instances {
			running = append(running, aws.ToString(i.InstanceId))
		}
	}
	return running, nil
}

// atLaunch tells whether a reason is that EC2 could not bring an instance up, as opposed to somebody's having it ended.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
func atLaunch(code string) bool {
	switch code {
	case "", "Client.UserInitiatedShutdown", "Client.UserInitiatedHibernate", "Client.InstanceInitiatedShutdown",
		"Server.ScheduledStop", "Server.SpotInstanceShutdown", "Server.SpotInstanceTermination", "Server.InsufficientInstanceCapacity":
		return false
	}
	return true
}

// inWords is a reason with its code before it, which the message mostly has already.
func inWords(r types.StateReason) string {
	code, message := aws.ToString(r.Code), aws.ToString(r.Message)
	if strings.HasPrefix(message, code) {
		return message
	}
	return code + ": " + message
}
