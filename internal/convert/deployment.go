package convert

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// deployment is what a document says that elastigroup_deployment has arguments for.
type deployment struct {
	// name is its name, an expression; label what it is called in the configuration.
	name, label string
	// groupID and groupName are the group's own, if the document has them.
	groupID, groupName string
	// renamed says why the name is not the group's.
	renamed string
	// importable tells whether an import of the name finds the group.
	importable bool

	image                any
	capacity             map[string]any
	targetGroups         []any
	loadBalancers        []any
	userData             raw
	userDataComment      string
	userDataFile         []byte
	balancersStay        bool
	missingImage, images bool
}

// numbered is the name of a revision's group: web__7.
var numbered = regexp.MustCompile(`__([0-9]+|STAGE__Harness)$`)

// naming decides what the deployment is called.
func (c *conversion) naming() error {
	d := &c.deployment
	value, there := c.group["name"]
	delete(c.group, "name")
	text := fmt.Sprint(plain(value))
	if p, ok := value.(*placeholder); ok && c.options.Name == "" {
		d.name, d.label = c.template(p), identifier(p.literals(), "group")
		d.renamed = "In Harness the setup step has the name, and this one is not used. Groups are named after it: NAME__1, NAME__2, …"
		return nil
	}
	if there && text != "" {
		d.groupName = text
	}
	name := c.options.Name
	if name == "" {
		name = numbered.ReplaceAllString(d.groupName, "")
	}
	switch {
	case name == "":
		name = strings.TrimSuffix(filepath.Base(c.source.name), filepath.Ext(c.source.name))
		if strings.ContainsAny(name, "<>") {
			name = "group"
		}
		d.renamed = "The document has no name, so this is the file's. Groups are named after it: NAME__1, NAME__2, …"
	case name == d.groupName || name+numbered.FindString(d.groupName) == d.groupName:
		d.importable = d.groupID != ""
	}
	if err := rollout.CheckName(name); err != nil {
		if c.options.Name != "" {
			return fmt.Errorf("-name: %w", err)
		}
		fitting := strings.Trim(otherRunes().ReplaceAllString(name, "-"), "-_ ")
		if rollout.CheckName(fitting) != nil {
			return fmt.Errorf("%s:%d: name: %w; give the deployment another one with -name", c.source.name,
				c.source.lineAt(c.source.start(template.Place{"name"})), err)
		}
		d.renamed = fmt.Sprintf("The group's name is no name of a deployment: %s. An import does not find it by this one.", err)
		d.importable = false
		name = fitting
	}
	d.name, d.label = quote(name), identifier(name, "group")
	return nil
}

// otherRunes are what tags of AWS do not take.
var otherRunes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^\pL\pZ\pN_.:/=+\-@]+`) })

// literals is the text of a placeholder without its expressions.
func (p *placeholder) literals() string {
	var b strings.Builder
	for _, part := range p.parts {
		b.WriteString(part.literal + " ")
	}
	return b.String()
}

// userData takes the instances' user data out of the document. They are never written where plans would show them.
func (c *conversion) userData() error {
	const key = "userData"
	launch, at := c.launch(), template.Place{"compute", "launchSpecification", key}
	value, there := launch[key]
	delete(launch, key)
	if text, ok := value.(string); !there || ok && text == "" {
		if there {
			c.leave(at, "empty")
		}
		return nil
	}
	d := &c.deployment
	switch v := value.(type) {
	case *placeholder:
		made := c.variables.add("user data", "user_data_base64", "string", "User data of the instances, base64; in Harness "+v.String()+".")
		made.sensitive = true
		d.userData = raw("var." + made.name)
		return nil
	case string:
		// Spot takes base64 with and without its padding, a deployment only with it.
		decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "="))
		if c.options.UserData != "" {
			if err != nil {
				return c.source.errorAt(at, "is not base64, so that it cannot be written to %s; leave out -user-data to get a variable", c.options.UserData)
			}
			d.userDataFile, d.userData = decoded, raw("filebase64("+modulePath(c.options.UserData)+")")
			return nil
		}
		if c.options.TemplateOnly {
			c.leave(at, "which is no argument, as plans would show it, and goes into the deployment's user_data_base64")
			return nil
		}
		made := c.variables.add("user data", "user_data_base64", "string", "User data of the instances, base64.")
		made.sensitive = true
		d.userData = raw("var." + made.name)
		switch {
		case c.options.ShowSecrets:
			if made.value = v; err == nil {
				made.value = base64.StdEncoding.EncodeToString(decoded)
			}
		case err != nil:
			d.userDataComment = "The group has user data that is not valid base64, and not shown here."
		default:
			d.userDataComment = fmt.Sprintf("The group has %s of user data, not shown here. Convert with -user-data FILE to have it written to a file that is read here.",
				count(len(decoded), "byte"))
		}
		return nil
	}
	return c.source.errorAt(at, "is %s; it has to be text", kindOf(value))
}

// modulePath is a path within the module, or an absolute one.
func modulePath(path string) string {
	if filepath.IsAbs(path) {
		return quote(filepath.ToSlash(path))
	}
	return `"${path.module}/` + escape(filepath.ToSlash(path)) + `"`
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// release takes out what the deployment has for itself: image, capacity, load balancers.
func (c *conversion) release() {
	d, launch := &c.deployment, c.launch()
	d.image = launch["imageId"]
	if text, ok := d.image.(string); ok && text == "" {
		c.leave(template.Place{"compute", "launchSpecification", "imageId"}, "empty")
		d.image = nil
	}
	if d.image == nil || !composite(d.image) {
		delete(launch, "imageId")
	}
	if d.image == nil || composite(d.image) {
		_, d.images = launch["images"]
		d.missingImage = true
		d.image = reference{c.variables.add("image", "image_id", "string", "The image to release, ami-….").name}
	}
	c.takeCapacity()
	c.takeBalancers()
}

// takeCapacity takes the three numbers, if they are all there. What the capacity counts stays in the document.
func (c *conversion) takeCapacity() {
	capacity, _ := c.group["capacity"].(map[string]any)
	numbers := map[string]any{}
	for _, key := range []string{"minimum", "target", "maximum"} {
		value := fit(template.Integer, capacity[key])
		if number, ok := value.(json.Number); ok {
			if _, err := strconv.Atoi(number.String()); err != nil {
				return
			}
		} else if value == nil {
			return
		}
		numbers[key] = value
	}
	for key := range numbers {
		delete(capacity, key)
	}
	if len(capacity) == 0 {
		delete(c.group, "capacity")
	}
	c.deployment.capacity = numbers
}

// targetGroup has the name of a target group in it: arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID.
var targetGroup = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:targetgroup/([^/]+)/[^/]+$`)
})

// takeBalancers takes the load balancers, if each of them says no more than the deployment does.
func (c *conversion) takeBalancers() {
	launch := c.launch()
	config, _ := launch["loadBalancersConfig"].(map[string]any)
	entries, _ := config["loadBalancers"].([]any)
	var targetGroups, classic []any
	for _, entry := range entries {
		object, _ := entry.(map[string]any)
		arn, name := object["arn"], object["name"]
		_, literal := arn.(string)
		parts := targetGroup().FindStringSubmatch(fmt.Sprint(arn))
		switch kind := object["type"]; {
		case kind == "TARGET_GROUP" && len(object) <= 3 && (literal && parts != nil && (name == nil || name == parts[1]) || isPlaceholder(arn)) &&
			len(object) == 2+present(name) && !slices.Contains(targetGroups, arn):
			targetGroups = append(targetGroups, arn)
		case kind == "CLASSIC" && len(object) == 2 && !composite(name) && name != nil && !slices.Contains(classic, name):
			classic = append(classic, name)
		default:
			c.deployment.balancersStay = true
			return
		}
	}
	if len(entries) == 0 {
		return
	}
	c.deployment.targetGroups, c.deployment.loadBalancers = targetGroups, classic
	if delete(config, "loadBalancers"); len(config) == 0 {
		delete(launch, "loadBalancersConfig")
	}
}

func isPlaceholder(value any) bool { _, ok := value.(*placeholder); return ok }

func present(value any) int {
	if value == nil {
		return 0
	}
	return 1
}
