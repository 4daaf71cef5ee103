package rollout

import (
	"fmt"
	"strconv"
	"strings"
)

// A route's tags: the ARNs of production and stage, and where both forwarded when the candidate was created.
const (
	tagRoute  = tagPrefix + "route-"
	tagRoutes = tagPrefix + "routes"
)

// TagsARoute is the most tags that each route adds to the journal.
const TagsARoute = 3

// routeTags write the routes as they were: "production blue/73e2d6bc24d8a067=100 green/1f0c…=0 - stage green/1f0c…=1". A target
// group is written without what it has in common with its listener, so that two pairs of them fit in a value.
//
// How many there are is written, too: tags that are written once are not taken away, and those of an earlier release may be left.
func routeTags(routes []Route, tags map[string]string) {
	tags[tagRoutes] = strconv.Itoa(len(routes))
	for i, r := range routes {
		key, common := tagRoute+strconv.Itoa(i+1), common(r.ProductionARN)
		tags[key+"-production"], tags[key+"-stage"] = r.ProductionARN, none
		was := "production" + forwardTag(r.Production, common)
		if r.StageARN != "" {
			tags[key+"-stage"] = r.StageARN
			was += " - stage" + forwardTag(r.Stage, common)
		}
		tags[key+"-was"] = was
	}
}

// none is the value of a tag that has nothing to say.
const none = "none"

func forwardTag(f Forward, common string) string {
	text := ""
	for _, s := range f {
		text += fmt.Sprintf(" %s=%d", strings.TrimPrefix(s.TargetGroup, common), s.Weight)
	}
	return text
}

// common is how the ARN of a target group begins that a listener or rule may forward to.
func common(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return strings.Join(parts[:5], ":") + ":targetgroup/"
}

// routes reads them back.
func (r *tagReader) routes() []Route {
	var routes []Route
	for i := range r.number(tagRoutes, 0, mostRoutes, 0) {
		key := tagRoute + strconv.Itoa(i+1)
		route := Route{RoutePair: RoutePair{ProductionARN: r.text(key + "-production"), StageARN: r.text(key + "-stage")}}
		if route.ProductionARN == "" {
			r.refuse(key+"-production", "the ARN of a listener or rule, as there are "+r.tags[tagRoutes]+" routes")
		}
		was, stage, staged := strings.Cut(r.tags[key+"-was"], " - stage ")
		was, found := strings.CutPrefix(was, "production ")
		common := common(route.ProductionARN)
		var fine bool
		if route.Production, fine = parseForward(was, common); fine && staged {
			route.Stage, fine = parseForward(stage, common)
		}
		if !fine || !found || staged != (route.StageARN != "") {
			r.refuse(key+"-was", `"production GROUP/ID=WEIGHT …", and " - stage GROUP/ID=WEIGHT …" behind it if there is a stage`)
		}
		routes = append(routes, route)
	}
	return routes
}

func parseForward(text, common string) (Forward, bool) {
	var f Forward
	for _, field := range strings.Fields(text) {
		at := strings.LastIndex(field, "=")
		if at <= 0 {
			return nil, false
		}
		weight, err := strconv.Atoi(field[at+1:])
		if err != nil || weight < 0 || weight > mostWeight {
			return nil, false
		}
		group := field[:at]
		if !strings.HasPrefix(group, "arn:") {
			group = common + group
		}
		f = append(f, Share{group, weight})
	}
	return f, len(f) > 0
}
