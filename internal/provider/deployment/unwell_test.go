package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// A live revision that is unwell for good keeps a canary from taking anything of it. The release is not to blame: it is neither remembered as
// failed nor taken back, which would take from what serves, and other terms go on with it.
func TestALiveRevisionThatIsUnwellBlamesNobody(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		// What is launched in place of two of its instances never gets healthy.
		if err := d.world.AddImage(sandbox.Image{ID: "ami-1", Name: "web-never"}); err != nil {
			t.Fatal(err)
		}
		g, _ := d.world.Group("web__1")
		for _, i := range g.Instances[:2] {
			d.world.Reclaim(i.ID)
		}
		time.Sleep(10 * time.Minute)
		wanted := object{"healthy_timeout": "20m", "canary": percentPhases(50)}
		_, diags := d.tryApply(release("ami-2", wanted))
		mustRefuse(t, diags, "", "web__1", "healthy_percent", "without phases", "Apply again")
		mustBlameNobody(t, d.world, providertest.Render(diags))
		if g, ok := d.world.Group("web__2"); !ok || g.Target != 2 {
			t.Errorf("the candidate is %+v", g)
		}
		d.refresh()
		if status := d.now()["status"]; status != "interrupted" {
			t.Errorf("the status is %v", status)
		}
		// A basic rollout goes on from there.
		if _, diags = d.tryApply(release("ami-2")); providertest.Failed(diags) {
			t.Fatal(providertest.Render(diags))
		}
		d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
	})
}

// With previous first the live revision gives up its share before the candidate grows. Instances that do not go in time say nothing of how
// well it is: the release goes back.
func TestInstancesThatDoNotGoTakeTheReleaseBack(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		document := webDocument()
		memberAt(document, "strategy")["drainingTimeout"] = 3600
		slow := object{"configuration": asJSON(document)}
		d.apply(release("ami-1", slow))
		_, diags := d.tryApply(release("ami-2", slow, object{"healthy_timeout": "10m", "resize_order": "previous_first", "canary": percentPhases(50)}))
		if text := providertest.Render(diags); !providertest.Failed(diags) || strings.Contains(text, "unwell") || !strings.Contains(text, "web__1") {
			t.Error(text)
		}
		mustBlameNobody(t, d.world, providertest.Render(diags))
		d.mustShow("stable", "web__1", "web__1 live 2/4/8")
	})
}
