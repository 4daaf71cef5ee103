package virtual

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// address is what Terraform's required_providers name.
const address = "registry.terraform.io/elastigroup/elastigroup"

// addressForTofu is what OpenTofu makes of the same.
const addressForTofu = "registry.opentofu.org/elastigroup/elastigroup"

// begins is when the bubble's time begins, rather than in 2000. It is a time like any other.
var begins = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

// TestServe serves the world of the file that VIRTUAL_WORLD names ("default" is the sandbox's own): for as long as the command behind its own
// arguments lasts, with whose exit status it ends, or without one until its standard input ends. Without that variable there is nothing to do: it is
// a command, in a binary that has to be one of tests.
func TestServe(t *testing.T) {
	file := os.Getenv("VIRTUAL_WORLD")
	if file == "" {
		t.Skip("VIRTUAL_WORLD names no world file; see the package's documentation")
	}
	config := sandbox.Default()
	if file != "default" {
		text, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer text.Close()
		if config, err = sandbox.ReadConfig(text); err != nil {
			t.Fatal(err)
		}
	}
	if os.Getenv("TF_LOG") == "" && os.Getenv("TF_LOG_PROVIDER") == "" {
		t.Setenv("TF_LOG", "OFF") // left to itself a provider logs everything, for Terraform to choose from
	}
	gone := make(chan int, 1)
	serve(t, config, func(environment []string) {
		if flag.NArg() > 0 {
			gone <- command(environment)
			return
		}
		for _, variable := range environment {
			name, value, _ := strings.Cut(variable, "=")
			fmt.Printf("export %s='%s'\n", name, value)
		}
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends when whoever started it is gone
		gone <- 0
	}, gone)
}

// command runs the command behind the test's own arguments, and returns its exit status.
func command(environment []string) int {
	c := exec.CommandContext(context.Background(), flag.Arg(0), flag.Args()[1:]...) // the command that it was told
	c.Env = append(os.Environ(), environment...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := c.Run()
	var exited *exec.ExitError
	switch {
	case errors.As(err, &exited):
		return exited.ExitCode()
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// serve serves a provider and a world in virtual time, and calls ready, beside, with the environment that leads Terraform to both. The process ends with
// the exit status that comes from gone.
func serve(t *testing.T, config sandbox.Config, ready func(environment []string), gone <-chan int) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	b := &bubble{calls: make(chan func()), ended: make(chan struct{})}

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends with Close
	defer server.Close()
	url := "http://" + listener.Addr().String()

	var environment []string
	go func() {
		b.run(func() {
			b.world = sandbox.New(config)
			for line := range strings.Lines(b.get("/sandbox/env?format=shell", strings.TrimPrefix(url, "http://"))) {
				name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
				value = strings.Trim(value, "'")
				environment = append(environment, name+"="+value)
				t.Setenv(name, value) // the provider's
			}
			b.ProviderServer = providerserver.NewProtocol6(provider.New("virtual", provider.WithTransport(b.world.Transport()))())()
		})
		reattach := make(chan *plugin.ReattachConfig, 1)
		go func() { ready(append(environment, "TF_REATTACH_PROVIDERS="+reattached(<-reattach))) }()
		closed := make(chan struct{})
		if err := tf6server.Serve(address, func() tfprotov6.ProviderServer { return b }, tf6server.WithDebug(ctx, reattach, closed)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	go func() {
		b.status = <-gone
		close(b.calls)
	}()
	b.live(t)
}

// reattached is what TF_REATTACH_PROVIDERS takes.
func reattached(c *plugin.ReattachConfig) string {
	type where struct{ Network, String string }
	it := map[string]any{
		"Protocol": string(c.Protocol), "ProtocolVersion": c.ProtocolVersion, "Pid": c.Pid, "Test": c.Test,
		"Addr": where{c.Addr.Network(), c.Addr.String()},
	}
	text, err := json.Marshal(map[string]any{address: it, addressForTofu: it})
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	return string(text)
}

// bubble is a provider and a world in a bubble, to whoever is outside.
type bubble struct {
	tfprotov6.ProviderServer
	world *sandbox.World
	calls chan func()
	ended chan struct{}
	// status is the exit status, once calls is closed.
	status int
}

// live is the bubble's life: one call after the other. Its time goes by in calls alone, since a goroutine that waits for what comes from outside
// is none that lets it.
func (b *bubble) live(t *testing.T) {
	defer close(b.ended)
	synctest.Test(t, func(*testing.T) {
		time.Sleep(time.Until(begins))
		for call := range b.calls {
			call()
		}
		// What still waits in the background would be taken for a deadlock, and nobody is there any more whom it could matter to.
		os.Exit(b.status)
	})
}

// run has something done in the bubble, and waits until it is done, or until there is no bubble any more.
func (b *bubble) run(do func()) {
	done := make(chan struct{})
	select {
	case b.calls <- func() { defer close(done); do() }:
		<-done
	case <-b.ended:
	}
}

// get is what the world answers; it is called in the bubble.
func (b *bubble) get(path, host string) string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+host+path, nil)
	if err != nil {
		return err.Error()
	}
	answer, err := b.world.Client().Do(r)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// ServeHTTP takes the control API's calls, and whatever else is asked of the world.
func (b *bubble) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	b.run(func() {
		inside := r.Clone(context.Background()) // one that is outside would keep the time from going by
		inside.Body = io.NopCloser(bytes.NewReader(body))
		inside.URL.Scheme, inside.URL.Host = "http", r.Host
		inside.RequestURI = ""
		answer, err := b.world.Transport().RoundTrip(inside)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		for name, values := range answer.Header {
			rw.Header()[name] = values
		}
		rw.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(rw, answer.Body) // whoever asked is gone if this fails
	})
}
