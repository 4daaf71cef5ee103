package deployment_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// Where user data look as if they held a secret, those who can are pointed to the attribute that Terraform stores nowhere. Nothing of it is quoted.
func TestUserDataThatLookLikeASecretAreHintedAt(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"a password":            "export DB_PASSWORD=hunter22",
		"quoted":                `mysql --password="hunter22" -e status`,
		"in a cloud-config":     "  password: 'hunter22'",
		"in JSON":               `{"api_key": "0123456789abcdef"}`,
		"a header":              `curl -H "X-Vault-Token: s.abcdefgh" https://vault`,
		"an AWS key":            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG",
		"the ID of an AWS key":  "AKIAIOSFODNN7EXAMPLE",
		"a private key":         "-----BEGIN RSA PRIVATE KEY-----",
		"a token by its form":   "git clone https://ghp_0123456789abcdefghijABCDEFGHIJ012345@github.com/x/y",
		"a token of a cluster":  "K3S_TOKEN=K10abcdef::server:0123",
		"in a systemd override": "Environment=\"SECRET=hunter22\"",
	} {
		t.Run(name, func(t *testing.T) {
			text := "#!/bin/sh\n" + line + "\n"
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				encoded := base64.StdEncoding.EncodeToString([]byte(text))
				for at, config := range map[string]object{
					"user_data":        {"user_data": text},
					"user_data_base64": {"user_data": nil, "user_data_base64": encoded},
					"configuration": withChanges(object{"user_data": nil}, documented(func(o object) {
						memberAt(o, "compute", "launchSpecification")["userData"] = encoded
					})),
				} {
					diags := d.validating(release("ami-1", config), true)
					mustWarn(t, diags, at, "Line 2 of ", "reads like a secret", "user_data_wo_version")
					if said := providertest.Render(diags); len(line) > 8 && strings.Contains(said, line[len(line)-8:]) {
						t.Errorf("it quotes the user data:\n%s", said)
					}
					providertest.MustSucceed(t, d.validating(release("ami-1", config), false))
				}
				providertest.MustSucceed(t, d.validating(writeOnlyRelease("ami-1", 1, text), true))
			})
		})
	}
}

// What is fetched when an instance boots, where something is, and for how long, is no secret.
func TestUserDataThatHoldNoSecretAreNotHintedAt(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		for _, line := range []string{
			"PASSWORD=$(aws secretsmanager get-secret-value --secret-id web --query SecretString --output text)",
			`TOKEN="$(curl -s -X PUT http://169.254.169.254/latest/api/token -H "X-aws-ec2-metadata-token-ttl-seconds: 21600")"`,
			`curl -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/`,
			"DB_PASSWORD=`vault read -field=password secret/db`",
			"DB_PASSWORD_FILE=/run/secrets/db", "SECRET_ARN=arn:aws:secretsmanager:us-east-1:1:secret:web", "DB_SECRET=arn:aws:secretsmanager:us-east-1:1:secret:web",
			"TOKEN_TTL=21600", "password: ${db_password}", "lock_passwd: true", "http_tokens = required", "token: required", "password = {{ db_password }}",
			"echo 'no password is needed here'", "# the token: see the wiki", "ssh_pwauth: false", "passwd -l ubuntu", "AWS_SECRET_NAME=web/production",
		} {
			if diags := d.validating(release("ami-1", object{"user_data": "#!/bin/sh\n" + line + "\n"}), true); len(diags) > 0 {
				t.Errorf("%s:\n%s", line, providertest.Render(diags))
			}
		}
	})
}
