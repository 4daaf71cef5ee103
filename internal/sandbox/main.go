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
	"syscall"
	"time"
)

// address is where the command listens if it is not told otherwise: fixed, so that configurations can name it.
const address = "127.0.0.1:8700"

// Main runs the command: it serves a world on a port until SIGINT or SIGTERM. It returns the exit status: 2 for a command
// line or a world file that it does not understand, 1 if it cannot listen.
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
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		fmt.Fprintf(stderr, "sandbox: listening on %s: %v\n", s.listen, err)
		return 1
	}
	w := New(s.config, Seed(s.seed), Speed(s.speed))
	fmt.Fprintln(stdout, w.greeting(listener.Addr().String()))
	return serveUntil(ctx, listener, w, stderr)
}

// settings are what the command line says.
type settings struct {
	listen   string
	anywhere bool
	speed    float64
	seed     uint64
	config   Config
}

// parse reads the command line. It answers nil and an exit status when there is nothing to serve.
func parse(args []string, stdout, stderr io.Writer) (*settings, int) {
	s := &settings{}
	var file string
	var example bool
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.listen, "listen", address, "`address` to listen on; port 0 takes any that is free")
	flags.BoolVar(&s.anywhere, "anywhere", false, "take an address that is not a loopback one")
	flags.Float64Var(&s.speed, "speed", 1, "how many of the world's seconds pass in one real `second`")
	flags.StringVar(&file, "world", "", "world `file` (JSON); without it a small default world")
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
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "sandbox: %q is not understood\n", flags.Arg(0))
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

// greeting is the one line that says where the world is, and what to export to get in: from "export" on it is a command of the shell.
func (w *World) greeting(addr string) string {
	a := w.config.Accounts[0]
	token := ""
	if len(a.Tokens) > 0 {
		token = a.Tokens[0]
	}
	url := "http://" + addr
	return fmt.Sprintf("sandbox at %s/ (a page for browsers; %s/sandbox/ as text)  export SPOTINST_ENDPOINT=%s AWS_ENDPOINT_URL=%s SPOTINST_ACCOUNT=%s SPOTINST_TOKEN=%s "+
		"AWS_REGION=%s AWS_ACCESS_KEY_ID=AKIASANDBOX AWS_SECRET_ACCESS_KEY=sandbox", url, url, url, url, a.ID, token, w.config.Region)
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
