package deployment

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/attrvalue"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// images are those that the deployment says itself, in alphabetical order; nil where its configuration's own stay. An imported
// deployment says the same twice, by image_id and by image_ids.
func (m model) images(ctx context.Context, diags *diag.Diagnostics) []string {
	if ids := setOf(ctx, m.ImageIDs, diags); ids != nil {
		for i := range *ids {
			(*ids)[i] = strings.TrimSpace((*ids)[i])
		}
		slices.Sort(*ids)
		return slices.Compact(*ids)
	}
	if id := strings.TrimSpace(m.ImageID.ValueString()); id != "" {
		return []string{id}
	}
	return nil
}

// images are those that instances of the release start from, in alphabetical order.
func (r release) images() []string {
	if r.overrides.ImageIDs != nil {
		return r.overrides.ImageIDs
	}
	return r.document.ImageIDs()
}

// imageAt is the attribute that names the images.
func (m model) imageAt() path.Path {
	switch {
	case !m.ImageIDs.IsNull():
		return path.Root("image_ids")
	case !m.ImageID.IsNull():
		return path.Root("image_id")
	}
	return path.Root("configuration")
}

// setImages makes the images those of a group, in the attribute that names them already.
func (m *model) setImages(image string) {
	ids := rollout.SplitImages(image)
	if r := m.writtenImages(); slices.Equal(r, ids) {
		return
	}
	listed := !m.ImageIDs.IsNull()
	if !m.ImageID.IsNull() || !listed {
		m.ImageID = attrvalue.OnlyImage(image)
	}
	if listed || len(ids) > 1 {
		m.ImageIDs = imageSet(ids)
	}
}

// writtenImages are the images of the state, its configuration's own where it says none.
func (m model) writtenImages() []string {
	var diags diag.Diagnostics
	return m.release(context.Background(), &diags).images()
}

// imageSet is what image_ids has.
func imageSet(ids []string) types.Set {
	if len(ids) == 0 {
		return types.SetNull(types.StringType)
	}
	values := make([]attr.Value, 0, len(ids))
	for _, id := range ids {
		values = append(values, types.StringValue(id))
	}
	return types.SetValueMust(types.StringType, values)
}

// setOf are the texts of a set; nil if it was left out.
func setOf(ctx context.Context, set types.Set, diags *diag.Diagnostics) *[]string {
	if set.IsNull() {
		return nil
	}
	texts := textsIn(ctx, set.Elements(), diags)
	return &texts
}
