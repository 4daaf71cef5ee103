package moduleworld

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// planned is what this reads of terraform show -json (https://developer.hashicorp.com/terraform/internals/json-format).
type planned struct {
	FormatVersion string                                     `json:"format_version"`
	Planned       plannedRoot                                `json:"planned_values"`
	Prior         struct{ Values plannedRoot }               `json:"prior_state"`
	Variables     map[string]struct{ Value json.RawMessage } `json:"variables"`
}

type plannedRoot struct {
	RootModule plannedModule `json:"root_module"`
}

type plannedModule struct {
	Resources []struct {
		Address string
		Mode    string
		Type    string
		Name    string
		Values  map[string]any
	}
	ChildModules []plannedModule `json:"child_modules"`
}

// ReadPlan makes the world of a plan as terraform show -json writes it: what it says of data sources and resources is known, wherever it comes from.
func ReadPlan(file string) (World, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return World{}, err
	}
	var p planned
	if err := json.Unmarshal(text, &p); err != nil || p.FormatVersion == "" {
		return World{}, fmt.Errorf("%s is not what terraform show -json PLAN writes", file)
	}
	b := newBuilder()
	// The AWS half first: deployments refer to it.
	for _, deployments := range []bool{false, true} {
		for _, m := range []plannedModule{p.Prior.Values.RootModule, p.Planned.RootModule} {
			b.plannedModule(m, deployments)
		}
	}
	return b.finish()
}

func (b *builder) plannedModule(m plannedModule, deployments bool) {
	for _, one := range m.Resources {
		r := resource{data: one.Mode == "data", kind: one.Type, name: one.Name, address: one.Address, root: !strings.HasPrefix(one.Address, "module."), values: one.Values}
		if r.values == nil {
			r.values = map[string]any{}
		}
		if (r.kind == "elastigroup_deployment") != deployments || r.kind == "elastigroup_group" && r.text("configuration") == "" {
			continue
		}
		for key, v := range computed(&r) {
			if r.text(key) == "" {
				r.values[key] = v
			}
		}
		if (r.kind == "elastigroup_ami" || r.kind == "aws_ami") && strings.HasPrefix(r.text("id"), "ami-") {
			r.values["filter"] = []any{map[string]any{"name": "image-id", "values": []any{r.text("id")}}, map[string]any{"name": "architecture", "values": []any{r.values["architecture"]}}}
			for _, i := range imagesOf(&r) {
				if i.Name == "" {
					i.Name = r.text("name")
				}
				b.image(i)
			}
			b.override(r, "id", "image_id", "name")
			continue
		}
		b.add(r)
	}
	for _, child := range m.ChildModules {
		b.plannedModule(child, deployments)
	}
}
