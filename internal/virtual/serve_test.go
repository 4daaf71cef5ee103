package virtual

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
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

// begins is when the bubble's time begins, rather than in 2000. It is a time like any other.
var begins = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

// TestServe serves the world of the file that VIRTUAL_WORLD names ("default" is the sandbox's own) until its standard input ends. Without
// that variable there is nothing to do: it is a command, in a binary that has to be one of tests.
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
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends when whoever started it is gone
		close(gone)
	}()
	serve(t, config, os.Stdout, gone)
}

// serve writes the environment that leads Terraform to a provider and a world in virtual time, and serves both until gone is closed.
func serve(t *testing.T, config sandbox.Config, out io.Writer, gone <-chan struct{}) {
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

	go func() {
		b.run(func() {
			b.world = sandbox.New(config)
			environment := b.get("/sandbox/env?format=shell", strings.TrimPrefix(url, "http://"))
			for line := range strings.Lines(environment) {
				name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
				t.Setenv(name, strings.Trim(value, "'")) // the provider's
			}
			b.ProviderServer = providerserver.NewProtocol6(provider.New("virtual", provider.WithTransport(b.world.Transport()))())()
			fmt.Fprint(out, environment)
		})
		reattach := make(chan *plugin.ReattachConfig, 1)
		go func() { fmt.Fprintf(out, "export TF_REATTACH_PROVIDERS='%s'\n", reattached(<-reattach)) }()
		closed := make(chan struct{})
		if err := tf6server.Serve(address, func() tfprotov6.ProviderServer { return b }, tf6server.WithDebug(ctx, reattach, closed)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	go func() {
		<-gone
		close(b.calls)
	}()
	b.live(t)
}

// reattached is what TF_REATTACH_PROVIDERS takes.
func reattached(c *plugin.ReattachConfig) string {
	type where struct{ Network, String string }
	text, err := json.Marshal(map[string]any{address: map[string]any{
		"Protocol": string(c.Protocol), "ProtocolVersion": c.ProtocolVersion, "Pid": c.Pid, "Test": c.Test,
		"Addr": where{c.Addr.Network(), c.Addr.String()},
	}})
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
		os.Exit(0)
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
