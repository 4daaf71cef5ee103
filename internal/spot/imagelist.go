package spot

import (
	"maps"
	"slices"
)

// ImageIDs are the images of the launch specification, in alphabetical order: the one of imageId, or those of images, of which
// Elastigroup picks the one for an instance type's architecture.
func (d Document) ImageIDs() []string {
	if image := text(d.launch("imageId")); image != "" {
		return []string{image}
	}
	var ids []string
	for _, image := range list(d.launch("images")) {
		if id := text(member(image, "id")); id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// setImages puts images in the place of the launch specification's own: imageId for one, images for several. Spot takes one of the two.
func setImages(launch map[string]any, ids []string) {
	if len(ids) == 0 {
		return
	}
	delete(launch, "imageId")
	delete(launch, "images")
	if len(ids) == 1 {
		launch["imageId"] = ids[0]
		return
	}
	images := make([]any, 0, len(ids))
	for _, id := range ids {
		images = append(images, map[string]any{"id": id})
	}
	launch["images"] = images
}

// sameImages spells what means the same in one way: an only image as imageId, several in alphabetical order.
func sameImages(group map[string]any) {
	launch, _ := member(member(group, "compute"), "launchSpecification").(map[string]any)
	images := list(launch["images"])
	if len(images) == 0 || launch["imageId"] != nil || slices.ContainsFunc(images, func(i any) bool { return !onlyID(i) }) {
		return
	}
	ids := Document{group: group}.ImageIDs()
	setImages(launch, ids)
}

// onlyID tells whether an image says its ID, and nothing else.
func onlyID(image any) bool {
	object, _ := image.(map[string]any)
	return slices.Equal(slices.Collect(maps.Keys(object)), []string{"id"}) && text(object["id"]) != ""
}
