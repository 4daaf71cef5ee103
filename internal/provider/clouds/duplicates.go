package clouds

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// Duplicates knows which deployments are planned to be created, and which are being changed, in this process: two resources of one name
// in a configuration would fight over the same groups. Its zero value is ready.
type Duplicates struct {
	mu       sync.Mutex
	plans    map[string]*creates
	changing map[string]string // name to what is done
}

// creates are the plans of creates of one name that are made at the same time.
type creates struct {
	now  int
	many bool // there were two at a time
}

// overlap is for how long a plan of a create waits, at the least, for another one of the same name. Terraform plans resources that do
// not depend on each other at the same time, and each of the same name twice in a row at most.
const overlap = 250 * time.Millisecond

// planning begins the plan of a create. What it returns ends it, and tells whether another one of the same name was made meanwhile.
func (d *Duplicates) planning(ctx context.Context, name string) (end func() bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.plans == nil {
		d.plans = map[string]*creates{}
	}
	if d.plans[name] == nil {
		d.plans[name] = &creates{}
	}
	t := d.plans[name]
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
		d.mu.Lock()
		defer d.mu.Unlock()
		if t.now--; t.now == 0 {
			delete(d.plans, name)
		}
		return t.many
	}
}

// PlanCreate begins the plan of a create. What it returns ends it, and refuses the plan if another resource of the configuration is to create the
// same deployment.
func (d *Duplicates) PlanCreate(ctx context.Context, name string, diags *diag.Diagnostics) (end func()) {
	planned := d.planning(ctx, name)
	return func() {
		if planned() {
			diags.AddAttributeError(path.Root("name"), "Two resources of one name",
				fmt.Sprintf("Two resources of this configuration are to create deployment %q. They would fight over its groups. Give one of them another name, or remove it.", name))
		}
	}
}

// BeginChange begins a change of a deployment, "created" for instance. It refuses to if one is being made already, at once: waiting for it
// would only bring the two to fight later. What it returns ends it.
func (d *Duplicates) BeginChange(name, done string, diags *diag.Diagnostics) (end func(), ok bool) {
	other, end := d.begin(name, done)
	if end == nil {
		diags.AddAttributeError(path.Root("name"), "Two resources of one name",
			fmt.Sprintf("Deployment %q is being %s by another resource of this configuration, and was to be %s at the same time. Nothing was done for this one. "+
				"Give one of them another name, or remove it: terraform state rm ADDRESS takes it out of the state and touches no group.", name, other, done))
	}
	return end, end != nil
}

// BeginAction is BeginChange for an action, which has no state.
func (d *Duplicates) BeginAction(name, done string, diags *diag.Diagnostics) (end func(), ok bool) {
	other, end := d.begin(name, done)
	if end == nil {
		diags.AddAttributeError(path.Root("name"), "Deployment is being changed",
			fmt.Sprintf("Deployment %q is being %s in this run of Terraform already, and was to be %s at the same time. Nothing was done. Wait until that has ended.", name, other, done))
	}
	return end, end != nil
}

// begin notes that a deployment is being changed, until what it returns is called. That is nil if it is being changed already, and how.
func (d *Duplicates) begin(name, done string) (other string, end func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if other, busy := d.changing[name]; busy {
		return other, nil
	}
	if d.changing == nil {
		d.changing = map[string]string{}
	}
	d.changing[name] = done
	return "", func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.changing, name)
	}
}

// Changing tells whether a deployment is being changed in this process.
func (d *Duplicates) Changing(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, busy := d.changing[name]
	return busy
}
