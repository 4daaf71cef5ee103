package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// ReadConfig reads a world file. The error names all mistakes in it, each with its line and path, and what was probably meant. A
// member that means nothing is a mistake: a misspelt one would otherwise quietly make another world than the one that was meant.
func ReadConfig(r io.Reader) (Config, error) {
	var c Config
	if err := decodeStrictly(r, &c, func() error { return c.complete().Check() }); err != nil {
		return Config{}, fmt.Errorf("reading the world file: %w", err)
	}
	return c, nil
}

// decodeStrictly decodes one JSON value into the struct that v points to, and has what it got checked. It reports everything that is
// wrong with it: members that there are not, or that are there twice; values of the wrong kind; and what check finds.
func decodeStrictly(r io.Reader, v any, check func() error) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	data = []byte(strings.TrimPrefix(string(data), "\ufeff")) // some editors begin a file with a byte order mark
	text, err := parseJSON(data)
	if err != nil {
		return err
	}
	root := reflect.ValueOf(v).Elem()
	s := strictly{root: root.Type()}
	s.decode(text.root, root, "")
	var meant mistakes
	if check != nil {
		meant.under("", check())
	}
	for _, m := range meant {
		if !s.found.explain(m) {
			s.found = append(s.found, m)
		}
	}
	for n := range s.found {
		s.found[n].line = text.line(s.found[n].path)
	}
	slices.SortStableFunc(s.found, func(a, b mistake) int { return a.line - b.line })
	return s.found.orNil()
}

// explain tells whether a mistake is but what follows from another: of an object a member of which is misspelt it cannot be said what it lacks.
func (ms mistakes) explain(m mistake) bool {
	return slices.ContainsFunc(ms, func(reason mistake) bool {
		return m.path == reason.path || m.path == parentPath(reason.path) || m.refers != "" && strings.HasPrefix(reason.path, m.refers)
	})
}

// strictly decodes JSON and collects what cannot be decoded.
type strictly struct {
	root  reflect.Type
	found mistakes
}

// decode decodes a value as far as it goes. A null says nothing, as in encoding/json.
func (s *strictly) decode(n *node, v reflect.Value, path string) {
	if u, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		if err := u.UnmarshalJSON(n.raw); err != nil {
			s.found.add(path, "%v", err)
		}
		return
	}
	if n.kind == kindNull {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.decode(n, v.Elem(), path)
	case reflect.Struct:
		if s.is(n, kindObject, path) {
			s.object(n, v, path)
		}
	case reflect.Map:
		if s.is(n, kindObject, path) {
			v.Set(reflect.MakeMap(v.Type()))
			for _, m := range s.members(n, path) {
				value := reflect.New(v.Type().Elem()).Elem()
				s.decode(m.value, value, memberPath(path, m.key))
				v.SetMapIndex(reflect.ValueOf(m.key), value)
			}
		}
	case reflect.Slice:
		if s.is(n, kindList, path) {
			v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
			for i, item := range n.items {
				s.decode(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
			}
		}
	default:
		s.scalar(n, v, path)
	}
}

func (s *strictly) object(n *node, v reflect.Value, path string) {
	fields := jsonFields(v.Type())
	for _, m := range s.members(n, path) {
		at := slices.IndexFunc(fields, func(f jsonField) bool { return f.name == m.key })
		if at < 0 {
			s.found.add(memberPath(path, m.key), "there is no such member%s", s.meant(m.key, fields))
			continue
		}
		s.decode(m.value, v.FieldByIndex(fields[at].index), memberPath(path, m.key))
	}
}

// members are those of an object, each but once.
func (s *strictly) members(n *node, path string) []member {
	seen := map[string]bool{}
	for _, m := range n.members {
		s.found.once(memberPath(path, m.key), m.key, seen)
	}
	return n.members
}

// meant says what somebody meant by a member that there is not: one whose name is near, one of that name that has its place elsewhere, or
// else one of those that there are.
func (s *strictly) meant(key string, fields []jsonField) string {
	names := make([]string, len(fields))
	for n, f := range fields {
		names[n] = f.name
	}
	if near := didYouMean(key, names); near != "" {
		return near
	}
	if place := placeOf(key, s.root, ""); place != "" {
		return fmt.Sprintf("; did you mean %q?", place)
	}
	return "; there are " + strings.Join(names, ", ")
}

// placeOf is the path of the member of that name in a struct or the structs in it, or "".
func placeOf(key string, t reflect.Type, path string) string {
	for _, f := range jsonFields(t) {
		if f.name == key {
			return joined(path, key)
		}
	}
	for _, f := range jsonFields(t) {
		if f.kind.Kind() == reflect.Struct {
			if place := placeOf(key, f.kind, joined(path, f.name)); place != "" {
				return place
			}
		}
	}
	return ""
}

// is tells whether a value is of a kind, and adds a mistake if it is not.
func (s *strictly) is(n *node, kind nodeKind, path string) bool {
	if n.kind != kind {
		s.found.add(path, "%s is %s; %s belongs here", n, n.kind, kind)
	}
	return n.kind == kind
}

// scalar decodes what is neither an object nor a list, or into what takes anything.
func (s *strictly) scalar(n *node, v reflect.Value, path string) {
	if json.Unmarshal(n.raw, v.Addr().Interface()) == nil {
		return
	}
	want := map[reflect.Kind]nodeKind{reflect.String: kindString, reflect.Bool: kindBool, reflect.Float64: kindNumber}[v.Kind()]
	if want == "" {
		want = kindWhole
	}
	if n.kind == kindNumber && want == kindString {
		s.found.add(path, "%s is %s; a string belongs here: \"%s\"", n, n.kind, n)
		return
	}
	s.found.add(path, "%s is %s; %s belongs here", n, n.kind, want)
}

// jsonField is a member of an object that a struct describes.
type jsonField struct {
	name  string
	index []int
	kind  reflect.Type
}

// jsonFields are the members of a struct, in order, those of embedded structs included.
func jsonFields(t reflect.Type) []jsonField {
	var all []jsonField
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			all = append(all, jsonField{name, f.Index, f.Type})
		}
	}
	return all
}
