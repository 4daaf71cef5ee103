package convert

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
)

// render writes the configuration.
func (c *conversion) render() string {
	d := &c.deployment
	data, after := &body{}, &body{}
	block := data.open(fmt.Sprintf("data %q %q", "elastigroup_template", d.label))
	c.arguments(block)
	if !c.options.TemplateOnly {
		c.writeDeployment(after)
	}

	file := &body{}
	file.comment("%s", c.head())
	for _, v := range c.variables.all {
		file.gap()
		v.write(file)
	}
	file.gap()
	file.items = append(file.items, data.items...)
	if len(after.items) > 0 {
		file.gap()
		file.items = append(file.items, after.items...)
	}
	return file.String()
}

func (v *variable) write(file *body) {
	block := file.open(fmt.Sprintf("variable %q", v.name))
	block.set("description", quote(v.description))
	block.set("type", v.kind)
	if v.sensitive {
		block.set("sensitive", "true")
	}
	if v.value != nil {
		block.set("default", quote(fmt.Sprint(v.value)))
	}
}

// head says where the configuration comes from, and what is not in it.
func (c *conversion) head() string {
	d := &c.deployment
	which := "an Elastigroup"
	if d.groupName != "" {
		which = fmt.Sprintf("the Elastigroup %q", d.groupName)
	}
	if d.groupID != "" {
		which += " (" + d.groupID + ")"
	}
	text := fmt.Sprintf("Converted from %s: %s.", filepath.Base(c.source.name), which)
	if parts := c.leftOut(); len(parts) > 0 {
		text += "\nNot taken over:\n- " + strings.Join(parts, "\n- ")
	}
	if c.options.TemplateOnly && d.groupName != "" {
		text += "\nThe name is the deployment's."
	}
	return text
}

func (c *conversion) leftOut() []string {
	var order, parts []string
	places := map[string][]string{}
	for _, l := range c.left {
		if places[l.why] == nil {
			order = append(order, l.why)
		}
		places[l.why] = append(places[l.why], l.at.String())
	}
	for _, why := range order {
		text := why
		if why == "empty" {
			text = "which " + is(len(places[why])) + " empty"
		}
		parts = append(parts, and(places[why])+", "+text)
	}
	if c.nulls > 0 {
		parts = append(parts, count(c.nulls, "member")+" that "+is(c.nulls)+" null")
	}
	return parts
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func and(names []string) string {
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return names[0]
}

// sections are the parts of the data source, in the order in which people read a group.
var sections = []string{
	"description", "capacity", "strategy", "compute.instanceTypes", "compute.availabilityZones", "compute", "compute.launchSpecification",
	"scaling", "scheduling", "thirdPartiesIntegration",
}

// section is where an argument stands: the last section that its path begins with.
func section(f *template.Field) int {
	switch f.Path {
	case "region", "compute.product":
		return 0
	case "compute.subnetIds", "compute.preferredAvailabilityZones":
		return slices.Index(sections, "compute.availabilityZones")
	}
	best, length := len(sections), -1
	for i, prefix := range sections {
		if (f.Path == prefix || strings.HasPrefix(f.Path, prefix+".")) && len(prefix) > length {
			best, length = i, len(prefix)
		}
	}
	return best
}

// argument is an argument with its value, and where it stands in the file.
type argument struct {
	field *template.Field
	value any
	at    template.Place
	start int
}

// collect lists the arguments of an object, in the order of the file.
func (c *conversion) collect(f *template.Field, object map[string]any, at template.Place) []argument {
	var all []argument
	for key, value := range object {
		child, here := f.Member(key), at.At(key)
		if inner, ok := value.(map[string]any); ok && child.Inline {
			all = append(all, c.collect(child, inner, here)...)
			continue
		}
		all = append(all, argument{child, value, here, c.source.start(here)})
	}
	slices.SortFunc(all, func(a, b argument) int {
		if f.Name != "" && leads(a.field) != leads(b.field) {
			return leads(a.field) - leads(b.field)
		}
		return a.start - b.start
	})
	return all
}

// leading are the arguments that say which one a block is. They stand first in it, wherever an export has them.
var leading = []string{"policy_name", "task_type", "type", "name", "key", "device_name", "device_index", "metric_name"}

func leads(f *template.Field) int {
	if i := slices.Index(leading, f.Name); i >= 0 {
		return i
	}
	return len(leading)
}

// arguments writes the data source's.
func (c *conversion) arguments(block *body) {
	all := c.collect(template.Root(), c.known, nil)
	for i := range len(sections) + 1 {
		var here []argument
		for _, a := range all {
			if section(a.field) == i {
				here = append(here, a)
			}
		}
		if len(here) > 0 {
			block.gap()
			c.write(block, here)
		}
	}
	if len(c.unknown) == 0 {
		return
	}
	block.gap()
	for _, reason := range c.reasons {
		block.comment("%s", reason)
	}
	block.set("override_json", c.call("jsonencode", c.unknown))
}

// call is a function of one object, which keeps the brackets together.
func (c *conversion) call(function string, object map[string]any) string {
	return function + "(" + c.expression(object) + ")"
}

// write writes attributes, and then blocks.
func (c *conversion) write(block *body, arguments []argument) {
	for _, a := range arguments {
		if !a.field.Block() {
			block.set(a.field.Name, c.argument(a.field, a.value))
		}
	}
	last := ""
	for _, a := range arguments {
		if !a.field.Block() {
			continue
		}
		objects, isList := a.value.([]any)
		if !isList {
			objects = []any{a.value}
		}
		if last != a.field.Name {
			block.gap()
		}
		last = a.field.Name
		for i, object := range objects {
			at := a.at
			if isList {
				at = at.At(i)
			}
			c.write(block.open(a.field.Name), c.collect(a.field, object.(map[string]any), at))
		}
	}
}

func (c *conversion) argument(f *template.Field, value any) string {
	p, ok := value.(*placeholder)
	if !ok || !p.whole() {
		return c.expression(value)
	}
	kind := "string"
	switch f.Kind {
	case template.Integer, template.Number:
		kind = "number"
	case template.Boolean:
		kind = "bool"
	case template.Strings:
		kind = "list(string)"
	}
	return "var." + c.variables.expression(p.parts[0].expression, kind).name
}

// writeDeployment writes the resource, and what it needs beside the template.
func (c *conversion) writeDeployment(file *body) {
	d := &c.deployment
	document := "data.elastigroup_template." + d.label + ".json"
	configuration := document
	if len(c.secrets) > 0 {
		file.comment("What signs in somewhere lies over the template, whose JSON plans show. With it Terraform hides the whole configuration.")
		file.open("locals").set(d.label, "jsondecode("+document+")")
		file.gap()
		configuration = "jsonencode(" + c.merged(c.secrets, template.Merge(c.known, c.unknown), "local."+d.label) + ")"
	}
	r := file.open(fmt.Sprintf("resource %q %q", "elastigroup_deployment", d.label))
	if d.renamed != "" {
		r.comment("%s", d.renamed)
	}
	r.set("name", d.name)
	r.set("configuration", configuration)
	r.gap()
	c.writeImage(r)
	if d.userDataComment != "" {
		r.gap()
		r.comment("%s", d.userDataComment)
	}
	if d.userData != "" {
		r.set("user_data_base64", string(d.userData))
	}
	if d.capacity != nil {
		r.gap()
		if c.harness() {
			r.comment("In Harness the setup step says how many instances there are, and these numbers are not used. For \"same as already running " +
				"instances\" write start_with = \"running\" as well.")
		}
		r.set("capacity", c.capacity())
	}
	c.writeBalancers(r)
	if d.importable {
		file.gap()
		file.comment("This takes over the group that is there, as the first revision. Without it an apply makes a new one beside it.\n"+
			"import {\n  to = elastigroup_deployment.%s\n  id = %s\n}", d.label, d.name)
	}
}

// harness tells whether the document is one of Harness.
func (c *conversion) harness() bool { return holdsPlaceholder(c.original) }

func (c *conversion) writeImage(r *body) {
	d := &c.deployment
	switch {
	case d.images:
		r.comment("The group chooses among several images (images, in the template). A deployment releases one.")
	case d.missingImage:
		r.comment("The document has no image.")
	case !isPlaceholder(d.image):
		r.comment("The image that the group has. A release is another one, for instance a variable's or that of a data source elastigroup_ami.")
	}
	if p, ok := d.image.(*placeholder); ok {
		r.set("image_id", c.template(p))
		return
	}
	r.set("image_id", c.expression(d.image))
}

func (c *conversion) capacity() string {
	members := make([]string, 3)
	for i, key := range []string{"minimum", "target", "maximum"} {
		members[i] = key + " = " + c.number(c.deployment.capacity[key])
	}
	return "{ " + strings.Join(members, ", ") + " }"
}

func (c *conversion) number(value any) string {
	if p, ok := value.(*placeholder); ok && p.whole() {
		return "var." + c.variables.expression(p.parts[0].expression, "number").name
	}
	return c.expression(value)
}

func (c *conversion) writeBalancers(r *body) {
	d := &c.deployment
	if len(d.targetGroups) > 0 || len(d.loadBalancers) > 0 {
		r.gap()
	}
	if len(d.targetGroups) > 0 {
		r.comment("With blue_green, leave this out: its routes say where instances register.")
		r.set("target_group_arns", c.list(d.targetGroups))
	}
	if len(d.loadBalancers) > 0 {
		r.set("load_balancer_names", c.list(d.loadBalancers))
	}
	if d.balancersStay {
		r.gap()
		r.comment("The load balancers stand in the template, since they have more than target_group_arns and load_balancer_names say.")
	}
}

// merged lays secrets over what the template makes, which is at an expression.
func (c *conversion) merged(secrets, document map[string]any, at string) string {
	b := &body{}
	for _, key := range slices.Sorted(mapKeys(secrets)) {
		inner, object := secrets[key].(map[string]any)
		under, there := document[key].(map[string]any)
		switch {
		case object && there && plainKey.MatchString(key):
			b.set(objectKey(key), c.merged(inner, under, at+"."+key))
		case object && there:
			b.set(objectKey(key), c.merged(inner, under, at+"["+quote(key)+"]"))
		default:
			b.set(objectKey(key), c.expression(secrets[key]))
		}
	}
	var out strings.Builder
	b.write(&out, 1)
	return "merge(" + at + ", {\n" + out.String() + "})"
}
