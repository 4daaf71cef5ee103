package convert_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template/templatetest"
)

type converter = func(name string, data []byte, options convert.Options) (convert.Output, error)

// evaluated is what Terraform makes of a configuration: the group that the deployment creates, put together again.
func evaluated(t testing.TB, configuration string, given map[string]cty.Value) (map[string]any, error) {
	t.Helper()
	if formatted := string(hclwrite.Format([]byte(configuration))); formatted != configuration {
		return nil, fmt.Errorf("terraform fmt writes it otherwise (-):\n%s", cmp.Diff(formatted, configuration))
	}
	file, diags := hclsyntax.ParseConfig([]byte(configuration), "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	variables, local := map[string]cty.Value{}, map[string]cty.Value{}
	context := &hcl.EvalContext{
		Variables: map[string]cty.Value{"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(".")})},
		Functions: map[string]function.Function{"jsonencode": stdlib.JSONEncodeFunc, "jsondecode": stdlib.JSONDecodeFunc, "merge": stdlib.MergeFunc},
	}
	var deployment map[string]cty.Value
	document := ""
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		switch block.Type {
		case "variable":
			name := block.Labels[0]
			if value, ok := given[name]; ok {
				variables[name] = value
			} else if preset := block.Body.Attributes["default"]; preset != nil {
				variables[name], _ = preset.Expr.Value(nil)
			} else {
				return nil, fmt.Errorf("no value for variable %q", name)
			}
			context.Variables["var"] = cty.ObjectVal(variables)
		case "data":
			arguments := configuration[block.OpenBraceRange.End.Byte:block.CloseBraceRange.Start.Byte]
			var said any
			answer, read := templatetest.ReadWith(t, arguments, variables)
			if document = answer; answer == "" {
				said = templatetest.Render(read)
			}
			if said != nil {
				return nil, fmt.Errorf("the data source says %s\nof %s", said, arguments)
			}
			context.Variables["data"] = cty.ObjectVal(map[string]cty.Value{block.Labels[0]: cty.ObjectVal(map[string]cty.Value{
				block.Labels[1]: cty.ObjectVal(map[string]cty.Value{"json": cty.StringVal(document)}),
			})})
		case "locals", "resource":
			values := map[string]cty.Value{}
			for name, attribute := range block.Body.Attributes {
				value, diags := attribute.Expr.Value(context)
				if diags.HasErrors() {
					return nil, diags
				}
				if !value.IsWhollyKnown() {
					return nil, fmt.Errorf("%s is not known", name)
				}
				values[name] = value
			}
			if block.Type == "resource" {
				deployment = values
				continue
			}
			for name, value := range values {
				local[name] = value
			}
			context.Variables["local"] = cty.ObjectVal(local)
		}
	}
	if deployment == nil {
		return decoded(document), nil
	}
	return assembled(deployment), nil
}

// assembled lays what the deployment says over its configuration.
func assembled(deployment map[string]cty.Value) map[string]any {
	group := decoded(deployment["configuration"].AsString())
	member := func(object map[string]any, key string) map[string]any {
		inner, _ := object[key].(map[string]any)
		if inner == nil {
			inner = map[string]any{}
			object[key] = inner
		}
		return inner
	}
	launch := member(member(group, "compute"), "launchSpecification")
	switch image := deployment["image_id"]; image.Type() {
	case cty.Number:
		launch["imageId"] = json.Number(image.AsBigFloat().Text('f', -1)) // of which Terraform makes a text
	default:
		launch["imageId"] = image.AsString()
	}
	if data, ok := deployment["user_data_base64"]; ok {
		launch["userData"] = data.AsString()
	}
	if capacity, ok := deployment["capacity"]; ok {
		for name, value := range capacity.AsValueMap() {
			member(group, "capacity")[name] = json.Number(value.AsBigFloat().Text('f', -1))
		}
	}
	var balancers []any
	for name, kind := range map[string]string{"target_group_arns": "TARGET_GROUP", "load_balancer_names": "CLASSIC"} {
		if value, ok := deployment[name]; ok {
			for _, element := range value.AsValueSlice() {
				balancers = append(balancers, map[string]any{"type": kind, map[string]string{"CLASSIC": "name", "TARGET_GROUP": "arn"}[kind]: element.AsString()})
			}
		}
	}
	if len(balancers) > 0 {
		member(launch, "loadBalancersConfig")["loadBalancers"] = balancers
	}
	return group
}

func decoded(text string) map[string]any {
	var value map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		panic(err)
	}
	return value
}

// same compares groups. What means nothing to Spot is left out of the comparison, on both sides and by nothing that the converter has:
// null, what is empty, what Spot alone sets, how a number or a boolean is spelt, the order of load balancers, names that ARNs have.
func same(want, got map[string]any) error {
	for _, group := range []map[string]any{want, got} {
		for _, key := range []string{"id", "name", "createdAt", "updatedAt"} {
			delete(group, key)
		}
	}
	a, b := meaning(want, ""), meaning(got, "")
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("the group is another one, the document (-), what is made of it (+):\n%s", cmp.Diff(a, b))
	}
	return nil
}

func meaning(value any, key string) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		subnets, _ := v["subnetIds"].([]any)
		arn, _ := v["arn"].(string)
		for name, inner := range v {
			text, _ := inner.(string)
			if name == "userData" {
				inner = strings.TrimRight(text, "=")
			}
			if name == "userData" && text == "" || name == "imageId" && inner == "" {
				continue
			}
			if name == "subnetId" && slices.Contains(subnets, any(text)) || name == "name" && v["type"] == "TARGET_GROUP" && strings.Contains(arn, ":targetgroup/"+text+"/") {
				continue
			}
			if inner = meaning(inner, name); inner != nil {
				kept[name] = inner
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	case []any:
		if len(v) == 0 {
			return nil
		}
		kept := make([]any, len(v))
		for i, inner := range v {
			kept[i] = meaning(inner, "")
		}
		if key == "loadBalancers" {
			slices.SortFunc(kept, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		return kept
	case bool:
		return fmt.Sprint(v)
	case json.Number:
		return number(v.String())
	case string:
		return number(v)
	}
	return value
}

func number(text string) any {
	if exact, ok := new(big.Rat).SetString(text); ok && !strings.ContainsAny(text, "/_xXpPoObB") {
		return exact.RatString()
	}
	return text
}
