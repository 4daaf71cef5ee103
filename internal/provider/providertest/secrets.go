package providertest

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"
)

// What every test of this package gives the provider, and what may show nowhere but in the attributes that are for it: neither in
// what is said, in computed attributes and in tags (keepsSecrets), nor in a line of the log at any level (journal).
const (
	Token        = "sandbox-token"
	SecretKey    = "aws-" + Secret
	SessionToken = "session-" + Secret
	LoginSecret  = "hush" // of a listener's other actions
)

// Secret is in every value that must not be repeated.
const Secret = "s3cr3t"

// Boot is user data with a secret in it.
const Boot = "#!/bin/sh\nexport PASSWORD=" + Secret + "\n"

// BootBase64 is the same as Spot has it.
var BootBase64 = base64.StdEncoding.EncodeToString([]byte(Boot))

// Secrets are what is looked for: secret is part of the keys and of user data in plain text.
var Secrets = []string{Token, Secret, encoded(Boot), LoginSecret}

// encoded is as much of a text's base64 as there is of it whatever follows the text.
func encoded(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(text[:len(text)/3*3]))
}

// Leaked are the secrets that show in a text.
func Leaked(text string) []string {
	var all []string
	for _, hidden := range Secrets {
		if strings.Contains(text, hidden) {
			all = append(all, hidden)
		}
	}
	return all
}

// journal is the log of a provider, all of it at TRACE: what the provider, the clients of both clouds and the framework write, as
// JSON, a line a write. It keeps the lines that tell a secret, and how many there are of each module.
type journal struct {
	mu    sync.Mutex
	lines map[string]int
	leaks []string
}

// keepJournal makes a journal, and fails the test if it tells a secret.
func keepJournal(t testing.TB) *journal {
	t.Helper()
	j := &journal{lines: map[string]int{}}
	t.Cleanup(func() {
		for _, leak := range j.told() {
			t.Errorf("the log tells a secret: %s", leak)
		}
	})
	return j
}

func (j *journal) told() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.leaks
}

// to is what a root logger of a name writes to.
func (j *journal) to(root string) io.Writer { return volume{j, root} }

type volume struct {
	*journal
	root string
}

func (v volume) Write(line []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.lines[v.root]++
	if text := string(line); len(Leaked(text)) > 0 {
		v.leaks = append(v.leaks, text)
	}
	return len(line), nil
}

// in is a context with the loggers that the plugin's server gives each request: one for the provider, one for the framework under it.
func (j *journal) in(ctx context.Context) context.Context {
	return tfsdklogtest.RootLogger(tflogtest.RootLogger(ctx, j.to("provider")), j.to("framework"))
}

// logged is a provider whose every request is written into a journal.
type logged struct {
	tfprotov6.ProviderServer
	journal *journal
}

func (l logged) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return l.ProviderServer.ValidateProviderConfig(l.journal.in(ctx), req)
}

func (l logged) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return l.ProviderServer.ConfigureProvider(l.journal.in(ctx), req)
}

func (l logged) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return l.ProviderServer.ValidateResourceConfig(l.journal.in(ctx), req)
}

func (l logged) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return l.ProviderServer.ReadResource(l.journal.in(ctx), req)
}

func (l logged) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return l.ProviderServer.PlanResourceChange(l.journal.in(ctx), req)
}

func (l logged) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return l.ProviderServer.ApplyResourceChange(l.journal.in(ctx), req)
}

func (l logged) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return l.ProviderServer.ImportResourceState(l.journal.in(ctx), req)
}

func (l logged) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return l.ProviderServer.ValidateDataResourceConfig(l.journal.in(ctx), req)
}

func (l logged) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return l.ProviderServer.ReadDataSource(l.journal.in(ctx), req)
}

func (l logged) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return l.ProviderServer.MoveResourceState(l.journal.in(ctx), req)
}

func (l logged) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	server, ok := l.ProviderServer.(tfprotov6.ListResourceServer)
	if !ok {
		return nil, errors.New("the server has no list resources")
	}
	return server.ListResource(l.journal.in(ctx), req)
}
