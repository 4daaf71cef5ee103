package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// ask is how the service answers, following no redirect.
func (c clients) ask(t *testing.T, address string) (status int, text string) {
	t.Helper()
	client := c.world.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))(t)
	answer := must(client.Do(r))(t)
	defer answer.Body.Close()
	return answer.StatusCode, string(must(io.ReadAll(answer.Body))(t))
}

func TestTheServiceAnswersAsItsImagesDo(t *testing.T) {
	config := busy(Behaviour{ErrorRatio: 0.2, CrashRatio: 0.1})
	config.AWS.LoadBalancers[0].Listeners[0].Rules = []RuleConfig{
		{Priority: 10, Actions: []ActionConfig{{Type: "fixed-response", Config: map[string]any{"StatusCode": "418", "MessageBody": "short and stout"}}}},
		{Priority: 20, Actions: []ActionConfig{{Type: "redirect", Config: map[string]any{"StatusCode": "HTTP_302", "Host": "new.example.com", "Path": "/#{path}"}}}},
		{Priority: 30, TargetGroup: "spare"}}
	inAWS(t, config, func(t *testing.T, c clients) {
		status, text := c.ask(t, "http://sandbox.invalid/app/web-blue/healthz")
		var told map[string]string
		if err := json.Unmarshal([]byte(text), &told); err != nil || status != 200 {
			t.Fatalf("%d %s", status, text)
		}
		for key, want := range map[string]string{"status": "ok", "image_id": "ami-0a1", "image": "web-1", "version": "1", "target_group": "web-blue", "path": "/healthz"} {
			if told[key] != want {
				t.Errorf("%s is %q, want %q", key, told[key], want)
			}
		}
		seen := map[string]int{}
		const n = 2000
		for range n {
			status, _ := c.ask(t, "http://sandbox.invalid/app/web-green/")
			seen[fmt.Sprint("green ", status)]++
			status, text := c.ask(t, "https://web-"+fingerprint("web")[:8]+".us-east-1.elb.amazonaws.com/orders") // port 443
			if status == 200 && strings.Contains(text, "web-3") || status >= 500 {
				seen["production to green"]++
			}
		}
		for what, want := range map[string]float64{"green 200": 0.7 * n, "green 500": 0.2 * n, "green 502": 0.1 * n, "production to green": 0.1 * n} {
			if !near(float64(seen[what]), want) {
				t.Errorf("%s: %d of %d, want about %v", what, seen[what], n, want)
			}
		}
		for path, want := range map[string]string{
			"web:443:10/": "418 short and stout", "web:443:20/x": "302 ", "web:443:30/": "503 <html>", "web:8080/": "0", "nothing/": "404 There is no listener",
		} {
			status, text := c.ask(t, "http://sandbox.invalid/app/"+path)
			if got := fmt.Sprint(status, " ", text); want != "0" && !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s, want %s…", path, got, want)
			}
		}
		calls := c.world.Calls()
		if first := calls[0]; first.Service != "app" || first.Action != "GET" || first.Subject != "web-blue" || first.Status != 200 {
			t.Errorf("the journal has %+v", first)
		}
	})
}

// What no longer answers at all is a 502 or 5XX until the balancer has noticed, and after that as well: it fails open.
func TestTheServiceThatHasCrashed(t *testing.T) {
	for reason, want := range map[string]int{"Request timed out": 502, "": 500} {
		config := busy(Behaviour{})
		config.Images[2].Behaviour = Behaviour{Kind: Crash, Reason: reason, CrashAfter: Duration(20 * time.Minute)}
		inAWS(t, config, func(t *testing.T, c clients) {
			if status, text := c.ask(t, "http://sandbox.invalid/app/web-green/"); status != 200 {
				t.Errorf("at first %d %s", status, text)
			}
			for range 3 {
				time.Sleep(10 * time.Minute)
			}
			if status, text := c.ask(t, "http://sandbox.invalid/app/web-green/"); status != want {
				t.Errorf("%q: in the end %d %s, want %d", reason, status, text, want)
			}
		})
	}
}

func TestTheServiceTakesItsTime(t *testing.T) {
	inAWS(t, busy(Behaviour{Latency: Duration(10 * time.Second)}), func(t *testing.T, c clients) {
		begun := time.Now()
		for range 20 {
			c.ask(t, "http://sandbox.invalid/app/web-green/")
		}
		if took := time.Since(begun) / 20; took < 5*time.Second || took > 20*time.Second {
			t.Errorf("half of the answers take 10s, and they take %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		r := must(http.NewRequestWithContext(ctx, http.MethodGet, "http://sandbox.invalid/app/web-green/", nil))(t)
		if _, err := c.world.Client().Do(r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("whoever does not wait gets %v", err)
		}
	})
}

// prometheus asks for a query.
func (c clients) prometheus(t *testing.T, method, query string, with func(*http.Request)) (status int, answer map[string]any, text string) {
	t.Helper()
	form := url.Values{"query": {query}}.Encode()
	r := must(http.NewRequestWithContext(t.Context(), method, "http://sandbox.invalid/prometheus/api/v1/query?"+form, nil))(t)
	if method == http.MethodPost {
		r = must(http.NewRequestWithContext(t.Context(), method, "http://sandbox.invalid/prometheus/api/v1/query", strings.NewReader(form)))(t)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if with != nil {
		with(r)
	}
	got := must(c.world.Client().Do(r))(t)
	defer got.Body.Close()
	raw := must(io.ReadAll(got.Body))(t)
	_ = json.Unmarshal(raw, &answer) // a proxy's answer is no JSON
	return got.StatusCode, answer, string(raw)
}

const greenErrors = `sum(rate(errors_total{target_group="web-green"}[5m])) / sum(rate(requests_total{target_group="web-green"}[5m]))`

func TestPrometheusTellsOfTheSameRequests(t *testing.T) {
	inAWS(t, busy(Behaviour{ErrorRatio: 0.1, Latency: Duration(time.Second)}), func(t *testing.T, c clients) {
		value := func(query string) float64 {
			t.Helper()
			status, answer, text := c.prometheus(t, http.MethodPost, query, nil)
			if status != 200 || answer["status"] != "success" {
				t.Fatalf("%s: %d %s", query, status, text)
			}
			result := answer["data"].(map[string]any)["result"].([]any)
			if len(result) != 1 {
				return -float64(len(result)) - 1
			}
			var x float64
			if _, err := fmt.Sscan(result[0].(map[string]any)["value"].([]any)[1].(string), &x); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			return x
		}
		time.Sleep(10 * time.Minute)
		if x := value(greenErrors); x < 0.08 || x > 0.12 {
			t.Errorf("a tenth of green's requests fail, and the ratio is %v", x)
		}
		if x := value("sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))"); x < 0.007 || x > 0.013 {
			t.Errorf("a hundredth of all requests fail, and the ratio is %v", x)
		}
		if x := value(strings.ReplaceAll(greenErrors, "green", "blue")); x != 0 {
			t.Errorf("none of blue's requests fails, and the ratio is %v", x)
		}
		if x := value(`histogram_quantile(0.9, rate(seconds_bucket{target_group="web-green"}[5m]))`); x < 1.7 || x > 2.1 {
			t.Errorf("the p90 is %v", x)
		}
		if x := value(strings.ReplaceAll(greenErrors, "web-green", "web-red")); x != -1 {
			t.Errorf("of a target group that there is not it says %v, not nothing", x)
		}
		if _, _, text := c.prometheus(t, http.MethodGet, strings.ReplaceAll(greenErrors, "web-green", "spare"), nil); !strings.Contains(text, `"NaN"`) {
			t.Errorf("without requests it says %s", text)
		}
		if call := c.world.Calls()[0]; call.Service != "prometheus" || call.Action != "Query" || call.Subject != greenErrors {
			t.Errorf("the journal has %+v", call)
		}
	})
}

func TestPrometheusAnswersAsItIsTold(t *testing.T) {
	for _, test := range []struct {
		name, posted, query string
		status              int
		want                string
	}{
		{"a value", `{"query":"up","value":0.25}`, "up", 200, `{"data":{"result":[{"metric":{},"value":[946685400,"0.25"]}],"resultType":"vector"},"status":"success"}`},
		{"no other", `{"query":"up","value":0.25}`, "down", 200, `"NaN"`},
		{"any", `{"value":"+Inf"}`, "down", 200, `"+Inf"`},
		{"NaN", `{"query":"up","value":"NaN"}`, "up", 200, `"NaN"`},
		{"nothing", `{"query":"up","empty":true}`, "up", 200, `{"data":{"result":[],"resultType":"vector"},"status":"success"}`},
		{"two series", `{"query":"up","value":1,"series":2}`, "up", 200, `{"metric":{"series":"2"},"value":[946685400,"1"]}`},
		{"a scalar", `{"query":"up","value":1,"type":"scalar"}`, "up", 200, `{"data":{"result":[946685400,"1"],"resultType":"scalar"},"status":"success"}`},
		{"a matrix", `{"query":"up","value":1,"type":"matrix"}`, "up", 200, `"values":[[946685400,"1"]]`},
		{"warnings", `{"query":"up","value":1,"warnings":["a store is gone"]}`, "up", 200, `"warnings":["a store is gone"]`},
		{"an error", `{"query":"up","error":"execution","message":"too many samples"}`, "up", 422, `{"error":"too many samples","errorType":"execution","status":"error"}`},
		{"unavailable", `{"query":"up","error":"unavailable"}`, "up", 503, `"errorType":"unavailable"`},
		{"no expression", `{}`, " ", 400, `"errorType":"bad_data"`},
		{"a bracket", `{}`, "sum(up", 400, `parse error: unclosed left parenthesis`},
		{"another bracket", `{}`, `sum(up{a="("}]`, 400, `parse error: unexpected right bracket`},
	} {
		t.Run(test.name, func(t *testing.T) {
			inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
				time.Sleep(10 * time.Minute)
				if status, text := control(t, c.world, "POST", "prometheus", test.posted); status != 204 {
					t.Fatal(text)
				}
				if status, _, text := c.prometheus(t, http.MethodGet, test.query, nil); status != test.status || !strings.Contains(text, test.want) {
					t.Errorf("%d %s, want %d …%s…", status, text, test.status, test.want)
				}
				if status, text := control(t, c.world, "DELETE", "prometheus?query=up", ""); status != 204 {
					t.Fatal(text)
				}
			})
		})
	}
}

func TestPrometheusBehindAProxy(t *testing.T) {
	config := twoTargetGroups()
	config.Prometheus = PrometheusConfig{BearerToken: "hush", Username: "ci", Password: "secret", Queries: []PrometheusQuery{{Query: "up", Value: "1"}}}
	inAWS(t, config, func(t *testing.T, c clients) {
		for _, test := range []struct {
			with func(*http.Request)
			want int
		}{
			{nil, 401},
			{func(r *http.Request) { r.Header.Set("Authorization", "Bearer hush") }, 200},
			{func(r *http.Request) { r.Header.Set("Authorization", "Bearer loud") }, 401},
			{func(r *http.Request) { r.SetBasicAuth("ci", "secret") }, 200},
			{func(r *http.Request) { r.SetBasicAuth("ci", "hush") }, 401},
		} {
			if status, _, text := c.prometheus(t, http.MethodGet, "up", test.with); status != test.want {
				t.Errorf("%d %s, want %d", status, text, test.want)
			}
		}
	})
}

func TestFaultsOfTheServiceAndOfPrometheus(t *testing.T) {
	inAWS(t, busy(Behaviour{}), func(t *testing.T, c clients) {
		for _, test := range []struct {
			fault Fault
			app   string
			query string
		}{
			{Fault{Kind: Throttle}, "429 Too Many", "429 Too Many"},
			{Fault{Kind: Error, Status: 503, Message: "later"}, "503 later", `503 {"error":"later","errorType":"internal","status":"error"}`},
			{Fault{Kind: HTML}, "502 <html>", "502 <html>"},
			{Fault{Kind: Empty}, "503 ", "503 "},
		} {
			for _, service := range []string{"app", "prometheus"} {
				c.world.ClearFaults()
				f := test.fault
				f.Service = service
				c.world.Fail(f)
				status, text := c.ask(t, "http://sandbox.invalid/app/web-blue/")
				want := test.app
				if service == "prometheus" {
					if status != 200 {
						t.Errorf("%s of Prometheus is met by the service: %d %s", f.Kind, status, text)
					}
					status, _, text = c.prometheus(t, http.MethodGet, "up", nil)
					want = test.query
				}
				if got := fmt.Sprint(status, " ", text); !strings.HasPrefix(got, want) {
					t.Errorf("%s of %s: %s, want %s…", f.Kind, service, got, want)
				}
			}
		}
	})
}
