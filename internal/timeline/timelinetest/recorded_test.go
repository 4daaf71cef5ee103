package timelinetest_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

var update = flag.Bool("update", false, "record the rollouts anew")

// What was recorded is what such a rollout still says, but for how long it waits.
func TestTheRecordingsAreTrue(t *testing.T) {
	if *update {
		timelinetest.Record(t, "testdata")
		return
	}
	course := func(events []event.Event) []string {
		var all []string
		for _, e := range events {
			switch f := e.Fact.(type) {
			case event.Begun:
				all = append(all, fmt.Sprint("begun ", f.Image, len(f.Groups), len(f.Plan)))
			case event.StepBegun:
				all = append(all, fmt.Sprint("begun ", f.Step.Step, f.Part, f.PhaseName, f.Group, f.To, f.Weights))
			case event.StepDone:
				all = append(all, fmt.Sprint("done ", f.Step.Step, f.Part, f.PhaseName, f.Group, f.To, f.Weights))
			case event.Ended:
				all = append(all, "ended "+f.Outcome)
			}
		}
		return all
	}
	for _, kind := range timelinetest.Kinds() {
		was, is := course(timelinetest.Recorded(t, kind)), course(timelinetest.Events(t, kind))
		if !slices.Equal(was, is) {
			t.Errorf("%s is recorded as\n%q\nand is now\n%q\nRecord it anew with -update", kind, was, is)
		}
	}
}
