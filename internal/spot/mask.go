package spot

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
)

// mask takes out of texts what must not be read in them: Spot's validation messages can quote the values they refuse.
type mask struct {
	token string
	body  any // of the request; its secrets are masked
}

func newMask(token string, body any) mask { return mask{token: token, body: body} }

const (
	masked = "(secret)"
	// shortSecret is the length below which a value is no secret, and masking it would only garble the text.
	shortSecret = 4
)

// longRun is what could be a piece of user data or of a key: no name, ID or ARN part runs on for so long.
var longRun = regexp.MustCompile(`[A-Za-z0-9+/=_\-]{100,}`)

// shortRun is what is compared with the secrets piece by piece, because a message may quote the beginning of one.
var shortRun = regexp.MustCompile(`[A-Za-z0-9+/=]{16,}`)

// text returns a text without the token, without the secrets of the request's body or pieces of them, and without any
// run of characters that is long enough to be some other secret.
func (m mask) text(s string) string {
	if s == "" {
		return ""
	}
	secrets := m.secrets()
	for _, secret := range secrets {
		s = strings.ReplaceAll(s, secret, masked)
	}
	s = shortRun.ReplaceAllStringFunc(s, func(run string) string {
		for _, secret := range secrets {
			if strings.Contains(secret, run) {
				return masked
			}
		}
		return run
	})
	return longRun.ReplaceAllString(s, masked)
}

func (m mask) secrets() []string {
	found := []string{}
	if len(m.token) >= shortSecret {
		found = append(found, m.token)
	}
	data, err := json.Marshal(m.body)
	if err != nil {
		return found
	}
	value, err := decode(data)
	if err != nil {
		return found
	}
	walk(value, "", func(_, key string, value any) {
		text, ok := value.(string)
		if !ok || len(text) < shortSecret || !secretKey(key) {
			return
		}
		found = append(found, text)
		if plain, err := base64.StdEncoding.DecodeString(text); err == nil && len(plain) >= shortSecret {
			found = append(found, string(plain))
		}
	})
	return found
}

// secretKeys are the members of an Elastigroup that hold scripts or credentials, in lower case: user data and shutdown
// script of the launch specification, and what third-party integrations sign in with.
var secretKeys = map[string]bool{
	"userdata": true, "shutdownscript": true,
	"accesskey": true, "secretkey": true, "acltoken": true, "pemkey": true, "refreshtoken": true, "token": true, "password": true,
}

func secretKey(key string) bool { return secretKeys[strings.ToLower(key)] }
