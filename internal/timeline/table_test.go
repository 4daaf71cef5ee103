package timeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// The short version of a rollout has a row for each phase, with what it took and what it waited for.
func TestTheTable(t *testing.T) {
	for kind, want := range map[string]string{
		"failing": `
setup     done        0s
25 %      done      6m9s  web__2: 5s not launched yet, 21s not registered in web, 40s initial; bake 5m
50 %      failed   1m17s  web__2: 5s not launched yet, 26s not registered in web, 30s initial; bake 13s
way back  done     3m21s  web__1: 3s draining, 6s not launched yet, 27s not registered in web, 29s initial; w…
`,
		"bluegreen": `
setup   done      0s
deploy  done    1m4s  shop__2: 6s not launched yet, 26s not registered in green, 29s initial
10 %    done   5m30s  traffic settles 30s; bake 5m
50 %    done   5m30s  traffic settles 30s; bake 5m
100 %   done   5m30s  traffic settles 30s; bake 5m
after   done   2m15s  shop__1: 2m15s until its instances were gone
`,
		"destroy": `
destroy  done    2m3s  web__1: 2m3s until its instances were gone
`,
		"interrupted": `
setup  done           0s
25 %   done        6m12s  web__2: 5s not launched yet, 22s not registered in web, 42s initial; bake 5m
50 %   cut short    3m5s  web__2: 6s not launched yet, 25s not registered in web, 32s initial; bake 2m
`,
	} {
		var tl timeline.Timeline
		for _, e := range timelinetest.Recorded(t, kind) {
			tl.Add(e)
		}
		r := only(t, &tl)
		if got := r.Table(r.Updated); got != strings.TrimPrefix(want, "\n") {
			t.Errorf("%s is\n%swant%s", kind, got, want)
		}
	}
}

// A table of a rollout of very many phases is as short as that of others, and there is none of a run that has begun nothing.
func TestALongTable(t *testing.T) {
	var tl timeline.Timeline
	at := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	tl.Add(event.Event{Time: at, Deployment: "web", Run: "1", Fact: event.Begun{}})
	r := only(t, &tl)
	if got := r.Table(at); got != "" {
		t.Errorf("of nothing it is\n%s", got)
	}
	for n := 1; n < 100; n++ {
		step := event.Step{Step: "bake", Part: "deploy", Phase: n, PhaseName: fmt.Sprint(n, " %"), Group: strings.Repeat("é", 200), Lasts: 60}
		tl.Add(event.Event{Time: at, Deployment: "web", Run: "1", Fact: event.StepBegun{Step: step}})
		at = at.Add(time.Minute)
		tl.Add(event.Event{Time: at, Deployment: "web", Run: "1", Fact: event.StepDone{Step: step, Took: 60}})
	}
	got := r.Table(at)
	rows := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(rows) != 8 || rows[2] != "… 92 more" || !strings.HasPrefix(rows[1], "2 %  ") || !strings.HasPrefix(rows[3], "95 %  ") || !strings.HasPrefix(rows[7], "99 %  ") {
		t.Errorf("it has %d rows:\n%s", len(rows), got)
	}
}

// A step that was under way when a run ended, or was killed, is under way no more; it is again where the run speaks again.
func TestWhatWasUnderWayAtTheEnd(t *testing.T) {
	ended := timelinetest.Recorded(t, "interrupted")
	killed := ended[:len(ended)-1]
	later := ended[0]
	later.Run, later.Time = "another", later.Time.Add(time.Hour)
	var tl timeline.Timeline
	for _, e := range killed {
		tl.Add(e)
	}
	r := tl.Rollouts()[0]
	mustBe := func(when string, state timeline.State) {
		t.Helper()
		phases := r.Phases(r.Updated.Add(time.Hour))
		last := r.Steps[len(r.Steps)-1]
		if phases[len(phases)-1].State != state || last.State != state {
			t.Errorf("%s: the last phase is %q, its last step %q, want %q", when, phases[len(phases)-1].State, last.State, state)
		}
	}
	mustBe("while it runs", timeline.Open)
	tl.Add(later)
	mustBe("when it is killed", timeline.Stopped)
	tl.Add(ended[len(ended)-2])
	mustBe("when what it has said comes twice", timeline.Stopped)
	again := ended[len(ended)-2]
	again.Time = again.Time.Add(time.Second)
	tl.Add(again)
	mustBe("when it speaks again", timeline.Open)
	tl.Add(ended[len(ended)-1])
	mustBe("when it has ended", timeline.Stopped)
	if last := r.Steps[len(r.Steps)-1]; last.Took < 110 || last.Took > 130 {
		t.Errorf("a bake that was interrupted after two minutes took %g s", last.Took)
	}
}
