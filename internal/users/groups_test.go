package users_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// document is what a judge reads of a group's document.
type document struct {
	Compute struct {
		LaunchSpecification struct {
			ImageID             string `json:"imageId"`
			Images              []struct{ ID string }
			UserData            string `json:"userData"`
			Tags                []struct{ TagKey, TagValue string }
			LoadBalancerNames   []string
			LoadBalancersConfig struct {
				LoadBalancers []struct{ ARN, Name, Type string }
			}
		}
	}
}

func read(g sandbox.Group) document {
	var d document
	if err := json.Unmarshal(g.Document, &d); err != nil {
		panic(err) // the sandbox answers JSON
	}
	return d
}

// imageOf is the image of a group; of several, all of them: "ami-1+ami-1-arm".
func imageOf(g sandbox.Group) string {
	launch := read(g).Compute.LaunchSpecification
	var all []string
	for _, image := range launch.Images {
		all = append(all, image.ID)
	}
	slices.Sort(all)
	return cmp.Or(launch.ImageID, strings.Join(all, "+"))
}

// imageIn is what image_id of a value says, or image_ids, as imageOf does.
func imageIn(value tftypes.Value) string {
	var all []string
	for _, id := range list(value, "image_ids") {
		var text string
		if err := id.As(&text); err != nil {
			panic(err)
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return cmp.Or(text(value, "image_id"), strings.Join(all, "+"))
}

// registers tells whether the instances of a group register at a classic load balancer.
func registers(g sandbox.Group, balancer string) bool {
	launch := read(g).Compute.LaunchSpecification
	for _, b := range launch.LoadBalancersConfig.LoadBalancers {
		if b.Type == "CLASSIC" && b.Name == balancer {
			return true
		}
	}
	return slices.Contains(launch.LoadBalancerNames, balancer)
}

func userDataOf(g sandbox.Group) string { return read(g).Compute.LaunchSpecification.UserData }

// tagsOf are the provider's own tags of a group, without their prefix.
func tagsOf(g sandbox.Group) map[string]string {
	tags := map[string]string{}
	for _, t := range read(g).Compute.LaunchSpecification.Tags {
		if key, ok := strings.CutPrefix(t.TagKey, "elastigroup:"); ok {
			tags[key] = t.TagValue
		}
	}
	return tags
}

// revisionOf is the number in a group's name, or 0 for one without; false for a group that is none of the deployment's.
func revisionOf(deployment, name string) (int, bool) {
	if name == deployment {
		return 0, true
	}
	digits, ok := strings.CutPrefix(name, deployment+"__")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n > 0 && strconv.Itoa(n) == digits
}

// roles is who is who among the groups of a deployment, by their names and tags alone.
type roles struct {
	all       []sandbox.Group
	live      *sandbox.Group
	candidate *sandbox.Group
}

func rolesOf(deployment string, groups []sandbox.Group) roles {
	var c roles
	order := func(g sandbox.Group) int {
		n, err := strconv.Atoi(tagsOf(g)["release-number"])
		if err != nil {
			n, _ = revisionOf(deployment, g.Name)
		}
		return n
	}
	for _, g := range groups {
		if _, ours := revisionOf(deployment, g.Name); ours && !isForeign(g.Name) {
			c.all = append(c.all, g)
		}
	}
	slices.SortStableFunc(c.all, func(a, b sandbox.Group) int { return order(a) - order(b) })
	for i := range c.all {
		switch g := &c.all[i]; tagsOf(*g)["verdict"] {
		case "rolling-out", "coming-back", "failed", "withdrawn":
			c.candidate = g
		default:
			if g.Target > 0 || c.live == nil {
				c.live = g
			}
		}
	}
	if c.candidate != nil {
		for i := range c.all {
			if c.all[i].ID == tagsOf(*c.candidate)["previous"] {
				c.live = &c.all[i]
			}
		}
	}
	return c
}

// had is what the live revision has, or had before the rollout under way.
func (c roles) had() int {
	if c.live == nil {
		return 0
	}
	if c.candidate != nil {
		for _, field := range strings.Fields(tagsOf(*c.candidate)["previous-capacity"]) {
			if digits, ok := strings.CutPrefix(field, "target="); ok {
				n, _ := strconv.Atoi(digits)
				return n
			}
		}
	}
	return c.live.Target
}

// servingOf is how many instances of a deployment production reaches at a moment.
func servingOf(deployment string, m sandbox.Moment) int {
	return m.Serving(func(g *sandbox.GroupMoment) bool {
		_, ours := revisionOf(deployment, g.Name)
		return ours && !isForeign(g.Name)
	})
}

func byID(groups []sandbox.Group, id string) *sandbox.Group {
	if i := slices.IndexFunc(groups, func(g sandbox.Group) bool { return g.ID == id }); i >= 0 {
		return &groups[i]
	}
	return nil
}
