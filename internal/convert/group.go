package convert

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
)

// find takes the group out of whatever it is wrapped in: {"group": {…}}, an answer of Spot's API, a list of groups. Of several it is the
// one of the wanted name or ID.
func (s *source) find(value any, wanted string) (map[string]any, error) {
	var at template.Place
	for {
		switch v := value.(type) {
		case []any:
			return s.choose(v, at, wanted)
		case map[string]any:
			if v["capacity"] != nil || v["compute"] != nil {
				s.root = at
				if wanted != "" && v["name"] != wanted && v["id"] != wanted {
					return nil, fmt.Errorf("%s has one group, and it is not %q", s.name, wanted)
				}
				return v, nil
			}
			key, err := s.wrapper(v, at)
			if err != nil {
				return nil, err
			}
			for _, other := range slices.Sorted(maps.Keys(v)) {
				if key == "group" && other != key {
					s.beside = append(s.beside, other)
				}
			}
			at, value = at.At(key), v[key]
		default:
			return nil, fmt.Errorf("%s:%d: %s: is %s; it has to be an Elastigroup", s.name, s.lineAt(s.start(at)), orTop(at), kindOf(value))
		}
	}
}

func orTop(at template.Place) string {
	if len(at) == 0 {
		return "the document"
	}
	return at.String()
}

// wrapper is the member of an object that has the group.
func (s *source) wrapper(object map[string]any, at template.Place) (string, error) {
	for _, key := range []string{"group", "response", "items", "groups"} {
		if object[key] != nil {
			return key, nil
		}
	}
	line := s.lineAt(s.start(at))
	if errs, ok := object["errors"].([]any); ok {
		return "", fmt.Errorf("%s:%d: %s: Spot's answer is an error, and no group: %s", s.name, line, orTop(at), messages(errs))
	}
	what := "it has neither capacity nor compute"
	for key, meaning := range map[string]string{
		"cluster": "it is an Ocean cluster", "Resources": "it is a CloudFormation template", "terraform_version": "it is a state or plan of Terraform",
		"AutoScalingGroups": "it is an Auto Scaling group, which Spot imports (POST /aws/ec2/group/autoScalingGroup/import) and then exports",
	} {
		if object[key] != nil {
			what = meaning
		}
	}
	return "", fmt.Errorf("%s:%d: %s is no Elastigroup on AWS: %s. Its members are: %s", s.name, line, orTop(at), what,
		strings.Join(slices.Sorted(maps.Keys(object)), ", "))
}

func messages(errs []any) string {
	var texts []string
	for _, e := range errs {
		if object, ok := e.(map[string]any); ok {
			texts = append(texts, fmt.Sprintf("%v (%v)", object["message"], object["code"]))
		}
	}
	return strings.Join(texts, "; ")
}

// choose is the only group of a list, or the one that is wanted.
func (s *source) choose(list []any, at template.Place, wanted string) (map[string]any, error) {
	var names []string
	found := -1
	for i, element := range list {
		group, ok := element.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s:%d: %s: is %s; it has to be an Elastigroup", s.name, s.lineAt(s.start(at.At(i))), at.At(i), kindOf(element))
		}
		name, id := fmt.Sprint(group["name"]), fmt.Sprint(group["id"])
		names = append(names, fmt.Sprintf("%s (%s)", name, id))
		if len(list) == 1 && wanted == "" || wanted != "" && (id == wanted || name == wanted) {
			if found >= 0 {
				return nil, fmt.Errorf("%s has several groups of the name %q; choose one by its ID, -group ID: %s", s.name, wanted, strings.Join(names, ", "))
			}
			found = i
		}
	}
	switch {
	case len(list) == 0:
		return nil, fmt.Errorf("%s:%d: %s: has no group in it", s.name, s.lineAt(s.start(at)), orTop(at))
	case found < 0 && wanted == "":
		return nil, fmt.Errorf("%s has %d groups; choose one, -group NAME or -group ID: %s", s.name, len(list), strings.Join(names, ", "))
	case found < 0:
		return nil, fmt.Errorf("%s has no group of the name or ID %q, but %s", s.name, wanted, strings.Join(names, ", "))
	}
	s.root = at.At(found)
	return list[found].(map[string]any), nil
}

// kindOf names a value in a sentence.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string, *placeholder:
		return "text"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a number"
}
