// Package golden is for tests whose results stand in files that people read: it compares, or writes them anew with -update.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew instead of comparing with them")

// Compare fails the test unless a file has this text. Anew says how it is written anew, where -update alone does not.
func Compare(t testing.TB, file, text, anew string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	is, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(is) != text {
		t.Errorf("%s is not what is made now; %s writes it anew. It would be:\n%s", file, anew, text)
	}
}
