package ctl

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Command is something that can be made to happen.
type Command struct {
	// Name and Arguments are what is typed. Does says what it does, in a sentence without a full stop.
	Name, Arguments, Does string
	// Control is the call of the control API that it makes, "POST alarms".
	Control string
	// Example are arguments that a default world takes, once there is a group web__1.
	Example string

	least, most int // arguments
	body        func(s server, args []string) (any, error)
	query       string // the parameter that the one argument is
}

// Commands are all there are, in the order of the help.
var Commands = []Command{
	{Name: "show", Does: "what stands: groups, target groups, routes, alarms, images", Control: "GET "},
	{Name: "instances", Arguments: "[GROUP]", Does: "the instances, with their group, state and health", Control: "GET instances", Example: "web__1", most: 1, query: "group"},
	{Name: "groups", Does: "the groups with their documents and instances, as JSON", Control: "GET groups"},
	{Name: "timeline", Does: "how many instances existed, were in service and served, at every moment, as JSON", Control: "GET timeline"},
	{Name: "calls", Does: "every call that was made, as JSON", Control: "GET calls"},
	{Name: "changes", Does: "the calls that changed something, as JSON", Control: "GET changes"},
	{Name: "state", Does: "what the page in the browser shows, as JSON", Control: "GET state"},
	{Name: "env", Arguments: "[shell|dotenv|json]", Does: "what Terraform's environment needs, as export lines or in another form", Control: "GET env", Example: "dotenv", most: 1, query: "format"},

	{Name: "alarm", Arguments: "NAME OK|ALARM|INSUFFICIENT_DATA [REASON]", Does: "an alarm changes its state", Control: "POST alarms", Example: "web-5xx ALARM 9 errors a minute",
		least: 2, most: -1, body: func(_ server, a []string) (any, error) {
			return object{"name": a[0], "state": strings.ToUpper(a[1]), "reason": strings.Join(a[2:], " ")}, nil
		}},
	{Name: "delete-alarm", Arguments: "NAME", Does: "an alarm is deleted", Control: "DELETE alarms", Example: "web-latency", least: 1, most: 1, query: "name"},

	{Name: "image", Arguments: "ID healthy|slow|never|crash|dies|refused", Does: "instances of an image behave so that are launched from now on", Control: "POST behaviour",
		Example: "ami-0a10000000000002 never", least: 2, most: 2, body: func(_ server, a []string) (any, error) {
			return object{"image": a[0], "kind": a[1]}, nil
		}},
	{Name: "errors", Arguments: "IMAGE ERRORS [CRASHES]", Does: "this fraction of the requests to an image's instances is answered with an error, 0 to 1, and this one not at all", Control: "POST behaviour",
		Example: "ami-0a10000000000002 0.03 0.01", least: 2, most: 3, body: func(_ server, a []string) (any, error) {
			errors, err := fraction(a[1])
			if err != nil || len(a) < 3 {
				return object{"image": a[0], "error_ratio": errors}, err
			}
			crashes, err := fraction(a[2])
			return object{"image": a[0], "error_ratio": errors, "crash_ratio": crashes}, err
		}},
	{Name: "latency", Arguments: "IMAGE DURATION", Does: "half of the requests to an image's instances are answered within this", Control: "POST behaviour", Example: "ami-0a10000000000002 200ms", least: 2, most: 2,
		body: func(_ server, a []string) (any, error) { return object{"image": a[0], "latency": a[1]}, nil }},
	{Name: "add-image", Arguments: "ID [NAME [BEHAVIOUR]]", Does: "another image is there", Control: "POST images", Example: "ami-9 web-2026.12.1 slow", least: 1, most: 3,
		body: func(_ server, a []string) (any, error) {
			return object{"id": a[0], "name": at(a, 1), "behaviour": object{"kind": at(a, 2)}}, nil
		}},

	{Name: "kill", Arguments: "INSTANCE|GROUP", Does: "an instance is gone at once, without notice or draining; of a group, any", Control: "POST reclaim", Example: "web__1", least: 1, most: 1,
		body: func(s server, a []string) (any, error) {
			id, err := s.instance(a[0])
			return object{"instance": id, "without_notice": true}, err
		}},
	{Name: "reclaim", Arguments: "INSTANCE|GROUP [NOTICE]", Does: "the spot market takes an instance back, with two minutes' notice or less", Control: "POST reclaim", Example: "web__1 20s",
		least: 1, most: 2, body: func(s server, a []string) (any, error) {
			id, err := s.instance(a[0])
			return withText(object{"instance": id}, "notice", at(a, 1)), err
		}},
	{Name: "storm", Arguments: "FRACTION", Does: "the spot market takes this fraction of all instances back in an hour; 0 ends it", Control: "POST reclaim", Example: "0.2", least: 1, most: 1,
		body: func(_ server, a []string) (any, error) {
			f, err := fraction(a[0])
			return object{"fraction_per_hour": f}, err
		}},
	{Name: "rebalance", Arguments: "INSTANCE|GROUP", Does: "Spot replaces an instance whose market it takes to be unstable", Control: "POST rebalance", Example: "web__1", least: 1, most: 1,
		body: func(s server, a []string) (any, error) {
			id, err := s.instance(a[0])
			return object{"instance": id}, err
		}},
	{Name: "market", Arguments: "spot|on-demand|all on|off [TYPE [ZONE]]", Does: "there is no capacity, or there is again", Control: "POST market", Example: "spot off m5.large", least: 2, most: 4,
		body: func(_ server, a []string) (any, error) {
			lifecycle, available, err := a[0], false, error(nil)
			if lifecycle == "all" {
				lifecycle = ""
			}
			if available, err = onOff(a[1]); err != nil {
				return nil, err
			}
			return object{"lifecycle": lifecycle, "available": available, "type": at(a, 2), "zone": at(a, 3)}, nil
		}},

	{Name: "target", Arguments: "GROUP TARGET [AFTER]", Does: "an autoscaler moves a group within its bounds", Control: "POST target", Example: "web__1 5 30s", least: 2, most: 3,
		body: func(_ server, a []string) (any, error) {
			n, err := numbers(a[1:2])
			return withText(object{"group": a[0], "target": n[0]}, "after", at(a, 2)), err
		}},
	{Name: "capacity", Arguments: "GROUP MINIMUM TARGET MAXIMUM", Does: "somebody sets a group's capacity", Control: "POST capacity", Example: "web__1 1 4 8", least: 4, most: 4,
		body: func(_ server, a []string) (any, error) {
			n, err := numbers(a[1:])
			return object{"group": a[0], "minimum": n[0], "target": n[1], "maximum": n[2]}, err
		}},
	{Name: "task", Arguments: "GROUP [N]", Does: "a scheduled task of a group fires, its first or the one after N others", Control: "POST task", Example: "web__1 0", least: 1, most: 2,
		body: func(_ server, a []string) (any, error) {
			n, err := numbers(a[1:])
			return object{"group": a[0], "task": n[0]}, err
		}},
	{Name: "policy", Arguments: "GROUP up|down [N]", Does: "a scaling policy of a group acts, its first or the one after N others", Control: "POST policy", Example: "web__1 up", least: 2, most: 3,
		body: func(_ server, a []string) (any, error) {
			n, err := numbers(a[2:])
			return object{"group": a[0], "direction": a[1], "policy": n[0]}, err
		}},
	{Name: "roll", Arguments: "GROUP [starting|in_progress|finished|stopped|failed [PERCENT]]", Does: "a deployment of Spot's own is under way, which keeps the group from being changed", Control: "POST roll",
		Example: "web__1 in_progress 25", least: 1, most: 3, body: func(_ server, a []string) (any, error) {
			n, err := numbers(a[min(2, len(a)):])
			return object{"group": a[0], "status": at(a, 1), "progress": n[0]}, err
		}},
	{Name: "edit", Arguments: "GROUP JSON", Does: "somebody changes members of a group's document in the console", Control: "POST edit", Example: `web__1 {"description":"mine"}`, least: 2, most: 2,
		body: func(_ server, a []string) (any, error) {
			if !json.Valid([]byte(a[1])) {
				return nil, fmt.Errorf("%q is no JSON", a[1])
			}
			return object{"group": a[0], "patch": json.RawMessage(a[1])}, nil
		}},
	{Name: "add-group", Arguments: "FILE", Does: "somebody makes the group of a document", Control: "POST groups", Example: "other.json", least: 1, most: 1,
		body: func(_ server, a []string) (any, error) {
			text, err := os.ReadFile(a[0])
			if err == nil && !json.Valid(text) {
				err = fmt.Errorf("%s is no JSON", a[0])
			}
			return json.RawMessage(text), err
		}},
	{Name: "delete-group", Arguments: "GROUP", Does: "somebody deletes a group", Control: "DELETE groups", Example: "other", least: 1, most: 1, query: "group"},

	{Name: "weights", Arguments: "ROUTE TARGETGROUP=WEIGHT…", Does: "somebody else changes where a listener or rule forwards; ROUTE is its ARN", Control: "POST weights", Example: "LISTENER web-blue=90 web-green=10",
		least: 2, most: -1, body: func(_ server, a []string) (any, error) {
			weights, err := weightsOf(a[1:])
			return object{"route": a[0], "weights": weights}, err
		}},
	{Name: "requests", Arguments: "ROUTE N", Does: "so many requests come a minute by a listener or rule; ROUTE is BALANCER:PORT, BALANCER:PORT:PRIORITY or an ARN", Control: "POST requests",
		Example: "web:443 12000", least: 2, most: 2, body: func(_ server, a []string) (any, error) {
			n, err := numbers(a[1:])
			return object{"route": a[0], "requests_per_minute": n[0]}, err
		}},
	{Name: "metrics", Arguments: "DELAY [Complete|PartialData|InternalError|Forbidden]", Does: "CloudWatch's points are whole so long after the end of their minute, 2m by default; all results have the status", Control: "POST metrics",
		Example: "15m", least: 1, most: 2, body: func(_ server, a []string) (any, error) {
			return withText(object{"delay": a[0]}, "status", at(a, 1)), nil
		}},
	{Name: "function", Arguments: "JSON", Does: "a function of Lambda is there, with the members of the world file", Control: "POST functions", Example: `{"name":"smoke","answer":{"status":"failed"}}`, least: 1, most: 1,
		body: jsonArgument},
	{Name: "delete-function", Arguments: "NAME", Does: "a function is deleted", Control: "DELETE functions", Example: "smoke", least: 1, most: 1, query: "name"},
	{Name: "query", Arguments: "JSON", Does: "a query of Prometheus is answered so, with the members of the world file", Control: "POST prometheus", Example: `{"query":"up","value":"NaN"}`, least: 1, most: 1,
		body: jsonArgument},
	{Name: "forget-query", Arguments: "QUERY", Does: "a query of Prometheus is answered again by what was measured", Control: "DELETE prometheus", Example: "up", least: 1, most: 1, query: "query"},
	{Name: "propagation", Arguments: "DURATION", Does: "traffic follows a change of a listener so much later from now on", Control: "POST propagation", Example: "30s", least: 1, most: 1,
		body: func(_ server, a []string) (any, error) { return object{"propagation": a[0]}, nil }},
	{Name: "zones", Arguments: "BALANCER ZONE…", Does: "these zones are enabled at a load balancer, and no others", Control: "POST zones", Example: "web us-east-1a", least: 2, most: -1,
		body: func(_ server, a []string) (any, error) { return object{"balancer": a[0], "zones": a[1:]}, nil }},

	{Name: "throttle", Arguments: "RATE", Does: "this part of all calls is throttled, 0 to 1; at Spot with blocks that retries make longer", Control: "POST faults", Example: "0.1", least: 1, most: 1,
		body: func(_ server, a []string) (any, error) { return rated("throttle", a) }},
	{Name: "fail", Arguments: "RATE [KIND [ACTION]]", Does: "this part of the calls fails, 0 to 1: KIND error (the default), html, empty, hang, drop-before, drop-after, stale, …", Control: "POST faults",
		Example: "0.1 general-error", least: 1, most: 3, body: func(_ server, a []string) (any, error) {
			kind := at(a, 1)
			if kind == "" {
				kind = "error"
			}
			f, err := rated(kind, a)
			return withText(f, "action", at(a, 2)), err
		}},
	{Name: "fault", Arguments: "JSON", Does: "any other fault, with the members of the control API", Control: "POST faults", Example: `{"kind":"drop-after","action":"CreateGroup"}`, least: 1, most: 1,
		body: jsonArgument},
	{Name: "heal", Does: "no call fails any longer", Control: "DELETE faults"},

	{Name: "add-token", Arguments: "ACCOUNT TOKEN", Does: "another token opens an account at Spot", Control: "POST tokens", Example: "act-sandbox another", least: 2, most: 2,
		body: func(_ server, a []string) (any, error) { return object{"account": a[0], "token": a[1]}, nil }},
	{Name: "revoke-token", Arguments: "TOKEN [AFTER]", Does: "a token opens nothing any longer", Control: "POST tokens", Example: "another 1h", least: 1, most: 2,
		body: func(_ server, a []string) (any, error) {
			return withText(object{"token": a[0], "revoked": true}, "after", at(a, 1)), nil
		}},
	{Name: "session", Arguments: "ACCESSKEY TOKEN EXPIRES", Does: "temporary AWS credentials end after a while; the key begins with ASIA", Control: "POST sessions", Example: "ASIA1 t 1h", least: 3, most: 3,
		body: func(_ server, a []string) (any, error) {
			return object{"access_key": a[0], "token": a[1], "expires": a[2]}, nil
		}},
}

// call is what a command line asks the control API for.
func (c Command) call(s server, args []string) (call, error) {
	if len(args) < c.least || c.most >= 0 && len(args) > c.most {
		return call{}, fmt.Errorf("%s takes %s", c.Name, orNothing(c.Arguments))
	}
	method, path, _ := strings.Cut(c.Control, " ")
	made := call{method: method, path: path}
	switch {
	case c.query != "":
		if len(args) > 0 {
			made.path += "?" + url.Values{c.query: args}.Encode()
		}
	case c.body != nil:
		body, err := c.body(s, args)
		if err != nil {
			return call{}, err
		}
		if made.body, err = json.Marshal(body); err != nil {
			return call{}, err
		}
	}
	return made, nil
}

func orNothing(arguments string) string {
	if arguments == "" {
		return "no arguments"
	}
	return arguments
}

// object is a JSON object.
type object = map[string]any

func withText(o object, name, value string) object {
	if value != "" && o != nil {
		o[name] = value
	}
	return o
}

func at(args []string, n int) string {
	if n < len(args) {
		return args[n]
	}
	return ""
}

// numbers are whole numbers; there is always one, 0 if there is no argument.
func numbers(args []string) ([]int, error) {
	all := make([]int, max(1, len(args)), 4)
	for n, a := range args {
		number, err := strconv.Atoi(a)
		if err != nil {
			return []int{0, 0, 0}, fmt.Errorf("%q is no whole number", a)
		}
		all[n] = number
	}
	return all, nil
}

// jsonArgument is the one argument, which is JSON.
func jsonArgument(_ server, args []string) (any, error) {
	if !json.Valid([]byte(args[0])) {
		return nil, fmt.Errorf("%q is no JSON", args[0])
	}
	return json.RawMessage(args[0]), nil
}

func fraction(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, fmt.Errorf("%q is no fraction from 0 to 1", text)
	}
	return f, nil
}

func rated(kind string, args []string) (object, error) {
	f, err := fraction(args[0])
	if err != nil {
		return nil, err
	}
	if f == 0 {
		return nil, fmt.Errorf("at 0 nothing fails; heal ends it")
	}
	return object{"kind": kind, "rate": f, "times": -1}, nil
}

func onOff(text string) (bool, error) {
	if text != "on" && text != "off" {
		return false, fmt.Errorf("%q is neither on nor off", text)
	}
	return text == "on", nil
}

func weightsOf(args []string) ([]object, error) {
	var all []object
	for _, a := range args {
		group, weight, found := strings.Cut(a, "=")
		n, err := strconv.Atoi(weight)
		if !found || err != nil {
			return nil, fmt.Errorf("%q is not TARGETGROUP=WEIGHT", a)
		}
		all = append(all, object{"target_group": group, "weight": n})
	}
	return slices.Clip(all), nil
}
