package spot

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"sync"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

const groupsPath = "/aws/ec2/group"

// Groups implements runner.Elastigroups. At most one list call is under way at a time; who asks meanwhile shares the
// next one, so that nobody gets an answer that is older than the question.
func (c *Client) Groups(ctx context.Context) ([]rollout.Group, error) { return c.list.get(ctx) }

// Find returns the groups of exactly this name. Names are not unique at Spot: there may be none, one or more. An entry of Spot's
// list that may be one of them and cannot be read is an error.
func (c *Client) Find(ctx context.Context, name string) ([]rollout.Group, error) {
	groups, err := c.Groups(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if g.ID == "" && (g.Name == "" || g.Name == name) || g.Name == "" && g.Unreadable != "" {
			return nil, &Error{Doing: fmt.Sprintf("looking for group %s", name),
				remark: fmt.Sprintf("Spot's list has an entry that may be it and cannot be read: %s", g.Unreadable)}
		}
	}
	var found []rollout.Group
	for _, g := range groups {
		if g.Name == name {
			found = append(found, g.Clone())
		}
	}
	return found, nil
}

// Group implements runner.Elastigroups.
func (c *Client) Group(ctx context.Context, id string) (rollout.Group, error) {
	document, err := c.read(ctx, "reading", id, Document.unreadable)
	if err != nil {
		return rollout.Group{}, err
	}
	return document.asGroup(), nil
}

// Document is a group as Spot answers it, in raw JSON: the value of "group", with keys that only answers have.
// The error wraps runner.ErrGone if there is none.
func (c *Client) Document(ctx context.Context, id string) ([]byte, error) {
	document, err := c.read(ctx, "reading", id, Document.unnamed)
	if err != nil {
		return nil, err
	}
	return encode(document.group), nil
}

// Create implements runner.Elastigroups. An answer is believed if it has one group of the wanted name, with an ID that is one.
func (c *Client) Create(ctx context.Context, document []byte) (rollout.Group, error) {
	wanted, err := ParseDocument(document)
	if err != nil {
		return rollout.Group{}, fmt.Errorf("creating a group: %w", err)
	}
	call := call{
		doing: "creating group " + wanted.Name(), method: http.MethodPost, path: groupsPath,
		body: map[string]any{"group": json.RawMessage(encode(wanted.group))},
	}
	created, err := answered(ctx, c, call, func(e envelope[json.RawMessage]) (Document, error) { return theNewGroup(e, call, wanted.Name()) })
	if err != nil {
		return rollout.Group{}, err
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
	return c.do(ctx, call)
}

// Tag implements runner.Elastigroups. Spot replaces arrays as a whole, so the tags are read, changed and all sent back, and
// nothing else is; calls about the same group go one after the other.
func (c *Client) Tag(ctx context.Context, id string, tags map[string]string) error {
	unlock, err := c.lockTags(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	// What is read is sent back, so that it has to be whole: tags that were left out would be lost.
	document, err := c.read(ctx, "reading the tags of", id, Document.unreadable)
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
	return c.do(ctx, call)
}

// Delete implements runner.Elastigroups. Spot deletes the group at once and terminates its instances afterwards.
func (c *Client) Delete(ctx context.Context, id string) error {
	call, err := c.about("deleting", http.MethodDelete, id, "")
	if err != nil {
		return err
	}
	if err := c.do(ctx, call); err != nil && !isGone(err) {
		return err
	}
	return nil
}

// read reads one group. What is wrong with it is asked for of what the caller needs of it.
func (c *Client) read(ctx context.Context, doing, id string, wrong func(Document) string) (Document, error) {
	call, err := c.about(doing, http.MethodGet, id, "")
	if err != nil {
		return Document{}, err
	}
	document, err := answered(ctx, c, call, func(e envelope[json.RawMessage]) (Document, error) { return theGroup(e, call, id, wrong) })
	if err != nil {
		return Document{}, err
	}
	return c.know(document), nil
}

// about prepares a call about a group. An ID that is none would make another path of it: without one, a read lists all groups.
func (c *Client) about(doing, method, id, rest string) (call, error) {
	doing = doing + " group " + c.named(id)
	if !groupID().MatchString(id) {
		return call{}, &Error{Doing: doing, remark: fmt.Sprintf("%q is not the ID of a group, which looks like sig-0123abcd", rollout.QuoteUpTo(id, 80)), cause: runner.ErrNoID}
	}
	return call{doing: doing, method: method, path: groupsPath + "/" + id + rest, group: true}, nil
}

var groupID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z]{1,16}-[A-Za-z0-9-]{1,64}$`) })

// named is an ID with the group's name, if it has been seen.
func (c *Client) named(id string) string {
	if name, ok := c.names.Load(id); ok {
		return fmt.Sprintf("%s (%s)", id, name)
	}
	return id
}

func (c *Client) know(d Document) Document {
	if d.Name() != "" {
		c.names.Store(d.ID(), rollout.QuoteUpTo(d.Name(), 80))
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

// withTags is a list of tags with the given ones set, in place where they are already and otherwise in order at its end, and
// whether that changes anything.
func withTags(list []any, tags map[string]string) ([]any, bool) {
	set, changed := slices.Clone(list), false
	done := map[string]bool{}
	for i, entry := range set {
		key, value := tagOf(entry)
		wanted, named := tags[key]
		tag, ok := entry.(map[string]any)
		if !named || !ok {
			continue
		}
		done[key] = true
		if value != wanted {
			tag = maps.Clone(tag)
			tag["tagValue"] = wanted
			set[i], changed = tag, true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if !done[key] {
			set, changed = append(set, map[string]any{"tagKey": key, "tagValue": tags[key]}), true
		}
	}
	return set, changed
}
