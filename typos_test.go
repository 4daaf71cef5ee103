//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// A name that is misspelt is refused by terraform validate, with its line. In an attribute Terraform would drop it without a word,
// and the release would run without the alarm, without the bake, or against another host.
func TestTyposAreRefused(t *testing.T) {
	if os.Getenv("TF_ACC") == "" || os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		t.Skip("TF_ACC and TF_ACC_TERRAFORM_PATH are not set")
	}
	const configuration = `terraform {
  required_providers {
    elastigroup = { source = "elastigroup/elastigroup" }
  }
}
provider "elastigroup" {
  endpoints {
    spot = "http://127.0.0.1:1"
  }
  assume_role {
    role_arn     = "arn:aws:iam::123456789012:role/deploy"
    session_name = "releases"
  }
}
resource "elastigroup_deployment" "web" {
  name          = "web"
  configuration = file("group.json")
  image_id      = "ami-1"
  capacity      = { minimum = 2, target = 4, maximum = 8 }
  canary {
    phase {
      percent = 25
      bake    = "10m"
    }
  }
  verify {
    alarms = ["web-5xx"]
  }
  timeouts {
    update = "2h"
  }
}
resource "elastigroup_deployment" "api" {
  name          = "api"
  configuration = file("group.json")
  image_id      = "ami-1"
  blue_green {
    route {
      production_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/api/50dc6c495c0c9188/f2f7dc8efc522ab2"
    }
    shift {
      weight = 10
      bake   = "5m"
    }
    settle = "1m"
  }
}
`
	s := bareSite(t, builtMirror(t))
	s.write("main.tf", configuration)
	s.must("init", "-plugin-dir="+s.mirror)
	s.must("validate")
	for _, typo := range []struct{ right, wrong string }{ // what is found nowhere else is "Unsupported", what is required is missed
		{`alarms = ["web-5xx"]`, `alarm = ["web-5xx"]`},
		{`bake    = "10m"`, `bakes    = "10m"`},
		{`spot = "http`, `spots = "http`},
		{`session_name =`, `session =`},
		{`phase {`, `phases {`},
		{`verify {`, `verification {`},
		{`update = "2h"`, `updates = "2h"`},
		{`route {`, `routes {`},
		{`weight = 10`, `weights = 10`},
		{`settle = `, `settles = `},
		{`target = 4`, `targets = 4`},
	} {
		t.Run(strings.Fields(typo.wrong)[0], func(t *testing.T) {
			before, _, found := strings.Cut(configuration, typo.right)
			if !found {
				t.Fatalf("there is no %s to misspell", typo.right)
			}
			s.write("main.tf", strings.Replace(configuration, typo.right, typo.wrong, 1))
			var output bytes.Buffer
			if err := s.terraform(&output, "validate").Run(); err == nil {
				t.Fatalf("it is taken:\n%s", &output)
			}
			line := strings.Count(before, "\n") + 1
			if shown := fmt.Sprintf("on main.tf line %d,", line); !strings.Contains(output.String(), shown) || !strings.Contains(output.String(), "Unsupported") && !strings.Contains(output.String(), "is required") {
				t.Errorf("line %d is not shown:\n%s", line, &output)
			}
		})
	}
}
