package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestMergePatch(t *testing.T) {
	for _, test := range []struct{ name, document, patch, want string }{
		{"nothing", `{"a":1}`, `{}`, `{"a":1}`},
		{"absent stays", `{"a":1,"b":2}`, `{"a":3}`, `{"a":3,"b":2}`},
		{"empty object is no change", `{"a":{"b":1}}`, `{"a":{}}`, `{"a":{"b":1}}`},
		{"empty object makes nothing", `{}`, `{"a":{}}`, `{}`},
		{"null clears", `{"a":1,"b":2}`, `{"a":null}`, `{"b":2}`},
		{"null of nothing", `{"b":2}`, `{"a":null}`, `{"b":2}`},
		{"null clears an object", `{"a":{"b":1}}`, `{"a":null}`, `{}`},
		{"null inside", `{"a":{"b":1,"c":2}}`, `{"a":{"b":null}}`, `{"a":{"c":2}}`},
		{"arrays replace", `{"a":[1,2,3]}`, `{"a":[4]}`, `{"a":[4]}`},
		{"arrays of objects replace whole", `{"a":[{"x":1,"y":2}]}`, `{"a":[{"x":3,"z":null}]}`, `{"a":[{"x":3}]}`},
		{"object where there was none", `{}`, `{"a":{"b":{"c":1,"d":null}}}`, `{"a":{"b":{"c":1}}}`},
		{"object over a number", `{"a":1}`, `{"a":{"b":2}}`, `{"a":{"b":2}}`},
		{"numbers as written", `{"a":1.50}`, `{"b":100000000000000000001}`, `{"a":1.50,"b":100000000000000000001}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := decodeObject([]byte(test.document))
			if err != nil {
				t.Fatal(err)
			}
			p, err := decodeObject([]byte(test.patch))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := json.Marshal(mergePatch(d, p))
			if string(got) != test.want {
				t.Errorf("%s", got)
			}
			if kept, _ := json.Marshal(d); string(kept) != test.document {
				t.Errorf("the old document became %s", kept)
			}
		})
	}
}

func TestCreateIsValidated(t *testing.T) {
	for _, test := range []struct{ name, members, want string }{
		{"as it should be", `{}`, ""},
		{"no strategy", `{"strategy":null}`, "strategy is required"},
		{"no name", `{"name":null}`, "name is required"},
		{"no product", `{"compute":{"product":null}}`, "compute.product is required"},
		{"no capacity", `{"capacity":null}`, "capacity is required"},
		{"no target", `{"capacity":{"target":null}}`, "capacity.target is required"},
		{"unknown at the top", `{"nmae":"web"}`, `"nmae" is not allowed`},
		{"unknown below", `{"compute":{"launchSpecification":{"imageID":"ami-good"}}}`, `"compute.launchSpecification.imageID" is not allowed`},
		{"unknown in a list", `{"compute":{"launchSpecification":{"tags":[{"key":"a"}]}}}`, `"compute.launchSpecification.tags.key" is not allowed`},
		{"read-only", `{"id":"sig-1","createdAt":"2018-01-01T00:00:00Z"}`, `"createdAt" is not allowed; "id" is not allowed`},
		{"target below minimum", `{"capacity":{"minimum":3}}`, "capacity.target (2) must be larger than or equal to capacity.minimum (3)"},
		{"target above maximum", `{"capacity":{"maximum":1}}`, "capacity.target (2) must be less than or equal to capacity.maximum (1)"},
		{"negative", `{"capacity":{"minimum":-1}}`, `"capacity.minimum" must be larger than or equal to 0`},
		{"a number as text", `{"capacity":{"target":"2"}}`, `"capacity.target" must be a number`},
		{"half an instance", `{"capacity":{"target":2.5}}`, `"capacity.target" must be an integer`},
		{"no such unit", `{"capacity":{"unit":"vcpu"}}`, `"capacity.unit" must be one of [instance, weight]`},
		{"no such orientation", `{"strategy":{"availabilityVsCost":"cheap"}}`, `"strategy.availabilityVsCost" must be one of`},
		{"two images", `{"compute":{"launchSpecification":{"images":[{"id":"ami-good"}]}}}`, "exclusive peers [imageId, images]"},
		{"no image", `{"compute":{"launchSpecification":{"imageId":null}}}`, "must contain at least one of [imageId, images]"},
		{"two on-demand types", `{"compute":{"instanceTypes":{"onDemandTypes":["m5.large"]}}}`, "exclusive peers [ondemand, onDemandTypes]"},
		{"spot and requirements", `{"compute":{"instanceTypes":{"resourceRequirements":{"requiredVCpu":{"minimum":1}}}}}`,
			`"value" contains a conflict between exclusive peers [resourceRequirements, spot]`},
		{"risk and count", `{"strategy":{"onDemandCount":1}}`, "exclusive peers [risk, onDemandCount]"},
		{"zones and subnets", `{"region":"us-east-1","compute":{"subnetIds":["subnet-1"]}}`, "exclusive peers [availabilityZones, subnetIds]"},
		{"subnets without a region", `{"compute":{"availabilityZones":null,"subnetIds":["subnet-1"]}}`, "region is required"},
		{"subnets with one", `{"region":"us-east-1","compute":{"availabilityZones":null,"subnetIds":["subnet-1"]}}`, ""},
		{"a balancer of no type", `{"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{"type":"MULTAI_TARGET_SET"}]}}}}`,
			"must be one of [CLASSIC, TARGET_GROUP]"},
		{"a target group without ARN", `{"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{"type":"TARGET_GROUP","name":"web"}]}}}}`,
			"loadBalancers[0].arn is required"},
		{"several at once", `{"strategy":null,"nmae":"web","capacity":{"minimum":3}}`,
			`"nmae" is not allowed; strategy is required; capacity.target (2)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, web(), func(t *testing.T, w *World) {
				e := ask(t, w, "POST", "/group", document("web", "ami-good", 2, test.members))
				if test.want == "" {
					if e.status != http.StatusOK {
						t.Errorf("%d %s", e.status, e.messages())
					}
					return
				}
				if e.status != http.StatusBadRequest || !strings.Contains(e.messages(), test.want) {
					t.Errorf("%d %s, want %s", e.status, e.messages(), test.want)
				}
				if strings.ReplaceAll(e.codes(), "ValidationError", "x") != strings.TrimSpace(strings.Repeat("x ", len(e.Response.Errors))) {
					t.Errorf("codes %s", e.codes())
				}
				if len(w.Groups()) != 0 || len(w.Changes()) != 0 {
					t.Error("a refused call has changed something")
				}
			})
		})
	}
}

func TestUpdateIsValidated(t *testing.T) {
	for _, test := range []struct{ name, patch, want string }{
		{"no change", `{"capacity":{},"compute":{"instanceTypes":{},"launchSpecification":{"loadBalancersConfig":{}}},"scaling":{}}`, ""},
		{"a description", `{"description":"the web"}`, ""},
		{"product", `{"compute":{"product":"Linux/UNIX"}}`, `"compute.product" is not allowed`},
		{"unit", `{"capacity":{"unit":"weight"}}`, `"capacity.unit" is not allowed`},
		{"id", `{"id":"sig-1"}`, `"id" is not allowed`},
		{"times", `{"updatedAt":"2018-01-01T00:00:00Z"}`, `"updatedAt" is not allowed`},
		{"clearing what is needed", `{"strategy":null}`, `strategy is required`},
		{"images beside the image", `{"compute":{"launchSpecification":{"images":[{"id":"ami-next"}]}}}`, "exclusive peers"},
		{"images for the image", `{"compute":{"launchSpecification":{"images":[{"id":"ami-next"}],"imageId":null}}}`, ""},
		{"half a capacity out of order", `{"capacity":{"maximum":1}}`, "capacity.target (2) must be less than"},
		{"an image that is not there", `{"compute":{"launchSpecification":{"imageId":"ami-none"}}}`, "Can't validate AMI ami-none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, web(), func(t *testing.T, w *World) {
				id := create(t, w, document("web", "ami-good", 2, ""))
				before := ask(t, w, "GET", "/group/"+id, "").Response.Items[0]
				e := ask(t, w, "PUT", "/group/"+id, `{"group":`+test.patch+`}`)
				if test.want == "" && e.status != 200 || test.want != "" && (e.status != 400 || !strings.Contains(e.messages(), test.want)) {
					t.Errorf("%d %s, want %q", e.status, e.messages(), test.want)
				}
				after := ask(t, w, "GET", "/group/"+id, "").Response.Items[0]
				if test.want != "" && !same(before, after) {
					t.Error("a refused update has changed the group")
				}
			})
		})
	}
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func TestUnknownImageIsRefused(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		if e := ask(t, w, "POST", "/group", document("web", "ami-none", 0, "")); e.status != 400 || e.codes() != "CANT_VALIDATE_IMAGE" {
			t.Errorf("%d %s", e.status, e.text)
		}
		if err := w.AddImage(Image{ID: "ami-none"}); err != nil {
			t.Fatal(err)
		}
		create(t, w, document("web", "ami-none", 0, ""))
		w.RemoveImage("ami-none")
		if e := ask(t, w, "POST", "/group", document("web", "ami-none", 0, "")); e.codes() != "CANT_VALIDATE_IMAGE" {
			t.Errorf("%d %s", e.status, e.text)
		}
	})
}

func TestCapacity(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 2, ""))
		e := ask(t, w, "PUT", "/group/"+id+"/capacity", `{"capacity":{"minimum":0,"target":3,"maximum":5}}`)
		if e.status != 200 || e.Response.Kind != "spotinst:aws:ec2:group:capacity" ||
			!same(e.Response.Items[0], map[string]any{"minimum": 0, "target": 3, "maximum": 5, "unit": "instance"}) {
			t.Errorf("%d %s", e.status, e.text)
		}
		g, _ := w.Group(id)
		if g.Minimum != 0 || g.Target != 3 || g.Maximum != 5 {
			t.Errorf("the group stands at %d/%d/%d", g.Minimum, g.Target, g.Maximum)
		}
		for _, bad := range []string{`{"capacity":{"target":6}}`, `{"capacity":{"minimum":4}}`, `{"capacity":{"desired":1}}`, `{}`} {
			if e := ask(t, w, "PUT", "/group/"+id+"/capacity", bad); e.status != 400 {
				t.Errorf("%s: %d", bad, e.status)
			}
		}
	})
}

func TestRepairCapacity(t *testing.T) {
	config := web()
	config.RepairCapacity = true
	inWorld(t, config, func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 0, `{"capacity":{"target":1}}`))
		if g, _ := w.Group(id); g.Minimum != 0 || g.Target != 1 || g.Maximum != 1 {
			t.Errorf("%d/%d/%d", g.Minimum, g.Target, g.Maximum)
		}
	})
}
