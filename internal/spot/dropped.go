package spot

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Drop is something that a live group has and a configuration does not say, so that a group made of the configuration would be without.
type Drop struct {
	// Path is where it stands: "compute.launchSpecification.keyPair". It has no value in it.
	Path string
	// Names are what is missing of a list that the configuration has in part: the keys of tags, IDs, ARNs. Empty where all of it is missing.
	Names []string
}

// String is the path, with the names.
func (d Drop) String() string {
	if len(d.Names) == 0 {
		return d.Path
	}
	return d.Path + " (" + strings.Join(d.Names, ", ") + ")"
}

// Paths of what a deployment says itself, and need not stand in the configuration.
const (
	PathUserData     = "compute.launchSpecification.userData"
	PathBalancers    = "compute.launchSpecification.loadBalancersConfig.loadBalancers"
	PathClassicNames = "compute.launchSpecification.loadBalancerNames"
	PathTags         = "compute.launchSpecification.tags"
)

// Dropped lists what a live group has and a wanted configuration does not say, in the order of the document. What is written otherwise is
// a change, and no drop. Nothing is expected of what Spot alone sets, of the name, the capacity's three numbers and the journal's tags,
// and of what is as it would be if nobody said it.
func Dropped(live, wanted Document) []Drop {
	l, w := live.own(), wanted.own()
	for _, group := range []map[string]any{l, w} {
		delete(group, "capacity")
		delete(group, "region") // follows from the zones
		if launch, ok := member(member(group, "compute"), "launchSpecification").(map[string]any); ok && len(wanted.ImageIDs()) > 0 {
			withoutMembers(launch, "imageId", "images") // other ones are a change
		}
	}
	if sameSet(live.LoadBalancers(), wanted.LoadBalancers()) && len(live.LoadBalancers()) > 0 {
		// The older member and the newer one say the same.
		l, w = withoutClassics(l), withoutClassics(w)
	}
	var found []Drop
	dropsOf(l, w, "", "", &found)
	return found
}

// assumed are the values of members that nobody said, by the API's specification and its reference for a draining time; of all others
// it is false, or nothing. https://docs.spot.io/api/ (Elastigroup AWS, create)
var assumed = map[string]string{
	"fallbackToOd": "true", "autoHealing": "true", "availabilityVsCost": "balanced", "risk": "0", "drainingTimeout": "120",
	"healthCheckGracePeriod": "300", "healthCheckUnhealthyDurationBeforeReplacement": "120", "tenancy": "default", "performAt": "always",
}

// means tells whether a live value says something that would not be so without it.
func means(live any, key string) bool {
	switch v := live.(type) {
	case nil:
		return false
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Keys(v)), func(k string) bool { return means(v[k], k) })
	case []any:
		return len(v) > 0
	case bool:
		if usual, ok := assumed[key]; ok {
			return plain(v) != usual
		}
		return v
	}
	return plain(live) != "" && plain(live) != plain(assumed[key])
}

func dropsOf(live, wanted any, path, key string, found *[]Drop) {
	if !means(live, key) {
		return
	}
	switch l := live.(type) {
	case map[string]any:
		w, ok := wanted.(map[string]any)
		switch {
		case key == "iamRole" && ok, !ok && wanted != nil:
			return // told by its name or its ARN; something else in its place is a change
		case !ok && path != "" && !branches(path):
			*found = append(*found, Drop{Path: path})
			return
		}
		for _, k := range slices.Sorted(maps.Keys(l)) {
			if key == "availabilityZones" && strings.HasPrefix(k, "subnetId") || key == "loadBalancers" && (k == "name" || k == "type") {
				continue
			}
			dropsOf(l[k], w[k], joined(path, ".", k), k, found)
		}
	case []any:
		dropsOfList(l, list(wanted), path, key, found)
	default:
		if wanted == nil {
			*found = append(*found, Drop{Path: path})
		}
	}
}

// branches tells whether an object is only what its members are, each of which is named by itself.
func branches(path string) bool {
	return slices.Contains([]string{"compute", "compute.launchSpecification", "compute.instanceTypes", "compute.launchSpecification.loadBalancersConfig", "strategy", "scaling"}, path)
}

// dropsOfList compares lists: those whose order means nothing by who their elements are, others element by element.
func dropsOfList(live, wanted []any, path, key string, found *[]Drop) {
	if len(wanted) == 0 {
		*found = append(*found, Drop{Path: path, Names: names(live, key)})
		return
	}
	if !sets[key] {
		if len(live) > len(wanted) {
			*found = append(*found, Drop{Path: path, Names: []string{fmt.Sprintf("%d, of which %d are written", len(live), len(wanted))}})
			return
		}
		for i := range live {
			dropsOf(live[i], wanted[i], fmt.Sprintf("%s[%d]", path, i), "", found)
		}
		return
	}
	var missing []any
	for _, l := range live {
		i := slices.IndexFunc(wanted, func(w any) bool { return identity(w) == identity(l) })
		if i < 0 {
			missing = append(missing, l)
			continue
		}
		dropsOf(l, wanted[i], path, key, found)
	}
	if len(missing) > 0 {
		*found = append(*found, Drop{Path: path, Names: names(missing, key)})
	}
}

// identity is what tells the elements of a set apart.
func identity(element any) string {
	if s := text(element); s != "" {
		return s
	}
	for _, key := range []string{"tagKey", "arn", "name", "balancerId"} {
		if s := text(member(element, key)); s != "" {
			return s
		}
	}
	return string(encode(element))
}

// names are those of elements that have one. Others, and values that may be a secret, are left out.
func names(elements []any, key string) []string {
	var all []string
	for _, e := range elements {
		object, ok := e.(map[string]any)
		for _, name := range []string{"tagKey", "arn", "name", "deviceName", "policyName"} {
			if s := text(object[name]); ok && s != "" {
				all = append(all, s)
				break
			}
		}
		if s := text(e); s != "" && sets[key] {
			all = append(all, s)
		}
	}
	return all
}

// withoutClassics is a group without its classic load balancers, in either member.
func withoutClassics(group map[string]any) map[string]any {
	launch, _ := member(member(group, "compute"), "launchSpecification").(map[string]any)
	delete(launch, "loadBalancerNames")
	if config, ok := launch["loadBalancersConfig"].(map[string]any); ok {
		config["loadBalancers"] = slices.DeleteFunc(list(config["loadBalancers"]), func(entry any) bool { return ofType(entry, typeClassic) })
	}
	return group
}
