package rollout

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Name is the name of a deployment's group of one revision: "web__7".
func Name(deployment string, revision int) string {
	return fmt.Sprintf("%s__%d", deployment, revision)
}

// RevisionOf reads the revision out of a group's name. It answers false for a name that Name does not make: another
// deployment's ("web-api__3", "webx__1"), one with more behind the number ("web__canary__2"), a number that would
// not be written that way ("web__07", "web__0"), or that no revision has (MostRevision).
func RevisionOf(deployment, name string) (int, bool) {
	rest, ok := strings.CutPrefix(name, deployment+"__")
	if !ok {
		return 0, false
	}
	revision, err := strconv.Atoi(rest)
	if err != nil || revision < 1 || revision > MostRevision || Name(deployment, revision) != name {
		return 0, false
	}
	return revision, true
}

// StageName is what an earlier tool calls the standby group of a pair whose production group bears the bare name.
func StageName(deployment string) string { return deployment + "__STAGE__Harness" }

var numbered = regexp.MustCompile(`__[0-9]+$`)

// CheckName refuses a deployment's name that could not be told apart again in the names of its groups, or that does not
// fit in a tag.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("the name is empty")
	case len(name) > 200:
		return fmt.Errorf("the name has %d characters; 200 is the most that fits in a tag with its revision", len(name))
	case tagValue(name) != name:
		return fmt.Errorf("the name %q has characters that AWS tags do not take; use letters, digits, spaces and _ . : / = + - @", name)
	case numbered.MatchString(name):
		return fmt.Errorf("the name %q ends like a revision of another deployment (%q); its groups could not be told apart from that one's",
			name, name[:strings.LastIndex(name, "__")])
	case strings.HasSuffix(name, "_"):
		// "web_" and revision 7 would read "web___7", which is also revision 7 of "web_".
		return fmt.Errorf("the name %q ends in _, so that its revisions (%q) could not be read back", name, Name(name, 7))
	}
	return nil
}
