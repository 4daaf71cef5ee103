package spot

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// The forms are those of the API's public description and of clients: times that are not RFC 3339, progress as an object or a number,
// a status in either case.
func TestTheNewestDeploymentCounts(t *testing.T) {
	const finished = `{"id":"sbgd-old","status":"finished","progress":{"unit":"percent","value":100},"createdAt":"2018-03-26T19:22:45.000+0000"}`
	for name, test := range map[string]struct {
		items []string
		want  *runner.Roll
	}{
		"none":                     {nil, nil},
		"finished":                 {[]string{finished}, nil},
		"starting":                 {[]string{finished, `{"id":"sbgd-1","status":"starting","progress":{"unit":"percent","value":0},"createdAt":"2018-03-27T19:50:12.000+0000"}`}, &runner.Roll{ID: "sbgd-1", Status: "starting", Progress: "0 %"}},
		"in progress":              {[]string{`{"id":"sbgd-1","status":"IN_PROGRESS","progress":33.3,"createdAt":"2018-03-27T19:50:12.000Z"}`, finished}, &runner.Roll{ID: "sbgd-1", Status: "IN_PROGRESS", Progress: "33.3 %"}},
		"an older one in progress": {[]string{`{"id":"sbgd-1","status":"in_progress","createdAt":"2018-03-20T19:50:12.000Z"}`, finished}, nil},
		"failed":                   {[]string{`{"id":"sbgd-1","status":"failed","progress":"odd"}`}, &runner.Roll{ID: "sbgd-1", Status: "failed", Progress: "odd %", Failed: true}},
		"stopped":                  {[]string{`{"id":"sbgd-1","status":"STOPPED"}`}, nil},
		"something else":           {[]string{`{"id":"sbgd-1","status":"dreaming","progress":[1]}`}, nil},
	} {
		got, err := newClient(t, says(items(test.items...)), 0).Roll(background, "sig-1")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := newClient(t, says(items(`{"status":"starting"}`)), 0).Roll(background, "sig-1"); err == nil {
		t.Error("one without an ID is taken")
	}
}
