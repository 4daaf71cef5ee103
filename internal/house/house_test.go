package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/elastigroup/terraform-provider-elastigroup"

	// longest is how many lines a file may have.
	longest = 400
)

// sources are the files of Go of the repository, by their path in it.
func sources(t *testing.T) map[string][]byte {
	t.Helper()
	all := filesOf(t, ".go")
	if len(all) < 500 {
		t.Fatalf("there are only %d files", len(all))
	}
	return all
}

// filesOf are the files of the repository that end so, by their path in it.
func filesOf(t *testing.T, ending string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && file != root || entry.Name() == "bin" || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(file, ending) {
			return nil
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(name)], err = os.ReadFile(file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Who opens a file sees one thing, and all of it.
func TestFilesAreShort(t *testing.T) {
	all := sources(t)
	maps.Copy(all, filesOf(t, ".sh"))
	for name, text := range all {
		if n := lines(text); n > longest {
			t.Errorf("%s has %d lines, and no file has more than %d: take out what is a thing of its own", name, n, longest)
		}
	}
}

func lines(text []byte) int { return strings.Count(string(text), "\n") }

// The arrows of ARCHITECTURE.md.
func TestArrowsGoOneWay(t *testing.T) {
	arrows := 0
	for name, text := range sources(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue // tests may cross them
		}
		for _, imported := range importsOf(t, name, text) {
			arrows++
			if why := forbidden(path.Dir(name), imported); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
	}
	if arrows < 1000 {
		t.Errorf("there are only %d imports", arrows)
	}
}

func importsOf(t *testing.T, name string, text []byte) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, one := range parsed.Imports {
		imported, err := strconv.Unquote(one.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, imported)
	}
	return all
}

// known is what each of these packages may know of this module beside itself and what is below it. Those of "" know nothing but Go's standard
// library either.
var known = map[string][]string{
	"internal/rollout":             {""},
	"internal/compare":             {""},
	"internal/pace":                {""},
	"internal/event":               {},
	"internal/timeline":            {"internal/event"},
	"internal/report":              {"internal/timeline", "internal/event", "internal/commandline"},
	"internal/commandline":         {""},
	"internal/runner":              {"internal/rollout", "internal/compare", "internal/event"},
	"internal/check":               {"internal/runner", "internal/rollout"},
	"internal/spot":                {"internal/runner", "internal/rollout", "internal/compare", "internal/pace"},
	"internal/aws":                 {"internal/runner", "internal/rollout", "internal/compare", "internal/pace"},
	"internal/sandbox":             {},
	"internal/provider/attrvalue":  {"internal/provider/diagtext", "internal/rollout"},
	"internal/provider/diagtext":   {"internal/rollout", "internal/runner"},
	"internal/provider/validators": {"internal/provider/diagtext"},
}

// forTests are packages that only tests import.
var forTests = []string{"internal/provider/providertest", "internal/provider/template/templatetest", "internal/timeline/timelinetest", "internal/browsertest", "internal/fresh", "internal/golden"}

// forbidden says why what is in a directory may not import a package; "" if it may.
func forbidden(dir, imported string) string {
	own, ofThisModule := strings.CutPrefix(imported, module+"/")
	switch {
	case slices.Contains(forTests, dir):
		return ""
	case ofThisModule && slices.ContainsFunc(forTests, func(of string) bool { return within(own, of) }):
		return "it is for tests"
	case ofThisModule && within(own, "internal/sandbox") && dir != "." && !within(dir, "internal/sandbox"):
		return "only main.go and tests may use the sandbox"
	case ofThisModule && own == "internal/provider" && dir != ".":
		return "what the provider is made of does not know it"
	}
	for from, may := range known {
		if !within(dir, from) {
			continue
		}
		if slices.Contains(may, "") && strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
			return from + " imports the standard library alone"
		}
		if ofThisModule && !within(own, from) && !slices.ContainsFunc(may, func(other string) bool { return other != "" && within(own, other) }) {
			return from + " may know " + strings.Join(may, ", ") + " and nothing else of this module"
		}
	}
	return ""
}

// within tells whether a directory is another one, or below it.
func within(dir, of string) bool { return dir == of || strings.HasPrefix(dir, of+"/") }

// An arrow that goes the wrong way is noticed, and so is a line too many.
func TestTheHouseNotices(t *testing.T) {
	t.Log("promise: the rules of the house hold")
	for _, wrong := range [][2]string{
		{"internal/rollout", "github.com/hashicorp/terraform-plugin-log/tflog"}, {"internal/rollout", module + "/internal/event"},
		{"internal/compare", module + "/internal/rollout"}, {"internal/runner", module + "/internal/spot"}, {"internal/runner", module + "/internal/aws"},
		{"internal/spot/fields", module + "/internal/provider/diagtext"}, {"internal/aws", module + "/internal/spot"}, {"internal/check", module + "/internal/aws"},
		{"internal/event/notify", module + "/internal/runner"}, {"internal/sandbox/ctl", module + "/internal/spot"}, {"internal/sandbox", module + "/internal/rollout"},
		{"internal/provider/deployment", module + "/internal/sandbox"}, {"internal/convert", module + "/internal/sandbox"},
		{"internal/provider/image", module + "/internal/provider"}, {"internal/watch", module + "/internal/timeline/timelinetest"},
	} {
		if forbidden(wrong[0], wrong[1]) == "" {
			t.Errorf("%s may import %s", wrong[0], wrong[1])
		}
	}
	for _, right := range [][2]string{
		{"internal/rollout", "slices"}, {"internal/runner", module + "/internal/rollout"}, {"internal/spot", "github.com/spotinst/spotinst-sdk-go/spotinst"},
		{"internal/spot", module + "/internal/spot/fields"}, {".", module + "/internal/sandbox"}, {"internal/provider", module + "/internal/provider/deployment"},
	} {
		if why := forbidden(right[0], right[1]); why != "" {
			t.Errorf("%s may not import %s: %s", right[0], right[1], why)
		}
	}
	if n := lines([]byte(strings.Repeat("\n", longest+1))); n <= longest {
		t.Errorf("%d lines are counted as %d", longest+1, n)
	}
}
