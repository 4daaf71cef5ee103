package spot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// listGroups lists all groups of the account. Most of them are as they were in the list before, and are not read again: an account
// may have hundreds, of which a rollout moves two. There is one call at a time, see lister.
//
// An entry that cannot be read stays in the list and says what is wrong with it: only who asks can tell whether it may be one
// that matters.
func (c *Client) listGroups(ctx context.Context) ([]rollout.Group, error) {
	call := call{doing: "listing the groups of the account", method: http.MethodGet, path: groupsPath}
	items, err := answered(ctx, c, call, func(e envelope[json.RawMessage]) ([]json.RawMessage, error) { return e.list(call) })
	if err != nil {
		return nil, err
	}
	groups, listed := make([]rollout.Group, 0, len(items)), make(map[[sha256.Size]byte]rollout.Group, len(items))
	at := make(map[string]int, len(items))
	for _, item := range items {
		digest := sha256.Sum256(item)
		if _, twice := listed[digest]; twice {
			continue
		}
		group, known := c.listed[digest]
		if !known {
			group = c.entry(item)
		}
		listed[digest] = group
		if i, twice := at[group.ID]; twice && group.ID != "" {
			groups[i].Unreadable = "it is listed twice, with different contents"
			continue
		}
		at[group.ID] = len(groups)
		groups = append(groups, group)
	}
	c.listed = listed
	return groups, nil
}

// entry is a group as the list has it, as far as it can be read.
func (c *Client) entry(item json.RawMessage) rollout.Group {
	value, err := decode(item)
	if err != nil {
		return rollout.Group{Unreadable: "an entry that is not JSON"}
	}
	document, ok := documentOf(value)
	if !ok {
		return rollout.Group{Unreadable: fmt.Sprintf("an entry that is no group but %s", kind(value))}
	}
	group := c.know(document).asGroup()
	if group.Unreadable = document.unreadable(); group.Unreadable == "" {
		return group
	}
	if document.badID() != "" {
		group.ID = ""
	}
	if document.badName() != "" {
		group.Name = ""
	}
	return group
}

// documentOf is an item of an answer: a group, or, as the specification has it for a create, {"group": {…}}.
func documentOf(value any) (Document, bool) {
	group, ok := value.(map[string]any)
	if inner, wrapped := group["group"].(map[string]any); wrapped {
		group = inner
	}
	return Document{group: group}, ok
}

// longestName is how many bytes of a name are taken for one. Spot's own limit is not published.
const longestName = 1000

// unreadable says what of a group's answer is not as Spot documents it and matters for a rollout; "" if nothing.
func (d Document) unreadable() string {
	if wrong := d.unnamed(); wrong != "" {
		return wrong
	}
	capacity, whole := d.Capacity()
	launch, launches := d.launch().(map[string]any)
	switch {
	case !whole || capacity.Minimum < 0 || capacity.Target < 0 || capacity.Maximum < 0:
		return d.called() + " has no capacity of three whole numbers"
	case !launches:
		return d.called() + " has no launch specification"
	case slices.ContainsFunc(d.ImageIDs(), func(id string) bool { return len(id) > longestName }):
		return d.called() + " has an image ID that is none"
	case launch["tags"] != nil && kind(launch["tags"]) != "an array":
		return fmt.Sprintf("%s has tags that are %s", d.called(), kind(launch["tags"]))
	}
	for _, tag := range d.tagList() {
		if key, _ := tagOf(tag); key == "" {
			return fmt.Sprintf("%s has a tag without a key, which is %s", d.called(), kind(tag))
		}
	}
	return ""
}

// unnamed says what is wrong with a group's ID and name; "" if nothing.
func (d Document) unnamed() string {
	if wrong := d.badID(); wrong != "" {
		return wrong
	}
	return d.badName()
}

func (d Document) badID() string {
	if id, ok := d.at("id").(string); ok && groupID().MatchString(id) {
		return ""
	}
	return fmt.Sprintf("%s has the ID %s, which is not that of a group", d.called(), excerptOf(d.at("id")))
}

func (d Document) badName() string {
	if name, ok := d.at("name").(string); ok && name != "" && len(name) <= longestName {
		return ""
	}
	return fmt.Sprintf("group %s has no name that can be read: it is %s", excerptOf(d.at("id")), excerptOf(d.at("name")))
}

// called is what the group calls itself, for a sentence about what is wrong with it.
func (d Document) called() string {
	if name := d.Name(); name != "" {
		return "group " + rollout.QuoteUpTo(name, 80)
	}
	return "a group without a name"
}

// asGroup is what the rollout needs to know of a group's document.
func (d Document) asGroup() rollout.Group {
	g := rollout.Group{
		ID: d.ID(), Name: d.Name(), ImageID: rollout.JoinImages(d.ImageIDs()), Tags: d.Tags(),
		TargetGroups: d.TargetGroups(), LoadBalancers: d.LoadBalancers(), Automation: d.Automation(),
	}
	size, _ := d.Capacity()
	g.Capacity = size.InOrder() // what is written of it into tags has to be read back
	g.Unit, g.Weights = d.Counts()
	if journal, ok := g.Journal(); ok {
		g.Revision = journal.Revision
	}
	return g
}
