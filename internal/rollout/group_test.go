package rollout_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// A clone is equal to its group and shares nothing with it, whatever is added to groups: each map and slice is a copy.
func TestAClonedGroupSharesNothing(t *testing.T) {
	g := Group{
		ID: "sig-1", Name: "web__1", Tags: map[string]string{"team": "web"}, Weights: map[string]int{"m5.large": 2},
		TargetGroups: []string{"web"}, LoadBalancers: []string{"old"}, Automation: Automation{Minimums: []int{1}, Maximums: []int{2}},
	}
	clone := g.Clone()
	if diff := cmp.Diff(g, clone); diff != "" {
		t.Fatal(diff)
	}
	n := 0
	var apart func(path string, a, b reflect.Value)
	apart = func(path string, a, b reflect.Value) {
		switch a.Kind() {
		case reflect.Struct:
			for i := range a.NumField() {
				apart(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
			}
		case reflect.Map, reflect.Slice, reflect.Pointer:
			if n++; a.Len() == 0 || a.UnsafePointer() == b.UnsafePointer() {
				t.Errorf("%s is shared, or this test has none", path)
			}
		}
	}
	if apart("Group", reflect.ValueOf(g), reflect.ValueOf(clone)); n == 0 {
		t.Error("nothing was looked at")
	}
}
