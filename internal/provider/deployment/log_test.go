package deployment_test

import "testing"

// What is scanned in every test is what is written: a release fills both volumes of the journal, the clouds' clients included.
func TestTheLogHasEverything(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.apply(release("ami-2"))
		if own, framework := d.server.LogLines("provider"), d.server.LogLines("framework"); own < 50 || framework < 500 {
			t.Errorf("two releases wrote %d lines, and the framework %d", own, framework)
		}
	})
}
