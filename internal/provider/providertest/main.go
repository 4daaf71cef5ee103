package providertest

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
)

// Main runs a package's tests in an environment that has nothing of the machine's, looks for secrets in what they write to standard error,
// and returns the exit code. TestMain calls it.
func Main(m *testing.M) int {
	// A world is small, and what is done in it leaves much behind that nobody needs any more. Left to itself the collector runs every
	// few milliseconds, which takes as long as the tests do.
	debug.SetGCPercent(800)
	nowhere, err := os.MkdirTemp("", "provider")
	if err == nil {
		err = bareEnvironment(nowhere)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	terminal := os.Stderr
	if os.Stderr, err = os.Create(filepath.Join(nowhere, "stderr")); err != nil {
		fmt.Fprintln(terminal, err)
		return 1
	}
	log.SetOutput(os.Stderr)
	code := m.Run()
	if !keptFromStderr(terminal) {
		code = 1
	}
	_ = os.RemoveAll(nowhere)
	return code
}

// keptFromStderr passes on what was written to the process's standard error, where Terraform takes a plugin's log from, and tells
// whether there is no secret in it. AWS's client and Go's own log write there, without any of Terraform's loggers.
func keptFromStderr(terminal *os.File) bool {
	written, err := os.ReadFile(os.Stderr.Name())
	fmt.Fprintf(terminal, "%s", written)
	if err != nil {
		fmt.Fprintln(terminal, err)
		return false
	}
	hidden := Leaked(string(written))
	if len(hidden) > 0 {
		fmt.Fprintf(terminal, "%q was written to standard error\n", hidden)
	}
	return len(hidden) == 0
}

// bareEnvironment hides the tokens, keys, profiles and files of the machine that the tests run on. It is of the whole process,
// so that tests can run beside each other.
func bareEnvironment(nowhere string) error {
	environment := map[string]string{
		"HOME":                        nowhere,
		"SPOTINST_CREDENTIALS_FILE":   filepath.Join(nowhere, "spot"),
		"AWS_CONFIG_FILE":             filepath.Join(nowhere, "config"),
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(nowhere, "credentials"),
		"AWS_EC2_METADATA_DISABLED":   "true",
	}
	for _, name := range []string{
		"SPOTINST_TOKEN", "SPOTINST_ACCOUNT", "SPOTINST_ENDPOINT", "SPOTINST_CREDENTIALS_PROFILE", "SPOTINST_FEATURE_FLAGS",
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_CLOUDWATCH",
		"AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING", "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2",
		"ELASTIGROUP_EVENT_LOG", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
	} {
		environment[name] = ""
	}
	for name, value := range environment {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// SideBySide lets that many tests run at a time, or more on a machine with more processors, unless -parallel says otherwise: Go's own limit is the
// number of processors, and tests with the real Terraform wait.
func SideBySide(n int) error {
	flag.Parse()
	written := false
	flag.Visit(func(f *flag.Flag) { written = written || f.Name == "test.parallel" })
	if written {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(max(n, runtime.GOMAXPROCS(0))))
}
