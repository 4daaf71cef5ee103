package moduleworld

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// evaluation evaluates a module with one set of values for its variables.
type evaluation struct {
	module *module
	folder string
	set    map[string]cty.Value
	// prefix is "" in the root module, else "module.name.".
	prefix string
	notes  *[]string
	quiet  bool

	variables, locals map[string]cty.Value
	objects           map[string]map[string]cty.Value // by "data.kind" or kind, then name
	calls             map[string]cty.Value            // by name of a module call
	placeholders      map[string]string
	provider          map[string]any
	imports           []imported
	depth             int
}

// imported is a group that is taken over.
type imported struct{ id, address string }

// passes bounds how often the blocks are evaluated until what they say of each other does not change any longer.
const passes = 8

// resources are all that the module has, those of its child modules included.
func (e *evaluation) resources() []resource {
	e.variables, e.locals, e.placeholders = map[string]cty.Value{}, map[string]cty.Value{}, map[string]string{}
	e.objects, e.calls = map[string]map[string]cty.Value{}, map[string]cty.Value{}
	e.readVariables()
	e.declare()
	var all []resource
	for range passes {
		before := e.context()
		for _, b := range e.module.blocks("locals") {
			for name, a := range b.Body.Attributes {
				e.locals[name] = value(a.Expr, before)
			}
		}
		all = nil
		for _, kind := range []string{"data", "resource"} {
			for _, b := range e.module.blocks(kind) {
				if len(b.Labels) == 2 {
					all = append(all, e.instances(b)...)
				}
			}
		}
		for _, b := range e.module.blocks("module") {
			all = append(all, e.called(b)...)
		}
		if after := e.context(); sameVariables(before, after) {
			break
		}
	}
	for _, b := range e.module.blocks("provider") {
		if len(b.Labels) == 1 && b.Labels[0] == "elastigroup" && b.Body.Attributes["alias"] == nil {
			e.provider, _ = body(b.Body, e.context())
		}
	}
	for _, b := range e.module.blocks("import") {
		values, _ := body(b.Body, e.context())
		to := ""
		if a := b.Body.Attributes["to"]; a != nil {
			to = traversed(a.Expr)
		}
		if id, ok := values["id"].(string); ok && strings.HasPrefix(to, "elastigroup_deployment.") {
			e.imports = append(e.imports, imported{id: id, address: to})
		}
	}
	return all
}

func sameVariables(a, b *hcl.EvalContext) bool {
	return cty.ObjectVal(a.Variables).RawEquals(cty.ObjectVal(b.Variables))
}

func (e *evaluation) readVariables() {
	for _, b := range e.module.blocks("variable") {
		if len(b.Labels) != 1 {
			continue
		}
		name := b.Labels[0]
		if v, ok := e.set[name]; ok {
			v = typed(v, b)
			e.variables[name] = v
			if required(b) && e.prefix == "" && v.IsWhollyKnown() {
				e.placeholders[name] = written(v)
			}
			continue
		}
		if !required(b) {
			e.variables[name] = typed(value(b.Body.Attributes["default"].Expr, &hcl.EvalContext{Functions: functions(e.folder)}), b)
			continue
		}
		v := e.placeholder(name, b)
		e.variables[name] = v
		if e.prefix == "" {
			e.placeholders[name] = written(v)
			if !e.quiet {
				addNote(e.notes, "variable %q has no value; %s was put in. Say another one by -var", name, e.placeholders[name])
			}
		}
	}
}

// declare makes everything that is declared known by name, with an unknown value, so that an expression that refers to it is unknown and no error.
func (e *evaluation) declare() {
	for _, kind := range []string{"data", "resource"} {
		for _, b := range e.module.blocks(kind) {
			if len(b.Labels) == 2 {
				e.store(kind == "data", b.Labels[0], b.Labels[1], cty.DynamicVal)
			}
		}
	}
	for _, b := range e.module.blocks("module") {
		e.calls[b.Labels[0]] = cty.DynamicVal
	}
	for _, b := range e.module.blocks("locals") {
		for name := range b.Body.Attributes {
			e.locals[name] = cty.DynamicVal
		}
	}
}

func (e *evaluation) store(data bool, kind, name string, v cty.Value) {
	key := kind
	if data {
		key = "data." + kind
	}
	if e.objects[key] == nil {
		e.objects[key] = map[string]cty.Value{}
	}
	e.objects[key][name] = v
}

// context is what expressions can refer to.
func (e *evaluation) context() *hcl.EvalContext {
	path, err := filepath.Abs(e.folder)
	if err != nil {
		path = e.folder
	}
	v := map[string]cty.Value{
		"var":       objectOf(e.variables),
		"local":     objectOf(e.locals),
		"module":    objectOf(e.calls),
		"path":      cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(path), "root": cty.StringVal(path), "cwd": cty.StringVal(path)}),
		"terraform": cty.ObjectVal(map[string]cty.Value{"workspace": cty.StringVal("default")}),
	}
	data := map[string]cty.Value{}
	for key, byName := range e.objects {
		if kind, ok := strings.CutPrefix(key, "data."); ok {
			data[kind] = objectOf(byName)
		} else {
			v[key] = objectOf(byName)
		}
	}
	v["data"] = objectOf(data)
	return &hcl.EvalContext{Variables: v, Functions: functions(e.folder)}
}

func objectOf(m map[string]cty.Value) cty.Value {
	copied := make(map[string]cty.Value, len(m))
	for name, v := range m {
		copied[name] = v
	}
	return cty.ObjectVal(copied)
}

// instances are the instances of a resource block: one, or one for each member of for_each or count.
func (e *evaluation) instances(b *hclsyntax.Block) []resource {
	data, kind, name := b.Type == "data", b.Labels[0], b.Labels[1]
	address := e.prefix
	if data {
		address += "data."
	}
	address += kind + "." + name
	make1 := func(suffix string, ctx *hcl.EvalContext) (resource, cty.Value) {
		values, unknown := body(b.Body, ctx)
		r := resource{data: data, kind: kind, name: name, address: address + suffix, root: e.prefix == "", values: values, unknown: unknown}
		for key, v := range computed(&r) {
			r.values[key] = v
		}
		return r, object(r)
	}
	switch each, count := b.Body.Attributes["for_each"], b.Body.Attributes["count"]; {
	case each != nil:
		members := elements(value(each.Expr, e.context()))
		if members == nil {
			addNote(e.notes, "for_each of %s is not known, so that it is left out", address)
			return nil
		}
		var all []resource
		byKey := map[string]cty.Value{}
		for _, m := range members {
			ctx := e.context().NewChild()
			ctx.Variables = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": m.key, "value": m.value})}
			key := text(m.key)
			r, v := make1(fmt.Sprintf("[%q]", key), ctx)
			all, byKey[key] = append(all, r), v
		}
		e.store(data, kind, name, objectOf(byKey))
		return all
	case count != nil:
		n, ok := number(value(count.Expr, e.context()))
		if !ok {
			addNote(e.notes, "count of %s is not known, so that it is left out", address)
			return nil
		}
		var all []resource
		var list []cty.Value
		for i := range n {
			ctx := e.context().NewChild()
			ctx.Variables = map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(int64(i))})}
			r, v := make1(fmt.Sprintf("[%d]", i), ctx)
			all, list = append(all, r), append(list, v)
		}
		e.store(data, kind, name, cty.TupleVal(list))
		return all
	}
	r, v := make1("", e.context())
	e.store(data, kind, name, v)
	return []resource{r}
}

// called are the resources of a child module in a folder beside this one.
func (e *evaluation) called(b *hclsyntax.Block) []resource {
	name := b.Labels[0]
	values := map[string]cty.Value{}
	for argument, a := range b.Body.Attributes {
		values[argument] = value(a.Expr, e.context())
	}
	source := values["source"]
	if source == cty.NilVal || !source.IsKnown() || source.Type() != cty.String || !strings.HasPrefix(source.AsString(), ".") || e.depth > 5 {
		addNote(e.notes, "module %q is not in a folder of this configuration, and was not read", e.prefix+name)
		return nil
	}
	if b.Body.Attributes["for_each"] != nil || b.Body.Attributes["count"] != nil {
		addNote(e.notes, "module %q has for_each or count, and was read once, with what does not depend on them", e.prefix+name)
	}
	child, err := readModule(filepath.Join(e.folder, source.AsString()))
	if err != nil {
		addNote(e.notes, "module %q was not read: %v", e.prefix+name, err)
		return nil
	}
	inner := evaluation{module: child, folder: filepath.Join(e.folder, source.AsString()), set: values, prefix: e.prefix + "module." + name + ".",
		notes: e.notes, quiet: true, depth: e.depth + 1}
	all := inner.resources()
	outputs := map[string]cty.Value{}
	for _, o := range child.blocks("output") {
		if a := o.Body.Attributes["value"]; a != nil {
			outputs[o.Labels[0]] = value(a.Expr, inner.context())
		}
	}
	e.calls[name] = objectOf(outputs)
	return all
}
