package deployment_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// weight is what a plan takes, of calls and of the process that makes it.
type weight struct {
	calls   map[string]int
	answers int // bytes of what the clouds answered

	allocated int // bytes, all that were ever asked for
	live      int // bytes, the most that lived at a time: what no collector can free
	waited    time.Duration
	worked    time.Duration // of processors
}

func (w weight) all() (n int) {
	for _, of := range w.calls {
		n += of
	}
	return n
}

// overheard is a provider whose requests of a plan are kept, so that they can be made again to another process of it: what Terraform's core does
// between them is not the provider's.
type overheard struct {
	tfprotov6.ProviderServer
	validate *tfprotov6.ValidateResourceConfigRequest
	read     *tfprotov6.ReadResourceRequest
	plan     *tfprotov6.PlanResourceChangeRequest
}

func (h *overheard) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	h.validate = req
	return h.ProviderServer.ValidateResourceConfig(ctx, req)
}

func (h *overheard) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	h.read = req
	return h.ProviderServer.ReadResource(ctx, req)
}

func (h *overheard) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	h.plan = req
	return h.ProviderServer.PlanResourceChange(ctx, req)
}

// again makes the requests once more, and returns what is said.
func (h *overheard) again(server tfprotov6.ProviderServer) ([]*tfprotov6.Diagnostic, error) {
	validated, err := server.ValidateResourceConfig(context.Background(), h.validate)
	if err != nil {
		return nil, err
	}
	read, err := server.ReadResource(context.Background(), h.read)
	if err != nil {
		return nil, err
	}
	planned, err := server.PlanResourceChange(context.Background(), h.plan)
	if err != nil {
		return nil, err
	}
	return append(append(validated.Diagnostics, read.Diagnostics...), planned.Diagnostics...), nil
}

// sameList keeps the first list of groups that the world gives, and gives it again: what the sandbox takes to write thousands of groups is not the
// provider's. It counts what is answered.
type sameList struct {
	through http.RoundTripper
	keeps   bool // it does that
	mu      sync.Mutex
	list    *http.Response
	body    []byte
	lists   int // that it gave again
	answers int // bytes of all answers
}

func (l *sameList) RoundTrip(r *http.Request) (*http.Response, error) {
	isList := r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/aws/ec2/group")
	if isList {
		if answer := l.again(r); answer != nil {
			return answer, nil
		}
	}
	answer, err := l.through.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers += len(body)
	if isList && l.keeps {
		kept := *answer
		l.list, l.body = &kept, body
	}
	return answer, nil
}

// again is the list once more, nil if there is none yet.
func (l *sameList) again(r *http.Request) *http.Response {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.list == nil {
		return nil
	}
	l.lists++
	l.answers += len(l.body)
	answer := *l.list
	answer.Body, answer.Request = io.NopCloser(bytes.NewReader(l.body)), r
	return &answer
}

// outside is a collector that stands outside of a test's bubble, and never rests while it is asked to collect.
type outside struct {
	collect chan struct{}
	most    chan int // that lived while it collected, in bytes
}

// outsideOf is for a test that goes into a bubble later.
func outsideOf(t *testing.T) *outside {
	t.Helper()
	o := &outside{collect: make(chan struct{}), most: make(chan int)}
	ended := make(chan struct{})
	t.Cleanup(func() { close(ended) })
	go func() {
		for {
			select {
			case <-o.collect:
				for most, collects := 0, true; collects; {
					select {
					case o.most <- most:
						collects = false
					default:
						most = max(most, living())
					}
				}
			case <-ended:
				return
			}
		}
	}()
	return o
}

// living collects, and tells how many bytes there was no collecting of.
func living() int {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

// planning is a workspace whose plan can be made again and again.
type planning struct {
	d        *deployment
	clouds   *sameList
	requests []*overheard
}

// once makes the plan in a process of its own, ten deployments at a time as Terraform does.
func (p planning) once() {
	p.d.restart()
	p.each(func(h *overheard) {
		if diags, err := h.again(p.d.server.ProviderServer); err != nil || providertest.Failed(diags) {
			p.d.t.Error(err, providertest.Render(diags))
		}
	})
}

func (p planning) each(do func(h *overheard)) {
	var wait sync.WaitGroup
	turns := make(chan struct{}, 10)
	for _, h := range p.requests {
		wait.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			do(h)
		})
	}
	wait.Wait()
}

// weighed is what the plan takes: it is made once for what it allocates and asks for, as a process does it, and, for what lives, once more while all that
// does not is collected without end.
func (p planning) weighed(o *outside, alive bool) (w weight) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	p.once() // whatever is made once for all processes is there
	living()
	var before, after runtime.MemStats
	calls := len(p.d.world.Calls())
	p.clouds.lists, p.clouds.answers = 0, 0
	runtime.ReadMemStats(&before)
	begun, worked := time.Now(), processorTime()
	p.once()
	w.waited, w.worked = time.Since(begun), processorTime()-worked
	runtime.ReadMemStats(&after)
	w.allocated, w.answers, w.calls = int(after.TotalAlloc-before.TotalAlloc), p.clouds.answers, map[string]int{}
	for _, call := range p.d.world.Calls()[calls:] {
		w.calls[call.Action]++
	}
	w.calls["ListGroups"] += p.clouds.lists
	if !alive {
		return w
	}

	p.d.server = nil
	without := living()
	o.collect <- struct{}{}
	p.once()
	w.live = max(<-o.most, living()) - without
	return w
}
