package sandbox

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The service behind the load balancers. What is asked is told by the path, /app/web:443/healthz (the default action of a listener),
// /app/web:443:10/healthz (the rule of that priority), /app/web-green/healthz (a target group), or by the host name of a balancer.
const appPath = "/app/"

// appName is what a request to the service is sent to, and the path that is asked there. It answers false for other requests.
func (w *awsHalf) appName(r *http.Request) (name, path string, ok bool) {
	if rest, is := strings.CutPrefix(r.URL.Path, appPath); is {
		name, path, _ = strings.Cut(rest, "/")
		return name, "/" + path, true
	}
	host, port, _ := strings.Cut(r.Host, ":")
	for _, b := range w.balancers {
		if b.kind != "application" || !strings.EqualFold(host, w.dnsName(b)) {
			continue
		}
		if port == "" {
			port = "80"
			if r.URL.Scheme == "https" || r.TLS != nil {
				port = "443"
			}
		}
		return b.name + ":" + port, r.URL.Path, true
	}
	return "", "", false
}

// dnsName is the host name of a load balancer.
func (w *awsHalf) dnsName(b *balancer) string {
	return b.name + "-" + fingerprint(b.name)[:8] + "." + w.config.Region + ".elb.amazonaws.com"
}

// serveApp answers a request to the service.
func (w *awsHalf) serveApp(answer *recorder, r *http.Request, name, path string) {
	a, ok := w.answerApp(name, path)
	if !ok {
		http.Error(answer, fmt.Sprintf("There is no listener, rule or target group %q: a listener is BALANCER:PORT, a rule BALANCER:PORT:PRIORITY.", name), http.StatusNotFound)
		return
	}
	h := answer.Header()
	h.Set("Content-Type", a.kind)
	if a.location != "" {
		h.Set("Location", a.location)
	}
	answer.WriteHeader(a.status)
	answer.takes = a.takes
	if r.Method != http.MethodHead {
		_, _ = answer.Write(a.body) // into memory
	}
}

// appAnswer is an answer of the service, or of the balancer before it.
type appAnswer struct {
	status   int
	kind     string
	location string
	body     []byte
	takes    time.Duration
}

// answerApp answers a request to a listener, rule or target group. It answers false if there is none of the name.
func (w *awsHalf) answerApp(name, path string) (appAnswer, bool) {
	w.serial++ // each request has its own luck
	at := w.now.Add(time.Duration(w.serial))
	if g := w.targetGroupCalled(name); g != nil {
		return w.application(g, path, at), true
	}
	r := w.routeCalled(name)
	if r == nil || len(r.effective) == 0 {
		return appAnswer{}, false
	}
	last := r.effective[len(r.effective)-1]
	switch last.kind {
	case "fixed-response":
		status, err := strconv.Atoi(last.config.text("StatusCode"))
		if err != nil {
			status = http.StatusServiceUnavailable
		}
		kind := last.config.text("ContentType")
		orText(&kind, "text/plain")
		return appAnswer{status: status, kind: kind, body: []byte(last.config.text("MessageBody"))}, true
	case "redirect":
		status := http.StatusMovedPermanently
		if last.config.text("StatusCode") == "HTTP_302" {
			status = http.StatusFound
		}
		return appAnswer{status: status, kind: "text/html", location: redirected(last.config, path)}, true
	}
	var chosen *targetGroup
	sum := 0
	eachGroup(r.effective, func(g weighted) { sum += g.weight })
	if sum > 0 {
		left := w.chance(name, at).IntN(sum)
		eachGroup(r.effective, func(g weighted) {
			if left -= g.weight; left < 0 && chosen == nil {
				chosen = g.group
			}
		})
	}
	if chosen == nil {
		return ofBalancer(http.StatusServiceUnavailable), true
	}
	return w.application(chosen, path, at), true
}

// redirected is where a redirect leads.
func redirected(config *tree, path string) string {
	host, to := config.text("Host"), config.text("Path")
	if host == "" || strings.Contains(host, "#{") {
		host = "sandbox.invalid"
	}
	if to == "" || strings.Contains(to, "#{") {
		to = path
	}
	u := url.URL{Scheme: strings.ToLower(config.text("Protocol")), Host: host, Path: to}
	if u.Scheme == "" || strings.Contains(u.Scheme, "#{") {
		u.Scheme = "https"
	}
	return u.String()
}

// application is how a target of a group answers a request, with the luck of a moment.
func (w *awsHalf) application(g *targetGroup, path string, at time.Time) appAnswer {
	takers := g.takers()
	if len(takers) == 0 {
		return ofBalancer(http.StatusServiceUnavailable)
	}
	luck := w.chance(g.arn+" app", at)
	t := takers[luck.IntN(len(takers))]
	f := w.fateOf(t)
	takes := time.Duration(counts{latency: f.latency.Seconds(), good: 1}.quantile(luck, luck.Float64()) * float64(time.Second))
	switch x := luck.Float64(); {
	case x < f.crashes:
		a := ofBalancer(http.StatusBadGateway)
		a.takes = takes
		return a
	case x < f.crashes+f.errors:
		return appAnswer{status: http.StatusInternalServerError, kind: "application/json", body: []byte(`{"status":"error"}` + "\n"), takes: takes}
	}
	m, _ := w.ec2.machine(t.instance)
	i, _ := w.image(m.ImageID)
	body, err := json.Marshal(map[string]string{
		"status": "ok", "image_id": m.ImageID, "image": i.Name, "version": i.version(), "instance_id": t.instance, "target_group": g.name, "path": path,
	})
	if err != nil {
		panic(err) // texts always marshal
	}
	return appAnswer{status: http.StatusOK, kind: "application/json", body: append(body, '\n'), takes: takes}
}

var versionOfName = regexp.MustCompile(`\d+(\.\d+)*`)

// version is that of an image: its tag "version", or the first numbers of its name, 2026.11.2 of "web-2026.11.2".
func (i Image) version() string {
	if v := i.Tags["version"]; v != "" {
		return v
	}
	return versionOfName.FindString(i.Name)
}

// ofBalancer is an answer of the balancer itself.
func ofBalancer(status int) appAnswer {
	text := map[int]string{http.StatusBadGateway: "502 Bad Gateway", http.StatusServiceUnavailable: "503 Service Temporarily Unavailable"}[status]
	text = html.EscapeString(text)
	return appAnswer{status: status, kind: "text/html", body: fmt.Appendf(nil,
		"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n</body>\r\n</html>\r\n", text, text)}
}

// webError writes an error of the service, or of what stands before it and Prometheus.
func webError(rw http.ResponseWriter, status int, message string) {
	http.Error(rw, message, status)
}

// isWeb tells whether a service is neither Spot nor of AWS's API.
func isWeb(service string) bool { return slices.Contains([]string{"app", "prometheus"}, service) }
