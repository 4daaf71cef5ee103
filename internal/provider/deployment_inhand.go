package provider

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// inHand knows which deployments are planned to be created, and which are being changed, in this process: two resources of one name
// in a configuration would fight over the same groups. Its zero value is ready.
type inHand struct {
	mu       sync.Mutex
	plans    map[string]*twins
	changing map[string]string // name to what is done
}

// twins are the plans of creates of one name that are made at the same time.
type twins struct {
	now  int
	many bool // there were two at a time
}

// overlap is for how long a plan of a create waits, at the least, for another one of the same name. Terraform plans resources that do
// not depend on each other at the same time, and each of the same name twice in a row at most.
const overlap = 250 * time.Millisecond

// plans begins the plan of a create. What it returns ends it, and tells whether another one of the same name was made meanwhile.
func (h *inHand) planning(ctx context.Context, name string) (end func() bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.plans == nil {
		h.plans = map[string]*twins{}
	}
	if h.plans[name] == nil {
		h.plans[name] = &twins{}
	}
	t := h.plans[name]
	t.now++
	t.many = t.many || t.now > 1
	began := time.Now()
	return func() bool {
		wait := time.NewTimer(overlap - time.Since(began))
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if t.now--; t.now == 0 {
			delete(h.plans, name)
		}
		return t.many
	}
}

// twin refuses, once the plan of a create is made, that another resource of the configuration is to create the same.
func (h *inHand) twin(ctx context.Context, name string, diags *diag.Diagnostics) (end func()) {
	planned := h.planning(ctx, name)
	return func() {
		if planned() {
			diags.AddAttributeError(path.Root("name"), "Two resources of one name",
				fmt.Sprintf("Two resources of this configuration are to create deployment %q. They would fight over its groups. Give one of them another name, or remove it.", name))
		}
	}
}

// change begins a change of a deployment, "created" for instance. It refuses to if one is being made already, at once: waiting for it
// would only bring the two to fight later. What it returns ends it.
func (h *inHand) change(name, done string, diags *diag.Diagnostics) (end func(), ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if other, busy := h.changing[name]; busy {
		diags.AddAttributeError(path.Root("name"), "Two resources of one name",
			fmt.Sprintf("Deployment %q is being %s by another resource of this configuration, and was to be %s at the same time. Nothing was done for this one. "+
				"Give one of them another name, or remove it: terraform state rm ADDRESS takes it out of the state and touches no group.", name, other, done))
		return nil, false
	}
	if h.changing == nil {
		h.changing = map[string]string{}
	}
	h.changing[name] = done
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.changing, name)
	}, true
}
