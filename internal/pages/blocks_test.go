package pages

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"gopkg.in/yaml.v3"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/report"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox/command"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/watch"
)

// TestCodeBlocks reads each block of code in the language that it says it is in. One in none that is read is text.
func TestCodeBlocks(t *testing.T) {
	schema := providerSchema(t)
	read := map[string]int{}
	for _, b := range blocks(t) {
		read[b.language]++
		switch b.language {
		case "json":
			for _, text := range strings.Split(strings.TrimSpace(b.text), "\n\n") {
				if strings.Contains(text, "…") {
					continue // a part of a document
				}
				if !json.Valid([]byte(text)) && !eachLineIsJSON(text) {
					t.Errorf("%s: it is no JSON:\n%s", b, text)
				}
			}
		case "yaml":
			var v any
			if err := yaml.Unmarshal([]byte(b.text), &v); err != nil {
				t.Errorf("%s: %v", b, err)
			}
		case "terraform", "hcl":
			checkTerraform(t, b, schema)
		case "shell", "sh", "bash", "console":
			checkShell(t, b)
		}
	}
	for _, language := range []string{"json", "yaml", "terraform", "shell"} {
		if read[language] < 3 {
			t.Errorf("only %d blocks of %s were found", read[language], language)
		}
	}
}

func eachLineIsJSON(text string) bool {
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			return false
		}
	}
	return true
}

func providerSchema(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// checkTerraform parses a block and holds what is this provider's in it against its schema: whole blocks, and arguments and blocks of a deployment
// that stand alone.
func checkTerraform(t *testing.T, b block, schema *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	text := strings.ReplaceAll(strings.ReplaceAll(b.text, "[ … ]", "[]"), "{ … }", "{}")
	text = strings.ReplaceAll(text, "= …", "= null")
	file, diags := hclsyntax.ParseConfig([]byte(text), b.page, hcl.Pos{Line: b.line + 1, Column: 1})
	if diags.HasErrors() {
		t.Errorf("%s: %v\n%s", b, diags, b.text)
		return
	}
	body := file.Body.(*hclsyntax.Body)
	deployment := schema.ResourceSchemas["elastigroup_deployment"].Block
	for _, inner := range body.Blocks {
		var s *tfprotov6.SchemaBlock
		switch {
		case inner.Type == "resource" && len(inner.Labels) == 2 && schema.ResourceSchemas[inner.Labels[0]] != nil:
			s = schema.ResourceSchemas[inner.Labels[0]].Block
		case inner.Type == "data" && len(inner.Labels) == 2 && schema.DataSourceSchemas[inner.Labels[0]] != nil:
			s = schema.DataSourceSchemas[inner.Labels[0]].Block
		case inner.Type == "provider" && len(inner.Labels) == 1 && inner.Labels[0] == "elastigroup":
			s = schema.Provider.Block
		case len(inner.Labels) == 0 && nested(deployment, inner.Type) != nil:
			s = nested(deployment, inner.Type)
		case (inner.Type == "resource" || inner.Type == "data") && len(inner.Labels) == 2 && strings.HasPrefix(inner.Labels[0], "elastigroup_"):
			t.Errorf("%s: there is no %s %q", b, inner.Type, inner.Labels[0])
		}
		if s != nil {
			checkBody(t, b, inner.Type, inner.Body, s)
		}
	}
}

// meta are what Terraform itself takes in any block.
var meta = []string{"count", "for_each", "provider", "depends_on", "lifecycle", "alias", "version", "connection", "provisioner"}

func checkBody(t *testing.T, b block, path string, body *hclsyntax.Body, s *tfprotov6.SchemaBlock) {
	t.Helper()
	for name, a := range body.Attributes {
		known := slices.ContainsFunc(s.Attributes, func(one *tfprotov6.SchemaAttribute) bool { return one.Name == name })
		if !known && !slices.Contains(meta, name) {
			t.Errorf("%s: line %d: %s has no argument %q", b, a.Range().Start.Line, path, name)
		}
	}
	for _, inner := range body.Blocks {
		name, within := inner.Type, inner.Body
		if name == "dynamic" && len(inner.Labels) == 1 {
			name = inner.Labels[0]
			for _, content := range inner.Body.Blocks {
				if content.Type == "content" {
					within = content.Body
				}
			}
		}
		switch known := nested(s, name); {
		case known != nil:
			checkBody(t, b, path+"."+name, within, known)
		case !slices.Contains(meta, name):
			t.Errorf("%s: line %d: %s has no block %q", b, inner.Range().Start.Line, path, name)
		}
	}
}

func nested(s *tfprotov6.SchemaBlock, name string) *tfprotov6.SchemaBlock {
	for _, inner := range s.BlockTypes {
		if inner.TypeName == name {
			return inner.Block
		}
	}
	return nil
}

// checkShell has a shell parse a block, and the provider's commands their flags.
func checkShell(t *testing.T, b block) {
	t.Helper()
	var script strings.Builder
	for line := range strings.Lines(b.text) {
		if b.language == "console" {
			prompt, typed, found := strings.Cut(line, "$ ")
			if !found || prompt != "" {
				continue // what is answered
			}
			line = typed
		}
		script.WriteString(strings.ReplaceAll(line, "…", "x"))
	}
	shell := exec.CommandContext(t.Context(), "bash", "-n")
	shell.Stdin = strings.NewReader(script.String())
	if out, err := shell.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s\n%s", b, err, out, b.text)
	}
	for line := range strings.Lines(strings.ReplaceAll(script.String(), "\\\n", " ")) {
		_, arguments, found := strings.Cut(line, "terraform-provider-elastigroup ")
		if !found || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		checkCommand(t, b, strings.TrimRight(arguments, ")\" \n"))
	}
}

// checkCommand finds the command, and its flags in its help.
func checkCommand(t *testing.T, b block, arguments string) {
	t.Helper()
	arguments, _, _ = strings.Cut(arguments, " #")
	arguments, _, _ = strings.Cut(arguments, "|")
	words := strings.Fields(arguments)
	if len(words) == 0 {
		return
	}
	var help bytes.Buffer
	switch words[0] {
	case "sandbox":
		within := []string{"-help"}
		if len(words) > 1 && slices.Contains(sandbox.Commands, words[1]) {
			within = []string{words[1], "-help"}
		}
		command.Main(within, &help, &help)
	case "convert":
		convert.Main([]string{"-help"}, strings.NewReader(""), &help, &help)
	case "watch":
		watch.Main([]string{"-help"}, strings.NewReader(""), &help, &help, "test")
	case "report":
		report.Main([]string{"-help"}, strings.NewReader(""), &help, &help)
	case "-version", "-debug", "-help":
		return
	default:
		t.Errorf("%s: there is no command %q", b, words[0])
		return
	}
	for _, w := range words[1:] {
		if w == "--" {
			break
		}
		if flag := strings.TrimLeft(w, "-"); flag != w && flag != "" {
			flag, _, _ = strings.Cut(flag, "=")
			if !strings.Contains(help.String(), "-"+flag) {
				t.Errorf("%s: %s has no flag -%s:\n%s", b, words[0], flag, &help)
			}
		}
	}
}
