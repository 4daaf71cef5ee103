package browsertest

import (
	"os"
	"strings"
	"testing"
)

// The makefile says what was left out where the tests find no browser: it looks for the same ones.
func TestTheMakefileLooksForTheSameBrowsers(t *testing.T) {
	makefile, err := os.ReadFile("../../GNUmakefile")
	if err != nil {
		t.Fatal(err)
	}
	if want := `for browser in "$$BROWSER_PATH" ` + strings.Join(browsers, " ") + ";"; !strings.Contains(string(makefile), want) {
		t.Errorf("GNUmakefile does not have %s", want)
	}
}
