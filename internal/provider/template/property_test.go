package template

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
)

// Every enumeration and every bound of the dictionary is noticed at its argument, and what lies within is not.
func TestEveryBound(t *testing.T) {
	judged := 0
	walk(Root(), func(f *Field) {
		if f.Name == "" || f.Block() || f.Kind == Strings {
			return
		}
		good, bad := examples(f)
		for _, value := range good {
			if wrong := f.Refuse(value); wrong != "" {
				t.Errorf("%s = %v: %s", f.Path, value, wrong)
			}
		}
		for _, value := range bad {
			judged++
			problems := at(f, value)
			if len(problems) == 0 {
				t.Errorf("%s = %v is not noticed", f.Path, value)
				continue
			}
			if got, want := problems[0].At.name(), f.FullName(); got != want {
				t.Errorf("%s = %v is noticed at %s: %s", f.Path, value, got, problems[0].Detail)
			}
		}
	})
	if judged < 200 {
		t.Errorf("only %d bad values were tried", judged)
	}
}

// at is what is said of the field itself, with a value in a document that has nothing else.
func at(f *Field, value any) []Problem {
	place := Place{}
	for p := f; p.parent != nil; p = p.parent {
		if p != f && p.Kind == List {
			place = append(Place{p.Key, 0}, place...)
		} else {
			place = append(Place{p.Key}, place...)
		}
	}
	document := nest(place, value).(map[string]any)
	var own []Problem
	for _, problem := range Check(document, nil, nil, true) {
		if problem.At.String() == place.String() {
			own = append(own, problem)
		}
	}
	return own
}

func nest(place Place, value any) any {
	if len(place) == 0 {
		return value
	}
	inner := nest(place[1:], value)
	if _, index := place[0].(int); index {
		return []any{inner}
	}
	return map[string]any{place[0].(string): inner}
}

// examples are values that the field takes, and values that it does not.
func examples(f *Field) (good, bad []any) {
	for _, value := range f.Enum {
		good = append(good, number(value))
	}
	if len(f.Enum) > 0 {
		if f.Kind == Integer {
			bad = append(bad, json.Number("999999"))
		} else {
			bad = append(bad, "none of these")
		}
	}
	step := big.NewRat(1, 1)
	if f.Kind == Number {
		step = big.NewRat(1, 100)
	}
	for bound, sign := range map[*float64]int64{f.Minimum: -1, f.Maximum: 1} {
		if bound == nil {
			continue
		}
		edge, _ := new(big.Rat).SetString(fmt.Sprint(*bound))
		beyond := new(big.Rat).Add(edge, new(big.Rat).Mul(step, big.NewRat(sign, 1)))
		if f.Kind != Integer || len(f.Enum) == 0 {
			good = append(good, json.Number(edge.FloatString(0)))
			if !edge.IsInt() {
				good[len(good)-1] = json.Number(edge.FloatString(2))
			}
		}
		bad = append(bad, json.Number(beyond.FloatString(2)))
	}
	if f.Kind == Integer {
		bad = append(bad, json.Number("1.5"))
	}
	return good, bad
}
