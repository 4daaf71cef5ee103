package aws

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// withoutPermission are calls that everybody may make, or that stand in the trust of a role.
var withoutPermission = []string{"GetCallerIdentity", "AssumeRole", "AssumeRoleWithWebIdentity"}

// permissionOf are the permissions of operations that are named otherwise.
var permissionOf = map[string]string{"lambda:Invoke": "lambda:InvokeFunction"}

// serviceOf are operations of one name in several services: whose is called.
var serviceOf = map[string]string{"DescribeTags": "elasticloadbalancing"}

// TestPolicy holds the policy of the guide against the calls in this package: it allows each operation that the code calls, and no other.
func TestPolicy(t *testing.T) {
	called := calledOperations(t)
	text, err := os.ReadFile("../../examples/getting-started/iam-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Statement []struct {
			Effect, Sid string
			Action      any
		}
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, s := range policy.Statement {
		switch actions := s.Action.(type) {
		case string:
			allowed = append(allowed, actions)
		case []any:
			for _, a := range actions {
				allowed = append(allowed, a.(string))
			}
		}
	}
	slices.Sort(allowed)
	if want := slices.Sorted(maps.Keys(called)); !slices.Equal(allowed, want) {
		t.Errorf("the policy allows\n%s\nand called is\n%s", strings.Join(allowed, "\n"), strings.Join(want, "\n"))
	}
}

// calledOperations are the permissions for all operations of AWS that this package's source names, as a method's or a paginator's.
func calledOperations(t *testing.T) map[string]bool {
	t.Helper()
	services := map[string]reflect.Type{"ec2": reflect.TypeFor[*ec2.Client](), "elasticloadbalancing": reflect.TypeFor[*elasticloadbalancing.Client](),
		"elasticloadbalancing v2": reflect.TypeFor[*elasticloadbalancingv2.Client](), "cloudwatch": reflect.TypeFor[*cloudwatch.Client](), "lambda": reflect.TypeFor[*lambda.Client]()}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			selected, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			name := strings.TrimSuffix(strings.TrimPrefix(selected.Sel.Name, "New"), "Paginator")
			if slices.Contains(withoutPermission, name) {
				return true
			}
			for service, client := range services {
				if only := serviceOf[name]; only != "" && !strings.HasPrefix(service, only) {
					continue
				}
				if _, there := client.MethodByName(name); there && name != "Options" {
					permission := strings.Fields(service)[0] + ":" + name
					if other := permissionOf[permission]; other != "" {
						permission = other
					}
					called[permission] = true
				}
			}
			return true
		})
	}
	if len(called) < 10 {
		t.Fatalf("only %v are found", called)
	}
	return called
}
