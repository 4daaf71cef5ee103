package convert

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// variable is an input variable of the configuration that is written.
type variable struct {
	name, kind, description string
	sensitive               bool
	// value is its default; nil: it has none.
	value any
}

// reference stands in a document for a variable.
type reference struct{ name string }

// variables are those of a configuration, in the order in which they are met.
type variables struct {
	all    []*variable
	byWhat map[string]*variable
}

// add makes a variable for something, once.
func (v *variables) add(what, name, kind, description string) *variable {
	if known, ok := v.byWhat[what]; ok {
		if known.kind != kind {
			known.kind = "string" // Terraform makes numbers and booleans of text where they are wanted
		}
		return known
	}
	if slices.Contains(reserved, name) {
		name += "_value"
	}
	taken := func(name string) bool {
		return slices.ContainsFunc(v.all, func(other *variable) bool { return other.name == name })
	}
	for n, plain := 2, name; taken(name); n++ {
		name = fmt.Sprintf("%s_%d", plain, n)
	}
	made := &variable{name: name, kind: kind, description: description}
	v.all = append(v.all, made)
	v.byWhat[what] = made
	return made
}

// reserved are the names that Terraform keeps for itself, https://developer.hashicorp.com/terraform/language/block/variable.
var reserved = []string{"source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"}

// expression is the variable for an expression of Harness.
func (v *variables) expression(expression, kind string) *variable {
	name := expressionName(expression)
	if image.MatchString(expression) {
		name = "image_id"
	}
	made := v.add(expression, name, kind, "In Harness "+expression+".")
	made.sensitive = made.sensitive || secretExpression(expression)
	return made
}

var (
	// image are the expressions for the image of the artifact.
	image = regexp.MustCompile(`^(<\+|\$\{)artifacts?\.`)
	// quotedWord is the argument of secrets.getValue("…").
	quotedWord = regexp.MustCompile(`\(\\?["'](?:(?:account|org|project)\.)?([^"'\\]+)\\?["']\)`)
	// prefixes say where Harness keeps a variable, not what it is.
	prefixes = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:(?:pipeline|stage|workflow|service|env|infra|account|org|project)\.variables|serviceVariables?|environmentVariables?|variable)\.`)
	})
	unfit = regexp.MustCompile(`[^a-z0-9_]+`)
)

func secretExpression(expression string) bool {
	return strings.Contains(expression, "secrets.") || strings.Contains(expression, "secretManager")
}

func (p *placeholder) secret() bool {
	return slices.ContainsFunc(p.parts, func(part part) bool { return secretExpression(part.expression) })
}

// expressionName names a variable after an expression: "subnet" for "<+infra.variables.subnet>".
func expressionName(expression string) string {
	inner := strings.TrimRight(strings.TrimLeft(expression, "<+${"), ">}")
	if word := quotedWord.FindStringSubmatch(inner); word != nil && secretExpression(expression) {
		inner = word[1]
	}
	return identifier(prefixes().ReplaceAllString(strings.TrimSpace(inner), ""), "harness")
}

// identifier makes a name in Terraform of any text. Without anything that fits it is the fallback.
func identifier(text, fallback string) string {
	name := strings.Trim(unfit.ReplaceAllString(snake(text), "_"), "_")
	switch {
	case name == "":
		return fallback
	case name[0] >= '0' && name[0] <= '9':
		return fallback + "_" + name
	}
	return name
}

var hump = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func snake(text string) string { return strings.ToLower(hump.ReplaceAllString(text, "${1}_${2}")) }
