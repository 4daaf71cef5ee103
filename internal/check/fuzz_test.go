package check

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// FuzzPrometheusAnswer has Prometheus answer anything. A verdict comes of one number in an answer that says success, and of nothing else.
func FuzzPrometheusAnswer(f *testing.F) {
	seedsPrometheusAnswer(f)
	f.Fuzz(fuzzPrometheusAnswer)
}

func TestFreshPrometheusAnswers(t *testing.T) {
	fresh.Run(t, 500*time.Millisecond, seedsPrometheusAnswer, fuzzPrometheusAnswer)
}

func seedsPrometheusAnswer(f fresh.Adder) {
	f.Add(byte(0), []byte(vector("0.5")))
	f.Add(byte(0), []byte(vector("0.5", "NaN")))
	f.Add(byte(0), []byte(`{"status": "success", "data": {"resultType": "scalar", "result": [1790000000, "0.5"]}, "warnings": [], "infos": ["x"]}`))
	f.Add(byte(1), []byte(`{"status": "error", "errorType": "bad_data", "error": "1:5: parse error"}`))
	f.Add(byte(2), []byte("<html>Bad Gateway</html>"))
}

func fuzzPrometheusAnswer(t *testing.T, status byte, body []byte) {
	o := &other{status: []int{200, 400, 502, 204, 302}[int(status)%5], body: string(body)}
	check, err := NewPrometheus(Prometheus{URL: "https://prom.example.com", Query: "x", Below: limit(1), BearerToken: secretToken, Transport: o})
	if err != nil {
		t.Fatal(err)
	}
	got := check.Ask(t.Context(), runner.Moment{})
	sound(t, got)
	if got.Verdict != runner.NotKnown && (o.status/100 != 2 || !strings.Contains(string(body), "uccess") && !strings.Contains(string(body), `\u`)) {
		t.Fatalf("%d %q is %s: %s", o.status, body, got.Verdict, got.Words)
	}
	if value, why := check.(*prometheusCheck).number(reply{status: o.status, body: body}); why == "" && (math.IsNaN(value) || math.IsInf(value, 0)) {
		t.Fatalf("%q is %g", body, value)
	}
}

// FuzzLambdaAnswer has a function return anything.
func FuzzLambdaAnswer(f *testing.F) {
	seedsLambdaAnswer(f)
	f.Fuzz(fuzzLambdaAnswer)
}

func TestFreshLambdaAnswers(t *testing.T) {
	fresh.Run(t, 500*time.Millisecond, seedsLambdaAnswer, fuzzLambdaAnswer)
}

func seedsLambdaAnswer(f fresh.Adder) {
	f.Add([]byte(`{"status": "passed", "message": "all is well"}`), "")
	f.Add([]byte(`{"hookStatus": "IN_PROGRESS", "callBackDelay": 30, "hookDetails": {"id": [7]}}`), "")
	f.Add([]byte(`{"status": "failed", "callBackDelay": -1e300, "details": null}`), "")
	f.Add([]byte(`{"errorMessage": "no route", "errorType": "OSError"}`), "Unhandled")
	f.Add([]byte(`null`), "")
}

func fuzzLambdaAnswer(t *testing.T, answer []byte, failed string) {
	check, err := NewLambda(Lambda{Function: "smoke", Invoke: func(context.Context, string, []byte) ([]byte, string, error) { return answer, failed, nil }})
	if err != nil {
		t.Fatal(err)
	}
	got := check.Ask(t.Context(), runner.Moment{})
	if got.Words == "" || len(got.Words) > 2000 || strings.ContainsAny(got.Words, "\r\n") {
		t.Fatalf("it says %q", got.Words)
	}
	if failed != "" && got.Verdict != runner.Bad || got.Again < 0 || got.Again > time.Hour || got.Again > 0 && got.Verdict != runner.Pending {
		t.Fatalf("%q, %q: %+v", answer, failed, got)
	}
	// What it said goes with the next question, and is no end of it.
	if next := check.Ask(t.Context(), runner.Moment{Details: got.Details}); next.Verdict != got.Verdict || next.Words != got.Words {
		t.Fatalf("asked again with %s: %+v", got.Details, next)
	}
}

// FuzzPointer reads pointers and follows them.
func FuzzPointer(f *testing.F) {
	seedsPointer(f)
	f.Fuzz(fuzzPointer)
}

func TestFreshPointers(t *testing.T) {
	fresh.Run(t, 300*time.Millisecond, seedsPointer, fuzzPointer)
}

func seedsPointer(f fresh.Adder) {
	f.Add("/foo/0", []byte(`{"foo": ["bar", "baz"]}`))
	f.Add("/a~1b/~0", []byte(`{"a/b": {"~": 1.0}}`))
	f.Add("", []byte(`null`))
	f.Add("/", []byte(`{"": [[], {}]}`))
}

func fuzzPointer(t *testing.T, text string, body []byte) {
	pointer, err := ParsePointer(text)
	if err != nil {
		return
	}
	// Written again, it is what was read.
	again := ""
	for _, token := range pointer {
		again += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
	}
	if again != text {
		t.Fatalf("%q is read as %q", text, again)
	}
	document, err := readJSON(body)
	if err != nil {
		return
	}
	value, ok := pointer.In(document)
	if !ok && text == "" {
		t.Fatal("the whole document is not there")
	}
	textOf(value)
}
