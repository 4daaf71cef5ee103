package deployment_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// misbehavingAWS is AWS where some answers are not as it documents them. It stands between the provider and a world: calls take effect.
type misbehavingAWS struct {
	base http.RoundTripper

	mu          sync.Mutex
	action      string // "" is none
	how         spoilt
	from, times int // as those of misbehaving
	calls, met  int
}

func (m *misbehavingAWS) strike(action string, how spoilt, from, times int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.action, m.how, m.from, m.times, m.calls, m.met = action, how, from, times, 0, 0
}

func (m *misbehavingAWS) calm() { m.strike("", nil, 0, 0) }

// RoundTrip implements http.RoundTripper.
func (m *misbehavingAWS) RoundTrip(r *http.Request) (*http.Response, error) {
	action, err := awsAction(r)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	meets := false
	if action != "" && action == m.action {
		m.calls++
		if meets = m.calls >= m.from && (m.times < 0 || m.calls < m.from+m.times); meets {
			m.met++
		}
	}
	how := m.how
	m.mu.Unlock()
	response, err := m.base.RoundTrip(r)
	if err != nil || !meets {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.StatusCode, body = how(response.StatusCode, body)
	response.Status = http.StatusText(response.StatusCode)
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return response, nil
}

// awsAction is what a call does at AWS: "DescribeTargetHealth"; "" of a call to Spot. The body can be read again.
func awsAction(r *http.Request) (string, error) {
	if _, operation, ok := strings.Cut(r.URL.Path, "/operation/"); ok {
		return operation, nil // CloudWatch's protocol
	}
	if r.Body == nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return "", nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	return form.Get("Action"), nil
}

var (
	xmlMembers = regexp.MustCompile(`(?s)<member>.*</member>|<item>.*</item>`)
	xmlText    = regexp.MustCompile(`>[^<]+<`)
	xmlNumber  = regexp.MustCompile(`>[0-9]+<`)
)

// changedXML changes an answer that is XML; one that is not is cut.
func changedXML(change func(string) string) spoilt {
	return func(status int, body []byte) (int, []byte) {
		if !bytes.Contains(body, []byte("<")) {
			return status, body[:len(body)/2]
		}
		return status, []byte(change(string(body)))
	}
}

// awsFault is one of AWS's errors, as the query protocols have it.
func awsFault(status int, code, message string) spoilt {
	return answerWith(status, fmt.Sprintf("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r-1</RequestId></ErrorResponse>", code, message))
}

// awsMisbehaviours are what AWS may answer that nobody meant.
var awsMisbehaviours = map[string]spoilt{
	"nothing": answerWith(200, ""), "blanks": answerWith(200, "  \n"), "a page": answerWith(200, "<html><title>Maintenance</title></html>"), "a text": answerWith(200, "OK"), "JSON": answerWith(200, `{"ok":true}`),
	"other bytes": answerWith(200, "\x00\xff\xfe"), "another document": answerWith(200, "<ListBucketResult><Name>x</Name></ListBucketResult>"), "204": answerWith(204, ""),
	"301": answerWith(301, ""), "302": answerWith(302, ""), "500": answerWith(500, ""), "502": answerWith(502, "<html><title>502 Bad Gateway</title></html>"), "503": answerWith(503, "{}"),
	"throttled": awsFault(400, "Throttling", "Rate exceeded"), "an internal failure": awsFault(500, "InternalFailure", "try again"), "a long error": awsFault(400, "LongError", strings.Repeat("it goes on and on, ", 10000)),
	"a long code":       awsFault(400, strings.Repeat("Code", 5000), "x"),
	"cut in the middle": func(status int, body []byte) (int, []byte) { return status, body[:len(body)/2] },
	"cut at the end":    func(status int, body []byte) (int, []byte) { return status, body[:max(len(body)-3, 0)] },
	"no members":        changedXML(func(s string) string { return xmlMembers.ReplaceAllString(s, "") }),
	"empty members":     changedXML(func(s string) string { return xmlMembers.ReplaceAllString(s, "<member></member><item></item>") }),
	"other texts":       changedXML(func(s string) string { return xmlText.ReplaceAllString(s, ">x<") }),
	"huge numbers":      changedXML(func(s string) string { return xmlNumber.ReplaceAllString(s, ">99999999999999999999<") }),
	"long texts":        changedXML(func(s string) string { return xmlText.ReplaceAllString(s, ">"+strings.Repeat("long ", 2000)+"<") }),
	"no result": changedXML(func(s string) string {
		return regexp.MustCompile(`(?s)<(\w+)Result>.*</\w+Result>`).ReplaceAllString(s, "")
	}),
}

var awsActions = []string{
	"DescribeTargetHealth", "DescribeTargetGroups", "DescribeListeners", "DescribeRules", "DescribeLoadBalancers", "ModifyListener", "DescribeAlarms", "DescribeAlarmHistory", "DescribeImages",
	"DescribeInstances", "GetCallerIdentity",
}

// Whatever AWS answers while a release runs, nothing of what serves is lost, no image is blamed, what is said is short, and a calm AWS mends
// it with one apply. A single answer to a question that cannot be meant is ridden out.
func TestAReleaseAmidStrangeAnswersOfAWS(t *testing.T) {
	names := slices.Sorted(maps.Keys(awsMisbehaviours))
	n := 0
	for _, name := range names {
		for _, action := range awsActions {
			for _, times := range []int{1, 6, -1} {
				if n++; n%61 != 0 && !*exhaustive {
					continue
				}
				how, blueGreen := awsMisbehaviours[name], n%2 == 0
				t.Run(fmt.Sprintf("%s, %s, %d", name, action, times), func(t *testing.T) {
					inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
						aws := &misbehavingAWS{base: d.world.Transport()}
						d.through = aws
						d.restart()
						config := func(image string) object { return canary(image, object{"healthy_timeout": "5m"}) }
						if blueGreen {
							config = func(image string) object { return shiftByWeights(image, object{"healthy_timeout": "5m"}) }
						}
						amidAWS(t, d, aws, config, action, how, times, meantByAWS[name])
					})
				})
			}
		}
	}
}

// meantByAWS are those of which one is an answer to go by: AWS says in its own words that it will not, or what stands before it is at another
// address for good.
var meantByAWS = map[string]bool{"a long error": true, "a long code": true, "301": true}

func amidAWS(t *testing.T, d *deployment, aws *misbehavingAWS, config func(string) object, action string, how spoilt, times int, meant bool) {
	t.Helper()
	d.apply(config("ami-1"))
	run := d.watch()
	p := d.plan(config("ami-2"))
	if providertest.Failed(p.diags) {
		t.Fatal(providertest.Render(p.diags))
	}
	begun := time.Now()
	aws.strike(action, how, 3, times)
	_, diags := d.applyPlan(t.Context(), p, config("ami-2"))
	met := aws.met
	aws.calm()
	mustBeBrief(t, diags)
	if d.state.IsNull() {
		t.Fatalf("the deployment is forgotten\n%s", providertest.Render(diags))
	}
	if took := time.Since(begun); took > 2*time.Hour {
		t.Errorf("it took %s\n%s", took, providertest.Render(diags))
	}
	if met <= 1 && providertest.Failed(diags) && !meant {
		t.Errorf("one answer ends it:\n%s", providertest.Render(diags))
	}
	mustBlameNobody(t, d.world, providertest.Render(diags))
	again := d.plan(config("ami-2"))
	if providertest.Failed(again.diags) {
		t.Fatalf("it said\n%s\nand with a calm AWS the next plan says\n%s", providertest.Render(diags), providertest.Render(again.diags))
	}
	if _, more := d.applyPlan(t.Context(), again, config("ami-2")); providertest.Failed(more) {
		t.Fatalf("it said\n%s\nand with a calm AWS the next apply says\n%s", providertest.Render(diags), providertest.Render(more))
	}
	d.mustBeSettled(config("ami-2"))
	run.mustServe(4)
	neverDeletesInstances(t, d.world)
}

// mustBlameNobody fails the test if a group remembers a release that failed.
func mustBlameNobody(t testing.TB, world *sandbox.World, said string) {
	t.Helper()
	for _, g := range world.Groups() {
		if failed := tagsOf(t, g)["elastigroup:failed-releases"]; failed != "" && failed != "none" {
			t.Errorf("the release is blamed: %s has %q\n%s", g.Name, failed, said)
		}
	}
}
