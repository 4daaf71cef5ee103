package deployment_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// secondResource is another resource of the same configuration, in the same process.
func (d *deployment) secondResource() *deployment {
	other := *d
	return &other
}

// Two resources of one name that are to be created are refused by the plan, both of them, whatever order Terraform plans them in.
func TestDuplicatesArePlanned(t *testing.T) {
	for _, later := range []time.Duration{0, 100 * time.Millisecond} {
		t.Run(later.String(), func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				other := d.secondResource()
				done := make(chan said)
				go func() { done <- other.plan(release("ami-2")).diags }()
				time.Sleep(later)
				mustRefuse(t, d.plan(release("ami-1")).diags, "name", "Two resources", `"web"`, "another name")
				mustRefuse(t, <-done, "name", "Two resources", `"web"`, "another name")
			})
		})
	}
}

// The same resource is planned twice in a row, and others beside it: that is none of it.
func TestWhoIsNoDuplicate(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		other := d.secondResource()
		done := make(chan said)
		go func() { done <- other.plan(release("ami-1", object{"name": "api"})).diags }()
		providertest.MustSucceed(t, d.plan(release("ami-1")).diags)
		providertest.MustSucceed(t, <-done)
		providertest.MustSucceed(t, d.plan(release("ami-1")).diags)
		providertest.MustSucceed(t, d.plan(release("ami-2")).diags)
	})
}

// Where the plan could not see it, one of the two is refused by apply, at once, and nothing is touched for it.
func TestDuplicatesAreApplied(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		other := d.secondResource()
		first, second := d.plan(release("ami-1")), other.plan(release("ami-2"))
		providertest.MustSucceed(t, slices.Concat(first.diags, second.diags))
		done := make(chan said)
		go func() { done <- d.createAs(first) }()
		time.Sleep(10 * time.Second)
		began, calls := time.Now(), len(d.world.Calls())
		mustRefuse(t, other.createAs(second), "name", `"web" is being created by another resource of this configuration`, "Nothing was done")
		if took := time.Since(began); took > 0 || len(d.world.Calls()) > calls || !other.state.IsNull() {
			t.Errorf("the second took %s and made %d calls; its state is %s", took, len(d.world.Calls())-calls, other.state)
		}
		providertest.MustSucceed(t, <-done)
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		mustRefuse(t, other.plan(release("ami-2")).diags, "name", "If two resources have this name")
	})
}

// Nor are two in one state, by an import of each, changed or destroyed at the same time.
func TestDuplicatesInOneState(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		other := d.secondResource()
		imported(t, other)
		destroy, update := other.planDestroy(), other.plan(release("ami-3"))
		providertest.MustSucceed(t, destroy.diags)
		p := d.plan(release("ami-2"))
		done := make(chan said)
		go func() { done <- d.carriesAsItIs(p) }()
		time.Sleep(10 * time.Second)
		before := other.state
		for what, p := range map[string]planned{"destroyed": destroy, "updated": update} {
			mustRefuse(t, other.carriesAsItIs(p), "name", `is being updated by another resource of this configuration, and was to be `+what, "terraform state rm")
			if !other.state.Equal(before) {
				t.Errorf("%s: the state is %s", what, other.state)
			}
		}
		providertest.MustSucceed(t, <-done)
		d.mustBeSettled(release("ami-2"))
		mustRefuse(t, other.plan(release("ami-3")).diags, "name", "another state released web__2")
	})
}

// Another name replaces the deployment: the plan says in which order, and what nobody serves meanwhile.
func TestAnotherName(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		for _, name := range []any{"api", unknown} {
			p := d.plan(release("ami-1", object{"name": name, "healthy_timeout": "7m"}))
			if providertest.Failed(p.diags) || !slices.Contains(p.replace, "name") {
				t.Fatalf("it replaces %v:\n%s", p.replace, providertest.Render(p.diags))
			}
			providertest.MustSay(t, p.diags, providertest.Warning, "name", "nothing serves meanwhile", `"web" serves with web__1`, "taken down first", "at most healthy_timeout, 7m", "create_before_destroy")
		}
		d.apply(release("ami-1", object{"deletion_protection": true}))
		mustRefuse(t, d.plan(release("ami-1", object{"name": "api"})).diags, "deletion_protection")
		if text := providertest.Render(d.plan(release("ami-1", object{"deletion_protection": true})).diags); strings.Contains(text, "Another name") {
			t.Errorf("the same name is another one:\n%s", text)
		}
	})
}
