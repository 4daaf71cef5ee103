package provider_test

import (
	"os"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// object is a configuration or a state as tests write and read it.
type object = providertest.Object

// unknown stands for a value that is known only after apply.
var unknown = providertest.Unknown

func TestMain(m *testing.M) { os.Exit(providertest.Main(m)) }
