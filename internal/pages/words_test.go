package pages

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// notOurs are words for what the glossary calls something else, or words of the glossary for another thing, and riddles that stood in texts once. Each
// has a sentence in which it has to be found. What is fine is where the word means something that the glossary says nothing of.
var notOurs = []struct {
	wrong, use, planted string
	fine                []string
}{
	{`undo|undoes|undone|undoing`, "taken back (a release), reverted (what is live)", "A release that fails is undone.",
		[]string{"two changes undo each other", "someone else undoes it", "is not undone by every apply"}},
	{`roll back|rolls back|rolling back|(?:a|the|instant|automatic) rollbacks?`, "goes back, the way back; reverting, of what is live", "The rollback takes minutes.",
		[]string{"How do I roll back after a success?"}}, // which says what it is called here
	{`old (?:group|revision|target group)s?`, "previous revision, former revision", "The old revision goes to zero.", nil},
	{`(?:active|current) (?:group|revision|target group)s?`, "live revision", "The current revision serves.", nil},
	{`stand-?by (?:group|revision|target group)s?`, "idle target group, retained revision", "It waits in the standby target group.", nil},
	{`(?:blue|green) (?:group|revision|environment|target group)s?`, "live or idle target group: colours change places", "The green group comes up.", nil},
	{`deploys|deployed|deploying|redeploy\w*|deploy (?:a|an|the|it|this|your|new)`, "release, roll out", "It deploys the image.", nil},
	{`(?:blue/green|canary|rolling) deployments?`, "rollout", "A canary deployment has phases.", nil},
	{`canary (?:step|stage)s?|batch|batches`, "phase", "Each canary step bakes.", nil},
	{`stages of (?:a|the) (?:canary|release|rollout)`, "phases", "The stages of a rollout are watched.", nil},
	{`(?:staging|stage) environments?`, "another name for the environment: a stage is a listener or rule", "Try it in the stage environment.", nil},
	{`soak|soaks|soaking|baking times?`, "bake", "Let it soak for an hour.", nil},
	{`cut-?over|cuts? over|flip|flips|flipped`, "switch, move traffic", "Then traffic is flipped.", nil},
	{`cancel(?:s|led|ling)? (?:a|the|this) (?:deployment|release|rollout)`, "abort", "Somebody cancels the rollout.", nil},
	{`tears? down|torn down|tearing down|teardown`, "taken down", "The group is torn down.", nil},
	{`spins? up|spun up|spinning up`, "comes up", "The new revision spins up.", nil},
	{`fleets?|clusters?`, "group, deployment", "The fleet is resized.", []string{"an Ocean cluster"}},
	{`auto(?:-| )?scaling groups?`, "Elastigroup, group", "The auto scaling group grows.", []string{"an Auto Scaling group, which Spot imports"}}, // Amazon's
	{`(?-i:ASGs?|[ACEN]?LBs?)`, "Elastigroup; load balancer", "The ALB decides.", nil},
	{`(?:am|are|be|been|being|is|was|were) gone on (?:to|with|without)`, "goes on with it", "A killed run is gone on with.", nil},
	{`(?:hold|holds|held) [^.|]{0,60}against (?:a|the) (?:code|live|new|previous|schema)`, "compares with: hold is to rest, and what is held against a release is remembered",
		"It holds the new revision against the live one.", nil},
	{`verdicts?`, "answer (of a check), decision (of a person): the verdict is the journal's", "The check returns its verdict.", []string{"why the verdict is"}},
	{`pin(?:s|ned|ning)? (?:a|an|the)(?: old)? (?:provider|version)`, "lock: a pin is of a group's size", "Teams pin the provider.", nil},
	{`promot\w+ (?:a|an|the) (?:image|release) (?:by|from|to)`, "take to the next environment: to promote is to let go on what holds", "Promote a release to production.", nil},
	{`rests? (?:at|in|on|where) (?:a phase|a weight|stage|the rollout)`, "hold", "The release rests on stage.", nil},
	{`basic releases?`, "basic rollout", "A basic release has no phases.", nil},
	{`by another hand|(?:called|name|named|written) (?:(?:the|this) \w+ )?otherwise`, "by someone else; changed; give … another name", "Name this deployment otherwise.",
		[]string{"where it said \"by another hand\""}},
	{`weather`, "faults, the market", "What is decided for weather?", []string{"runs in bad weather"}}, // as the test is called
}

// others are files about another product, in whose words they are, or that speak as it does.
var others = regexp.MustCompile(`guides/from-|internal/spot/sharing\.go|internal/sandbox/(?:aws|faults|spot)_?\w*\.go|providertest/|guides/glossary`)

// TestWords has one word for one thing in all that people read: pages, the comments of examples, the makefile's help, and every text in the source.
func TestWords(t *testing.T) {
	all := prose(t)
	fine := map[string]bool{}
	for name, text := range all {
		if !others.MatchString(name) {
			for _, wrong := range misused(name, text, fine) {
				t.Error(wrong)
			}
		}
	}
	for _, w := range notOurs {
		for _, phrase := range w.fine {
			if !fine[phrase] {
				t.Errorf("%q is fine, and nobody says it any more", phrase)
			}
		}
	}
	if len(all) < 300 {
		t.Errorf("only %d files are read", len(all))
	}
}

// A mistake that is planted is found, wherever people would read it, and what is code is left alone.
func TestWordsBroken(t *testing.T) {
	for _, w := range notOurs {
		t.Run(w.planted, func(t *testing.T) {
			said := fmt.Sprint(misused("a page", written("# A page\n\nAll is well.\n\n"+w.planted+"\n"), map[string]bool{}))
			if !strings.Contains(said, "a page:5: ") || !strings.Contains(said, w.use) {
				t.Errorf("in a page it says %q", said)
			}
		})
	}
	for text, want := range map[string]int{
		"A release that fails is\nundone, and the old\nrevision serves.":   2,
		"Write `undo` or\n\n```sh\nmake undo # the old revision\n```\n":    0,
		"See [this](https://example.com/undone), {{ tffile \"undone\" }}.": 0,
		"two changes\nundo each other":                                     0,
	} {
		if said := misused("a page", written(text), map[string]bool{}); len(said) != want {
			t.Errorf("of %q it says %q", text, said)
		}
	}
	source := "package p\n\n// The old revision, in a comment of the code's.\nvar e = \"%s is taken down: the \" +\n\tf(\"undone\") + \"old revision serves\"\n"
	if said := fmt.Sprint(misused("p.go", sentences(t, "p.go", source), map[string]bool{})); said != fmt.Sprint([]string{`p.go:4: "old revision": say previous revision, former revision`}) {
		t.Errorf("of a source it says %q", said)
	}
	if said := unused([]string{"bake", "flumph", "Elastigroup"}, map[string]string{"a page": "An elastigroup bakes."}); !slices.Equal(said, []string{"flumph"}) {
		t.Errorf("of a word that nobody uses it says %q", said)
	}
}

// TestGlossary has each word that the glossary defines in use somewhere else, and the rows of a plan in the source that writes them.
func TestGlossary(t *testing.T) {
	raw, err := os.ReadFile(root + "/templates/guides/glossary.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	words, rows, _ := strings.Cut(string(raw), "## The rows of")
	all := prose(t)
	delete(all, "templates/guides/glossary.md.tmpl")
	defined := cells(words)
	for _, word := range unused(defined, all) {
		t.Errorf("%q is defined in the glossary, and used nowhere", word)
	}
	for n, word := range defined {
		if slices.Contains(defined[:n], word) {
			t.Errorf("%q is defined twice", word)
		}
	}
	source := ""
	each(t, "internal/rollout", func(_, text string) { source += text })
	for _, row := range cells(rows) {
		if !strings.Contains(source, strconv.Quote(row)) {
			t.Errorf("no plan has a row %q", row)
		}
	}
	if len(defined) < 50 {
		t.Errorf("only %d words are defined", len(defined))
	}
}

// cells are the words of the tables' first columns, of which a cell may have several.
func cells(text string) (all []string) {
	for _, m := range regexp.MustCompile(`(?m)^\| ([^|]+) \|`).FindAllStringSubmatch(text, -1) {
		if m[1] != "word" && m[1] != "row" {
			all = append(all, strings.Split(m[1], ", ")...)
		}
	}
	return all
}

// unused are the words that no text has. A word may go on: bake is in bakes.
func unused(words []string, all map[string]string) (none []string) {
	for _, word := range words {
		used := spaced(`\b` + regexp.QuoteMeta(word))
		found := false
		for _, text := range all {
			found = found || used.MatchString(text)
		}
		if !found {
			none = append(none, word)
		}
	}
	return none
}

// misused are the words of a text that are not ours, with their lines. What is fine and was found is noted.
func misused(name, text string, fine map[string]bool) (all []string) {
	for n, w := range notOurs {
		left := text
		for i, phrase := range w.fine {
			left = expressions[n].fine[i].ReplaceAllStringFunc(left, func(said string) string {
				fine[phrase] = true
				return blank(said)
			})
		}
		for _, at := range expressions[n].wrong.FindAllStringIndex(left, -1) {
			all = append(all, fmt.Sprintf("%s:%d: %q: say %s", name, 1+strings.Count(left[:at[0]], "\n"), left[at[0]:at[1]], w.use))
		}
	}
	return all
}

// expressions are those of notOurs.
var expressions = func() (all []struct {
	wrong *regexp.Regexp
	fine  []*regexp.Regexp
}) {
	for _, w := range notOurs {
		e := struct {
			wrong *regexp.Regexp
			fine  []*regexp.Regexp
		}{wrong: spaced(`\b(?:` + w.wrong + `)\b`)}
		for _, phrase := range w.fine {
			e.fine = append(e.fine, spaced(regexp.QuoteMeta(phrase)))
		}
		all = append(all, e)
	}
	return all
}()

// spaced compiles an expression in which a blank may be the end of a line, or of a line of comments.
func spaced(expression string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + strings.ReplaceAll(expression, " ", `[\s#]+`))
}

// blank leaves of a text its lines alone.
func blank(text string) string { return regexp.MustCompile(`[^\n]`).ReplaceAllString(text, " ") }

var unread = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`|\\{\\{.*?\\}\\}|\\]\\([^)\\s]*\\)|<!--.*?-->")

// written is what of a page is sentences: no code, no addresses.
func written(page string) string { return unread.ReplaceAllStringFunc(page, blank) }

// prose is all that people read, by file, without what is code in it.
func prose(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	comments := regexp.MustCompile(`(?m)^[^#\n]*(?:"[^"\n]*"[^#\n]*)*`)
	for folder, reads := range map[string]func(string) string{
		".":                      written,
		".github":                written,
		".github/ISSUE_TEMPLATE": written,
		"templates":              written,
		"examples":               func(text string) string { return comments.ReplaceAllStringFunc(text, blank) },
	} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				if err == nil && file != filepath.Join(root, folder) && (folder[0] == '.' || entry.Name() == "testdata") {
					return fs.SkipDir
				}
				return err
			}
			switch ext := filepath.Ext(file); {
			case ext == ".md", ext == ".tmpl", ext == ".yml" && folder != ".", folder == "examples" && slices.Contains([]string{".tf", ".hcl", ".jq", ".sh"}, ext):
				text, err := os.ReadFile(file)
				name, _ := filepath.Rel(root, file)
				all[filepath.ToSlash(name)] = reads(string(text))
				return err
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"GNUmakefile", "scripts/demo.sh", "scripts/demo-strategies.sh"} { // help, and what the demo says
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		all[file] = string(text)
	}
	each(t, "internal", func(name, text string) { all[name] = sentences(t, name, text) })
	return all
}

// each gives the source of every Go file that is no test.
func each(t *testing.T, folder string, do func(name, text string)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, folder), func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		text, err := os.ReadFile(file)
		name, _ := filepath.Rel(root, file)
		do(filepath.ToSlash(name), string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sentences are the strings of a source that are some, each where it begins. What is put into them is "…".
func sentences(t *testing.T, name, source string) string {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	line := 1
	var read func(ast.Node) bool
	read = func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, between := joined(e)
		if text == "" {
			return true
		}
		if strings.Contains(strings.TrimSpace(text), " ") {
			for at := files.Position(e.Pos()).Line; line < at; line++ {
				all.WriteByte('\n')
			}
			all.WriteString(" | " + strings.ReplaceAll(written(text), "\n", " "))
		}
		for _, e := range between {
			ast.Inspect(e, read)
		}
		return false
	}
	ast.Inspect(parsed, read)
	return all.String()
}

// joined is the text of strings that are added up, and what stands between them that is none.
func joined(e ast.Expr) (text string, between []ast.Expr) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value)
			return text, nil
		}
	case *ast.BinaryExpr:
		if left, before := joined(e.X); e.Op == token.ADD {
			right, after := joined(e.Y)
			if left+right != "" {
				if len(before) > 0 && left == "" {
					left = "…"
				}
				if len(after) > 0 && right == "" {
					right = "…"
				}
				return left + right, append(before, after...)
			}
		}
	}
	return "", []ast.Expr{e}
}
