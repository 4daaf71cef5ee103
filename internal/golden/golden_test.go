package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// failures takes what a comparison says, and lets the test go on.
type failures struct {
	testing.TB
	said []string
}

func (f *failures) Helper() {}

func (f *failures) Errorf(format string, args ...any) { f.said = append(f.said, format) }

// A file that is another one is noticed; -update writes it, and then it is the same.
func TestCompare(t *testing.T) {
	file := filepath.Join(t.TempDir(), "made", "page.md")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := *update // this very test may be run with -update
	defer func() { *update = asked }()
	*update = false
	f := &failures{TB: t}
	if Compare(f, file, "new\n", "-update"); len(f.said) != 1 || !strings.Contains(f.said[0], "is not what is made now") {
		t.Errorf("of another file it says %q", f.said)
	}
	*update = true
	Compare(t, file, "new\n", "-update")
	*update = false
	Compare(t, file, "new\n", "-update")
}
