package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// envelope is an answer of Spot.
type envelope struct {
	status int
	header http.Header
	text   string

	Request struct {
		ID, URL, Method, Timestamp string
	}
	Response struct {
		Status struct {
			Code    int
			Message string
		}
		Kind    string
		Items   []map[string]any
		Count   int
		Errors  []apiError
		Error   string
		ErrorID string `json:"error_id"`
		Data    string
	}
}

// codes are those of the errors, joined.
func (e envelope) codes() string {
	var codes []string
	for _, one := range e.Response.Errors {
		codes = append(codes, one.Code)
	}
	return strings.Join(codes, " ")
}

// messages are those of the errors, joined.
func (e envelope) messages() string {
	var messages []string
	for _, one := range e.Response.Errors {
		messages = append(messages, one.Message)
	}
	return strings.Join(messages, "; ")
}

const asUser = "Bearer sandbox-token"

// ask makes a call to Spot as the default user.
func ask(t *testing.T, w *World, method, path, body string) envelope {
	t.Helper()
	if !strings.Contains(path, "?") {
		path += "?accountId=act-sandbox"
	}
	return askAs(t, w, asUser, method, path, body)
}

func askAs(t *testing.T, w *World, authorization, method, path, body string) envelope {
	t.Helper()
	e, err := try(w, authorization, method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return e
}

func try(w *World, authorization, method, path, body string) (envelope, error) {
	r, err := http.NewRequest(method, "https://spot.test/aws/ec2"+path, strings.NewReader(body))
	if err != nil {
		return envelope{}, err
	}
	r.Header.Set("Authorization", authorization)
	answer, err := w.Client().Do(r)
	if err != nil {
		return envelope{}, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	e := envelope{status: answer.StatusCode, header: answer.Header, text: string(raw)}
	_ = json.Unmarshal(raw, &e) // some answers are no JSON, and are looked at as text
	return e, err
}

// web is a world with images and a target group behind a listener.
func web() Config {
	return Config{
		Images: []Image{{ID: "ami-good"}, {ID: "ami-next"}, {ID: "ami-slow"}, {ID: "ami-never"}, {ID: "ami-crash"}},
		AWS: AWSConfig{
			TargetGroups:  []TargetGroupConfig{{Name: "web", ARN: webARN, HealthCheck: HealthCheckConfig{Interval: Duration(10 * time.Second)}}},
			LoadBalancers: []LoadBalancerConfig{{Name: "web", Listeners: []ListenerConfig{{TargetGroup: "web"}}}},
		},
	}
}

const webARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"

// document is a group in the target group web. members replace or add to those of the document, by merge patch.
func document(name, image string, n int, members string) string {
	d, err := decodeObject([]byte(`{
		"name": "` + name + `",
		"capacity": {"unit": "instance"},
		"strategy": {"risk": 100, "availabilityVsCost": "balanced", "fallbackToOd": false, "drainingTimeout": 60},
		"compute": {
			"product": "Linux/UNIX",
			"instanceTypes": {"ondemand": "m5.large", "spot": ["m5.large", "c5.large"]},
			"availabilityZones": [{"name": "us-east-1a", "subnetIds": ["subnet-1"]}],
			"launchSpecification": {
				"imageId": "` + image + `", "securityGroupIds": ["sg-1"], "userData": "c2VjcmV0",
				"healthCheckType": "TARGET_GROUP",
				"loadBalancersConfig": {"loadBalancers": [{"type": "TARGET_GROUP", "arn": "` + webARN + `"}]},
				"tags": [{"tagKey": "app", "tagValue": "web"}]
			}
		}
	}`))
	if err != nil {
		panic(err)
	}
	d["capacity"] = capacity{n, n, n}.document("instance")
	raw, _ := json.Marshal(d)
	d, _ = decodeObject(raw)
	if members != "" {
		patch, err := decodeObject([]byte(members))
		if err != nil {
			panic(err)
		}
		d = mergePatch(d, patch)
	}
	raw, _ = json.Marshal(map[string]any{"group": d})
	return string(raw)
}

// inWorld runs a test in a world of its own, in virtual time.
func inWorld(t *testing.T, config Config, f func(t *testing.T, w *World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, New(config)) })
}

func create(t *testing.T, w *World, document string) (id string) {
	t.Helper()
	e := ask(t, w, "POST", "/group", document)
	if e.status != http.StatusOK {
		t.Fatalf("create answered %d %s", e.status, e.text)
	}
	return e.Response.Items[0]["id"].(string)
}

func TestEnvelope(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		e := ask(t, w, "GET", "/group", "")
		if e.status != 200 || e.Response.Status.Code != 200 || e.Response.Status.Message != "OK" ||
			e.Response.Kind != "spotinst:aws:ec2:group" || e.Response.Items == nil || e.Response.Count != 0 {
			t.Errorf("list of nothing: %d %s", e.status, e.text)
		}
		if e.Request.Method != "GET" || e.Request.URL != "/aws/ec2/group?accountId=act-sandbox" || len(e.Request.ID) != 36 ||
			e.Request.Timestamp != w.Now().Format(milliseconds) {
			t.Errorf("it repeats the question as %+v", e.Request)
		}
		for _, h := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
			if e.header.Get(h) == "" {
				t.Errorf("no %s", h)
			}
		}
		if e := ask(t, w, "GET", "/nothing", ""); e.status != 404 || e.header.Get("X-RateLimit-Limit") == "" {
			t.Errorf("an unknown path: %d %s", e.status, e.text)
		}
		if e := ask(t, w, "POST", "/group", "{"); e.status != 400 || e.text != "Bad Request" {
			t.Errorf("half a document: %d %s", e.status, e.text)
		}
	})
}

func TestAccounts(t *testing.T) {
	config := web()
	config.Accounts = []Account{
		{ID: "act-old", Tokens: []string{"both"}},
		{ID: "act-new", Tokens: []string{"both", "new"}},
	}
	for _, test := range []struct {
		authorization, query string
		status               int
		found                int
	}{
		{"Bearer both", "?accountId=act-old", 200, 1},
		{"Bearer both", "?accountId=act-new", 200, 0},
		{"Bearer both", "", 200, 1}, // the oldest account, whatever was meant
		{"Bearer new", "", 200, 0},
		{"Bearer new", "?accountId=act-old", 403, 0},
		{"Bearer both", "?accountId=act-none", 403, 0},
		{"Bearer wrong", "?accountId=act-old", 401, 0},
		{"", "", 401, 0},
	} {
		inWorld(t, config, func(t *testing.T, w *World) {
			if e := askAs(t, w, "Bearer both", "POST", "/group?accountId=act-old", document("web", "ami-good", 0, "")); e.status != 200 {
				t.Fatal(e.text)
			}
			e := askAs(t, w, test.authorization, "GET", "/group"+test.query, "")
			if e.status != test.status || len(e.Response.Items) != test.found {
				t.Errorf("%q %q: %d with %d groups, want %d with %d", test.authorization, test.query,
					e.status, len(e.Response.Items), test.status, test.found)
			}
			if test.status == 401 && (e.Response.Error != "invalid auth" || e.Response.ErrorID != "NOAUTH") {
				t.Errorf("%q: %s", test.authorization, e.text)
			}
		})
	}
}

func TestOtherAccountsGroupIsNotThere(t *testing.T) {
	config := web()
	config.Accounts = []Account{{ID: "act-a", Tokens: []string{"t"}}, {ID: "act-b", Tokens: []string{"t"}}}
	inWorld(t, config, func(t *testing.T, w *World) {
		e := askAs(t, w, "Bearer t", "POST", "/group?accountId=act-a", document("web", "ami-good", 0, ""))
		id := e.Response.Items[0]["id"].(string)
		for _, method := range []string{"GET", "DELETE"} {
			if e := askAs(t, w, "Bearer t", method, "/group/"+id+"?accountId=act-b", ""); e.status != 400 || e.codes() != "GROUP_DOESNT_EXIST" {
				t.Errorf("%s: %d %s", method, e.status, e.text)
			}
		}
	})
}

func TestCreateAndRead(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		sent := document("web", "ami-good", 0, `{"description": null, "compute": {"availabilityZones": [{"name": "us-east-1a", "subnetIds": ["subnet-1"]}]}}`)
		e := ask(t, w, "POST", "/group", sent)
		id := e.Response.Items[0]["id"].(string)
		if len(id) != 12 || !strings.HasPrefix(id, "sig-") {
			t.Errorf("id %q", id)
		}
		if _, there := e.Response.Items[0]["scaling"]; there {
			t.Error("create answers what only GET adds")
		}
		if again := create(t, w, sent); again == id {
			t.Error("the second group of that name has the ID of the first")
		}
		got := ask(t, w, "GET", "/group/"+id, "").Response.Items[0]
		for _, key := range []string{"scaling", "scheduling", "thirdPartiesIntegration", "createdAt", "updatedAt"} {
			if got[key] == nil {
				t.Errorf("GET has no %s", key)
			}
		}
		if !strings.HasSuffix(got["createdAt"].(string), "Z") {
			t.Errorf("createdAt is %v", got["createdAt"])
		}
		zone := got["compute"].(map[string]any)["availabilityZones"].([]any)[0].(map[string]any)
		if zone["subnetId"] != "subnet-1" {
			t.Errorf("zone %v", zone)
		}
		if n := len(ask(t, w, "GET", "/group?accountId=act-sandbox&name=web", "").Response.Items); n != 2 {
			t.Errorf("%d groups of the name", n)
		}
		if n := len(ask(t, w, "GET", "/group?accountId=act-sandbox&name=we", "").Response.Items); n != 0 {
			t.Errorf("%d groups of half the name", n)
		}
	})
}

func TestDeletedGroupIsGoneAtOnceAndItsInstancesDrain(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 2, ""))
		time.Sleep(3 * time.Minute)
		if e := ask(t, w, "DELETE", "/group/"+id, ""); e.status != 200 || e.Response.Items != nil {
			t.Fatal(e.text)
		}
		if e := ask(t, w, "GET", "/group/"+id, ""); e.status != 400 || e.codes() != "GROUP_DOESNT_EXIST" {
			t.Errorf("read: %d %s", e.status, e.text)
		}
		for _, test := range []struct {
			after time.Duration
			state string
		}{{59 * time.Second, "running"}, {2 * time.Second, "terminated"}} {
			time.Sleep(test.after)
			if n := w.TargetGroups()[0].Draining; n != 2 {
				t.Errorf("%d targets drain, want 2 for the whole deregistration delay", n)
			}
			w.locked(func() {
				for _, m := range w.machines() {
					if m.State != test.state {
						t.Errorf("%s is %s, want %s", m.ID, m.State, test.state)
					}
				}
			})
		}
	})
}
