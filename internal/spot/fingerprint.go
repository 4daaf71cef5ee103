package spot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Fingerprint identifies what makes a revision, in 16 hexadecimal digits: everything of the document that Build would
// make, and the triggers. It stays the same when only the capacity's three numbers, the name, what Spot alone sets, or the
// journal differ, and through what means nothing: the order of keys and of images, white space, null members, empty objects, how a
// number is spelled, and whether an only image stands in a list.
//
// Of user data that are write-only it has the version alone, never a hash of them: a hash of a weak secret can be tried out.
func (d Document) Fingerprint(o Overrides, triggers map[string]string) string {
	if o.UserDataVersion != "" {
		o.UserDataBase64 = nil
	}
	group := d.assemble(o)
	forgetSize(group)
	sameImages(group)
	whole := map[string]any{"group": canonical(group), "triggers": triggersOf(triggers)}
	if o.UserDataVersion != "" {
		whole["userDataVersion"] = o.UserDataVersion
	}
	sum := sha256.Sum256(encode(whole))
	return hex.EncodeToString(sum[:8])
}

// Same tells whether two configurations say the same: they differ at most in what means nothing (see Fingerprint), in what
// is ignored in a configuration (id, name, createdAt, updatedAt), and in a journal's tags.
func Same(a, b Document) bool {
	return bytes.Equal(encode(canonical(a.own())), encode(canonical(b.own())))
}

// own is what counts of a configuration.
func (d Document) own() map[string]any {
	group := d.awake()
	withoutMembers(group, "id", "name", "createdAt", "updatedAt")
	if capacity, ok := group["capacity"].(map[string]any); ok {
		capacity["unit"] = d.Unit()
	}
	if launch, ok := d.launch().(map[string]any); ok && launch["tags"] != nil {
		setJournal(member(member(group, "compute"), "launchSpecification").(map[string]any), nil)
	}
	sameImages(group)
	return group
}

// forgetSize removes what differs between groups of the same revision.
func forgetSize(group map[string]any) {
	delete(group, "name")
	withoutMembers(object(group, "capacity"), "minimum", "target", "maximum")
	setJournal(object(object(group, "compute"), "launchSpecification"), nil)
}

// canonical leaves out of a value what means nothing. Null elements of arrays stay: they have a place.
func canonical(value any) any {
	switch v := value.(type) {
	case map[string]any:
		object := map[string]any{}
		for key, inner := range v {
			if !blank(inner) {
				object[key] = canonical(inner)
			}
		}
		return object
	case []any:
		array := make([]any, len(v))
		for i, inner := range v {
			array[i] = canonical(inner)
		}
		return array
	case json.Number:
		return json.Number(plainNumber(v))
	}
	return value
}

// triggersOf makes no triggers and an empty map of them the same.
func triggersOf(triggers map[string]string) map[string]string {
	if triggers == nil {
		return map[string]string{}
	}
	return triggers
}
