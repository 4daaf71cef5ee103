package spot

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Covers tells whether a live group is as a wanted configuration says: everything that is written there is so in the live
// document, which may say more, because Spot fills in defaults. Nothing is expected of the name, of what Spot alone sets, of
// the capacity's three numbers, which move, and of a journal's tags. Taken as equal is also what Spot answers in
// another form than it was told: strings for numbers, a role's ARN for its name, a zone's subnet in one member or the
// other, the product's "(Amazon VPC)", and lists that are sets in another order. Of the credentials at the withheld paths (see
// Secrets) the live document says nothing: that the wanted one has them is enough.
func Covers(live, wanted Document, withheld ...string) bool {
	l, w := live.own(), wanted.own()
	withhold(w, "", withheld)
	for _, group := range []map[string]any{l, w} {
		if capacity, ok := group["capacity"].(map[string]any); ok {
			withoutMembers(capacity, "minimum", "target", "maximum")
		}
	}
	return classicsCovered(live, wanted, w) && subnetsCovered(l, w) && covers(l, w, "")
}

// withhold removes the credentials at some paths.
func withhold(value any, path string, paths []string) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			at := joined(path, ".", key)
			if _, ok := inner.(string); ok && credential(key) && slices.Contains(paths, at) {
				delete(v, key)
				continue
			}
			withhold(inner, at, paths)
		}
	case []any:
		for i, inner := range v {
			withhold(inner, fmt.Sprintf("%s[%d]", path, i), paths)
		}
	}
}

// classicsCovered compares classic balancers of the older member with wherever the live group has them.
func classicsCovered(live, wanted Document, w map[string]any) bool {
	if len(list(wanted.launch("loadBalancerNames"))) == 0 {
		return true
	}
	// Compared here as a whole; the member itself need not be there in the answer.
	delete(member(member(w, "compute"), "launchSpecification").(map[string]any), "loadBalancerNames")
	return sameSet(live.LoadBalancers(), wanted.LoadBalancers())
}

// subnetsCovered compares compute.subnetIds with the live zones' subnets where the answer has only those.
func subnetsCovered(l, w map[string]any) bool {
	wanted, live := member(w["compute"], "subnetIds"), member(l["compute"], "subnetIds")
	if len(list(wanted)) == 0 || live != nil {
		return true
	}
	var subnets []string
	for _, zone := range list(member(l["compute"], "availabilityZones")) {
		subnets = append(subnets, subnetsOf(zone)...)
	}
	delete(w["compute"].(map[string]any), "subnetIds")
	return sameSet(subnets, texts(wanted))
}

// covers compares the values of a key.
func covers(live, wanted any, key string) bool {
	switch w := wanted.(type) {
	case map[string]any:
		return coversObject(live, w, key)
	case []any:
		return coversList(list(live), w, key)
	case nil:
		return blank(live) || emptyList(live)
	}
	return coversScalar(live, wanted, key)
}

func coversObject(live any, wanted map[string]any, key string) bool {
	if blank(wanted) && live == nil {
		return true
	}
	l, ok := live.(map[string]any)
	if !ok {
		return false
	}
	rest := wanted
	switch key {
	case "iamRole":
		return coversRole(l, wanted)
	case "availabilityZones":
		if subnets := subnetsOf(wanted); len(subnets) > 0 && !sameSet(subnetsOf(l), subnets) {
			return false
		}
		rest = without(wanted, "subnetId", "subnetIds")
	case "loadBalancers":
		// The name of a target group is in its ARN, and answers need not repeat it.
		if ofType(wanted, typeTargetGroup) && l["name"] == nil {
			rest = without(wanted, "name")
		}
	}
	for k, inner := range rest {
		if !covers(l[k], inner, k) {
			return false
		}
	}
	return true
}

// sets are the lists whose order means nothing.
var sets = map[string]bool{
	"tags": true, "securityGroupIds": true, "loadBalancers": true, "availabilityZones": true, "subnetIds": true,
}

func coversList(live, wanted []any, key string) bool {
	if sets[key] {
		return coversSet(live, wanted, key)
	}
	return slices.EqualFunc(live, wanted, func(l, w any) bool { return covers(l, w, key) })
}

// coversSet pairs each wanted element with another live one.
func coversSet(live, wanted []any, key string) bool {
	if len(live) != len(wanted) {
		return false
	}
	left := slices.Clone(live)
	for _, w := range wanted {
		i := slices.IndexFunc(left, func(l any) bool { return covers(l, w, key) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

func coversScalar(live, wanted any, key string) bool {
	if plain(live) == plain(wanted) {
		return live != nil
	}
	l, w := text(live), text(wanted)
	switch key {
	case "userData", "shutdownScript":
		return sameBase64(l, w)
	case "product":
		const vpc = " (Amazon VPC)"
		return strings.TrimSuffix(l, vpc) == strings.TrimSuffix(w, vpc)
	}
	return false
}

// coversRole compares an instance profile, which is told by name or by ARN and may be answered by either.
func coversRole(live, wanted map[string]any) bool {
	if arn := text(wanted["arn"]); arn != "" && text(live["arn"]) != "" {
		return text(live["arn"]) == arn
	}
	return roleName(live) == roleName(wanted)
}

func roleName(role map[string]any) string {
	if name := text(role["name"]); name != "" {
		return name
	}
	arn := text(role["arn"])
	return arn[strings.LastIndexByte(arn, '/')+1:]
}

func subnetsOf(zone any) []string {
	return append(texts(member(zone, "subnetIds")), texts([]any{member(zone, "subnetId")})...)
}

// sameSet compares lists whose order and repetitions mean nothing.
func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

func without(object map[string]any, keys ...string) map[string]any {
	rest := copyOf(object).(map[string]any)
	withoutMembers(rest, keys...)
	return rest
}

// plain spells a scalar so that 22, 22.0 and "22" are one, as are true and "true".
func plain(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "true"
		}
		return "false"
	case json.Number:
		return plainNumber(v)
	case string:
		if n := json.Number(v); jsonNumber(v) {
			return plainNumber(n)
		}
		return v
	}
	return ""
}

func jsonNumber(s string) bool {
	return s != "" && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && json.Valid([]byte(s))
}

func sameBase64(a, b string) bool {
	x, err1 := base64.StdEncoding.DecodeString(a)
	y, err2 := base64.StdEncoding.DecodeString(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

func emptyList(value any) bool {
	array, ok := value.([]any)
	return ok && len(array) == 0
}
