package rollout_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

var update = flag.Bool("update", false, "write the transcripts in testdata instead of comparing with them")

// TestTranscripts compares runs with what is written of them in testdata, which is meant to be read.
func TestTranscripts(t *testing.T) {
	history := func(s *script) {
		s.has(4, "r4", Capacity{})
		s.has(5, "r5", Capacity{})
		s.has(6, "r6", usual)
	}
	scripts := map[string]func() *script{
		"good release": func() *script {
			s := newScript()
			history(s)
			s.say("web__6 serves. A new image, r7, takes its place; history is pruned down to two.")
			s.apply(release("r7"), nil)
			return s
		},
		"first deployment": func() *script {
			s := newScript()
			s.say("There is nothing yet. The configuration's own capacity is taken.")
			s.apply(release("r1"), nil)
			return s
		},
		"failing release": func() *script {
			s := newScript("r7")
			history(s)
			s.say("Nothing of r7 ever gets healthy. web__6 has kept everything all the time.")
			s.apply(release("r7"), nil)
			return s
		},
		"failing first deployment": func() *script {
			s := newScript("r1")
			s.say("The first deployment fails. Nothing is left.")
			s.apply(release("r1"), nil)
			return s
		},
		"failing release, held": func() *script {
			s := newScript("r7")
			history(s)
			d := release("r7")
			d.OnFailure = Hold
			s.say("r7 fails, and the user wants to look at it.")
			s.apply(d, nil)
			s.say("The user has seen enough: the configuration goes back to r6.")
			s.apply(release("r6"), nil)
			return s
		},
		"superseded": func() *script {
			s := newScript()
			history(s)
			s.say("r7 is killed when web__6 is at zero already.")
			s.apply(release("r7"), atStep(Record, 7))
			s.say("Meanwhile there is r8. First back to web__6, the only one that was proven, then on.")
			s.apply(release("r8"), nil)
			return s
		},
		"reverted": func() *script {
			s := newScript()
			history(s)
			s.say("r7 is killed before web__6 gives anything up.")
			s.apply(release("r7"), atStep(AwaitHealthy, 7))
			s.say("The configuration goes back to r6.")
			s.apply(release("r6"), nil)
			return s
		},
		"resumed": func() *script {
			s := newScript()
			history(s)
			s.say("r7 is killed when web__6 is at zero and web__7 still pinned.")
			s.apply(release("r7"), func(s Step) bool { return s.Why == WhyOwnBounds })
			s.say("The next apply goes on.")
			s.apply(release("r7"), nil)
			return s
		},
		"killed after proven": func() *script {
			s := newScript()
			history(s)
			s.say("r7 is proven, and killed before history is pruned.")
			s.apply(release("r7"), atStep(Delete, 4))
			s.say("The next apply tidies up.")
			s.apply(release("r7"), nil)
			return s
		},
		"resize in place": func() *script {
			s := newScript()
			s.has(6, "r6", usual)
			d := release("r6")
			d.Capacity, d.Given = &Capacity{Minimum: 3, Target: 6, Maximum: 9}, &usual
			s.say("Only the capacity has changed.")
			s.apply(d, nil)
			return s
		},
		"autoscaled at rest": func() *script {
			s := newScript()
			s.has(6, "r6", Capacity{Minimum: 2, Target: 7, Maximum: 8})
			d := release("r6")
			d.Capacity, d.Given = &usual, &usual
			s.say("An autoscaler has moved the target since it was given. There is nothing to do.")
			s.apply(d, nil)
			return s
		},
		"destroy": func() *script {
			s := newScript()
			history(s)
			d := release("r6")
			d.Gone = true
			s.say("All of it goes.")
			s.apply(d, nil)
			return s
		},
		"previous first": func() *script {
			s := newScript("r8")
			s.has(6, "r6", usual)
			d := release("r7")
			d.ResizeOrder = PreviousFirst
			s.say("What the instances hold is free only when the previous ones are gone.")
			s.apply(d, nil)
			d = release("r8")
			d.ResizeOrder = PreviousFirst
			s.say("The next one fails. What served comes back before what failed goes.")
			s.apply(d, nil)
			return s
		},
		"autoscaler moved the previous": func() *script {
			s := newScript()
			s.has(6, "r6", usual)
			s.say("r7 is killed while web__7 boots.")
			s.apply(release("r7"), atStep(AwaitHealthy, 7))
			s.say("The autoscaler takes web__6 to 6 before anybody comes back: that is what web__7 has to match.")
			s.fleets[0].Capacity.Target, s.fleets[0].serving = 6, 6
			s.apply(release("r7"), nil)
			return s
		},
		"leftovers and a second copy": func() *script {
			s := newScript()
			s.has(4, "r4", Pin(2))
			s.has(6, "r6", usual)
			s.say("web__4 was left with instances, and the create's answer is lost and the create repeated.")
			s.plan(release("r7"))
			s.do(Next(release("r7"), s.observe()))
			s.do(Next(release("r7"), World{Groups: s.observe().Groups[:2]}))
			s.say("Both copies are there.")
			s.apply(release("r7"), nil)
			return s
		},
		"second copy shows late": func() *script {
			s := newScript()
			history(s)
			s.say("The create's answer is lost and the create repeated, and the first copy shows only when web__7 is proven.")
			first := Next(release("r7"), s.observe())
			s.apply(release("r7"), nil)
			s.do(first)
			s.say("The copy's journal still says that web__6 is the way back. web__7 is left alone.")
			s.apply(release("r7"), nil)
			return s
		},
		"failure of an earlier release": func() *script {
			s := newScript("r7")
			history(s)
			s.say("r7 fails and is killed on its way back.")
			s.apply(release("r7"), atStep(Delete, 7))
			s.say("r8 is not to blame for that.")
			s.apply(release("r8"), nil)
			return s
		},
		"in the way": func() *script {
			s := newScript()
			s.unowned = []Group{{ID: "sig-0abc", Name: "web__3", Revision: 3}}
			s.say("Somebody else's group bears the deployment's name.")
			s.apply(release("r1"), nil)
			return s
		},
	}
	maps.Copy(scripts, canaryScripts())
	maps.Copy(scripts, blueGreenScripts())
	maps.Copy(scripts, scheduleScripts())
	maps.Copy(scripts, checkScripts())
	for what, play := range scripts {
		t.Run(what, func(t *testing.T) {
			got := tidy(play().String())
			file := filepath.Join("testdata", strings.NewReplacer(" ", "-", ",", "").Replace(what)+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// tidy leaves no blank at the end of a line, and one blank line where there are more.
func tidy(s string) string {
	var b strings.Builder
	blank := true
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \n")
		if line != "" || !blank {
			b.WriteString(line + "\n")
		}
		blank = line == ""
	}
	return b.String()
}
