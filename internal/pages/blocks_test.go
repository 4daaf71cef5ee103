package pages

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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

// TestCodeBlocks reads each block of code in the language that it says it is in. Text is what another test makes, or stands in texts.
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
		case "python":
			checkSignature(t, b)
		default:
			checkText(t, b)
		}
	}
	for _, language := range []string{"json", "yaml", "terraform", "shell"} {
		if read[language] < 3 {
			t.Errorf("only %d blocks of %s were found", read[language], language)
		}
	}
}

// texts are the beginnings of blocks that no program reads: drawings, a formula, a file of Terraform's that is not in its language, and
// what Terraform makes of the names that a query gives it, and watch of sentences, which tests of those have.
var texts = []string{"main.go", "internal/", "Next(", "provider ──", "π =", "# dev.tfrc", "list.elastigroup_deployment.new ", "14:02:30 web: web__2 0 of 1 in service"}

var codefiles = regexp.MustCompile(`codefile "(?:text|markdown)" "([^"]+)"`)

// checkText has a block be a file of the repository, which has a test of its own, or one of texts.
func checkText(t *testing.T, b block) {
	t.Helper()
	trimmed := strings.TrimSpace(b.text)
	for _, known := range texts {
		if strings.HasPrefix(trimmed, known) {
			return
		}
	}
	templates, err := filepath.Glob(root + "/templates/*/*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, template := range templates {
		text, err := os.ReadFile(template)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range codefiles.FindAllStringSubmatch(string(text), -1) {
			file, err := os.ReadFile(root + "/" + m[1])
			if err != nil {
				t.Fatal(err)
			}
			// A block within the file ends the block here, as it does for whoever reads the page.
			if strings.HasPrefix(strings.TrimSpace(string(file)), trimmed) {
				return
			}
		}
	}
	t.Errorf("%s: nobody reads what is in it: say its language, or have it made\n%s", b, b.text)
}

// checkSignature runs the lines that verify a signature, with one as notify makes it.
func checkSignature(t *testing.T, b block) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("LEFT OUT: the lines in Python, for there is no python3 on the PATH")
		return
	}
	mac := hmac.New(sha256.New, []byte("key"))
	now := strconv.FormatInt(time.Now().Unix(), 10)
	mac.Write([]byte("msg_1." + now + ".{}"))
	signature := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for signed, valid := range map[string]string{signature: "True", "v1,AAAA": "False"} {
		script := fmt.Sprintf("import base64, hashlib, hmac, time\nkey, id, timestamp, body, signature = b'key', 'msg_1', %q, b'{}', %q\n%s\nprint(valid)\n", now, signed, b.text)
		if out, err := exec.CommandContext(t.Context(), python, "-c", script).CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != valid {
			t.Errorf("%s: %q is valid: %s (%v)", b, signed, out, err)
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
