package convert

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// Options say what is wanted beside the document.
type Options struct {
	// Name is the deployment's; the group's own if it is empty.
	Name string
	// Group is the name or ID of the group, where the document has several.
	Group string
	// TemplateOnly leaves out the deployment: all that it would have for itself stays in the data source.
	TemplateOnly bool
	// ShowSecrets writes user data and credentials as defaults of their variables.
	ShowSecrets bool
	// UserData is the path that the configuration reads user data from, relative to it; "": a variable has it.
	UserData string
}

// Output is a converted document.
type Output struct {
	// Configuration is Terraform's language, formatted.
	Configuration string
	// UserData are the instances' user data, decoded, if Options.UserData asks for them and the document has some.
	UserData []byte
	// Warnings say what a deployment will refuse.
	Warnings []string
}

// Convert turns a document into a configuration. The name is the file's, for errors and comments.
func Convert(name string, data []byte, options Options) (Output, error) {
	source, value, err := read(name, data)
	if err != nil {
		return Output{}, err
	}
	group, err := source.find(value, options.Group)
	if err != nil {
		return Output{}, err
	}
	c := &conversion{source: source, options: options, variables: variables{byWhat: map[string]*variable{}}}
	return c.convert(group)
}

// conversion is a document on its way.
type conversion struct {
	source    *source
	options   Options
	variables variables
	// group is the document, without what was taken out of it.
	group map[string]any
	// original is the whole of it.
	original map[string]any
	// left is what is not in the output, reasons why something stands in override_json.
	left    []left
	reasons []string
	nulls   int

	deployment deployment
	// secrets lie over what the template makes, in the deployment's configuration.
	secrets        map[string]any
	known, unknown map[string]any
}

// left is something that is not in the output, and why.
type left struct {
	at  template.Place
	why string
}

func (c *conversion) leave(at template.Place, why string) { c.left = append(c.left, left{at, why}) }

func (c *conversion) because(at template.Place, format string, a ...any) {
	reason := at.String() + ": " + fmt.Sprintf(format, a...) + "."
	if !slices.Contains(c.reasons, reason) {
		c.reasons = append(c.reasons, reason)
	}
}

func (c *conversion) convert(group map[string]any) (Output, error) {
	c.original = group
	c.group = c.withoutNulls(group).(map[string]any)
	document, err := spot.ParseDocument(plainJSON(c.group))
	if err != nil {
		return Output{}, fmt.Errorf("%s:%d: %w", c.source.name, c.source.lineAt(c.source.start(nil)), err)
	}
	warnings := c.warnings(document)
	c.deployment.groupID = document.ID()
	if err := c.naming(); err != nil {
		return Output{}, err
	}
	c.ignore()
	c.wake(document)
	if err := c.userData(); err != nil {
		return Output{}, err
	}
	if !c.options.TemplateOnly {
		c.release()
	}
	c.hide(document)
	if c.known, c.unknown, err = c.split(template.Root(), c.group, nil); err != nil {
		return Output{}, err
	}
	c.settle(c.known, c.unknown)
	return Output{Configuration: c.render(), UserData: c.deployment.userDataFile, Warnings: warnings}, nil
}

// withoutNulls is a value without the members that say nothing.
func (c *conversion) withoutNulls(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, inner := range v {
			if inner == nil {
				c.nulls++
				continue
			}
			kept[key] = c.withoutNulls(inner)
		}
		return kept
	case []any:
		kept := make([]any, len(v))
		for i, inner := range v {
			kept[i] = c.withoutNulls(inner)
		}
		return kept
	}
	return value
}

// plainJSON is a document as JSON, placeholders as they were.
func plainJSON(document map[string]any) []byte {
	data, _ := json.Marshal(plain(document)) // of values that were decoded
	return data
}

func plain(value any) any {
	switch v := value.(type) {
	case *placeholder:
		return v.String()
	case map[string]any:
		copied := map[string]any{}
		for key, inner := range v {
			copied[key] = plain(inner)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, inner := range v {
			copied[i] = plain(inner)
		}
		return copied
	}
	return value
}

// warnings are what a deployment refuses in the document, but for what depends on placeholders.
func (c *conversion) warnings(document spot.Document) []string {
	var said []string
	for _, problem := range document.Problems() {
		if strings.HasPrefix(problem.Path, "capacity") && holdsPlaceholder(c.group["capacity"]) ||
			strings.HasSuffix(problem.Path, ".userData") && holdsPlaceholder(c.launch()["userData"]) {
			continue
		}
		said = append(said, problem.String())
	}
	return said
}

func holdsPlaceholder(value any) bool {
	switch v := value.(type) {
	case *placeholder:
		return true
	case map[string]any:
		for _, inner := range v {
			if holdsPlaceholder(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, holdsPlaceholder)
	}
	return false
}

// ignore takes out what Spot alone sets, and what says the same twice.
func (c *conversion) ignore() {
	for _, key := range c.source.beside {
		c.leave(template.Place{key}, "which stands beside the group")
	}
	for _, key := range []string{"id", "createdAt", "updatedAt"} {
		if _, there := c.group[key]; there {
			c.leave(template.Place{key}, "which Spot sets")
			delete(c.group, key)
		}
	}
	compute, _ := c.group["compute"].(map[string]any)
	zones, _ := compute["availabilityZones"].([]any)
	said := false
	for _, zone := range zones {
		object, _ := zone.(map[string]any)
		subnets, _ := object["subnetIds"].([]any)
		if text, ok := object["subnetId"].(string); ok && slices.Contains(subnets, any(text)) {
			delete(object, "subnetId")
			said = true
		}
	}
	if said {
		c.leave(template.Place{"compute", "availabilityZones[]", "subnetId"}, "which subnetIds says as well")
	}
}

// wake takes out what the provider has written itself into a group that it has released: its tags, and that schedules and policies are
// off for the time being.
func (c *conversion) wake(document spot.Document) {
	launch := c.launch()
	tags, _ := launch["tags"].([]any)
	paused := false
	at := template.Place{"compute", "launchSpecification", "tags"}
	var kept []any
	for i, tag := range tags {
		object, _ := tag.(map[string]any)
		key, _ := object["tagKey"].(string)
		paused = paused || key == rollout.PausedTag
		if rollout.OwnTag(key) {
			c.leave(at.At(i), "which this provider has written itself")
		} else {
			kept = append(kept, tag)
		}
	}
	if len(kept) == len(tags) {
		return
	}
	if launch["tags"] = kept; len(kept) == 0 {
		delete(launch, "tags")
	}
	var awake map[string]any
	if !paused || json.Unmarshal(document.Export(), &awake) != nil {
		return
	}
	for _, key := range []string{"scaling", "scheduling", "thirdPartiesIntegration"} {
		if switched(c.group[key], awake[key]) {
			c.leave(template.Place{key}, "in which isEnabled is as it was before a rollout switched it off")
		}
	}
}

// switched takes over what is switched on or off, and tells whether there was anything.
func switched(mine, theirs any) bool {
	found := false
	switch m := mine.(type) {
	case map[string]any:
		t, ok := theirs.(map[string]any)
		if !ok {
			return false
		}
		for key, inner := range m {
			if key == "isEnabled" && fmt.Sprint(inner) != fmt.Sprint(t[key]) {
				found = true
				if m[key] = t[key]; t[key] == nil {
					delete(m, key)
				}
				continue
			}
			found = switched(inner, t[key]) || found
		}
	case []any:
		t, ok := theirs.([]any)
		if !ok || len(t) != len(m) {
			return false
		}
		for i := range m {
			found = switched(m[i], t[i]) || found
		}
	}
	return found
}

func (c *conversion) launch() map[string]any {
	compute, _ := c.group["compute"].(map[string]any)
	launch, _ := compute["launchSpecification"].(map[string]any)
	if launch == nil {
		return map[string]any{}
	}
	return launch
}
