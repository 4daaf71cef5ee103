package convert

import (
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// hide takes credentials out of the document, and what Harness takes from a store of secrets. They lie over the template in the
// deployment's configuration, as sensitive variables, because the template's JSON shows in plans.
func (c *conversion) hide(document spot.Document) {
	paths := document.Secrets()
	if plain, ok := plain(c.group).(map[string]any); ok {
		paths = append(paths, template.Secrets(plain)...)
	}
	c.secrets = map[string]any{}
	c.hideIn(c.group, c.secrets, nil, paths)
}

// hideIn moves the secrets of an object into another one, lists as a whole.
func (c *conversion) hideIn(object, secrets map[string]any, at template.Place, paths []string) {
	for _, key := range slices.Sorted(mapKeys(object)) {
		here := at.At(key)
		switch value := object[key].(type) {
		case map[string]any:
			inner := map[string]any{}
			c.hideIn(value, inner, here, paths)
			if len(inner) > 0 {
				secrets[key] = inner
				if len(value) == 0 {
					delete(object, key)
				}
			}
		default:
			if !c.holdsSecret(value, here, paths) {
				continue
			}
			delete(object, key)
			if !c.options.TemplateOnly {
				secrets[key] = c.hidden(value, here, paths)
			} else {
				c.leave(here, secretWhy)
			}
		}
	}
}

const secretWhy = "which plans would show, and which goes into the deployment's configuration (see the documentation of elastigroup_template)"

func (c *conversion) isSecret(value any, at template.Place, paths []string) bool {
	if p, ok := value.(*placeholder); ok && p.secret() {
		return true
	}
	text := at.String()
	return slices.Contains(paths, text)
}

func (c *conversion) holdsSecret(value any, at template.Place, paths []string) bool {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if c.holdsSecret(inner, at.At(key), paths) {
				return true
			}
		}
		return false
	case []any:
		for i, inner := range v {
			if c.holdsSecret(inner, at.At(i), paths) {
				return true
			}
		}
		return false
	}
	return c.isSecret(value, at, paths)
}

// hidden is a value with variables in place of its secrets.
func (c *conversion) hidden(value any, at template.Place, paths []string) any {
	switch v := value.(type) {
	case map[string]any:
		copied := map[string]any{}
		for key, inner := range v {
			copied[key] = c.hidden(inner, at.At(key), paths)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, inner := range v {
			copied[i] = c.hidden(inner, at.At(i), paths)
		}
		return copied
	case *placeholder:
		if v.secret() || !c.isSecret(v, at, paths) {
			return v
		}
		if v.whole() {
			c.variables.expression(v.parts[0].expression, "string").sensitive = true
			return v
		}
	}
	if !c.isSecret(value, at, paths) {
		return value
	}
	made := c.variables.add(at.String(), secretName(at), "string", "What the group has as "+at.String()+".")
	made.sensitive = true
	if c.options.ShowSecrets {
		made.value = plain(value)
	}
	return reference{made.name}
}

// secretName is short and tells what it is: nomad_acl_token.
func secretName(at template.Place) string {
	var names []string
	for _, step := range at {
		if key, ok := step.(string); ok && key != "thirdPartiesIntegration" {
			names = append(names, key)
		}
	}
	return identifier(strings.Join(names[max(0, len(names)-3):], "_"), "secret")
}
