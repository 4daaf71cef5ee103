// Package command is "terraform-provider-elastigroup sandbox" with what it can do beside serving a world: make a world file for a module, print
// the file's schema, make things happen in a world that is served.
package command

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox/ctl"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox/moduleworld"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox/worldschema"
)

// Main runs the command with what stands behind "sandbox". It returns the exit status.
func Main(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		return sandbox.Main(args, stdout, stderr)
	}
	switch args[0] {
	case "ctl":
		return ctl.Main(args[1:], stdout, stderr)
	case "env":
		return env(args[1:], stdout, stderr)
	case "init":
		return moduleworld.Main(args[1:], stdout, stderr)
	case "schema":
		return schema(args[1:], stdout, stderr)
	}
	return sandbox.Main(args, stdout, stderr)
}

// env prints the environment of a sandbox that runs. A shell that is given nothing to evaluate takes that for success, and what is typed behind it
// would go to the real clouds: where there is no sandbox, it is given something that fails.
func env(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("sandbox env", flag.ContinueOnError)
	flags.SetOutput(stderr)
	address := flags.String("address", "", "`URL` of the sandbox; else SPOTINST_ENDPOINT, else http://127.0.0.1:8700")
	format := flags.String("format", "shell", "`shell`, dotenv or json")
	flags.Usage = func() {
		fmt.Fprint(stderr, "Usage: eval \"$(terraform-provider-elastigroup sandbox env)\"\n\nPrints what Terraform's environment needs to reach a sandbox that runs.\n\n")
		flags.PrintDefaults()
	}
	status := 2
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err == nil && flags.NArg() == 0 {
		var said bytes.Buffer
		if status = ctl.Env(*address, *format, &said, stderr); status == 0 && !isEnvironment(said.String(), *format) {
			fmt.Fprintln(stderr, "sandbox env: what answers there is no sandbox; say where it is: -address http://127.0.0.1:8700")
			status = 1
		}
		if status == 0 {
			fmt.Fprint(stdout, said.String())
		}
	}
	if status != 0 && *format != "dotenv" && *format != "json" {
		fmt.Fprintln(stdout, "false")
	}
	return status
}

// isEnvironment tells whether a sandbox has said that. Anything may be at an address, and a shell is to evaluate what it says.
func isEnvironment(said, format string) bool {
	if format == "shell" {
		for line := range strings.Lines(said) {
			if !strings.HasPrefix(line, "export ") {
				return false
			}
		}
	}
	return strings.Contains(said, "SPOTINST_ENDPOINT")
}

// schema prints the JSON Schema of the world file.
func schema(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		fmt.Fprint(stderr, "Usage: terraform-provider-elastigroup sandbox schema >world.schema.json\n\nPrints the JSON Schema of the world file, for editors.\n")
		if args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
			return 0
		}
		return 2
	}
	fmt.Fprint(stdout, worldschema.JSON)
	return 0
}
