package sandbox

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// address is where the command listens if it is not told otherwise: fixed, so that configurations can name it.
const address = "127.0.0.1:8700"

// Main runs the command: it serves a world on a port until SIGINT or SIGTERM, or as long as the command lasts that stands behind "--". It
// returns the exit status: 2 for a command line or a world file that it does not understand, 1 if it cannot listen, or else what that command
// returns.
func Main(args []string, stdout, stderr io.Writer) int {
	s, status := parse(args, stdout, stderr)
	if s == nil {
		return status
	}
	if !s.anywhere && !loopback(s.listen) {
		fmt.Fprintf(stderr, "sandbox: %s is not a loopback address. Whoever reaches the sandbox can do anything in it; say -anywhere if that is meant.\n", s.listen)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(s.command) > 0 && !s.listens {
		s.listen = "127.0.0.1:0" // so that several may run side by side
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		fmt.Fprintf(stderr, "sandbox: listening on %s: %v\n", s.listen, err)
		if errors.Is(err, syscall.EADDRINUSE) {
			fmt.Fprintln(stderr, "Another sandbox may be there. End it, say -listen 127.0.0.1:0 for a port that is free, or give the command to run behind --.")
		}
		return 1
	}
	w := New(s.config, Seed(s.seed), Speed(s.speed))
	env := w.environment("http://" + listener.Addr().String())
	if len(s.command) > 0 {
		return serveWhile(listener, w, s.command, env, stdout, stderr)
	}
	fmt.Fprint(stdout, env.greeting(s.format))
	return serveUntil(ctx, listener, w, stderr)
}

// Commands are what the command takes as its first argument. They are packages of their own, see internal/sandbox/command.
var Commands = []string{"ctl", "env", "init", "schema"}

const usage = `Usage: terraform-provider-elastigroup sandbox [flags]
       terraform-provider-elastigroup sandbox [flags] -- COMMAND ARGUMENT…

Serves a pretend Spot and AWS on this machine, until Ctrl-C, and prints what
Terraform's environment needs to reach them; or runs COMMAND in that environment
and ends with it. Its address in a browser is a page that shows what happens.

       terraform-provider-elastigroup sandbox env
prints the environment of a sandbox that runs: eval "$(… sandbox env)"
       terraform-provider-elastigroup sandbox init [-help] [DIRECTORY]
writes a world file for a Terraform module, and a test of it to begin with
       terraform-provider-elastigroup sandbox schema
prints the JSON Schema of the world file
       terraform-provider-elastigroup sandbox ctl [-help] WHAT…
makes things happen in a sandbox that runs: ctl alarm web-5xx ALARM

`

// settings are what the command line says.
type settings struct {
	listen   string
	listens  bool // an address was said
	anywhere bool
	speed    float64
	seed     uint64
	format   string
	config   Config
	// command is what runs in the sandbox, with its arguments. Without it the sandbox is there until it is ended.
	command []string
}

// parse reads the command line. It answers nil and an exit status when there is nothing to serve.
func parse(args []string, stdout, stderr io.Writer) (*settings, int) {
	s := &settings{}
	var file string
	var example bool
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&s.listen, "listen", address, "`address` to listen on; port 0 takes any that is free")
	flags.BoolVar(&s.anywhere, "anywhere", false, "take an address that is not a loopback one")
	flags.Float64Var(&s.speed, "speed", 1, "how many of the world's seconds pass in one real `second`")
	flags.StringVar(&file, "world", "", "world `file` (JSON); without it a small default world")
	flags.StringVar(&s.format, "format", formatShell, "how to print what Terraform's environment needs: `"+strings.Join(formats, ", ")+"`")
	flags.Uint64Var(&s.seed, "seed", 1, "seed of everything that is left to chance")
	flags.BoolVar(&example, "example", false, "print an Elastigroup document that the default world takes, and exit")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, 0
		}
		return nil, 2
	}
	if example {
		fmt.Fprintf(stdout, "%s", ExampleGroup())
		return nil, 0
	}
	flags.Visit(func(f *flag.Flag) { s.listens = s.listens || f.Name == "listen" })
	if s.command = flags.Args(); len(s.command) > 0 && !behindDashes(args, len(s.command)) {
		fmt.Fprintf(stderr, "sandbox: %q is not understood; it has the commands %s, and a program to run in it stands behind --\n", flags.Arg(0), strings.Join(Commands, ", "))
		return nil, 2
	}
	if !slices.Contains(formats, s.format) {
		fmt.Fprintf(stderr, "sandbox: -format is %q; it is one of %s\n", s.format, strings.Join(formats, ", "))
		return nil, 2
	}
	if !(s.speed > 0) {
		fmt.Fprintf(stderr, "sandbox: -speed is %v; it must be above 0\n", s.speed)
		return nil, 2
	}
	var err error
	if s.config, err = load(file); err != nil {
		fmt.Fprintf(stderr, "sandbox: %v\n", err)
		return nil, 2
	}
	return s, 0
}

// behindDashes tells whether the last n arguments stand behind "--".
func behindDashes(args []string, n int) bool {
	return n < len(args) && args[len(args)-n-1] == "--"
}

func load(file string) (Config, error) {
	if file == "" {
		return Default(), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return Config{}, fmt.Errorf("opening the world file: %w", err)
	}
	defer f.Close()
	c, err := ReadConfig(f)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// loopback tells whether only this machine can reach an address.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// serveUntil serves the world until the context ends.
func serveUntil(ctx context.Context, listener net.Listener, w *World, stderr io.Writer) int {
	server := &http.Server{Handler: w, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		fmt.Fprintf(stderr, "sandbox: serving on %s: %v\n", listener.Addr(), err)
		return 1
	case <-ctx.Done():
	}
	// What hangs by a fault would keep an orderly end from coming, so it is given a moment only.
	patience, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if server.Shutdown(patience) != nil {
		_ = server.Close() // it ends whatever this says
	}
	return 0
}
