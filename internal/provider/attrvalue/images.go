package attrvalue

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// OnlyImage is the image of a group (see rollout.JoinImages); null if it has several, or none.
func OnlyImage(image string) types.String {
	if ids := rollout.SplitImages(image); len(ids) == 1 {
		return types.StringValue(ids[0])
	}
	return types.StringNull()
}

// ImageList are all images of a group (see rollout.JoinImages).
func ImageList(image string) types.List {
	ids := []attr.Value{}
	for _, id := range rollout.SplitImages(image) {
		ids = append(ids, types.StringValue(id))
	}
	return types.ListValueMust(types.StringType, ids)
}
