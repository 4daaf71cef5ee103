package deployment_test

import (
	"errors"
	"os"
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
	if err := errors.Join(logAtTrace(), providertest.SideBySide(6)); err != nil {
		panic(err)
	}
	code := providertest.Main(m)
	_ = os.RemoveAll(traces())
	os.Exit(code)
}
