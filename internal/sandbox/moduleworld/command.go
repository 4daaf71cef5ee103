package moduleworld

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const usage = `Usage: terraform-provider-elastigroup sandbox init [flags] [DIRECTORY]

Writes a world file for the Terraform module in DIRECTORY (default: this one): the
images, target groups, listeners, alarms and groups that its configuration asks for,
and those that its tests ask for. If the module has no tests, it writes one to begin
with. It says what it had to assume.

`

// Main runs the command. It returns the exit status: 2 for a command line that it does not understand, 1 if there is no module to read, or a file
// there that it will not replace.
func Main(args []string, stdout, stderr io.Writer) int {
	variables := map[string]string{}
	flags := flag.NewFlagSet("sandbox init", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Func("var", "`NAME=VALUE`: a value for a variable; may be there several times", func(text string) error {
		name, value, found := strings.Cut(text, "=")
		if !found {
			return fmt.Errorf("it is not NAME=VALUE")
		}
		variables[name] = value
		return nil
	})
	plan := flags.String("plan", "", "`file` with what terraform show -json PLAN writes, to read instead of the module")
	out := flags.String("o", "", "`file` to write; default: sandbox.json in DIRECTORY; - for standard output alone")
	force := flags.Bool("force", false, "replace a world file that is there")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() > 1 {
		fmt.Fprintf(stderr, "sandbox init: one directory, and not %s\n", strings.Join(flags.Args(), ", "))
		return 2
	}
	folder := "."
	if flags.NArg() == 1 {
		folder = flags.Arg(0)
	}
	if err := initialise(folder, *plan, *out, *force, variables, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "sandbox init: %v\n", err)
		return 1
	}
	return 0
}

func initialise(folder, plan, out string, force bool, variables map[string]string, stdout, stderr io.Writer) error {
	var w World
	var err error
	if plan != "" {
		w, err = ReadPlan(plan)
	} else {
		w, err = Read(folder, variables)
	}
	if err != nil {
		return err
	}
	text, err := w.File()
	if err != nil {
		return err
	}
	if out == "-" {
		_, err = stdout.Write(text)
		w.explain(stderr)
		return err
	}
	if out == "" {
		out = filepath.Join(folder, "sandbox.json")
	}
	if err := create(out, text, force); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s: %d images, %d groups, %d target groups, %d load balancers, %d alarms\n", out, len(w.Config.Images), len(w.Config.Groups),
		len(w.Config.AWS.TargetGroups), len(w.Config.AWS.LoadBalancers)+len(w.Config.AWS.ClassicLoadBalancers), len(w.Config.AWS.Alarms))
	if test := filepath.Join(folder, "sandbox.tftest.hcl"); plan == "" && !w.HasTests {
		if err := create(test, w.Test(), false); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "%s: a test to begin with\n", test)
	}
	w.explain(stderr)
	there := ""
	if filepath.Clean(folder) != "." {
		there = "-chdir=" + folder + " "
	}
	fmt.Fprintf(stderr, "\nNow: terraform-provider-elastigroup sandbox --world %s --speed 60 -- terraform %stest\n", out, there)
	return nil
}

// create writes a file that is not there yet, or any if it is forced to.
func create(file string, text []byte, force bool) error {
	how := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if !force {
		how |= os.O_EXCL
	}
	f, err := os.OpenFile(file, how, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; -force replaces it, -o names another file", file)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// explain says what was assumed.
func (w World) explain(to io.Writer) {
	for _, note := range w.Notes {
		fmt.Fprintf(to, "* %s\n", note)
	}
}
