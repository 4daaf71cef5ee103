package convert_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// These tests run the real Terraform (TF_ACC=1) against a world on a loopback port.

var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"elastigroup": providerserver.NewProtocol6WithError(provider.New("test")()),
}

const webARN = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/web/0123456789abcdef"

// reach is a provider block for a world with these groups.
func reach(t *testing.T, groups ...json.RawMessage) string {
	t.Helper()
	server := httptest.NewServer(sandbox.New(sandbox.Config{
		Region: "us-west-2", Groups: groups,
		Images: []sandbox.Image{{ID: "ami-00d4f478"}, {ID: "ami-0a1"}},
		AWS: sandbox.AWSConfig{
			TargetGroups:  []sandbox.TargetGroupConfig{{Name: "web", ARN: webARN}},
			LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "web", Listeners: []sandbox.ListenerConfig{{TargetGroup: "web"}}}},
		},
	}, sandbox.Speed(100)))
	t.Cleanup(server.Close)
	return fmt.Sprintf(`
		provider "elastigroup" {
		  token      = "sandbox-token"
		  account    = "act-sandbox"
		  region     = "us-west-2"
		  access_key = "AKIASANDBOX"
		  secret_key = "none"
		  endpoints {
		    spot       = "%[1]s"
		    ec2        = "%[1]s"
		    elb        = "%[1]s"
		    elbv2      = "%[1]s"
		    cloudwatch = "%[1]s"
		    sts        = "%[1]s"
		  }
		}
		`, server.URL)
}

// A group that runs is imported with what its answer was converted to, user data included, and the plan is empty.
func TestAccImportOfWhatWasConverted(t *testing.T) {
	for _, name := range []string{"imported-from-asg-response.json", "sdk-python-response.json"} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("../spot/testdata", name)
			live, err := json.Marshal(group(decoded(string(read(t, file)))))
			if err != nil {
				t.Fatal(err)
			}
			out := converted(t, file, convert.Options{ShowSecrets: true})
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config: reach(t, live) + out.Configuration + commented(t, out.Configuration),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction("elastigroup_deployment."+label(t, out.Configuration), plancheck.ResourceActionNoop),
					}},
				}},
			})
		})
	}
}

// commented is the import block that stands in a comment at the end.
func commented(t *testing.T, configuration string) string {
	t.Helper()
	_, block, found := strings.Cut(configuration, "# import {")
	if !found {
		t.Fatalf("there is no import block in:\n%s", configuration)
	}
	return "import {" + strings.ReplaceAll(block, "\n#", "\n")
}

func label(t *testing.T, configuration string) string {
	t.Helper()
	_, rest, found := strings.Cut(configuration, `resource "elastigroup_deployment" "`)
	if !found {
		t.Fatalf("there is no deployment in:\n%s", configuration)
	}
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

// Terraform validates and plans what is written of a document that uses nearly every field, of one of Harness, and of an odd one.
func TestAccPlanOfWhatWasConverted(t *testing.T) {
	for name, test := range map[string]struct {
		options   convert.Options
		variables config.Variables
	}{
		"../spot/testdata/sdk-python-create.json": {options: convert.Options{TemplateOnly: true}},
		"testdata/odd.json":                       {options: convert.Options{TemplateOnly: true}},
		"testdata/harness.json": {variables: config.Variables{
			"user_data_base64": config.StringVariable("IyEvYmluL3No"), "nomad_token": config.StringVariable("s3cret"), "image_id": config.StringVariable("ami-0a1"),
			"min": config.IntegerVariable(1), "target": config.IntegerVariable(2), "max": config.IntegerVariable(3),
			"project_identifier": config.StringVariable("shop"), "service_identifier": config.StringVariable("web"), "env_identifier": config.StringVariable("prod"),
			"env_name": config.StringVariable("Prod"), "env_name_2": config.StringVariable("prod"), "region": config.StringVariable("us-west-2"),
			"spot_percentage": config.IntegerVariable(80), "second_type": config.StringVariable("m5a.large"), "monitoring": config.BoolVariable(true),
			"subnets":        config.ListVariable(config.StringVariable("subnet-1"), config.StringVariable("subnet-2")),
			"security_group": config.StringVariable("sg-1"),
			"target_group":   config.StringVariable(webARN),
		}},
	} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:             reach(t) + converted(t, name, test.options).Configuration,
					ConfigVariables:    test.variables,
					PlanOnly:           true,
					ExpectNonEmptyPlan: !test.options.TemplateOnly,
				}},
			})
		})
	}
}
