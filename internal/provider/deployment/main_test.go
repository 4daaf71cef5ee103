package deployment_test

import (
	"errors"
	"flag"
	"os"
	"strconv"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// object is a configuration or a state as tests write and read it.
type object = providertest.Object

// unknown stands for a value that is known only after apply.
var unknown = providertest.Unknown

func TestMain(m *testing.M) {
	if os.Getenv("TF_ACC") == "" {
		os.Exit(providertest.Main(m))
	}
	if err := errors.Join(logAtTrace(), sideBySide(6)); err != nil {
		panic(err)
	}
	code := providertest.Main(m)
	_ = os.RemoveAll(traces())
	os.Exit(code)
}

// sideBySide lets that many tests run at a time, unless -parallel says otherwise: Go's own limit is the number of processors, and tests with
// the real Terraform wait.
func sideBySide(n int) error {
	flag.Parse()
	limit := flag.Lookup("test.parallel")
	if limit.Value.String() != limit.DefValue {
		return nil
	}
	return limit.Value.Set(strconv.Itoa(n))
}
