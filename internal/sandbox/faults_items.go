package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// spoils tells whether the fault changes what Spot answers, and lets the call take effect.
func (f *Fault) spoils() bool {
	return f != nil && slices.Contains([]FaultKind{NoItems, CutItems, NullItem, TextItem, NumberItem, ItemWithoutID, ItemOfWrongKinds,
		StrangeID, OddTags, OtherForm}, f.Kind)
}

// readsSpot tells whether a call asks Spot for something and changes nothing.
func (c Call) readsSpot() bool {
	return c.Service == "spot" && (strings.HasPrefix(c.Action, "List") || strings.HasPrefix(c.Action, "Read") ||
		slices.Contains([]string{"GroupStatus", "InstanceHealthiness", "GroupLogs"}, c.Action))
}

// spoil changes the items of an answer as a fault wants.
func (c *spotCall) spoil(f *Fault) {
	if !f.spoils() || c.answer.status != http.StatusOK {
		return
	}
	var answered struct {
		Response struct {
			Kind  string
			Items []json.RawMessage
		}
	}
	if json.Unmarshal(c.answer.body.Bytes(), &answered) != nil {
		return
	}
	items := answered.Response.Items
	switch f.Kind {
	case NoItems:
		items = nil
	case CutItems:
		items = items[:len(items)/2]
	case OtherForm:
		c.answer.body.Reset()
		_ = json.NewEncoder(&c.answer.body).Encode(map[string]any{"groups": inGroups(items)}) // into memory
		return
	default:
		for n := range items {
			if f.Item == 0 || f.Item == n+1 {
				items[n] = f.spoilt(items[n])
			}
		}
	}
	c.answer.body.Reset()
	c.answer.status = 0
	c.items(answered.Response.Kind, items)
}

func inGroups(items []json.RawMessage) []map[string]any {
	all := make([]map[string]any, len(items))
	for n, item := range items {
		all[n] = map[string]any{"group": item}
	}
	return all
}

// spoilt is an item as the fault has it.
func (f *Fault) spoilt(raw json.RawMessage) json.RawMessage {
	switch f.Kind {
	case NullItem:
		return json.RawMessage(`null`)
	case TextItem:
		return json.RawMessage(`"an item"`)
	case NumberItem:
		return json.RawMessage(`12345`)
	}
	item, err := decodeObject(raw)
	if err != nil {
		return raw
	}
	id := "id"
	if _, ok := item["instanceId"]; ok {
		id = "instanceId"
	}
	switch f.Kind {
	case ItemWithoutID:
		delete(item, id)
	case StrangeID:
		item[id] = "../../setup/account"
		if f.Value != "" {
			item[id] = f.Value
		}
	case ItemOfWrongKinds:
		for key, v := range item {
			if key != id {
				item[key] = wrongly(v)
			}
		}
	case OddTags:
		item = withOddTags(item)
	}
	spoilt, err := json.Marshal(item)
	if err != nil {
		return raw
	}
	return spoilt
}

// wrongly is a value of another kind.
func wrongly(v any) any {
	switch v.(type) {
	case string, nil:
		return 12345
	case map[string]any, []any:
		return "an object"
	}
	return map[string]any{"value": v}
}

func withOddTags(item map[string]any) map[string]any {
	launch := object(item, "compute", "launchSpecification")
	if launch == nil {
		return item
	}
	tags, _ := launch["tags"].([]any)
	odd := append(slices.Clone(tags), "web", 12345, nil, []any{"web"}, map[string]any{"tagValue": "web"}, map[string]any{"tagKey": 5, "tagValue": nil})
	launch = maps.Clone(launch)
	launch["tags"] = odd
	compute := maps.Clone(object(item, "compute"))
	compute["launchSpecification"] = launch
	item["compute"] = compute
	return item
}
