package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// mistake is one mistake in a world file, or in what was posted to the control API.
type mistake struct {
	// path is where it is, "aws.target_groups[0].name"; "" is the whole.
	path string
	what string
	// refers is the path of the list in which something was looked for in vain, or "".
	refers string
	line   int // 0: not known
}

func (m mistake) String() string {
	var at []string
	if m.line > 0 {
		at = append(at, fmt.Sprintf("line %d", m.line))
	}
	if m.path != "" {
		at = append(at, m.path)
	}
	if len(at) == 0 {
		return m.what
	}
	return strings.Join(at, ", ") + ": " + m.what
}

// mistakes are all mistakes of one text, and the error that reports them: one on a line, with its line and path where these are known.
type mistakes []mistake

// Error is the one mistake, or a line for each.
func (ms mistakes) Error() string {
	if len(ms) == 1 {
		return ms[0].String()
	}
	lines := []string{fmt.Sprintf("%d mistakes:", len(ms))}
	for _, m := range ms {
		lines = append(lines, m.String())
	}
	return strings.Join(lines, "\n  ")
}

// orNil is the error, nil if there is no mistake.
func (ms mistakes) orNil() error {
	if len(ms) == 0 {
		return nil
	}
	return ms
}

// add adds a mistake.
func (ms *mistakes) add(path, format string, args ...any) {
	*ms = append(*ms, mistake{path: path, what: fmt.Sprintf(format, args...)})
}

// under adds the mistakes of a part, which has found them from its own point of view.
func (ms *mistakes) under(path string, err error) {
	if err == nil {
		return
	}
	var parts mistakes
	if !errors.As(err, &parts) {
		parts = mistakes{{what: err.Error()}}
	}
	for _, m := range parts {
		m.path = joined(path, m.path)
		*ms = append(*ms, m)
	}
}

// oneOf adds a mistake if a value is not one of those that there are. "" has been left out.
func (ms *mistakes) oneOf(path, value string, there ...string) {
	if value != "" && !slices.Contains(there, value) {
		ms.add(path, "%q is not one of %s%s", value, strings.Join(there, ", "), didYouMean(value, there))
	}
}

// named adds a mistake if what a name stands for, such as a "target group", is not there: none of the names in the list at a path is it.
func (ms *mistakes) named(path, what, name, list string, there []string) {
	if !slices.Contains(there, name) {
		*ms = append(*ms, mistake{path: path, refers: list,
			what: fmt.Sprintf("there is no %s %q%s", what, name, didYouMean(name, there))})
	}
}

// once adds a mistake if a name has been there before, and remembers it.
func (ms *mistakes) once(path, name string, seen map[string]bool) {
	if name != "" && seen[name] {
		ms.add(path, "%q is there twice", name)
	}
	seen[name] = true
}

// joined is the path of a member of what is at a path.
func joined(path, member string) string {
	if path == "" || member == "" || strings.HasPrefix(member, "[") {
		return path + member
	}
	return path + "." + member
}

// didYouMean names the nearest of those that there are: `; did you mean "web-blue"?`. It is "" if none is near.
func didYouMean(name string, there []string) string {
	best, distance := "", min(max(1, len(name)/2), 3)+1 // two letters that have changed places are two changes
	for _, candidate := range there {
		if off := levenshtein.Distance(plain(name), plain(candidate), nil); off < distance {
			best, distance = candidate, off
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// plain is a name without what writers differ in: targetGroups and target-groups are target_groups.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}
