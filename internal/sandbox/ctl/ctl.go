// Package ctl is the command that makes things happen in a sandbox that runs, through its control API: "sandbox ctl alarm web-5xx ALARM".
// To add a command, add it to Commands; its help and its row in the guide are made of that.
package ctl

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// standard is where a sandbox is that was not told otherwise.
const standard = "http://127.0.0.1:8700"

// Main runs the command. It returns the exit status: 2 for a command line that it does not understand, 1 if the sandbox is not there or
// refuses, with its words.
func Main(args []string, stdout, stderr io.Writer) int {
	return control("sandbox ctl", args, stdout, stderr)
}

// Env prints what Terraform's environment needs to reach the sandbox at an address, in a format of its control API. Errors are those of "sandbox env".
func Env(address, format string, stdout, stderr io.Writer) int {
	return control("sandbox env", []string{"-address", address, "env", format}, stdout, stderr)
}

func control(as string, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet(as, flag.ContinueOnError)
	flags.SetOutput(stderr)
	address := flags.String("address", "", "`URL` of the sandbox; else SPOTINST_ENDPOINT, else "+standard)
	flags.Usage = func() {
		fmt.Fprint(stderr, Usage())
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return 2
	}
	command, err := named(flags.Arg(0))
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", as, err)
		return 2
	}
	base, err := where(*address)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", as, err)
		return 2
	}
	s := server{base: base, client: &http.Client{Timeout: 30 * time.Second}}
	call, err := command.call(s, flags.Args()[1:])
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\nUsage: sandbox ctl %s %s\n", as, err, command.Name, command.Arguments)
		return 2
	}
	answer, err := s.do(call)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", as, err)
		return 1
	}
	if text := strings.TrimRight(string(answer), "\n"); text != "" {
		fmt.Fprintln(stdout, text)
	}
	return 0
}

// Usage is the help.
func Usage() string {
	var b strings.Builder
	b.WriteString("Usage: terraform-provider-elastigroup sandbox ctl [-address URL] WHAT…\n\nMakes things happen in a sandbox that runs, and tells what stands. Durations are of the\nsandbox's own time: 90s, 5m.\n\n")
	for _, c := range Commands {
		fmt.Fprintf(&b, "  %s\n        %s\n", strings.TrimSpace(c.Name+" "+c.Arguments), c.Does)
	}
	b.WriteString("\n")
	return b.String()
}

func named(name string) (Command, error) {
	names := make([]string, len(Commands))
	for n, c := range Commands {
		if c.Name == name {
			return c, nil
		}
		names[n] = c.Name
	}
	return Command{}, fmt.Errorf("there is no %q%s; there are %s", name, sandbox.Nearest(name, names), strings.Join(names, ", "))
}

// where is the sandbox's URL. What the environment says may be the real Spot, which has no business with such calls.
func where(said string) (string, error) {
	address := said
	if address == "" {
		address = os.Getenv("SPOTINST_ENDPOINT")
	}
	if address == "" {
		return standard, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return "", fmt.Errorf("%q is no address of a sandbox, such as %s", address, standard)
	}
	ip := net.ParseIP(u.Hostname())
	if said == "" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", fmt.Errorf("SPOTINST_ENDPOINT is %s, which is not on this machine; say -address if a sandbox is there", address)
	}
	return strings.TrimRight(address, "/"), nil
}

// call is one call of the control API.
type call struct {
	method, path string
	body         []byte
}

type server struct {
	base   string
	client *http.Client
}

// do makes a call, and answers what the sandbox says.
func (s server) do(c call) ([]byte, error) {
	r, err := http.NewRequestWithContext(context.Background(), c.method, s.base+"/sandbox/"+c.path, bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("there is no answer from a sandbox at %s (%w); start one by terraform-provider-elastigroup sandbox", s.base, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("reading what the sandbox at %s answers: %w", s.base, err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s", strings.TrimSpace(string(text)))
	}
	return text, nil
}
