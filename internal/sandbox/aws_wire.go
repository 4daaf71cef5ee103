package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Four of the services speak the AWS Query protocol: a form in, XML out, told apart by the Version parameter. Of the others
// CloudWatch speaks Smithy's RPC v2 with CBOR (see aws_cloudwatch.go), and Lambda REST with JSON (see aws_lambda.go).
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html and https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
var awsVersions = map[string]awsQueryService{
	"2016-11-15": {"ec2", "http://ec2.amazonaws.com/doc/2016-11-15/"},
	"2015-12-01": {"elbv2", "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"},
	"2012-06-01": {"elb", "http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/"},
	"2011-06-15": {"sts", "https://sts.amazonaws.com/doc/2011-06-15/"},
}

type awsQueryService struct{ name, namespace string }

// awsRequest is one call to a pretend AWS service.
type awsRequest struct {
	service   string // "ec2", "elbv2", "elb", "sts", "cloudwatch", "lambda"; "" if it is no call to any of them
	action    string
	namespace string // of the answer's XML
	input     *tree
}

// awsFault is a refusal, as the service words it.
type awsFault struct {
	status        int
	code, message string
}

// refuse is a refusal with HTTP status 400, which is what nearly all of them have.
func refuse(code, format string, args ...any) *awsFault {
	return &awsFault{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

// readAWS decodes a call. One that cannot be decoded has no service.
func readAWS(r *http.Request, body []byte) awsRequest {
	if action, ok := strings.CutPrefix(r.URL.Path, cloudWatchPath); ok {
		input, err := treeOfCBOR(body)
		if err != nil {
			return awsRequest{input: &tree{}}
		}
		return awsRequest{service: "cloudwatch", action: action, input: input}
	}
	if q, ok := lambdaCall(r); ok {
		return q
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return awsRequest{input: &tree{}}
	}
	service := awsVersions[form.Get("Version")]
	return awsRequest{service: service.name, namespace: service.namespace, action: form.Get("Action"), input: treeOfForm(form)}
}

// awsSubjects are the members that say what a call is about, the most telling first.
var awsSubjects = []string{
	"ListenerArn", "RuleArn", "TargetGroupArn", "LoadBalancerArn", "LoadBalancerName", "RoleArn", "AlarmName",
	"TargetGroupArns", "ListenerArns", "RuleArns", "LoadBalancerArns", "LoadBalancerNames", "ResourceArns", "Names",
	"AlarmNames", "ImageId", "InstanceId", "FunctionName",
}

func (q awsRequest) subject() string {
	for _, name := range awsSubjects {
		if value := q.input.text(name); value != "" {
			return value
		}
		if values := q.input.texts(name); len(values) > 0 {
			return strings.Join(values, ",")
		}
	}
	return ""
}

// awsCall tells which call a request makes.
func (w *awsHalf) awsCall(r *http.Request, body []byte) (service, action, subject string) {
	q := readAWS(r, body)
	return q.service, q.action, q.subject()
}

// serveAWS answers a call to an AWS service, in the service's own wire format.
func (w *awsHalf) serveAWS(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	q := readAWS(r, body)
	if q.service == "" {
		http.Error(rw, "This is no call of EC2, Elastic Load Balancing, CloudWatch, Lambda or STS.", http.StatusNotFound)
		return
	}
	caller, fault := w.awsCaller(q, r.Header)
	if fault != nil {
		w.refuseAWS(rw, q, fault)
		return
	}
	switch q.service {
	case "cloudwatch":
		w.serveCloudWatch(rw, q)
		return
	case "lambda":
		w.serveLambda(rw, q, r, body)
		return
	}
	output, fault := w.doQuery(q, caller)
	if fault != nil {
		w.refuseAWS(rw, q, fault)
		return
	}
	writeXML(rw, http.StatusOK, w.envelope(q, output))
}

// doQuery carries out a call of a service that speaks Query.
func (w *awsHalf) doQuery(q awsRequest, caller string) ([]element, *awsFault) {
	var do func(*tree) ([]element, *awsFault)
	switch q.service {
	case "ec2":
		do = w.ec2Calls()[q.action]
	case "elbv2":
		do = w.elbv2Calls()[q.action]
	case "elb":
		do = w.classicCalls()[q.action]
	case "sts":
		do = w.stsCalls(caller)[q.action]
	}
	if do == nil {
		return nil, refuse("InvalidAction", "The action %s is not valid for this web service.", q.action)
	}
	return do(q.input)
}

// envelope is what the protocol puts around an answer. EC2 has an older one than the others.
func (w *awsHalf) envelope(q awsRequest, output []element) element {
	if q.service == "ec2" {
		return parent(q.action+"Response", append([]element{leaf("requestId", w.requestID())}, output...)...).in(q.namespace)
	}
	return parent(q.action+"Response",
		parent(q.action+"Result", output...),
		parent("ResponseMetadata", leaf("RequestId", w.requestID())),
	).in(q.namespace)
}

// refuseAWS writes a refusal.
func (w *awsHalf) refuseAWS(rw http.ResponseWriter, q awsRequest, f *awsFault) {
	w.awsError(rw, q.service, f.status, f.code, f.message)
}

// awsError writes an error in the wire format of a service.
func (w *awsHalf) awsError(rw http.ResponseWriter, service string, status int, code, message string) {
	fault := "Sender"
	if status >= 500 {
		fault = "Receiver"
	}
	switch service {
	case "cloudwatch":
		// The service was a Query one before; for the sake of old code it still tells the code that it had then.
		rw.Header().Set("X-Amzn-Query-Error", code+";"+fault)
		writeCBOR(rw, status, w.requestID(), map[string]any{"__type": "com.amazonaws.cloudwatch#" + code, "message": message})
	case "lambda":
		w.lambdaError(rw, status, code, message)
	case "app":
		webError(rw, status, message)
	case "prometheus":
		writePrometheus(rw, status, map[string]any{"status": "error", "errorType": "internal", "error": message})
	case "ec2":
		writeXML(rw, status, parent("Response",
			parent("Errors", parent("Error", leaf("Code", code), leaf("Message", message))),
			leaf("RequestID", w.requestID())))
	default:
		writeXML(rw, status, parent("ErrorResponse",
			parent("Error", leaf("Type", fault), leaf("Code", code), leaf("Message", message)),
			leaf("RequestId", w.requestID())))
	}
}

// requestID makes up the next request ID; the same run has the same ones.
func (w *awsHalf) requestID() string {
	w.requests++
	return fmt.Sprintf("5a4db0c5-0000-4000-8000-%012x", w.requests)
}

// page is one page of a list, and the token of the next one if there is any.
func page[T any](all []T, size int, token string) (part []T, next string, ok bool) {
	from := 0
	if token != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(token, pageToken))
		if err != nil || !strings.HasPrefix(token, pageToken) || n < 0 || n > len(all) {
			return nil, "", false
		}
		from = n
	}
	if size <= 0 || from+size >= len(all) {
		return all[from:], "", true
	}
	return all[from : from+size], pageToken + strconv.Itoa(from+size), true
}

const pageToken = "from-"
