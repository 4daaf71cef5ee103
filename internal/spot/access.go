package spot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spotinst/spotinst-sdk-go/spotinst/credentials"
)

// access is a token and an account, and where each was found.
type access struct {
	token, account         string
	tokenFrom, accountFrom string
}

// findAccess looks up token and account, each on its own. The SDK's chain stops at the first place that has either of
// them, and leaves the account out where it finds none; the API then takes the organisation's oldest account.
func findAccess(token, account string) (access, error) {
	var a access
	a.fill(token, account, "the provider's token argument", "the provider's account argument")
	a.fill(os.Getenv(credentials.EnvCredentialsVarToken), os.Getenv(credentials.EnvCredentialsVarAccount),
		"the environment variable "+credentials.EnvCredentialsVarToken, "the environment variable "+credentials.EnvCredentialsVarAccount)
	if a.token != "" && a.account != "" {
		return a, a.check()
	}
	file, profile := credentialsFile()
	found, err := (&credentials.FileProvider{Filename: file, Profile: profile}).Retrieve()
	if err == nil {
		from := fmt.Sprintf("the credentials file %s, profile %s", file, profile)
		a.fill(found.Token, found.Account, from, from)
	}
	if a.token == "" {
		return access{}, missing("token", credentials.EnvCredentialsVarToken, file, profile, err)
	}
	if a.account == "" {
		return access{}, missing("account", credentials.EnvCredentialsVarAccount, file, profile, err)
	}
	return a, a.check()
}

// check refuses a token that no HTTP header takes; sent, it would fail call by call as if the network were down.
func (a access) check() error {
	if strings.ContainsFunc(a.token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("the Spot token from %s has white space or other characters in it that no token has", a.tokenFrom)
	}
	return nil
}

func (a *access) fill(token, account, tokenFrom, accountFrom string) {
	if token = strings.TrimSpace(token); a.token == "" && token != "" {
		a.token, a.tokenFrom = token, tokenFrom
	}
	if account = strings.TrimSpace(account); a.account == "" && account != "" {
		a.account, a.accountFrom = account, accountFrom
	}
}

// credentialsFile is where the SDK would look.
func credentialsFile() (file, profile string) {
	file, profile = os.Getenv(credentials.FileCredentialsEnvVarFile), os.Getenv(credentials.FileCredentialsEnvVarProfile)
	if file == "" {
		file = credentials.DefaultFilename()
	}
	if profile == "" {
		profile = credentials.DefaultProfile()
	}
	return file, profile
}

// missing says where a token or an account may be set. The SDK's error about the file is left out: it can quote the file.
func missing(what, variable, file, profile string, fileErr error) error {
	state := fmt.Sprintf("it has no %s", what)
	switch {
	case errors.Is(fileError(file), fs.ErrNotExist):
		state = "there is no such file"
	case fileErr != nil && !errors.Is(fileErr, credentials.ErrFileCredentialsNotFound):
		state = "it cannot be read, or has no such profile"
	}
	return fmt.Errorf("no Spot %s found: set the provider's %s argument, the environment variable %s, or %s in the credentials file %s, profile %s (%s)",
		what, what, variable, what, file, profile, state)
}

func fileError(file string) error {
	_, err := os.Stat(file)
	return err
}
