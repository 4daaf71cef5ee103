package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot/fields"
)

// schema is as much of an OpenAPI schema as the dictionary needs.
type schema struct {
	Ref         string            `json:"$ref"`
	Type        string            `json:"type"`
	Description string            `json:"description"`
	Properties  map[string]schema `json:"properties"`
	Items       *schema           `json:"items"`
	AllOf       []schema          `json:"allOf"`
	OneOf       []schema          `json:"oneOf"`
	AnyOf       []schema          `json:"anyOf"`
	Required    json.RawMessage   `json:"required"` // a list; here and there true or false, which says nothing of members
	Enum        []any             `json:"enum"`
	Minimum     *float64          `json:"minimum"`
	Maximum     *float64          `json:"maximum"`
	Default     any               `json:"default"`
}

type body struct {
	Ref     string `json:"$ref"`
	Content map[string]struct {
		Schema schema `json:"schema"`
	} `json:"content"`
}

type reducer struct {
	document any
	facts    map[string]fields.Fact
}

// reduce collects the fields that a group is created or updated with.
func reduce(data []byte) (fields.Description, error) {
	var d struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	r := reducer{facts: map[string]fields.Fact{}}
	if err := json.Unmarshal(data, &d); err != nil {
		return fields.Description{}, err
	}
	if err := json.Unmarshal(data, &r.document); err != nil {
		return fields.Description{}, err
	}
	for _, operation := range [][2]string{{"/aws/ec2/group", "post"}, {"/aws/ec2/group/{groupId}", "put"}} {
		var o struct {
			RequestBody body `json:"requestBody"`
		}
		if err := json.Unmarshal(d.Paths[operation[0]][operation[1]], &o); err != nil {
			return fields.Description{}, fmt.Errorf("%s %s: %w", operation[1], operation[0], err)
		}
		if o.RequestBody.Ref != "" {
			if err := r.follow(o.RequestBody.Ref, &o.RequestBody); err != nil {
				return fields.Description{}, err
			}
		}
		if err := r.walk(o.RequestBody.Content["application/json"].Schema, "", false); err != nil {
			return fields.Description{}, fmt.Errorf("%s %s: %w", operation[1], operation[0], err)
		}
	}
	result := fields.Description{Source: source}
	for path, fact := range r.facts {
		path, below := strings.CutPrefix(path, "group.")
		if !below || slices.Contains([]string{"id", "createdAt", "updatedAt"}, path) {
			continue
		}
		fact.Path = path
		result.Fields = append(result.Fields, fact)
	}
	slices.SortFunc(result.Fields, func(a, b fields.Fact) int { return strings.Compare(a.Path, b.Path) })
	if len(result.Fields) == 0 {
		return result, fmt.Errorf("there is no group in it")
	}
	return result, nil
}

// follow reads what a reference within the document leads to.
func (r *reducer) follow(ref string, into any) error {
	value := r.document
	for _, key := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		members, ok := value.(map[string]any)
		if !ok {
			return fmt.Errorf("%s leads nowhere", ref)
		}
		value = members[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)]
	}
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// walk collects the facts of a schema at a path and of everything below. What is said first holds: that is how a group is created.
func (r *reducer) walk(s schema, path string, required bool) error {
	for s.Ref != "" {
		var next schema
		if err := r.follow(s.Ref, &next); err != nil {
			return err
		}
		s = next
	}
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
		if err := r.walk(part, path, required); err != nil {
			return err
		}
	}
	if path != "" && s.Type != "" {
		if err := r.note(s, path, required); err != nil {
			return err
		}
	}
	if s.Type == "array" && s.Items != nil {
		items, err := r.resolved(*s.Items)
		if err != nil {
			return err
		}
		if items.Type == "object" || items.Properties != nil {
			path += "[]"
			s = items
		}
	}
	var demanded []string
	if len(s.Required) > 0 && s.Required[0] == '[' {
		if err := json.Unmarshal(s.Required, &demanded); err != nil {
			return err
		}
	}
	for key, member := range s.Properties {
		below := key
		if path != "" {
			below = path + "." + key
		}
		if err := r.walk(member, below, slices.Contains(demanded, key)); err != nil {
			return err
		}
	}
	return nil
}

// resolved is a schema without reference, its parts laid together.
func (r *reducer) resolved(s schema) (schema, error) {
	for s.Ref != "" {
		var next schema
		if err := r.follow(s.Ref, &next); err != nil {
			return s, err
		}
		s = next
	}
	for _, part := range s.AllOf {
		part, err := r.resolved(part)
		if err != nil {
			return s, err
		}
		if s.Properties == nil {
			s.Properties = map[string]schema{}
		}
		for key, member := range part.Properties {
			s.Properties[key] = member
		}
		s.Type = "object"
	}
	return s, nil
}

func (r *reducer) note(s schema, path string, required bool) error {
	if _, known := r.facts[path]; known {
		return nil
	}
	kind := fields.Kind(s.Type)
	if s.Type == "array" {
		if s.Items == nil {
			return fmt.Errorf("%s is a list of nothing", path)
		}
		items, err := r.resolved(*s.Items)
		if err != nil {
			return err
		}
		kind = fields.List
		if items.Type == "string" {
			kind = fields.Strings
		} else if items.Type != "object" && items.Properties == nil {
			return fmt.Errorf("%s is a list of %q, which is not known here", path, items.Type)
		}
	}
	value := s.Default
	switch value.(type) {
	case map[string]any, []any:
		value = nil // says nothing in a sentence
	}
	r.facts[path] = fields.Fact{
		Path: path, Type: kind, Required: required, Enum: s.Enum, Minimum: s.Minimum, Maximum: s.Maximum, Default: value,
		Description: strings.Join(strings.Fields(s.Description), " "),
	}
	return nil
}
