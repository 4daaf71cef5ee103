package spot

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot/fields"
)

// Unknown is something in a configuration that Spot is not known to take. It refuses names and words that it does not know, when apply
// creates the group and nothing has changed yet; but it learns new ones without anybody's leave.
type Unknown struct {
	// Path is where it stands: "strategy.drainTimeout".
	Path string
	// Message says what is not known about it.
	Message string
}

// String is how it reads in a warning.
func (u Unknown) String() string { return u.Path + ": " + u.Message }

// beyondDictionary are members that Spot is known to take, or to answer with, beside those of the dictionary: what it sets itself, and what only its
// own load balancers had.
var beyondDictionary = map[string][]string{
	"":            {"id", "createdAt", "updatedAt"},
	"compute":     {"ebsVolumePool"},
	PathBalancers: {"balancerId", "targetSetId", "azAwareness", "autoWeight"},
}

// members are the members of an object, or of the elements of a list, that Spot is known to take, by its path; false below what is known.
func members(path string) ([]string, bool) {
	known := fields.Known().Members(path)
	return slices.Concat(known, beyondDictionary[path]), len(known) > 0
}

// worded are the fields of which Spot has a list of values, and has had new ones.
var worded = []string{
	"compute.launchSpecification.healthCheckType", "compute.product", "strategy.availabilityVsCost", "strategy.revertToSpot.performAt",
	"strategy.scalingStrategy.terminationPolicy",
}

// Unknowns lists what Spot is not known to take, members before values, each in alphabetical order.
func (d Document) Unknowns() []Unknown {
	group := withoutNulls(d.copied())
	var found []Unknown
	unknownMembers(group, "", "", &found)
	plain := Document{group: group}
	for _, path := range worded {
		var words []string
		for _, word := range fields.Known().Of(path).Enum {
			words = append(words, fmt.Sprint(word))
		}
		if value := plain.at(strings.Split(path, ".")...); value != nil && !slices.Contains(words, text(value)) {
			found = append(found, Unknown{path, fmt.Sprintf("of its values those known are %s", strings.Join(words, ", "))})
		}
	}
	return found
}

// Nearest is the one of some names that was probably meant by one which is not among them: whoever writes makes few mistakes. It is "" if none is near.
func Nearest(name string, there []string) string {
	nearest, distance := "", min(max(1, len(name)/3), 3)+1
	for _, one := range there {
		a, b := strings.ToLower(name), strings.ToLower(one)
		off := levenshtein.Distance(a, b, nil)
		if off == 2 && letters(a) == letters(b) {
			off = 1 // they have changed places
		}
		if off < distance {
			nearest, distance = one, off
		}
	}
	return nearest
}

// letters are those of a name in alphabetical order.
func letters(name string) string {
	all := []rune(name)
	slices.Sort(all)
	return string(all)
}

// meant says what was probably meant by a member that is not known in the object at a path: one there whose name is near, or one of
// that name that has its place elsewhere. It is "" if there is none.
func meant(name, path string) string {
	here, _ := members(path)
	if nearest := Nearest(name, here); nearest != "" {
		return fmt.Sprintf("; did you mean %s?", nearest)
	}
	objects := fields.Known().Objects()
	slices.SortStableFunc(objects, func(a, b string) int { return strings.Count(a, ".") - strings.Count(b, ".") })
	for _, elsewhere := range objects { // the outermost first
		if there, _ := members(elsewhere); slices.Contains(there, name) {
			return fmt.Sprintf("; did you mean %s?", joined(elsewhere, ".", name))
		}
	}
	return ""
}

// unknownMembers looks for members of known objects. At is where a value stands, and path the same without places in lists.
func unknownMembers(value any, path, at string, found *[]Unknown) {
	names, checked := members(path)
	if !checked {
		return
	}
	switch v := value.(type) {
	case []any:
		for i, element := range v {
			unknownMembers(element, path, fmt.Sprintf("%s[%d]", at, i), found)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := joined(at, ".", name)
			if !slices.Contains(names, name) {
				*found = append(*found, Unknown{inner, "no member of that name is known" + meant(name, path)})
				continue
			}
			unknownMembers(v[name], joined(path, ".", name), inner, found)
		}
	}
}
