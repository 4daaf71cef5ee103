package sandbox

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// Call is one call that a client made.
type Call struct {
	// Seq counts the calls in the order in which they came in, from 1.
	Seq int `json:"seq"`
	// Time is when it took effect, or failed, by the world's clock.
	Time time.Time `json:"time"`
	// Service is "spot", "ec2", "elbv2", "elb", "cloudwatch", "lambda" or "sts"; or "prometheus", or "app", the service behind the
	// balancers.
	Service string `json:"service"`
	// Action is the AWS action ("ModifyListener"), or for Spot one of ListGroups, CreateGroup, ReadGroup, UpdateGroup,
	// DeleteGroup, SetCapacity, ScaleUp, ScaleDown, GroupStatus, InstanceHealthiness, GroupLogs, Suspend, Unsuspend,
	// ListSuspensions, ListRolls, ReadRoll, StartRoll, StopRoll; of Lambda it is Invoke or DryRun, of Prometheus Query, of the service the
	// method.
	Action string `json:"action"`
	// Subject is the ID or ARN that the call is about, or "": of Lambda the function, of Prometheus the query, of the service the listener,
	// rule or target group. For CreateGroup it is the ID of the new group, once it has one.
	Subject string `json:"subject"`
	// Name is the name of the group that the call is about, as it was when the call came in.
	Name string `json:"name,omitempty"`
	// Client is what the client calls itself in the header X-Sandbox-Client, or "": where several are at work, it tells whose call it is.
	Client string `json:"client,omitempty"`
	// Body is what was sent, without user data and other secrets.
	Body string `json:"body,omitempty"`
	// Status is the HTTP status that the world answered, 0 if it did not answer.
	Status int `json:"status"`
	// Fault is the kind of the fault that the call met, or "". A hook's Drop is "dropped".
	Fault string `json:"fault,omitempty"`
	// Changed tells whether the call has changed the world.
	Changed bool `json:"changed,omitempty"`

	dropped bool
	path    string // that of a request to the service behind the balancers, below its name
}

// Drop makes a hook break the connection: before the effect, so that there is none, or after it, so that it stands and the
// answer is lost.
func (c *Call) Drop() { c.dropped = true }

// Calls are all calls so far, in the order in which they took effect.
func (w *World) Calls() []Call {
	var all []Call
	w.locked(func() { all = append([]Call{}, w.calls...) })
	return all
}

// Changes are those of the calls that changed the world, in the order in which they did.
func (w *World) Changes() []Call {
	some := []Call{}
	w.locked(func() {
		for _, c := range w.calls {
			if c.Changed {
				some = append(some, c)
			}
		}
	})
	return some
}

// Intercept has two functions run around every call from now on: before its effect, and after it, before the client
// reads the answer. Either may be nil. They run outside the world's lock, in the goroutine of the call: they may look at
// the world, cancel contexts, wait, or Drop the call. A call whose context ends in before has no effect. A call that meets
// a fault which keeps it from taking effect has no after. Intercept replaces what an earlier Intercept set.
func (w *World) Intercept(before, after func(*Call)) {
	w.locked(func() { w.hooks = hooks{before, after} })
}

type hooks struct{ before, after func(*Call) }

// changed notes that the call that is being answered changes the world.
func (w *core) changed() { w.mutated = true }

// secrets are the keys whose values no journal keeps: those of Elastigroup documents in JSON, and of AWS parameters.
var secrets = map[string]bool{
	"userData": true, "shutdownScript": true, "token": true, "accessKey": true, "secretKey": true, "pemKey": true,
	"aclToken": true, "refreshToken": true, "password": true,
	"ClientSecret": true, "TokenCode": true, "ExternalId": true, "WebIdentityToken": true,
}

const redacted = "(redacted)"

// withoutSecrets is a body as the journal keeps it.
func withoutSecrets(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	if body[0] == '{' {
		return jsonWithoutSecrets(body)
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Has("Action") {
		return formWithoutSecrets(form)
	}
	return "" // CBOR, or nothing that a person could read
}

func jsonWithoutSecrets(body []byte) string {
	if !mentionsSecret(body) {
		return string(body)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return redacted
	}
	clean, err := json.Marshal(blank(v))
	if err != nil {
		return redacted
	}
	return string(clean)
}

func mentionsSecret(body []byte) bool {
	for key := range secrets {
		if bytes.Contains(body, []byte(`"`+key+`"`)) {
			return true
		}
	}
	return false
}

func blank(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			if _, text := member.(string); text && secrets[key] {
				v[key] = redacted
				continue
			}
			v[key] = blank(member)
		}
	case []any:
		for n := range v {
			v[n] = blank(v[n])
		}
	}
	return v
}

func formWithoutSecrets(form url.Values) string {
	for key := range form {
		if secrets[key[strings.LastIndexByte(key, '.')+1:]] {
			form.Set(key, redacted)
		}
	}
	return form.Encode()
}
