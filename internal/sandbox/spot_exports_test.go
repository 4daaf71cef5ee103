package sandbox

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
)

// Documents as clients and Spot itself have them (see ../spot/testdata) go through when what is read-only is
// taken out.
func TestExportsGoThrough(t *testing.T) {
	for _, file := range []string{"sdk-python-create.json", "sdk-python-response.json", "imported-from-asg-response.json"} {
		t.Run(file, func(t *testing.T) {
			raw, err := os.ReadFile("../spot/testdata/" + file)
			if err != nil {
				t.Fatal(err)
			}
			var read struct {
				Group    map[string]any
				Response struct{ Items []map[string]any }
			}
			if err := json.Unmarshal(raw, &read); err != nil {
				t.Fatal(err)
			}
			group := read.Group
			if group == nil {
				group = read.Response.Items[0]
			}
			for _, key := range []string{"id", "createdAt", "updatedAt"} {
				delete(group, key)
			}
			config := web()
			for _, id := range []string{"ami-1ecae776", "ami-00d4f478"} {
				config.Images = append(config.Images, Image{ID: id})
			}
			body, _ := json.Marshal(map[string]any{"group": group})
			inWorld(t, config, func(t *testing.T, w *World) {
				if e := ask(t, w, "POST", "/group", string(body)); e.status != http.StatusOK {
					t.Errorf("%d %s", e.status, e.messages())
				}
			})
		})
	}
}

func TestCreateIsAsStrictAsTheAPI(t *testing.T) {
	launch := func(members string) string { return `{"compute":{"launchSpecification":` + members + `}}` }
	for name, test := range map[string]struct{ members, want string }{
		"a null of a known member":    {`{"strategy":{"onDemandCount":null},"compute":{"elasticIps":null}}`, ""},
		"a null of an unknown member": {`{"multai":null}`, `"multai" is not allowed`},
		"user data in plain text":     {launch(`{"userData":"#!/bin/sh"}`), `"compute.launchSpecification.userData" must be a valid base64 string`},
		"user data unpadded":          {launch(`{"userData":"IyEvYmluL2Jhc2g"}`), ""},
		"user data in lines":          {launch(`{"userData":"IyEvYmlu\nL2Jhc2g="}`), `must be a valid base64 string`},
		"a shutdown script":           {launch(`{"shutdownScript":"poweroff!"}`), `"compute.launchSpecification.shutdownScript" must be a valid base64 string`},
		"one security group":          {launch(`{"securityGroupIds":"sg-1"}`), `"compute.launchSpecification.securityGroupIds" must be an array`},
		"tags as texts":               {launch(`{"tags":["web"]}`), `"compute.launchSpecification.tags" must be an array of objects`},
		"no image in the list":        {launch(`{"imageId":null,"images":[]}`), `must contain at least 1 items`},
		"images and ECS":              {`{"thirdPartiesIntegration":{"ecs":{"clusterName":"a"}},"compute":{"launchSpecification":{"imageId":null,"images":[{"id":"ami-good"},{"id":"ami-next"}]}}}`, "Multiple AMIs are not allowed with ecs"},
		"weights and kubernetes":      {`{"thirdPartiesIntegration":{"kubernetes":{"integrationMode":"pod"}},"capacity":{"unit":"weight"}}`, "The unit weight is not supported with kubernetes"},
		"more than all spot":          {`{"strategy":{"risk":101}}`, "must be less than or equal to 100"},
		"half a percent":              {`{"strategy":{"risk":0.5}}`, "must be an integer"},
		"a yes":                       {launch(`{"monitoring":"yes"}`), "must be a boolean"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, web(), func(t *testing.T, w *World) {
				body := document("web", "ami-good", 2, test.members)
				if name == "a null of an unknown member" { // which the patch that makes the document would take out
					body = strings.Replace(body, `{"group":{`, `{"group":{"multai":null,`, 1)
				}
				e := ask(t, w, "POST", "/group", body)
				if test.want == "" && e.status != 200 || test.want != "" && (e.status != 400 || !strings.Contains(e.messages(), test.want)) {
					t.Errorf("%d %s, want %q", e.status, e.messages(), test.want)
				}
			})
		})
	}
	inWorld(t, web(), func(t *testing.T, w *World) {
		body := strings.Replace(document("web", "ami-good", 2, ""), `{"group":`, `{"credentials":{"token":"x"},"group":`, 1)
		if e := ask(t, w, "POST", "/group", body); e.status != 400 || !strings.Contains(e.messages(), `"credentials" is not allowed`) {
			t.Errorf("credentials beside the group: %d %s", e.status, e.messages())
		}
	})
}
