package main

import (
	"bufio"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

var (
	exhaustive    = flag.Bool("exhaustive", false, "hold what a process costs to all its limits")
	updateProcess = flag.Bool("update-process", false, "write what a process costs into testdata instead of holding it against what is there")
)

// released is the provider as a release has it: the flags are those of .goreleaser.yml and of the makefile.
func released(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "provider")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=0.0.0", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// handshake is how long a process of the provider takes from its start to the line that tells Terraform where it listens, and for how much of
// that it had a processor.
func handshake(t *testing.T, binary string, environment []string) (took, busy time.Duration) {
	t.Helper()
	c := exec.CommandContext(t.Context(), binary)
	c.Env = environment
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	took = time.Since(begun)
	busy = processorTime(t, c.Process.Pid)
	_ = c.Process.Kill()
	_ = c.Wait()
	if err != nil || !strings.HasPrefix(line, "1|6|unix|") {
		t.Fatalf("it greets with %q, %v", line, err)
	}
	return took, busy
}

// processorTime is what all threads of a process have had, which other processes do not change; 0 where a kernel does not say.
func processorTime(t *testing.T, pid int) (sum time.Duration) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(ns)
	}
	return sum
}

// spoken is a process of the provider that somebody speaks to.
type spoken struct {
	cmd  *exec.Cmd
	conn *grpc.ClientConn
}

// speak starts the provider as Terraform does, with certificates made for the occasion.
func speak(t *testing.T, binary string) spoken {
	t.Helper()
	c := exec.CommandContext(t.Context(), binary)
	c.Env = []string{"GOMAXPROCS=2"} // Go keeps memory for each processor
	client := goplugin.NewClient(&goplugin.ClientConfig{
		Cmd: c, AutoMTLS: true, SkipHostEnv: true, Logger: hclog.NewNullLogger(), AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion: 4, MagicCookieKey: "TF_PLUGIN_MAGIC_COOKIE", MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]goplugin.PluginSet{6: {}},
	})
	t.Cleanup(client.Kill)
	speaker, err := client.Client()
	if err != nil {
		t.Fatal(err)
	}
	return spoken{c, speaker.(*goplugin.GRPCClient).Conn}
}

// asIs lets messages through as they are.
type asIs struct{}

func (asIs) Marshal(v any) ([]byte, error)      { return v.([]byte), nil }
func (asIs) Unmarshal(data []byte, v any) error { *v.(*[]byte) = slices.Clone(data); return nil }
func (asIs) Name() string                       { return "proto" }

func (s spoken) ask(t *testing.T, method string, message []byte) (answer []byte) {
	t.Helper()
	if err := s.conn.Invoke(t.Context(), "/tfplugin6.Provider/"+method, message, &answer, grpc.ForceCodec(asIs{}), grpc.MaxCallRecvMsgSize(64<<20)); err != nil {
		t.Fatal(err)
	}
	return answer
}

// configure configures it as a user does who writes everything into the provider block.
func (s spoken) configure(t *testing.T) {
	t.Helper()
	server := providertest.Serve(t)
	config := server.Dynamic(server.Schema.Provider, providertest.Object{
		"token": providertest.Token, "account": "act-sandbox", "region": "us-east-1", "access_key": "AKIASANDBOX", "secret_key": providertest.SecretKey,
	})
	if said := s.ask(t, "ConfigureProvider", append(field(1, []byte("1.14.0")), field(2, field(1, config.MsgPack))...)); len(said) > 0 {
		t.Fatalf("it says %q", said)
	}
}

// field is a field of a message that has a length.
func field(number byte, value []byte) []byte {
	return append(binary.AppendUvarint([]byte{number<<3 | 2}, uint64(len(value))), value...)
}

// memory is a figure of what a process holds, in MiB, by the name that the kernel has for it.
func memory(t *testing.T, pid int, name string) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, name+":"); found {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib / 1024
		}
	}
	t.Fatal("there is no ", name)
	return 0
}

// processLimit is what a figure of a process may be at the most. Aim is what it ought to be, where that is less.
type processLimit struct {
	name       string
	limit, aim float64
	slack      float64 // how many times what it was it may be
	alone      bool    // only make bench holds it
}

// What the kernel shows of the binary's own pages differs between kernels, so that only make bench holds what is resident with them.
var processLimits = []processLimit{
	{"size of the binary, MB", 36, 25, 1.02, false},
	{"memory of its own, MiB", 12, 0, 1.2, false},
	{"memory with the binary, MiB", 36, 30, 1.1, true},
}

// whyMore says what is in the way of the aims.
const whyMore = `
The aims are 25 MB and 30 MiB. The framework, the plugin library and Go itself take more than
half of both. The rest is AWS's client, the schemas, the sandbox, the converter and the reports.

What was tried, and how large the binary was then:
  without the sandbox                                           31.1 MB
  without convert, watch and report, too                        30.5 MB
  without inlining (what that costs in time was not measured)   31.3 MB
  without the templates of reports, and with a plugin server
  of its own: nothing of the program asks for methods by name   34.5 MB
  the same, with a Go that does not keep all methods for the
  sake of encoding/json, as Go 1.26 and 1.27 do (golang/go#78909)  30.2 MB
None is done: all of them together would be needed, and a Go of one's own.
`

// TestWhatAProcessCosts holds the size of the released binary and the memory of its process to the limits and to what is committed. How long the
// handshake takes is printed and never failed on: most of it is the key that go-plugin makes for the connection.
func TestWhatAProcessCosts(t *testing.T) {
	if testing.Short() {
		t.Skip("a release is built")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("processes are measured as Linux shows them, and sizes differ between processors")
	}
	binary := released(t)
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	least := []float64{float64(info.Size()) / 1e6, 1e9, 1e9}
	var environment []string
	for range 5 {
		s := speak(t, binary)
		begun := time.Now()
		schema := s.ask(t, "GetProviderSchema", nil)
		t.Logf("schema: %d bytes in %s", len(schema), time.Since(begun))
		s.configure(t)
		pid := s.cmd.Process.Pid
		least[1], least[2] = min(least[1], memory(t, pid, "RssAnon")), min(least[2], memory(t, pid, "VmHWM"))
		environment = s.cmd.Env
	}
	bare := slices.DeleteFunc(slices.Clone(environment), func(v string) bool { return strings.HasPrefix(v, "PLUGIN_CLIENT_CERT=") })
	took, busy := quickest(t, binary, environment)
	_, alone := quickest(t, binary, bare)
	t.Logf("handshake: %.1f ms, %.1f of them busy, and %.1f without the connection's certificate", took, busy, alone)
	holdProcess(t, least)
}

// quickest are the times of the quickest of some handshakes, in milliseconds.
func quickest(t *testing.T, binary string, environment []string) (took, busy float64) {
	t.Helper()
	took, busy = 1e9, 1e9
	for range 20 {
		whole, processor := handshake(t, binary, environment)
		took, busy = min(took, whole.Seconds()*1000), min(busy, processor.Seconds()*1000)
	}
	return took, busy
}

// holdProcess compares figures with their limits and with the committed ones, or commits them.
func holdProcess(t *testing.T, figures []float64) {
	t.Helper()
	const file = "testdata/process.txt"
	committed, err := os.ReadFile(file)
	if err != nil && !*updateProcess {
		t.Fatal(err)
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%-30s %8s %8s\n", "a process of the provider", "is", "limit")
	for i, l := range processLimits {
		fmt.Fprintf(&table, "%-30s %8.1f %8.0f\n", l.name, figures[i], l.limit)
		if l.alone && !*exhaustive {
			continue
		}
		if figures[i] > l.limit {
			t.Errorf("%s: %.1f, and %.0f is the limit", l.name, figures[i], l.limit)
		}
		was := 0.0
		for line := range strings.Lines(string(committed)) {
			if rest, found := strings.CutPrefix(line, l.name+" "); found {
				_, _ = fmt.Sscan(rest, &was)
			}
		}
		if !*updateProcess && figures[i] > was*l.slack {
			t.Errorf("%s: %.1f; it was %.1f. If that is meant: -update-process", l.name, figures[i], was)
		}
	}
	table.WriteString(whyMore)
	t.Logf("\n%s\nand as it was committed:\n%s", table.String(), committed)
	if *updateProcess {
		if err := os.WriteFile(file, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
