package diagtext

import (
	"errors"
	"testing"
)

// A sentence begins with a capital letter, and an ID or a name is not one.
func TestSentencesBeginWell(t *testing.T) {
	for text, want := range map[string]string{
		"the release of ami-1 failed":                     "The release of ami-1 failed.",
		"ami-0a1b2c could not be released.":               "ami-0a1b2c could not be released.",
		"web__7 (sig-0b2c3d4e): no answer":                "web__7 (sig-0b2c3d4e): no answer.",
		"web (sig-0b2c3d4e, ami-1) serves":                "web (sig-0b2c3d4e, ami-1) serves.",
		"sig-0b2c3d4e: gone":                              "sig-0b2c3d4e: gone.",
		"user_data is 20000 bytes":                        "user_data is 20000 bytes.",
		"arn:aws:elasticloadbalancing:eu-west-1:1:x gone": "arn:aws:elasticloadbalancing:eu-west-1:1:x gone.",
		"compute.launchSpecification is missing":          "compute.launchSpecification is missing.",
		`"5 minutes" is not a duration`:                   `"5 minutes" is not a duration.`,
		"describing: no answer":                           "Describing: no answer.",
		"time is over (attribute timeouts)":               "Time is over (attribute timeouts).",
		"élan is missing":                                 "Élan is missing.",
		"":                                                ".",
	} {
		if got := Sentence(errors.New(text)); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// Terraform breaks every line that does not begin with a blank.
func TestRowsBeginWithABlank(t *testing.T) {
	if got, want := Rows("basic   web__1\n\n        -> web__2\n"), "  basic   web__1\n\n          -> web__2\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
