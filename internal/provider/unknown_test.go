package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// What Terraform does not know yet keeps no plan from being made: one warning names all of it.
func TestAProviderBlockThatIsNotKnownYet(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		at     string
		says   string
	}{
		"token":     {object{"token": unknown, "account": "act-1"}, "token", "token is known only after apply"},
		"account":   {object{"token": providertest.Secret, "account": unknown}, "account", "account is known"},
		"both":      {object{"token": unknown, "account": unknown}, "account", "account and token are known"},
		"region":    {spotOnly(object{"region": unknown}), "region", "region is known"},
		"endpoint":  {endpoint("ec2", unknown), "endpoints.ec2", "endpoints.ec2 is known"},
		"endpoints": {spotOnly(object{"endpoints": unknown}), "endpoints", "endpoints is known"},
		"role":      {role("role_arn", unknown), "assume_role.role_arn", "assume_role.role_arn is known"},
		"a tag":     {role("tags", object{"team": unknown}), "assume_role.tags", "assume_role.tags is known"},
		"a file":    {spotOnly(object{"shared_config_files": []any{"a", unknown}}), "shared_config_files", "shared_config_files is known"},
		"many":      {object{"token": unknown, "account": "act-1", "region": unknown, "endpoints": object{"ec2": unknown}}, "endpoints.ec2", "endpoints.ec2, region and token are known"},
	} {
		t.Run(name, func(t *testing.T) {
			diags := providertest.Serve(t).Configure(test.config)
			providertest.MustSay(t, diags, tfprotov6.DiagnosticSeverityWarning, test.at, test.says, "depends_on", "terraform apply -target")
			if len(diags) != 1 {
				t.Errorf("what is said is\n%s", providertest.Render(diags))
			}
		})
	}
}

// What is known already, and wrong, is an error at once.
func TestWhatIsKnownOfAProviderBlockIsChecked(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		at     string
	}{
		"no account":   {object{"token": unknown}, "account"},
		"no token":     {object{"account": unknown}, "token"},
		"Spot address": {object{"token": unknown, "account": "act-1", "endpoints": object{"spot": "https://example.com/v1"}}, "endpoints.spot"},
		"half a pair":  {object{"token": unknown, "account": "act-1", "access_key": "AKIA"}, "secret_key"},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.MustSay(t, providertest.Serve(t).Configure(test.config), tfprotov6.DiagnosticSeverityError, test.at)
		})
	}
}

// A data source cannot leave open what it finds, and says how it is read while applying.
func TestADataSourceWaitsForTheProviderBlock(t *testing.T) {
	s := providertest.Serve(t)
	if diags := s.Configure(object{"token": unknown, "account": "act-1"}); providertest.Failed(diags) {
		t.Fatal(providertest.Render(diags))
	}
	for name, config := range map[string]object{
		"elastigroup_ami": {"owners": []any{"self"}}, "elastigroup_amis": {"owners": []any{"self"}}, "elastigroup_group": {"name": "web"},
		"elastigroup_target_group": {"name": "web"}, "elastigroup_target_groups": {},
	} {
		_, diags := s.Read(name, config)
		if text := providertest.Render(diags); !providertest.Failed(diags) || !strings.Contains(text, "token is known only after apply") || !strings.Contains(text, "depends_on of the data source") {
			t.Errorf("%s says\n%s", name, text)
		}
	}
	if _, diags := s.Read("elastigroup_template", object{"product": "Linux/UNIX"}); providertest.Failed(diags) {
		t.Errorf("a template, which needs nobody's answer, says\n%s", providertest.Render(diags))
	}
}
