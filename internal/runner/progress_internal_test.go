package runner

import (
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// to is a change of a group's size.
func to(group string, target int) rollout.Step {
	return rollout.Step{Kind: rollout.Resize, Part: rollout.Deploy, Group: rollout.Group{ID: "sig-" + group, Name: group}, Capacity: rollout.Pin(target)}
}

func TestTheSameChangeIsMadeMoreAndMoreSlowlyAndThenNotAtAll(t *testing.T) {
	var p progressTracker
	if p.begun() {
		t.Error("a run that has changed nothing has begun")
	}
	for n := 0; ; n++ {
		wait, tooOften := p.again(to("web__2", 4))
		if tooOften != (n > mostRepeats) {
			t.Fatalf("the change is made %d times too often: %t", n, tooOften)
		}
		if tooOften {
			break
		}
		if want := time.Duration(n) * 2 * time.Second; wait != want {
			t.Errorf("the %d. repetition waits for %s, want %s", n, wait, want)
		}
	}
	if !p.begun() {
		t.Error("a run that has changed something has not begun")
	}
}

func TestAnotherChangeIsNoRepetition(t *testing.T) {
	var p progressTracker
	for n := range 30 {
		if wait, tooOften := p.again(to("web__2", n)); wait > 0 || tooOften {
			t.Errorf("after %d changes the next one waits for %s, too often: %t", n, wait, tooOften)
		}
	}
}

func TestChangesThatUndoEachOtherComeToAnEnd(t *testing.T) {
	var p progressTracker
	for n := range 100 {
		if _, tooOften := p.again(to("web__2", n%2)); tooOften {
			if n < 2*3*mostRepeats {
				t.Errorf("it ends after %d changes", n)
			}
			return
		}
	}
	t.Error("it never ends")
}

func TestTagsMayBeWrittenAsOftenAsTheyDiffer(t *testing.T) {
	var p progressTracker
	for n := range 100 {
		s := rollout.Step{Kind: rollout.Record, Journal: rollout.Journal{Deployment: "web", Passed: n % 2}}
		if _, tooOften := p.again(s); tooOften {
			t.Fatalf("tags are written too often after %d times", n)
		}
	}
}

func TestAChangeThatIsForgivenIsNotCounted(t *testing.T) {
	var p progressTracker
	s := to("web__2", 4)
	for n := range 100 {
		if wait, tooOften := p.again(s); wait > 0 || tooOften {
			t.Fatalf("after %d times it waits for %s, too often: %t", n, wait, tooOften)
		}
		p.forgive(s)
	}
}

func TestOnlyWhatTakesIsConfirmed(t *testing.T) {
	var p progressTracker
	create := rollout.Step{Kind: rollout.Create, Group: rollout.Group{Name: "web__2"}}
	grow := to("web__2", 4)
	p.confirm(grow)
	if p.confirms(grow) {
		t.Error("a step that takes nothing waits to be confirmed")
	}
	p.confirm(create)
	other := create
	other.Group.ID = "sig-2"
	if !p.confirms(create) || p.confirms(other) {
		t.Error("a create is confirmed by itself alone")
	}
	if p.unconfirm(); p.confirms(create) {
		t.Error("it is confirmed for good")
	}
}
