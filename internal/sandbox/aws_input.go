package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// tree is the input of a call, whichever protocol it came by: a text, or members by name; a list has its items numbered.
type tree struct {
	value   string
	members map[string]*tree
}

// treeOfForm takes a form's dotted names apart. "Actions.member.1.Type" and EC2's "ImageId.1" are both lists.
func treeOfForm(form url.Values) *tree {
	root := &tree{}
	for name, values := range form {
		at := root
		for part := range strings.SplitSeq(name, ".") {
			if part != "member" {
				at = at.grow(part)
			}
		}
		at.value = values[0]
	}
	return root
}

// treeOf makes a tree of a decoded JSON or CBOR value.
func treeOf(value any) *tree {
	t := &tree{}
	switch v := value.(type) {
	case map[string]any:
		t.members = map[string]*tree{}
		for name, member := range v {
			t.members[name] = treeOf(member)
		}
	case []any:
		t.members = map[string]*tree{}
		for i, item := range v {
			t.members[strconv.Itoa(i+1)] = treeOf(item)
		}
	case nil:
	case time.Time:
		t.value = v.Format(time.RFC3339Nano)
	default:
		t.value = fmt.Sprint(v)
	}
	return t
}

var errNoMap = errors.New("the body is no CBOR map")

func treeOfCBOR(body []byte) (*tree, error) {
	if len(body) == 0 {
		return &tree{}, nil
	}
	var value map[string]any
	if err := cborDecoder.Unmarshal(body, &value); err != nil {
		return nil, errNoMap
	}
	return treeOf(value), nil
}

var cborDecoder = func() cbor.DecMode {
	mode, err := cbor.DecOptions{DefaultMapType: reflect.TypeFor[map[string]any]()}.DecMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

func (t *tree) grow(name string) *tree {
	if t.members == nil {
		t.members = map[string]*tree{}
	}
	if t.members[name] == nil {
		t.members[name] = &tree{}
	}
	return t.members[name]
}

// at is a member; an absent one is empty.
func (t *tree) at(name string) *tree {
	if member := t.members[name]; member != nil {
		return member
	}
	return &tree{}
}

// has tells whether the member was sent at all, be it as an empty list.
func (t *tree) has(name string) bool { return t.members[name] != nil }

// text is the text of a member.
func (t *tree) text(name string) string { return t.at(name).value }

// number is the whole number of a member, or what else is given if it was not sent. A number that is none is 0.
func (t *tree) number(name string, otherwise int) int {
	if !t.has(name) {
		return otherwise
	}
	n, err := strconv.Atoi(t.text(name))
	if err != nil {
		return 0
	}
	return n
}

// items are those of a list, in their order.
func (t *tree) items(name string) []*tree {
	numbered := t.at(name).members
	order := make([]int, 0, len(numbered))
	for key := range numbered {
		if n, err := strconv.Atoi(key); err == nil && strconv.Itoa(n) == key {
			order = append(order, n)
		}
	}
	slices.Sort(order)
	all := make([]*tree, len(order))
	for i, n := range order {
		all[i] = numbered[strconv.Itoa(n)]
	}
	return all
}

// texts are the items of a list of texts.
func (t *tree) texts(name string) []string {
	items := t.items(name)
	all := make([]string, len(items))
	for i, item := range items {
		all[i] = item.value
	}
	return all
}

// elements is the tree as XML again, for what passes through unread.
func (t *tree) elements() []element {
	all := make([]element, 0, len(t.members))
	for _, name := range slices.Sorted(maps.Keys(t.members)) {
		member := t.members[name]
		if items := t.items(name); len(items) > 0 {
			each := make([]element, len(items))
			for i, item := range items {
				each[i] = element{text: item.value, children: item.elements()}
			}
			all = append(all, members(name, each))
			continue
		}
		all = append(all, element{name: name, text: member.value, children: member.elements()})
	}
	return all
}
