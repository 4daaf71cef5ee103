package spot

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// JSON values are held as encoding/json decodes them into any, but for numbers, which stay as they are written: a float
// would turn 12345678901234567890 into another number.

func decode(data []byte) (any, error) {
	var value any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err == nil || !errors.Is(err, io.EOF) {
		// There is more. Unmarshal says what and where, as an error of syntax.
		if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
			return nil, err
		}
	}
	return value, nil
}

// encode writes a value without white space, keys in order. A decoded value can always be written.
func encode(value any) []byte { return encodeIndented(value, "") }

func encodeIndented(value any, indent string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(value); err != nil {
		panic("spot: a decoded JSON value cannot be written: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// member is a member of an object, nil of anything else.
func member(value any, key string) any {
	object, _ := value.(map[string]any)
	return object[key]
}

func list(value any) []any {
	l, _ := value.([]any)
	return l
}

// text is a string or a number as it is written, "" for anything else.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// texts are the texts in a list that are not empty.
func texts(value any) []string {
	var found []string
	for _, element := range list(value) {
		if s := text(element); s != "" {
			found = append(found, s)
		}
	}
	return found
}

// whole reads a whole number, which Spot's answers also spell "22" and 22.0.
func whole(value any) (int, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(text(value)), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return 0, false
	}
	return int(f), true
}

// blank tells whether a value says no more than an absent one: null, or an object of nothing but such.
func blank(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case map[string]any:
		for _, inner := range v {
			if !blank(inner) {
				return false
			}
		}
		return true
	}
	return false
}

// withoutNulls takes the null members out of an object, in place and at any depth, and objects that held nothing else. Null elements
// of lists stay: they have a place.
func withoutNulls(object map[string]any) map[string]any {
	for key, value := range object {
		inner, nested := value.(map[string]any)
		nested = nested && len(inner) > 0 // an empty object is what somebody wrote
		withoutNullsIn(value)
		if value == nil || nested && len(inner) == 0 {
			delete(object, key)
		}
	}
	return object
}

func withoutNullsIn(value any) {
	switch v := value.(type) {
	case map[string]any:
		withoutNulls(v)
	case []any:
		for _, element := range v {
			withoutNullsIn(element)
		}
	}
}

func copyOf(value any) any {
	switch v := value.(type) {
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, inner := range v {
			object[key] = copyOf(inner)
		}
		return object
	case []any:
		array := make([]any, len(v))
		for i, inner := range v {
			array[i] = copyOf(inner)
		}
		return array
	}
	return value
}

// walk calls f with the path ("compute.subnetIds[0]"), the nearest key and the value of everything inside a value, in order.
func walk(value any, path string, f func(path, key string, value any)) { walkUnder(value, path, "", f) }

func walkUnder(value any, path, key string, f func(path, key string, value any)) {
	f(path, key, value)
	switch v := value.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			walkUnder(v[k], joined(path, ".", k), k, f)
		}
	case []any:
		for i, inner := range v {
			walkUnder(inner, path+"["+strconv.Itoa(i)+"]", key, f)
		}
	}
}

// plainNumber spells a number in one way, digits without zeros at either end and an exponent, so that 120, 120.0 and 1.2e2 are
// the same. It works on the digits: the value may be larger than any type, or its exponent absurd.
func plainNumber(n json.Number) string {
	s, negative := strings.CutPrefix(n.String(), "-")
	mantissa, exponentText, _ := strings.Cut(strings.ToLower(s), "e")
	exponent := 0
	if exponentText != "" {
		var err error
		if exponent, err = strconv.Atoi(exponentText); err != nil {
			return n.String()
		}
	}
	integer, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(integer+fraction, "0")
	exponent -= len(fraction)
	trimmed := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(trimmed)
	if trimmed == "" {
		return "0"
	}
	if negative {
		trimmed = "-" + trimmed
	}
	return trimmed + "e" + strconv.Itoa(exponent)
}
