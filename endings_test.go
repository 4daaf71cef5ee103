//go:build unix

package main

import (
	"bytes"
	"strings"
	"testing"
)

// What people read at the end of an apply, and in plans, as Terraform shows it: of several warnings with the same title it shows one, it says
// those of a plan once more below "Apply complete!", and breaks lines.

// endsWith is what Terraform says behind a word, in one line.
func endsWith(output, word string) string {
	_, rest, _ := strings.Cut(output, word)
	return strings.Join(strings.Fields(strings.ReplaceAll(rest, "│", " ")), " ")
}

// Two deployments hold: each says so at the end of the apply that makes it hold, and in every plan, and is not said to hold when it has gone on.
func TestWhatHoldsSaysSo(t *testing.T) {
	world := lot()
	both := func(image string, more ...string) []string {
		more = append(more, "canary {\nphase {\npercent = 25\nbake = \"1s\"\n}\n}")
		return []string{block(world, "web", "web", image, more...), block(world, "api", "api", image, more...)}
	}
	s := stateIn(t, withTerraform(t), world, both("ami-1")...)
	s.must("apply", "-auto-approve")
	hold := []string{"Deployment web holds", "Deployment api holds", "web__2 (ami-2) holds after phase 1", "api__2 (ami-2) holds after phase 1",
		"until hold_after_phase is raised or removed"}
	s.writes(both("ami-2", "hold_after_phase = 1")...)
	s.mustSay(s.must("apply", "-auto-approve"), append(hold, "How long each part took", "bake 1s")...)
	s.mustSay(s.must("plan", "-detailed-exitcode"), append(hold, "No changes")...)
	s.mustSay(s.must("plan", "-refresh=false"), append(hold, "No changes")...)
	s.mustSay(s.must("apply", "-auto-approve"), append(hold, "0 changed")...)

	s.writes(both("ami-2")...)
	said := s.must("apply", "-auto-approve")
	s.mustSay(said, "Deployment web held when this was planned", "Deployment api held when this was planned", "2 changed")
	for _, word := range []string{"web holds", "api holds"} {
		if strings.Contains(said, "Deployment "+word) {
			t.Errorf("%q is said when it went on:\n%s", word, said)
		}
	}
	if said := s.must("plan", "-detailed-exitcode"); strings.Contains(said, "hold") {
		t.Errorf("it is at rest, and the plan says\n%s", said)
	}
	s.mustKeepSecrets()
}

// The error of a release that fails says what each part of it took and waited for.
func TestAFailedReleaseSaysWhatItDid(t *testing.T) {
	world := lot()
	s := stateIn(t, withTerraform(t), world, block(world, "web", "web", "ami-1"))
	s.must("apply", "-auto-approve")
	s.writes(block(world, "web", "web", "ami-bad", `healthy_timeout = "5s"`))
	var output bytes.Buffer
	if s.terraform(&output, "apply", "-auto-approve").Run() == nil {
		t.Fatalf("it succeeds:\n%s", &output)
	}
	said := endsWith(output.String(), "How long each part took, and what it waited for:")
	for _, row := range []string{"setup done 0s", "100 % failed 5s web__2: ", "way back done "} {
		if !strings.Contains(said, row) {
			t.Errorf("%q is not said:\n%s", row, &output)
		}
	}
}
