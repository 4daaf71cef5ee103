// Command terraform-provider-elastigroup releases machine images onto Spot Elastigroups from Terraform.
//
// Terraform starts it without arguments. With "sandbox" as its first argument it serves pretend clouds instead, to try
// configurations against; with "convert" it turns the JSON of an Elastigroup into Terraform's language; with "watch" it follows rollouts in a
// terminal, and with "report" it makes a page of what happened in them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/report"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox/command"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/watch"
)

// address is where the registry keeps the provider. Terraform compares it with required_providers when it reattaches to
// a provider that runs in a debugger.
const address = "registry.terraform.io/elastigroup/elastigroup"

// version is set by the linker in a release (-X main.version=…).
var version = "dev"

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run does what the arguments ask for and returns the process's exit code.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "sandbox" {
		return command.Main(args[1:], stdout, stderr)
	}
	if len(args) > 0 && args[0] == "convert" {
		return convert.Main(args[1:], os.Stdin, stdout, stderr)
	}
	if len(args) > 0 && args[0] == "report" {
		return report.Main(args[1:], os.Stdin, stdout, stderr)
	}
	if len(args) > 0 && args[0] == "watch" {
		return watch.Main(args[1:], os.Stdin, stdout, stderr, version)
	}

	flags := flag.NewFlagSet("terraform-provider-elastigroup", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { usage(flags) }
	debug := flags.Bool("debug", false, "serve until interrupted and print how Terraform attaches, for a debugger")
	show := flags.Bool("version", false, "print the version and exit")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "terraform-provider-elastigroup: unknown command %q\n", flags.Arg(0))
		flags.Usage()
		return 2
	}
	if *show {
		fmt.Fprintf(stdout, "terraform-provider-elastigroup %s (%s/%s)\n", version, runtime.GOOS, runtime.GOARCH)
		return 0
	}

	if err := serve(*debug); err != nil {
		fmt.Fprintf(stderr, "terraform-provider-elastigroup: %v\n", err)
		return 1
	}
	return 0
}

// serve answers Terraform until it hangs up.
func serve(debug bool) error {
	if !debug {
		// Supervisors send SIGTERM to the whole process group. Terraform answers it by asking its providers to stop, waits
		// until they have returned and saves what they say. A provider that died of the same signal could say nothing, and
		// the state would not know how far the rollout came. Under a debugger there is no Terraform to end the process.
		signal.Ignore(syscall.SIGTERM)
	}
	return providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address:         address,
		Debug:           debug,
		ProtocolVersion: 6,
	})
}

func usage(flags *flag.FlagSet) {
	fmt.Fprint(flags.Output(), `Usage: terraform-provider-elastigroup [-debug] [-version]
       terraform-provider-elastigroup sandbox [-help]
       terraform-provider-elastigroup convert [-help] FILE
       terraform-provider-elastigroup watch [-help] [FILE | URL | NAME…]
       terraform-provider-elastigroup report [-help] FILE…

Terraform and OpenTofu start the provider by themselves. "sandbox" serves a
pretend Spot and AWS on this machine, to try configurations against. "convert"
turns the JSON of an Elastigroup into Terraform's language. "watch" follows
rollouts in a terminal, from the events that they write or straight from the
clouds; "report" makes a page of such events.

`)
	flags.PrintDefaults()
}
