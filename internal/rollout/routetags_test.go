package rollout_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// recordedRoutes draws routes as a candidate's journal keeps them: of any partition, with the longest names there are.
func recordedRoutes() *rapid.Generator[[]Route] {
	return rapid.Custom(func(t *rapid.T) []Route {
		base := rapid.SampledFrom([]string{
			"arn:aws:elasticloadbalancing:us-east-1:123456789012:", "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:",
			"arn:aws-cn:elasticloadbalancing:cn-northwest-1:123456789012:",
		}).Draw(t, "partition")
		id := rapid.StringMatching(`[0-9a-f]{16}`)
		label := rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?`), rapid.StringMatching(`[a-z]{32}`))
		group := func(what string) string {
			return base + "targetgroup/" + label.Draw(t, what) + "/" + id.Draw(t, what)
		}
		action := func(what string) string {
			arn := "/app/" + label.Draw(t, what) + "/" + id.Draw(t, what) + "/" + id.Draw(t, what)
			if rapid.Bool().Draw(t, what+" is a rule") {
				return base + "listener-rule" + arn + "/" + id.Draw(t, what)
			}
			return base + "listener" + arn
		}
		weight := func(what string) int { return rapid.IntRange(0, 999).Draw(t, what) }
		var all []Route
		for range rapid.IntRange(1, 2).Draw(t, "routes") {
			live, idle := group("live"), group("idle")
			r := Route{RoutePair: RoutePair{ProductionARN: action("production")}, Production: Forward{{live, weight("of the live one")}}}
			if rapid.Bool().Draw(t, "names both") {
				r.Production = append(r.Production, Share{idle, weight("of the idle one")})
			}
			if rapid.Bool().Draw(t, "has a stage") {
				r.StageARN, r.Stage = action("stage"), Forward{{idle, weight("on stage")}}
				if rapid.Bool().Draw(t, "stage names both") {
					r.Stage = append(r.Stage, Share{live, weight("of the live one on stage")})
				}
			}
			all = append(all, r)
		}
		return all
	})
}

// What one process writes of the routes the next one reads, and all of it is such as EC2 takes.
func TestRoutesAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := journals().Draw(t, "journal")
		j.Routes = recordedRoutes().Draw(t, "routes")
		tags := j.Tags()
		if most := TagCount + TagsARoute*len(j.Routes); len(tags) > most {
			t.Errorf("%d tags, more than %d", len(tags), most)
		}
		for key, value := range tags {
			if !OwnTag(key) || !tagText.MatchString(key) || !tagText.MatchString(value) || strings.TrimSpace(value) != value {
				t.Errorf("%q is %q, %d characters", key, value, len(value))
			}
		}
		got, ok := ParseJournal(tags)
		if diff := cmp.Diff(j, got); !ok || diff != "" {
			t.Fatalf("%v %s", ok, diff)
		}
	})
}

// Tags of an earlier release with more routes may be left on a group that comes back: they are not read.
func TestRoutesOfAnEarlierReleaseAreNotRead(t *testing.T) {
	j := routeJournal()
	tags := j.Tags()
	j.Routes = j.Routes[:1]
	for key, value := range j.Tags() {
		tags[key] = value
	}
	got, ok := ParseJournal(tags)
	if diff := cmp.Diff(j, got); !ok || diff != "" {
		t.Errorf("%v %s", ok, diff)
	}
}

func TestDamagedRoutesAreNobodys(t *testing.T) {
	for what, damage := range map[string]struct{ key, value string }{
		"no count":           {"routes", "two"},
		"one too many":       {"routes", "3"},
		"nothing was":        {"route-1-was", ""},
		"no production":      {"route-1-was", "stage green/1f0c2a5e77d8b3c4=1"},
		"nowhere":            {"route-1-was", "production  - stage green/1f0c2a5e77d8b3c4=1"},
		"no weight":          {"route-1-was", "production blue/73e2d6bc24d8a067 - stage green/1f0c2a5e77d8b3c4=1"},
		"weight no number":   {"route-1-was", "production blue/73e2d6bc24d8a067=all - stage green/1f0c2a5e77d8b3c4=1"},
		"negative weight":    {"route-1-was", "production blue/73e2d6bc24d8a067=-1 - stage green/1f0c2a5e77d8b3c4=1"},
		"no target group":    {"route-1-was", "production =1 - stage green/1f0c2a5e77d8b3c4=1"},
		"no stage":           {"route-1-was", "production blue/73e2d6bc24d8a067=1"},
		"stage nowhere":      {"route-1-was", "production blue/73e2d6bc24d8a067=1 - stage "},
		"a stage for nobody": {"route-1-stage", "none"},
	} {
		tags := routeJournal().Tags()
		if _, there := tags["elastigroup:"+damage.key]; !there {
			t.Errorf("%s: there is no tag %s", what, damage.key)
		}
		tags["elastigroup:"+damage.key] = damage.value
		if j, ok := ParseJournal(tags); ok {
			t.Errorf("%s: read as %+v", what, j.Routes)
		}
	}
	tags := routeJournal().Tags()
	delete(tags, "elastigroup:route-2-production")
	if j, ok := ParseJournal(tags); ok {
		t.Errorf("a route without production: read as %+v", j.Routes)
	}
}

func routeJournal() Journal {
	return Journal{Deployment: "web", Revision: 7, Release: "r7", Verdict: RollingOut, Previous: "sig-1", PreviousCapacity: Pin(2), Retain: 3,
		Routes: []Route{
			{RoutePair{listener, stageListener}, Forward{{blue, 1}}, Forward{{green, 1}}},
			{RoutePair{ProductionARN: rule}, Forward{{green, 0}, {blue, 7}}, nil},
		}}
}
