package timelinetest

import (
	"bytes"
	"embed"
	"os"
	"path/filepath"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// Kinds are the names of the rollouts that Events and Recorded have: canary, failing (an alarm goes off in the second bake, and it goes
// back), unhealthy (its instances never serve), bluegreen (by weights), holding, interrupted (in the second bake), first (of a deployment that was
// not there before), destroy, basic, and switch (blue/green at once).
func Kinds() []string {
	return []string{"canary", "failing", "unhealthy", "bluegreen", "holding", "interrupted", "first", "destroy", "basic", "switch"}
}

// Events are those of a rollout that runs now. When what happens is different each time.
func Events(t *testing.T, kind string) []event.Event {
	t.Helper()
	var events []event.Event
	In(t, func(t *testing.T, s *Scene) {
		kinds[kind](t.Context(), s)
		events = s.Events
	})
	if len(events) < 5 || events[len(events)-1].Kind() != "ended" {
		t.Fatalf("the rollout %s says %d events, and no end: %s", kind, len(events), Lines(t, events))
	}
	return events
}

//go:embed testdata
var recorded embed.FS

// Recorded are the events of a rollout that has run once, and always the same.
func Recorded(t *testing.T, kind string) []event.Event {
	t.Helper()
	file, err := recorded.ReadFile("testdata/" + kind + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var events []event.Event
	for _, line := range bytes.Split(bytes.TrimSpace(file), []byte("\n")) {
		e, err := event.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// Record writes the events of a rollout of each kind into a folder, for Recorded. In virtual time it is always New Year of 2000; people
// who look at pictures need not wonder why.
func Record(t *testing.T, folder string) {
	t.Helper()
	for _, kind := range Kinds() {
		text := bytes.ReplaceAll(Lines(t, Events(t, kind)), []byte("2000-01-01T00:"), []byte("2026-11-24T14:"))
		if err := os.WriteFile(filepath.Join(folder, kind+".jsonl"), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
