package aws

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

const (
	otherListener = account + "listener/app/web/50dc6c495c0c9188/aaaaaaaaaaaaaaaa"
	nlbARN        = account + "loadbalancer/net/web/50dc6c495c0c9188"
)

// ruleXML is a rule of the first listener.
func ruleXML(id string, isDefault bool, priority string, actions ...string) string {
	return fmt.Sprintf("<member><RuleArn>%slistener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/%s</RuleArn><IsDefault>%t</IsDefault>"+
		"<Priority>%s</Priority><Actions>%s</Actions></member>", account, id, isDefault, priority, strings.Join(actions, ""))
}

func rulesPage(next string, members ...string) reply {
	if next != "" {
		next = "<NextMarker>" + next + "</NextMarker>"
	}
	return ok("DescribeRules", "<Rules>"+strings.Join(members, "")+"</Rules>"+next)
}

// told is a use in one line: "rule 10 -> web-blue 90 %, web-green 10 %".
func told(routes []Route) []string {
	var lines []string
	for _, r := range routes {
		what := fmt.Sprintf("listener %s %d", r.Protocol, r.Port)
		if r.Kind == Rule {
			what = "rule " + r.Priority
		}
		if r.Forward == nil {
			lines = append(lines, what+" -> "+kinds(r.Actions))
			continue
		}
		lines = append(lines, what+" -> "+said(r.Forward))
	}
	return lines
}

func TestUses(t *testing.T) {
	f := newFake(t)
	blue, both := forwardXML(1, notSticky, tuple(blueARN, 1)), forwardXML(1, notSticky, tuple(blueARN, 90), tuple(greenARN, 10))
	f.on("elbv2 DescribeListeners", func(c call) reply {
		if got := c.form.Get("LoadBalancerArn"); got != albARN {
			t.Errorf("asked for the listeners of %s", got)
		}
		if c.form.Get("Marker") == "" {
			return ok("DescribeListeners", "<Listeners>"+listenerXML(listenerARN, blue)+"</Listeners><NextMarker>more</NextMarker>")
		}
		return listenersXML(listenerXML(otherListener, fixedXML))
	})
	f.on("elbv2 DescribeRules", func(c call) reply {
		switch {
		case c.form.Get("ListenerArn") == otherListener:
			return rulesPage("")
		case c.form.Get("Marker") == "":
			return rulesPage("more", ruleXML("1111111111111111", false, "10", both))
		}
		return rulesPage("", ruleXML("2222222222222222", false, "20", fixedXML), ruleXML("3333333333333333", true, "default", blue))
	})
	got, err := f.client().Uses(t.Context(), albARN)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"listener HTTPS 443 -> web-blue", "rule 10 -> web-blue 90 %, web-green 10 %", "rule 20 -> fixed-response", "listener HTTPS 443 -> fixed-response"}
	if diff := cmp.Diff(want, told(got)); diff != "" {
		t.Error(diff)
	}
	for i, r := range got {
		listener := map[bool]string{true: otherListener, false: listenerARN}[i == 3]
		if r.LoadBalancerARN != albARN || r.LoadBalancerType != "application" || r.ListenerARN != listener || r.Default != (r.Kind == Listener) {
			t.Errorf("got %+v", r)
		}
	}
}

// A Network Load Balancer has no rules, and is not asked for them.
func TestUsesOfANetworkLoadBalancer(t *testing.T) {
	f := newFake(t)
	f.always("elbv2 DescribeListeners", listenersXML(listenerXML(nlbListener, forwardXML(1, "", tuple(blueARN, 1)))))
	got, err := f.client().Uses(t.Context(), nlbARN)
	if err != nil || len(got) != 1 || got[0].ARN != nlbListener || got[0].LoadBalancerARN != nlbARN {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A listener that is deleted between the two calls uses nothing any more.
func TestUsesOfAListenerThatGoes(t *testing.T) {
	f := newFake(t)
	f.always("elbv2 DescribeListeners", listenersXML(listenerXML(listenerARN, fixedXML), listenerXML(otherListener, fixedXML)))
	f.on("elbv2 DescribeRules", func(c call) reply {
		if c.form.Get("ListenerArn") == listenerARN {
			return refused(400, "ListenerNotFound", "One or more listeners not found")
		}
		return rulesPage("")
	})
	got, err := f.client().Uses(t.Context(), albARN)
	if err != nil || len(got) != 1 || got[0].ARN != otherListener {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestUsesThatCannotBeRead(t *testing.T) {
	fine := listenersXML(listenerXML(listenerARN, fixedXML))
	tests := map[string]struct {
		listeners, rules reply
		gone             bool
		says             string
	}{
		"no such balancer": {refused(400, "LoadBalancerNotFound", "One or more load balancers not found"), reply{}, true,
			"listing the listeners of load balancer " + albARN + ": LoadBalancerNotFound"},
		"listeners denied": {refused(403, "AccessDenied", "no"), reply{}, false, "the credentials need the IAM action elasticloadbalancing:DescribeListeners"},
		"rules denied": {fine, refused(403, "AccessDenied", "no"), false, "listing the rules of listener " + listenerARN +
			": AccessDenied: no (request req-1); the credentials need the IAM action elasticloadbalancing:DescribeRules"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.always("elbv2 DescribeListeners", tt.listeners)
			f.always("elbv2 DescribeRules", tt.rules)
			_, err := f.client().Uses(t.Context(), albARN)
			var typed *Error
			if err == nil || !strings.Contains(err.Error(), tt.says) || !errors.As(err, &typed) || errors.Is(err, runner.ErrGone) != tt.gone {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Who asks for the same at the same time shares the calls, and not the answer's lists.
func TestUsesAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		answer := listenersXML(listenerXML(listenerARN, forwardXML(1, notSticky, tuple(blueARN, 1))))
		answer.after = time.Second
		f.always("elbv2 DescribeListeners", answer)
		f.always("elbv2 DescribeRules", rulesPage(""))
		c, other := f.client(), f.client()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				got, err := c.Uses(t.Context(), albARN)
				if err != nil || len(got) != 1 || got[0].Forward[0].TargetGroup != blueARN {
					t.Errorf("got %+v, %v", got, err)
					return
				}
				got[0].Forward[0].TargetGroup = "changed by a caller"
			})
		}
		all.Wait()
		if n := f.count("elbv2 DescribeListeners"); n != 2 {
			t.Errorf("50 callers made %d calls, want one and its successor", n)
		}
		all.Go(func() { c.Uses(t.Context(), albARN) })
		all.Go(func() { other.Uses(t.Context(), albARN) })
		all.Wait()
		if n := f.count("elbv2 DescribeListeners"); n != 4 {
			t.Errorf("two clients with credentials of their own made %d calls", n-2)
		}
	})
}
