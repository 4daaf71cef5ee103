package spot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

const groupsPath = "/aws/ec2/group"

// Groups implements runner.Elastigroups. At most one list call is under way at a time; who asks meanwhile shares the
// next one, so that nobody gets an answer that is older than the question.
func (c *Client) Groups(ctx context.Context) ([]rollout.Group, error) { return c.list.get(ctx) }

// Find returns the groups of exactly this name. Names are not unique at Spot: there may be none, one or more.
func (c *Client) Find(ctx context.Context, name string) ([]rollout.Group, error) {
	groups, err := c.Groups(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(groups, func(g rollout.Group) bool { return g.Name != name }), nil
}

// Group implements runner.Elastigroups.
func (c *Client) Group(ctx context.Context, id string) (rollout.Group, error) {
	document, err := c.read(ctx, "reading", id)
	if err != nil {
		return rollout.Group{}, err
	}
	return document.asGroup(), nil
}

// Document is a group as Spot answers it, in raw JSON: the value of "group", with keys that only answers have.
// The error wraps runner.ErrGone if there is none.
func (c *Client) Document(ctx context.Context, id string) ([]byte, error) {
	document, err := c.read(ctx, "reading", id)
	if err != nil {
		return nil, err
	}
	return encode(document.group), nil
}

// Create implements runner.Elastigroups.
func (c *Client) Create(ctx context.Context, document []byte) (rollout.Group, error) {
	wanted, err := ParseDocument(document)
	if err != nil {
		return rollout.Group{}, fmt.Errorf("creating a group: %w", err)
	}
	call := call{
		doing: "creating group " + wanted.Name(), method: http.MethodPost, path: groupsPath,
		body: map[string]any{"group": json.RawMessage(encode(wanted.group))},
	}
	items, err := c.do(ctx, call)
	if err != nil {
		return rollout.Group{}, err
	}
	created, ok := firstGroup(items)
	if !ok {
		return rollout.Group{}, garbled(call, "no group", "")
	}
	return c.know(created).asGroup(), nil
}

// Resize implements runner.Elastigroups. It always sends all three numbers: what Spot does with a target outside bounds that
// are not part of the call is not documented.
func (c *Client) Resize(ctx context.Context, id string, capacity rollout.Capacity) error {
	call, err := c.about(fmt.Sprintf("resizing to %s", capacity), http.MethodPut, id, "/capacity")
	if err != nil {
		return err
	}
	if err := capacity.Valid(); err != nil {
		return &Error{Doing: call.doing, remark: err.Error()}
	}
	call.body = map[string]any{"capacity": map[string]int{
		"minimum": capacity.Minimum, "target": capacity.Target, "maximum": capacity.Maximum,
	}}
	_, err = c.do(ctx, call)
	return err
}

// Tag implements runner.Elastigroups. Spot replaces arrays as a whole, so the tags are read, changed and all sent back, and
// nothing else is; calls about the same group go one after the other.
func (c *Client) Tag(ctx context.Context, id string, tags map[string]string) error {
	unlock, err := c.lockTags(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	document, err := c.read(ctx, "reading the tags of", id)
	if err != nil {
		return err
	}
	list, changed := withTags(document.tagList(), tags)
	if !changed {
		return nil
	}
	call, err := c.about("tagging", http.MethodPut, id, "")
	if err != nil {
		return err
	}
	call.body = map[string]any{"group": map[string]any{"compute": map[string]any{"launchSpecification": map[string]any{"tags": list}}}}
	_, err = c.do(ctx, call)
	return err
}

// Delete implements runner.Elastigroups. Spot deletes the group at once and terminates its instances afterwards.
func (c *Client) Delete(ctx context.Context, id string) error {
	call, err := c.about("deleting", http.MethodDelete, id, "")
	if err != nil {
		return err
	}
	if _, err := c.do(ctx, call); err != nil && !isGone(err) {
		return err
	}
	return nil
}

func (c *Client) read(ctx context.Context, doing, id string) (Document, error) {
	call, err := c.about(doing, http.MethodGet, id, "")
	if err != nil {
		return Document{}, err
	}
	items, err := c.do(ctx, call)
	if err != nil {
		return Document{}, err
	}
	document, ok := firstGroup(items)
	if !ok {
		return Document{}, &Error{Doing: call.doing, Status: http.StatusOK, Codes: []string{"with no group"}, Messages: []string{""},
			remark: runner.ErrGone.Error(), cause: runner.ErrGone}
	}
	return c.know(document), nil
}

// listGroups lists all groups of the account. Most of them are as they were in the list before, and are not read again: an account
// may have hundreds, of which a rollout moves two. There is one call at a time, see lister.
func (c *Client) listGroups(ctx context.Context) ([]rollout.Group, error) {
	call := call{doing: "listing the groups of the account", method: http.MethodGet, path: groupsPath}
	items, err := c.do(ctx, call)
	if err != nil {
		return nil, err
	}
	groups, listed := make([]rollout.Group, 0, len(items)), make(map[[sha256.Size]byte]rollout.Group, len(items))
	for _, item := range items {
		digest := sha256.Sum256(item)
		group, known := c.listed[digest]
		if !known {
			document, ok := asDocument(item)
			if !ok {
				continue
			}
			group = c.know(document).asGroup()
		}
		listed[digest] = group
		groups = append(groups, group)
	}
	c.listed = listed
	return groups, nil
}

// about prepares a call about a group. An ID that is none would make another path of it: without one, a read lists all groups.
func (c *Client) about(doing, method, id, rest string) (call, error) {
	doing = doing + " group " + c.named(id)
	if !groupID.MatchString(id) {
		return call{}, &Error{Doing: doing, remark: fmt.Sprintf("%q is not the ID of a group, which looks like sig-0123abcd", id)}
	}
	return call{doing: doing, method: method, path: groupsPath + "/" + id + rest, group: true}, nil
}

var groupID = regexp.MustCompile(`^[A-Za-z]+-[A-Za-z0-9-]+$`)

// named is an ID with the group's name, if it has been seen.
func (c *Client) named(id string) string {
	if name, ok := c.names.Load(id); ok {
		return fmt.Sprintf("%s (%s)", id, name)
	}
	return id
}

func (c *Client) know(d Document) Document {
	if d.Name() != "" {
		c.names.Store(d.ID(), d.Name())
	}
	return d
}

// lockTags keeps one writer of a group's tags at a time.
func (c *Client) lockTags(ctx context.Context, id string) (unlock func(), err error) {
	value, _ := c.tags.LoadOrStore(id, make(chan struct{}, 1))
	lock := value.(chan struct{})
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, &Error{Doing: "tagging group " + c.named(id), remark: ctx.Err().Error(), cause: ctx.Err()}
	}
}

// firstGroup is the first item that is a group with an ID.
func firstGroup(items []json.RawMessage) (Document, bool) {
	for _, item := range items {
		if document, ok := asDocument(item); ok {
			return document, true
		}
	}
	return Document{}, false
}

// asDocument reads one item of an answer: a group, or, as the specification has it for a create, {"group": {…}}.
func asDocument(item json.RawMessage) (Document, bool) {
	value, err := decode(item)
	if err != nil {
		return Document{}, false
	}
	group, ok := value.(map[string]any)
	if inner, wrapped := group["group"].(map[string]any); wrapped {
		group = inner
	}
	d := Document{group: group}
	return d, ok && d.ID() != ""
}

// asGroup is what the rollout needs to know of a group's document.
func (d Document) asGroup() rollout.Group {
	g := rollout.Group{
		ID: d.ID(), Name: d.Name(), ImageID: d.ImageID(), Tags: d.Tags(),
		TargetGroups: d.TargetGroups(), LoadBalancers: d.LoadBalancers(), Weights: d.weights(),
	}
	g.Capacity, _ = d.Capacity()
	if journal, ok := g.Journal(); ok {
		g.Revision = journal.Revision
	}
	return g
}

// withTags is a list of tags with the given ones set, in place where they are already and otherwise in order at its end, and
// whether that changes anything.
func withTags(list []any, tags map[string]string) ([]any, bool) {
	set, changed := slices.Clone(list), false
	done := map[string]bool{}
	for i, entry := range set {
		key, value := tagOf(entry)
		wanted, ok := tags[key]
		if !ok {
			continue
		}
		done[key] = true
		if value != wanted {
			entry := maps.Clone(entry.(map[string]any))
			entry["tagValue"] = wanted
			set[i], changed = entry, true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if !done[key] {
			set, changed = append(set, map[string]any{"tagKey": key, "tagValue": tags[key]}), true
		}
	}
	return set, changed
}
