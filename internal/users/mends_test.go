package users_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var broken = flag.Bool("broken", false, "break what was mended, once more, and see that the stories notice")

// mend is something that was mended because a story ended badly, and how to take it out again.
type mend struct {
	name  string // what is broken without it
	tells string // the case that notices, or the test
	edits []replacement
}

// test is the test of another package that notices, where it takes more than a user's doings: "internal/aws TestX" is one; else both are "".
func (m mend) test() (dir, name string) {
	dir, name, found := strings.Cut(m.tells, " Test")
	if !found || !strings.HasPrefix(dir, "internal/") {
		return "", ""
	}
	return filepath.Join("../..", dir), "Test" + name
}

// noticed is what is run to see it, and what it says then.
func (m mend) noticed() (run []string, says, promise string) {
	if dir, name := m.test(); dir != "" {
		return []string{"-run", "^" + name + "$", "./" + dir}, "--- FAIL: " + name, strings.TrimPrefix(name, "Test")
	}
	c := caseNamed(m.tells)
	return []string{"-run", "^TestCases$/^" + testName(c.name) + "$", "."}, "breaks \"", string(c.breaks)
}

// replacement replaces a text in a file of the repository, where it stands once.
type replacement struct{ file, is, was string }

// source is a file of the repository.
func (e replacement) source(t *testing.T) string {
	raw, err := os.ReadFile(filepath.Join("../..", e.file))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), e.is); n != 1 {
		t.Fatalf("%s has the following %d times; it is to be there once:\n%s", e.file, n, e.is)
	}
	return string(raw)
}

// TestMendsAreWhereTheyAre keeps the list of mends true: what takes one out is about code that is there, and about a case that is told.
func TestMendsAreWhereTheyAre(t *testing.T) {
	for _, m := range mends {
		for _, e := range m.edits {
			e.source(t)
		}
		if dir, name := m.test(); dir != "" {
			if !declares(t, dir, name) {
				t.Errorf("%s has no %s", dir, name)
			}
		} else if caseNamed(m.tells) == nil {
			t.Errorf("there is no case %q", m.tells)
		}
	}
}

// declares tells whether a package has a test.
func declares(t *testing.T, dir, test string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "*_test.go"))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("\nfunc "+test+"(")) {
			return true
		}
	}
	return false
}

// TestBrokenMendsAreNoticed builds the provider without each of the mends, and has the case told by which it was found.
func TestBrokenMendsAreNoticed(t *testing.T) {
	if !*broken {
		t.Skip("this builds the provider many times: make mutants does it")
	}
	for _, m := range mends {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			replaced := map[string]string{}
			for _, e := range m.edits {
				changed := strings.Replace(e.source(t), e.is, e.was, 1)
				original, err := filepath.Abs(filepath.Join("../..", e.file))
				if err != nil {
					t.Fatal(err)
				}
				if before, again := replaced[original]; again {
					raw, err := os.ReadFile(before)
					if err != nil {
						t.Fatal(err)
					}
					changed = strings.Replace(string(raw), e.is, e.was, 1)
				}
				file := filepath.Join(t.TempDir(), filepath.Base(e.file))
				if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
					t.Fatal(err)
				}
				replaced[original] = file
			}
			overlay, err := json.Marshal(map[string]any{"Replace": replaced})
			if err != nil {
				t.Fatal(err)
			}
			list := filepath.Join(t.TempDir(), "overlay.json")
			if err := os.WriteFile(list, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			run, says, promise := m.noticed()
			said, err := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1", "-overlay", list}, run...)...).CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("nobody noticed")
			case !bytes.Contains(said, []byte(says)):
				t.Errorf("it does not get as far as that:\n%s", said)
			}
			t.Logf("promise: %s", promise)
		})
	}
}

// testName is a name as a pattern of tests has it.
func testName(name string) string {
	quoted := strings.NewReplacer(" ", "_", "(", `\(`, ")", `\)`, ".", `\.`)
	return quoted.Replace(name)
}
