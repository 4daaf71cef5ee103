package deployment

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// What a secret looks like in a script or a cloud-config: something that is called a password, a token or a key, and a value that is written
// out and not fetched (what begins with a dollar sign, a backtick or a bracket is an expression or a template's place, and what begins with a
// slash is a file); or a text that is one by its form.
var (
	assignedSecret = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^a-z0-9])[a-z0-9_.-]*(?:password|passwd|secret|token|api[_-]?key|secret[_-]?(?:access[_-]?)?key|private[_-]?key)["']?\s*[:=]\s*["']?([^\s"'$` + "`" + `{<(\[/%][^\s"']{5,})`)
	})
	shapedSecret = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[abprs]-[A-Za-z0-9-]{10,}`)
	})
	// noSecret are values that say where a secret is, how long one lasts, or whether there is one.
	noSecret = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)^(?:[0-9]+|arn:.*|https?://.*|ssm:.*|vault:.*|secretsmanager:.*|required|optional|disabled|enabled|changeme|example|redacted)$`)
	})
)

// secretLine is the number, from 1, of the first line of a text that looks as if it held a secret; 0 if none does.
func secretLine(text string) int {
	for i, line := range strings.Split(text, "\n") {
		if shapedSecret().MatchString(line) {
			return i + 1
		}
		for _, found := range assignedSecret().FindAllStringSubmatch(line, -1) {
			if !noSecret().MatchString(strings.TrimRight(found[1], ",;)")) {
				return i + 1
			}
		}
	}
	return 0
}

// warnOfUserDataSecrets hints at user_data_wo where user data look as if they held a secret, which is in the state then. It quotes nothing of
// them. Only a Terraform that has write-only attributes is told.
func (m model) warnOfUserDataSecrets(diags *diag.Diagnostics) {
	for _, given := range []struct{ name, text string }{
		{"user_data", m.UserData.ValueString()},
		{"user_data_base64", decodedText(m.UserDataBase64.ValueString())},
		{"configuration", m.documentUserData()},
	} {
		line := secretLine(given.text)
		if line == 0 {
			continue
		}
		what, shows := "user data", "hidden in plans, and in the clear in the state"
		if given.name == "configuration" {
			what, shows = "the configuration's user data", "in the clear in plans and in the state"
		}
		// One says it all: of several warnings with the same title Terraform shows the first.
		diags.AddAttributeWarning(path.Root(given.name), "User data look as if they held a secret",
			fmt.Sprintf("Line %d of %s reads like a secret that is written out. It is %s. user_data_wo and user_data_wo_version, in place of it, keep user data out of both; "+
				"better still, let instances fetch the secret when they boot. If it is none, nothing has to be done.", line, what, shows))
		return
	}
}

// documentUserData are the configuration's own user data, where they are used.
func (m model) documentUserData() string {
	if m.Configuration.IsUnknown() || m.says(spot.PathUserData) {
		return ""
	}
	document, err := spot.ParseDocument([]byte(m.Configuration.ValueString()))
	if err != nil {
		return "" // said elsewhere
	}
	return decodedText(document.UserData())
}

// decodedText is what base64 says, if it is text.
func decodedText(encoded string) string {
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !utf8.Valid(plain) {
		return ""
	}
	return string(plain)
}
