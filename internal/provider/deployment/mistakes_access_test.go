package deployment_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// inBlock is what the provider block says otherwise.
func inBlock(more object) func(*testing.T, *sandbox.World) object {
	return func(*testing.T, *sandbox.World) object { return more }
}

// expiredKeys are keys that somebody pasted from a session which has ended since.
func expiredKeys(t *testing.T, w *sandbox.World) object {
	t.Helper()
	client := sts.New(sts.Options{Region: "us-east-1", HTTPClient: w.Client(), Credentials: credentials.NewStaticCredentialsProvider("AKIASANDBOX", providertest.Secret, "")})
	session, err := client.AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/deploy"), RoleSessionName: aws.String("shell"), DurationSeconds: aws.Int32(900),
	})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Hour) // of virtual time
	keys := session.Credentials
	return object{"access_key": *keys.AccessKeyId, "secret_key": *keys.SecretAccessKey, "session_token": *keys.SessionToken}
}

// denyAction makes an action one that the credentials do not permit.
func denyAction(service, action, code string) func(w *sandbox.World) {
	return func(w *sandbox.World) {
		w.Fail(sandbox.Fault{Service: service, Action: action, Times: -1, Kind: sandbox.Error, Status: 403, Code: code, Message: "User deploy is not authorized"})
	}
}

// foreignAccount adds an account of the organisation that the token does not open.
func foreignAccount(c *sandbox.Config) {
	c.Accounts = []sandbox.Account{{ID: "act-sandbox", Tokens: []string{"sandbox-token"}}, {ID: "act-other", Tokens: []string{"other-token"}}}
}

const (
	farGroupARN    = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef"
	farListenerARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/app/0123456789abcdef/0000000000000443"
	theirGroupARN  = "arn:aws:elasticloadbalancing:us-east-1:999999999999:targetgroup/web/0123456789abcdef"
	theirRouteARN  = "arn:aws:elasticloadbalancing:us-east-1:999999999999:listener/app/app/0123456789abcdef/0000000000000443"
)

// accessMistakes are about the two credentials, the account at each cloud, and the region.
var accessMistakes = map[string]mistake{
	"no Spot token": {noticed: byConfigure, block: inBlock(object{"token": nil}), at: "token", says: []string{"No Spot token found", "SPOTINST_TOKEN", "credentials file"}},
	"no Spot account": {noticed: byConfigure, block: inBlock(object{"account": nil}), at: "account",
		says: []string{"No Spot account found", "SPOTINST_ACCOUNT"}},
	"an AWS account for Spot's": {noticed: byConfigure, block: inBlock(object{"account": "123456789012"}), at: "account",
		says: []string{"number of an AWS account", "act-0123abcd"}},
	"half a pair of keys": {noticed: byConfigure, block: inBlock(object{"secret_key": nil}), at: "secret_key", says: []string{"access_key is set"}},

	"wrong Spot token": {noticed: byPlan, block: inBlock(object{"token": "mistyped"}), says: []string{"401", "invalid auth", "the provider's token argument"}},
	"Spot account that there is not": {noticed: byPlan, block: inBlock(object{"account": "act-mistyped"}),
		says: []string{"403", "no access to account act-mistyped", "the provider's account argument"}},
	"Spot account of another team": {noticed: byPlan, world: foreignAccount, block: inBlock(object{"account": "act-other"}),
		says: []string{"403", "no access to account act-other", "the provider's account argument"}},

	"Spot out of reach": {noticed: byPlan, warned: true, befalls: func(w *sandbox.World) {
		w.Fail(sandbox.Fault{Service: "spot", Times: -1, Kind: sandbox.HTML})
	}, says: []string{"Groups cannot be read", "Spot answered 502", "tries"}},

	"no AWS credentials": {noticed: byPlan, block: inBlock(object{"access_key": nil, "secret_key": nil}),
		says: []string{"word of load balancers", "no usable AWS credentials", "AWS_PROFILE", "access_key"}},
	"no AWS region": {noticed: byPlan, block: inBlock(object{"region": nil}), says: []string{"No AWS region", "set region in the provider block"}},
	"AWS keys that do not exist": {noticed: byPlan, block: inBlock(object{"access_key": "AKIABADKEY"}),
		says: []string{"AWS refuses the credentials", "AuthFailure", "not able to validate", "AWS_ACCESS_KEY_ID"}},
	"AWS keys that have expired": {noticed: byPlan, block: expiredKeys,
		says: []string{"AWS refuses the credentials", "RequestExpired", "log in again"}},
	"role that may not be assumed": {noticed: byPlan, block: inBlock(object{"assume_role": object{"role_arn": "arn:aws:iam::123456789012:role/denied"}}),
		says: []string{"AWS cannot be asked", "not authorized to perform: sts:AssumeRole", "role/denied"}},
	"no leave to read target groups": {noticed: byPlan, befalls: denyAction("elbv2", "DescribeTargetGroups", "AccessDenied"),
		at: "target_group_arns.0", says: []string{"cannot be read", providertest.WebARN, "User deploy is not authorized", "the credentials need the IAM action elasticloadbalancing:DescribeTargetGroups"}},
	"no leave to read images": {noticed: byPlan, warned: true, befalls: denyAction("ec2", "DescribeImages", "UnauthorizedOperation"),
		at: "image_id", says: []string{"could not be checked", "ami-9", "the credentials need the IAM action ec2:DescribeImages"}},

	"another region than the configuration's": {noticed: byPlan, block: inBlock(object{"region": "eu-west-1"}),
		at: "configuration", says: []string{"start in us-east-1", "asks AWS in eu-west-1", `region = "us-east-1"`}},
	"another region, and nothing of AWS is needed": {noticed: byPlan, warned: true, block: inBlock(object{"region": "eu-west-1"}), others: unbalancedConfiguration("EC2"),
		at: "configuration", says: []string{"start in us-east-1", "asks AWS in eu-west-1", "image was not checked"}},
	"target group of another region": {noticed: byPlan, others: object{"target_group_arns": []any{farGroupARN}},
		at: "target_group_arns.0", says: []string{farGroupARN, "is in region eu-west-1", "asks AWS in us-east-1", `region = "eu-west-1"`}},
	"listener of another region": {noticed: byPlan, blueGreen: oneRoute(farListenerARN, testingARN),
		at: productionPath, says: []string{farListenerARN, "is in region eu-west-1", "asks AWS in us-east-1"}},
	"target group of another AWS account": {noticed: byPlan, others: object{"target_group_arns": []any{theirGroupARN}},
		at: "target_group_arns.0", says: []string{"not found", "AWS account 999999999999", "credentials are of 123456789012"}},
	"listener of another AWS account": {noticed: byPlan, blueGreen: oneRoute(theirRouteARN, testingARN),
		at: productionPath, says: []string{"not found", "AWS account 999999999999", "credentials are of 123456789012"}},
}
