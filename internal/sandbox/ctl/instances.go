package ctl

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// instance is the ID of an instance, or that of one of a group's, one in service if there is any.
func (s server) instance(idOrGroup string) (string, error) {
	if strings.HasPrefix(idOrGroup, "i-") {
		return idOrGroup, nil
	}
	g, err := s.group(idOrGroup)
	if err != nil {
		return "", err
	}
	id := ""
	for _, i := range g.Instances {
		given := i.Status != "" && i.Status != "fulfilled" // notice: it goes anyway
		if i.ID != "" && !i.Leaving && !given && (id == "" || i.InService) {
			id = i.ID
		}
	}
	if id == "" {
		return "", fmt.Errorf("group %q has no instances that stay", idOrGroup)
	}
	return id, nil
}

// group is a group by its name or ID.
func (s server) group(nameOrID string) (sandbox.Group, error) {
	text, err := s.do(call{method: "GET", path: "groups"})
	if err != nil {
		return sandbox.Group{}, err
	}
	var groups []sandbox.Group
	if err := json.Unmarshal(text, &groups); err != nil {
		return sandbox.Group{}, fmt.Errorf("the sandbox's list of groups cannot be read: %w", err)
	}
	var names []string
	for _, g := range groups {
		if g.Name == nameOrID || g.ID == nameOrID {
			return g, nil
		}
		names = append(names, g.Name)
	}
	return sandbox.Group{}, fmt.Errorf("there is no group %q%s", nameOrID, sandbox.Nearest(nameOrID, names))
}
