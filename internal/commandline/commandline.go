// Package commandline reads the command lines of what people run: flags that may also follow the arguments, and exit codes.
package commandline

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// Usage is the exit code of a command line that is not understood.
const Usage = 2

// Flags are a command's, with its usage text before them.
func Flags(name, usage string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("terraform-provider-elastigroup "+name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	return flags
}

// Parse reads a command line, and returns its arguments. It answers false and an exit code where there is nothing to do: help was asked for,
// and given, or a flag is none, which is said.
func Parse(flags *flag.FlagSet, args []string) (arguments []string, status int, ok bool) {
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, 0, false
		} else if err != nil {
			return nil, Usage, false
		}
		if flags.NArg() == 0 {
			return arguments, 0, true
		}
		arguments, args = append(arguments, flags.Arg(0)), flags.Args()[1:]
	}
}

// Wrong says what is wrong with a command line, and how the command is used.
func Wrong(flags *flag.FlagSet, command, what string) int {
	fmt.Fprintf(flags.Output(), "%s: %s\n", command, what)
	flags.Usage()
	return Usage
}
