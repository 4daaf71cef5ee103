package runner

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestACreateIsAskedForAsOftenAsItMayBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			unusable bool
			calls    int
		}{"answers that are lost": {false, mostCreates}, "answers that cannot be used": {true, mostUnusable}} {
			var creates createTracker
			for n := 1; ; n++ {
				creates.calls++
				again := creates.unanswered(c.unusable)
				if again != (n < c.calls) {
					t.Fatalf("%s: after %d calls another one may be made: %t", name, n, again)
				}
				if !again {
					break
				}
				if creates.shown() {
					t.Errorf("%s: what may have been made has shown at once", name)
				}
				if time.Sleep(showsWithin); !creates.shown() {
					t.Errorf("%s: it has not shown after %s", name, showsWithin)
				}
			}
		}
	})
}

func TestAListThatIsNotWholeIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var creates createTracker
		if creates.unlisted() {
			t.Error("it is not waited for")
		}
		time.Sleep(listsWithin / 2)
		creates.listed()
		creates.unlisted()
		time.Sleep(listsWithin / 2)
		if creates.unlisted() {
			t.Error("the time before it was whole counts")
		}
		if time.Sleep(listsWithin / 2); !creates.unlisted() {
			t.Errorf("it is waited for after %s", listsWithin)
		}
	})
}

func TestARollIsWaitedForFromTheFirstTimeOnAndSaidAtAPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rolls rollTracker
		for n := range 9 {
			if waited, say := rolls.waits(); waited != time.Duration(n)*pace/3 || say != (n%3 == 0) {
				t.Errorf("it was waited for for %s, and is said: %t", waited, say)
			}
			time.Sleep(pace / 3)
		}
		rolls.over()
		if waited, say := rolls.waits(); waited != 0 || !say {
			t.Errorf("the next one was waited for for %s, and is said: %t", waited, say)
		}
	})
}

func TestCredentialsAreRefusedAFewTimesInARow(t *testing.T) {
	var r refusalTracker
	for n := 1; n <= 2*mostFailures; n++ {
		if r.again() != (n <= mostFailures) {
			t.Errorf("after %d refusals it is tried again: %t", n, n > mostFailures)
		}
	}
	if r.over(); !r.again() {
		t.Error("what was taken does not count")
	}
}
