package deployment_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// twoArchitecturesWorld has images for x86 (ami-1 to ami-9) and for arm (arm-1 to arm-9, and arm-bad).
func twoArchitecturesWorld(groups ...json.RawMessage) sandbox.Config {
	config := webWorld(groups...)
	for n := 1; n <= 9; n++ {
		config.Images = append(config.Images, sandbox.Image{ID: fmt.Sprintf("arm-%d", n), Name: fmt.Sprintf("web-arm-%d", n), Architecture: "arm64"})
	}
	config.Images = append(config.Images, sandbox.Image{ID: "arm-bad", Name: "web-broken", Architecture: "arm64"})
	return config
}

// twoArchitectures has instance types of both architectures, and images of its own, if there are any.
func twoArchitectures(images ...string) object {
	document := webDocument()
	memberAt(document, "compute")["instanceTypes"] = object{"ondemand": "m5.large", "spot": []any{"m5.large", "m7g.large"}}
	launch := memberAt(document, "compute", "launchSpecification")
	delete(launch, "imageId")
	var list []any
	for _, id := range images {
		list = append(list, object{"id": id})
	}
	if list != nil {
		launch["images"] = list
	}
	return document
}

// releaseBoth is a release of images for both architectures.
func releaseBoth(images ...any) object {
	return release("", object{"image_id": nil, "image_ids": images, "configuration": asJSON(twoArchitectures())})
}

// releaseOwn is a release of what the document itself names.
func releaseOwn(document object) object {
	return release("", object{"image_id": nil, "configuration": asJSON(document)})
}

// imagesLaunched is what a group's document names: "imageId ami-1", or "images ami-1 arm-1".
func imagesLaunched(g sandbox.Group) string {
	var document struct {
		Compute struct {
			LaunchSpecification struct {
				ImageID *string `json:"imageId"`
				Images  []struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(g.Document, &document); err != nil {
		panic(err) // the sandbox answers JSON
	}
	launch, said := document.Compute.LaunchSpecification, []string{}
	if launch.ImageID != nil {
		said = append(said, "imageId "+*launch.ImageID)
	}
	if launch.Images != nil {
		list := "images"
		for _, image := range launch.Images {
			list += " " + image.ID
		}
		said = append(said, list)
	}
	return strings.Join(said, ", ")
}

// mustLaunch fails the test unless the newest group launches these images.
func mustLaunch(t *testing.T, w *sandbox.World, want string) {
	t.Helper()
	groups := w.Groups()
	if got := imagesLaunched(groups[len(groups)-1]); got != want {
		t.Errorf("%s launches %s, want %s", groups[len(groups)-1].Name, got, want)
	}
}

// Images for two architectures are one release, and all of them are in what is said of it.
func TestImagesForTwoArchitectures(t *testing.T) {
	inBubble(t, twoArchitecturesWorld(), func(t *testing.T, d *deployment) {
		d.apply(releaseBoth("ami-1", "arm-1"))
		mustLaunch(t, d.world, "images ami-1 arm-1")
		now := d.now()
		if now["image_id"] != nil || asJSON(now["image_ids"]) != asJSON([]any{"ami-1", "arm-1"}) {
			t.Errorf("image_id is %v, image_ids are %v", now["image_id"], now["image_ids"])
		}
		if group := now["groups"].([]any)[0].(object); group["image_id"] != nil || asJSON(group["image_ids"]) != asJSON([]any{"ami-1", "arm-1"}) {
			t.Errorf("of the group image_id is %v, image_ids are %v", group["image_id"], group["image_ids"])
		}
		d.mustBeSettled(releaseBoth("ami-1", "arm-1"))

		// Another of them is a release.
		run := d.watch()
		p := d.plan(releaseBoth("ami-1", "arm-2"))
		if text := d.planText(p); !strings.Contains(text, "ami-1+arm-1") || !strings.Contains(text, "ami-1+arm-2") {
			t.Errorf("the plan does not name the images:\n%s", text)
		}
		d.apply(releaseBoth("ami-1", "arm-2"))
		run.mustDo("create web__2", "web__2 0 -> 4", "web__1 4 -> 0")
		run.mustServe(4)
		mustLaunch(t, d.world, "images ami-1 arm-2")

		// Both written at once, in place of a list, and back again.
		own := releaseOwn(twoArchitectures("arm-2", "ami-1"))
		run = d.watch()
		d.apply(own)
		run.mustDo()
		d.mustBeSettled(own)
		if now := d.now(); now["image_id"] != nil || now["image_ids"] != nil {
			t.Errorf("image_id is %v, image_ids are %v", now["image_id"], now["image_ids"])
		}
		providertest.MustSucceed(t, d.refresh())
		d.mustBeSettled(own)
		d.apply(release("ami-3"))
		mustLaunch(t, d.world, "imageId ami-3")
		if diags := d.destroy(); providertest.Failed(diags) {
			t.Error(providertest.Render(diags))
		}
	})
}

// What the configuration names itself is released as it stands where nothing else is written.
func TestTheConfigurationsOwnImages(t *testing.T) {
	one := webDocument()
	for name, test := range map[string]struct {
		document object
		want     string
	}{
		"one":               {one, "imageId ami-1"},
		"a list":            {twoArchitectures("arm-1", "ami-2"), "images arm-1 ami-2"},
		"a list of one":     {twoArchitectures("ami-2"), "images ami-2"},
		"one, null images":  {bothChanges(webDocument(), object{"multai": nil}), "imageId ami-1"},
		"a list, null also": {bothChanges(twoArchitectures("ami-2", "arm-3"), object{"scaling": nil}), "images ami-2 arm-3"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, twoArchitecturesWorld(), func(t *testing.T, d *deployment) {
				d.apply(releaseOwn(test.document))
				mustLaunch(t, d.world, test.want)
				d.mustBeSettled(releaseOwn(test.document))
				d.restart()
				d.mustBeSettled(releaseOwn(test.document))
			})
		})
	}
}

// An only image is the same one wherever it is written.
func TestAnOnlyImageWrittenOtherwise(t *testing.T) {
	own := webDocument()
	list := webDocument()
	delete(memberAt(list, "compute", "launchSpecification"), "imageId")
	memberAt(list, "compute", "launchSpecification")["images"] = []any{object{"id": "ami-1"}}
	inBubble(t, twoArchitecturesWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		for _, config := range []object{
			release("", object{"image_id": nil, "image_ids": []any{"ami-1"}}), releaseOwn(own), releaseOwn(list),
			release("", object{"image_id": nil, "image_ids": []any{"ami-1"}, "configuration": asJSON(list)}), release("ami-1"),
		} {
			d.apply(config)
			d.mustBeSettled(config)
		}
		run.mustDo()
	})
}

// listed is a group that launches images of a list.
func listed(name string, images ...string) json.RawMessage {
	var document object
	if err := json.Unmarshal(existing(name, "", 2, 4, 8), &document); err != nil {
		panic(err) // it was made of JSON
	}
	with := twoArchitectures(images...)
	memberAt(document, "compute")["instanceTypes"] = memberAt(with, "compute")["instanceTypes"]
	launch := memberAt(document, "compute", "launchSpecification")
	delete(launch, "imageId")
	launch["images"] = memberAt(with, "compute", "launchSpecification")["images"]
	return json.RawMessage(asJSON(document))
}

// A group that is imported has its images, wherever the user writes them.
func TestImportOfImages(t *testing.T) {
	for name, test := range map[string]struct {
		group  json.RawMessage
		config object
		next   object
		want   string
	}{
		"image_ids": {listed("web__4", "arm-4", "ami-4"), releaseBoth("ami-4", "arm-4"), releaseBoth("ami-5", "arm-5"), "images ami-5 arm-5"},
		"the document's own": {listed("web__4", "arm-4", "ami-4"), releaseOwn(twoArchitectures("ami-4", "arm-4")),
			releaseOwn(twoArchitectures("ami-5", "arm-4")), "images ami-5 arm-4"},
		"image_id, of a list of one": {listed("web__4", "ami-4"), release("ami-4", object{"configuration": asJSON(twoArchitectures())}),
			release("ami-5", object{"configuration": asJSON(twoArchitectures())}), "imageId ami-5"},
		"image_ids, of one": {existing("web__4", "ami-4", 2, 4, 8), release("", object{"image_id": nil, "image_ids": []any{"ami-4"}}),
			release("", object{"image_id": nil, "image_ids": []any{"ami-5"}}), "imageId ami-5"},
		"the document's own, of one": {existing("web__1", "ami-1", 2, 4, 8), releaseOwn(webDocument()), release("ami-5"), "imageId ami-5"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, twoArchitecturesWorld(test.group), func(t *testing.T, d *deployment) {
				imported(t, d)
				run := d.watch()
				if said := providertest.Render(d.plan(test.config).diags); strings.Contains(said, "does not say") {
					t.Errorf("the plan misses something:\n%s", said)
				}
				d.apply(test.config)
				run.mustDo()
				d.mustBeSettled(test.config)
				d.apply(test.next)
				run.mustServe(4)
				mustLaunch(t, d.world, test.want)
				d.mustBeSettled(test.next)
			})
		})
	}
}

// One of two images that is bad fails the release of both, if instances of both are started in time; that is remembered, and the state has
// what serves.
func TestOneOfTwoImagesIsBad(t *testing.T) {
	of := func(images ...any) object {
		return bothChanges(releaseBoth(images...), object{"healthy_timeout": "3m"})
	}
	inBubble(t, twoArchitecturesWorld(), func(t *testing.T, d *deployment) {
		d.apply(of("ami-1", "arm-1"))
		before := d.inputs()
		_, diags := d.tryApply(of("ami-1", "arm-bad"))
		mustExplain(t, diags, "ami-1+arm-bad", "It is remembered", "web__1")
		d.mustBeAsBefore(before, of("ami-1", "arm-bad"))
		d.restart()
		_, diags = d.tryApply(of("ami-1", "arm-bad"))
		mustExplain(t, diags, "Rollout refused", "ami-1+arm-bad", "Nothing was touched")
		d.apply(of("ami-2", "arm-2"))
	})
}

// The state of a run that was cut short is corrected by what serves, in the attribute that names images, if it is another one at all.
func TestStateFollowsTheImagesThatServe(t *testing.T) {
	for name, test := range map[string]struct{ first, second, third object }{
		"several":            {releaseBoth("ami-1", "arm-1"), releaseBoth("ami-2", "arm-2"), releaseBoth("ami-3", "arm-3")},
		"one":                {release("ami-1"), release("ami-2"), release("ami-3")},
		"several after one":  {release("ami-1"), releaseBoth("ami-2", "arm-2"), release("ami-3")},
		"one after several":  {releaseBoth("ami-1", "arm-1"), release("ami-2"), releaseBoth("ami-1", "arm-3")},
		"the document's own": {releaseOwn(twoArchitectures("ami-1", "arm-1")), releaseOwn(twoArchitectures("ami-2", "arm-2")), releaseOwn(twoArchitectures("ami-3", "arm-3"))},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, twoArchitecturesWorld(), func(t *testing.T, d *deployment) {
				d.apply(test.first)
				state, private := d.state, d.private
				d.apply(test.second)
				d.state, d.private = state, private // as a run that is killed when all is done leaves it
				d.restart()
				providertest.MustSucceed(t, d.refresh())
				var ids []string
				now := d.now()
				group := now["groups"].([]any)[0].(object)
				for _, id := range group["image_ids"].([]any) {
					ids = append(ids, id.(string))
				}
				if is, want := rollout.JoinImages(ids), imagesLaunched(d.world.Groups()[1]); !slices.Equal(strings.Fields(strings.NewReplacer("images", "", "imageId", "").Replace(want)), ids) {
					t.Errorf("the live group has %s in the state, and launches %s", is, want)
				}
				d.apply(test.second)
				d.mustBeSettled(test.second)
				d.apply(test.third)
				d.mustBeSettled(test.third)
			})
		})
	}
}

// twoArchitecturesConfiguration is a configuration with types of both architectures, and images.
func twoArchitecturesConfiguration(images ...any) object {
	return object{"image_id": nil, "image_ids": images, "configuration": asJSON(twoArchitectures())}
}

func armWorld(c *sandbox.Config) { c.Images = twoArchitecturesWorld().Images }

// severalImagesMistakes are about more images than one, or none.
var severalImagesMistakes = map[string]mistake{
	"none at all": {noticed: byValidation, others: bothChanges(documented(func(d object) { delete(memberAt(d, "compute", "launchSpecification"), "imageId") }), object{"image_id": nil}),
		at: "configuration", says: []string{"compute.launchSpecification.imageId: it is missing", "write image_id or image_ids"}},
	"one and several": {noticed: byValidation, others: object{"image_ids": []any{"ami-9", "ami-8"}}, at: "image_id", says: []string{"image_ids", "cannot be specified"}},
	"an empty list":   {noticed: byValidation, others: object{"image_id": nil, "image_ids": []any{}}, at: "image_ids", says: []string{"at least 1"}},
	"both in the document": {noticed: byValidation, others: bothChanges(documented(func(d object) {
		memberAt(d, "compute", "launchSpecification")["images"] = []any{object{"id": "ami-2"}}
	}), object{"image_id": nil}), at: "configuration", says: []string{"imageId and images are both set"}},
	"several beside ECS": {noticed: byValidation, others: bothChanges(integrated("ecs", object{"clusterName": "a"}), object{"image_id": nil, "image_ids": []any{"ami-9", "arm-9"}}),
		at: "image_ids", says: []string{"2 images", "thirdPartiesIntegration.ecs", "takes one alone", "Write image_id"}},
	"one of them is not there": {noticed: byPlan, world: func(c *sandbox.Config) {
		armWorld(c)
		c.Images = slices.DeleteFunc(c.Images, func(i sandbox.Image) bool { return i.ID == "arm-9" })
	}, others: twoArchitecturesConfiguration("ami-9", "arm-9"), at: "image_ids", says: []string{"not found", "arm-9"}},
	"one of them is pending": {noticed: byPlan, world: func(c *sandbox.Config) {
		armWorld(c)
		for i := range c.Images {
			if c.Images[i].ID == "arm-9" {
				c.Images[i].State = "pending"
			}
		}
	}, others: twoArchitecturesConfiguration("ami-9", "arm-9"), at: "image_ids", says: []string{"arm-9 is pending", "Apply again when it is"}},
	"two for one architecture": {noticed: byPlan, warned: true, world: armWorld, times: 2, others: twoArchitecturesConfiguration("ami-8", "ami-9"),
		at: "image_ids", says: []string{"ami-8 and ami-9 are both built for x86_64", "Name one for each"}},
	"one that nothing boots": {noticed: byPlan, warned: true, world: armWorld, others: object{"image_id": nil, "image_ids": []any{"ami-9", "arm-9"}},
		at: "image_ids", says: []string{"arm-9 is built for arm64", "no instance would start from it"}},
	"none that anything boots": {noticed: byPlan, world: armWorld, others: object{"image_id": nil, "image_ids": []any{"arm-8", "arm-9"}}, at: "image_ids",
		says: []string{"None of the group's instance types", "any of the images arm-8, arm-9"}},
	"the document's own is not there": {noticed: byPlan, world: func(c *sandbox.Config) {
		c.Images = slices.DeleteFunc(c.Images, func(i sandbox.Image) bool { return i.ID == "ami-1" })
	}, others: object{"image_id": nil}, at: "configuration", says: []string{"not found", "ami-1"}},
}
