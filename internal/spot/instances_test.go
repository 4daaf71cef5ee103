package spot

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// byPath answers by the last part of the path.
func byPath(replies map[string]answers) *api {
	return &api{answer: func(r *http.Request, _ int) (*http.Response, error) {
		return replies[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]](r)
	}}
}

func TestInstancesAreJoinedWithTheirHealth(t *testing.T) {
	c := newClient(t, byPath(map[string]answers{
		"status": items(
			`{"spotInstanceRequestId":"sir-1","instanceId":"i-1","instanceType":"m5.large","status":"fulfilled"}`,
			`{"spotInstanceRequestId":"sir-2","instanceId":null,"instanceType":"m5.large","status":"pending-evaluation"}`,
			`{"spotInstanceRequestId":null,"instanceId":"i-3","instanceType":"m5.xlarge","status":"running"}`,
			`{"spotInstanceRequestId":"sir-4","instanceId":"i-4","status":"fulfilled"}`),
		"instanceHealthiness": items(
			`{"instanceId":"i-3","spotRequestId":null,"healthStatus":"HEALTHY"}`,
			`{"instanceId":"i-1","spotRequestId":"sir-1","healthStatus":"unhealthy"}`,
			`{"instanceId":null,"spotRequestId":"sir-2","healthStatus":"UNKNOWN"}`,
			`{"instanceId":"i-5","spotRequestId":"sir-5","healthStatus":"HEALTHY"}`),
	}), 0)
	got, err := c.JudgedInstances(background, "sig-1")
	if err != nil {
		t.Fatal(err)
	}
	want := []runner.Instance{
		{ID: "i-1", Request: "sir-1", Type: "m5.large", VCPUs: 2, State: "fulfilled", Health: "UNHEALTHY"},
		{Request: "sir-2", Type: "m5.large", VCPUs: 2, State: "pending-evaluation", Health: "UNKNOWN"},
		{ID: "i-3", Type: "m5.xlarge", VCPUs: 4, State: "running", Health: "HEALTHY"},
		{ID: "i-4", Request: "sir-4", State: "fulfilled"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHealthIsNotAskedOfNobody(t *testing.T) {
	a := says(items())
	got, err := newClient(t, a, 0).JudgedInstances(background, "sig-1")
	if err != nil || len(got) != 0 || len(a.asked()) != 1 {
		t.Errorf("%v %v, %d calls", got, err, len(a.asked()))
	}
}

func TestItemsOfAnotherForm(t *testing.T) {
	_, err := newClient(t, says(items(`"i-1"`)), 0).JudgedInstances(background, "sig-1")
	if err == nil {
		t.Fatal("it passed")
	}
	contains(t, err.Error(), "listing the instances of group sig-1", "another form")
}

func line(at, severity, message string) string {
	return `{"createdAt":"` + at + `","severity":"` + severity + `","message":"` + message + `"}`
}

func TestTheLog(t *testing.T) {
	since := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		lines []string // newest first, as Spot answers
		limit int
		want  []string
	}{
		"warnings and errors, oldest first": {
			[]string{line("2026-11-23T10:03:00.000Z", "ERROR", "three"), line("2026-11-23T10:02:00.000+0000", "INFO", "two"), line("2026-11-23T10:01:00Z", "WARN", "one")}, 5,
			[]string{"2026-11-23T10:01:00Z WARN one", "2026-11-23T10:03:00Z ERROR three"},
		},
		"nothing grave": {
			[]string{line("2026-11-23T10:02:00Z", "INFO", "two"), line("2026-11-23T10:01:00Z", "DEBUG", "one\\nand more")}, 5,
			[]string{"2026-11-23T10:01:00Z DEBUG one and more", "2026-11-23T10:02:00Z INFO two"},
		},
		"the newest": {
			[]string{line("2026-11-23T10:03:00Z", "WARN", "3"), line("2026-11-23T10:02:00Z", "WARN", "2"), line("2026-11-23T10:01:00Z", "WARN", "1")}, 2,
			[]string{"2026-11-23T10:02:00Z WARN 2", "2026-11-23T10:03:00Z WARN 3"},
		},
		"the same again and again": {
			[]string{line("2026-11-23T10:03:00Z", "WARN", "x"), line("2026-11-23T10:02:00Z", "WARN", "x"), line("2026-11-23T10:01:00Z", "WARN", "y")}, 2,
			[]string{"2026-11-23T10:01:00Z WARN y", "2026-11-23T10:03:00Z WARN x"},
		},
		"too old": {
			[]string{line("2026-11-23T10:00:00.000Z", "INFO", "now"), line("2026-11-23T09:59:59.999Z", "WARN", "before")}, 2,
			[]string{"2026-11-23T10:00:00Z INFO now"},
		},
		"an unreadable time": {[]string{line("yesterday", "WARN", "x")}, 2, []string{"WARN x"}},
		"a token":            {[]string{line("", "WARN", "with "+testToken)}, 2, []string{"WARN with (secret)"}},
		"no room":            {[]string{line("", "WARN", "x")}, 0, nil},
		"empty":              {nil, 5, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a := says(items(test.lines...))
			got, err := newClient(t, a, 0).Log(background, "sig-1", since, test.limit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheLogIsAskedForAPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := says(items())
		since := time.Now().Add(-time.Hour)
		if _, err := newClient(t, a, 0).Log(background, "sig-1", since, 3); err != nil {
			t.Fatal(err)
		}
		query := a.asked()[0].query
		from, _ := strconv.ParseInt(query["fromDate"][0], 10, 64)
		to, _ := strconv.ParseInt(query["toDate"][0], 10, 64)
		if from != since.UnixMilli() || to <= time.Now().UnixMilli() || query["severity"][0] != "ALL" || query["limit"][0] != "1000" {
			t.Errorf("%v", query)
		}
	})
}
