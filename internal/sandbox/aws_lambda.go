package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// lambdaPath is that of Lambda's calls of a function: POST /2015-03-31/functions/NAME/invocations.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
var lambdaPath = regexp.MustCompile(`^/2015-03-31/functions/([^/]+)/invocations$`)

// FunctionConfig is a function of Lambda. One without an answer and without an error is a smoke test: it sends requests to the target group
// that its payload names as target_group_arns.candidate[0], and answers {"status": "passed"}, or "failed" if one of them fails.
type FunctionConfig struct {
	// Name is its name.
	Name string `json:"name"`
	// Answer is what it returns. Default: that of a smoke test of the candidate's target group, "passed" or "failed".
	Answer json.RawMessage `json:"answer"`
	// Pending is how many calls it answers {"status": "pending"} first.
	Pending int `json:"pending"`
	// Error makes each call a function error with this message. Lambda answers 200 all the same.
	Error string `json:"error"`
	// ErrorType is the type of that error.
	ErrorType string `json:"error_type"`
	// Throttled is how many calls are refused first with TooManyRequestsException; below 0 it is all of them.
	Throttled int `json:"throttled"`
	// Denied is that the caller may not call it.
	Denied bool `json:"denied"`
	// Takes is how long a call takes. Default 200ms.
	Takes Duration `json:"takes"`
	// Timeout is how long a call may take before Lambda ends it, which is a function error. Default 3s.
	Timeout Duration `json:"timeout"`
	// Requests is how many requests a smoke test sends. Default 20.
	Requests int `json:"requests"`
}

// function is one that there is, and what has been called of it.
type function struct {
	FunctionConfig
	called, refused int
}

func (c FunctionConfig) check() error {
	var ms mistakes
	if c.Name == "" {
		ms.add("", "a function has no name")
	} else if !regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`).MatchString(c.Name) {
		ms.add("name", "%q is no name of a function: up to 64 letters, digits, - and _", c.Name)
	}
	if c.Answer != nil && c.Error != "" {
		ms.add("error", "it has an answer, too; a function has one of them")
	}
	return ms.orNil()
}

func (w *awsHalf) initFunctions(all []FunctionConfig) {
	w.functions = map[string]*function{}
	for _, f := range all {
		w.addFunction(f)
	}
}

func (w *awsHalf) addFunction(c FunctionConfig) {
	orText(&c.ErrorType, "Error")
	orDuration(&c.Takes, 200*time.Millisecond)
	orDuration(&c.Timeout, 3*time.Second)
	orNumber(&c.Requests, 20)
	w.functions[c.Name] = &function{FunctionConfig: c}
}

// SetFunction adds a function of Lambda, or replaces that of the same name.
func (w *awsHalf) SetFunction(c FunctionConfig) error {
	if err := errors.Join(c.check(), outOfBounds(c)); err != nil {
		return err
	}
	w.locked(func() { w.addFunction(c) })
	return nil
}

// DeleteFunction takes a function away. It answers false if there is none.
func (w *awsHalf) DeleteFunction(name string) bool {
	known := false
	w.locked(func() {
		_, known = w.functions[name]
		delete(w.functions, name)
	})
	return known
}

func deleteFunctionPosted(w *World, rw http.ResponseWriter, r *http.Request) {
	if name := r.URL.Query().Get("name"); !w.DeleteFunction(name) {
		http.Error(rw, fmt.Sprintf("there is no function %q", name), http.StatusBadRequest)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

// lambdaCall tells whether a request calls a function, and which. A dry run has an action of its own, so that faults can be told apart.
func lambdaCall(r *http.Request) (q awsRequest, ok bool) {
	match := lambdaPath.FindStringSubmatch(r.URL.EscapedPath())
	if match == nil {
		return awsRequest{}, false
	}
	name, err := url.PathUnescape(match[1])
	if err != nil {
		return awsRequest{}, false
	}
	action := "Invoke"
	if r.Header.Get("X-Amz-Invocation-Type") == "DryRun" {
		action = "DryRun"
	}
	return awsRequest{service: "lambda", action: action, input: treeOf(map[string]any{"FunctionName": name})}, true
}

// functionName is the name in what a caller may write for it: the name, an ARN, or a part of one, each with a version or alias behind it.
func functionName(written string) string {
	if _, after, ok := strings.Cut(written, ":function:"); ok {
		written = after
	}
	name, _, _ := strings.Cut(written, ":")
	return name
}

// serveLambda calls a function.
func (w *awsHalf) serveLambda(rw http.ResponseWriter, q awsRequest, r *http.Request, body []byte) {
	written := q.input.text("FunctionName")
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", w.config.Region, w.config.AWSAccount, functionName(written))
	f := w.functions[functionName(written)]
	switch {
	case f == nil:
		w.refuseAWS(rw, q, &awsFault{http.StatusNotFound, "ResourceNotFoundException", "Function not found: " + arn})
		return
	case f.Denied:
		w.refuseAWS(rw, q, &awsFault{http.StatusForbidden, "AccessDeniedException", fmt.Sprintf("User: arn:aws:iam::%s:user/sandbox is not authorized "+
			"to perform: lambda:InvokeFunction on resource: %s because no identity-based policy allows the lambda:InvokeFunction action", w.config.AWSAccount, arn)})
		return
	case len(body) > 0 && !json.Valid(body):
		w.refuseAWS(rw, q, refuse("InvalidRequestContentException", "Could not parse request body into json: Unexpected character"))
		return
	}
	rw.Header().Set("X-Amzn-Requestid", w.requestID())
	if q.action == "DryRun" {
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	if f.Throttled < 0 || f.refused < f.Throttled {
		f.refused++
		w.refuseAWS(rw, q, &awsFault{http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded."})
		return
	}
	answer, failed, takes := w.called(f, body)
	if a, ok := rw.(*recorder); ok {
		a.takes = takes
	}
	h := rw.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amz-Executed-Version", "$LATEST")
	if failed {
		h.Set("X-Amz-Function-Error", "Unhandled")
	}
	if r.Header.Get("X-Amz-Log-Type") == "Tail" {
		log := fmt.Sprintf("START RequestId: sandbox Version: $LATEST\n%s\nEND RequestId: sandbox\n", answer)
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString([]byte(log[max(len(log)-4096, 0):])))
	}
	rw.WriteHeader(http.StatusOK)
	_, _ = rw.Write(answer) // into memory
}

// called is what a function returns, whether that is an error of the function, and how long it takes.
func (w *awsHalf) called(f *function, payload []byte) (answer []byte, failed bool, takes time.Duration) {
	f.called++
	takes = time.Duration(f.Takes)
	if limit := time.Duration(f.Timeout); takes > limit {
		return told("errorMessage", fmt.Sprintf("%s sandbox Task timed out after %.2f seconds", w.now.Format(time.RFC3339), limit.Seconds()),
			"errorType", "Sandbox.Timedout"), true, limit
	}
	switch {
	case f.called <= f.Pending:
		return told("status", "pending"), false, takes
	case f.Error != "":
		return told("errorMessage", f.Error, "errorType", f.ErrorType), true, takes
	case f.Answer != nil:
		return f.Answer, false, takes
	}
	return w.smoke(f, payload), false, takes
}

// smoke tries the candidate's target group, as a smoke test would.
func (w *awsHalf) smoke(f *function, payload []byte) []byte {
	var sent struct {
		TargetGroups struct {
			Candidate []string `json:"candidate"`
		} `json:"target_group_arns"`
	}
	if err := json.Unmarshal(payload, &sent); err != nil || len(sent.TargetGroups.Candidate) == 0 {
		return told("status", "failed", "reason", "the payload names no target group of the candidate")
	}
	arn := sent.TargetGroups.Candidate[0]
	g := w.groupByARN[arn]
	if g == nil {
		return told("status", "failed", "reason", "there is no target group "+arn)
	}
	wrong, last := 0, ""
	for n := range f.Requests {
		if a := w.application(g, "/", w.now.Add(time.Duration(n))); a.status != http.StatusOK {
			wrong, last = wrong+1, fmt.Sprint(a.status)
		}
	}
	if wrong > 0 {
		return told("status", "failed", "reason", fmt.Sprintf("%d of %d requests to %s failed, the last with %s", wrong, f.Requests, g.name, last))
	}
	return told("status", "passed")
}

// told is a JSON object of texts.
func told(pairs ...string) []byte {
	m := map[string]string{}
	for n := 0; n < len(pairs); n += 2 {
		m[pairs[n]] = pairs[n+1]
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // texts always marshal
	}
	return text
}

// lambdaError writes an error as Lambda does: its code is in a header.
func (w *awsHalf) lambdaError(rw http.ResponseWriter, status int, code, message string) {
	kind := "User"
	if status >= 500 {
		kind = "Service"
	}
	h := rw.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amzn-Errortype", code)
	h.Set("X-Amzn-Requestid", w.requestID())
	rw.WriteHeader(status)
	_, _ = rw.Write(told("Type", kind, "message", message)) // into memory
}
