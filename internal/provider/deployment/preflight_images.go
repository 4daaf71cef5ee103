package deployment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// checkImages refuses images that cannot be launched. It tells whether AWS can be asked for more: credentials that it does
// not know would only be refused again for everything else, and are an error if the rollout needs them.
func (r *deploymentResource) checkImages(ctx context.Context, plan model, built spot.Document, needed bool, diags *diag.Diagnostics) bool {
	var images []runner.Image
	ids := built.ImageIDs()
	for _, id := range ids {
		image, asks := r.checkImage(ctx, id, plan.imageAt(), needed, diags)
		if !asks {
			return false
		}
		if image != nil {
			images = append(images, *image)
		}
	}
	switch {
	case len(images) < len(ids), len(ids) == 0: // what the others boot does not tell anything then
	case len(images) == 1:
		checkArchitecture(images[0], built.InstanceTypes(), plan.imageAt(), diags)
	default:
		checkArchitectures(images, built.InstanceTypes(), plan, diags)
	}
	return true
}

// checkImage reads one image, and refuses it if it cannot be launched; there is none then.
func (r *deploymentResource) checkImage(ctx context.Context, id string, at path.Path, needed bool, diags *diag.Diagnostics) (found *runner.Image, asks bool) {
	image, err := r.clouds.AWS.Image(ctx, id)
	switch {
	case errors.Is(err, runner.ErrGone):
		diags.AddAttributeError(at, "Image not found", diagtext.Sentence(err)+r.clouds.NotThere(ctx, err, "images of its own", id, r.clouds.AWS.KnownImages))
	case aws.Refused(err) && needed:
		diags.AddError("AWS refuses the credentials", "The rollout needs the word of load balancers or alarms. "+diagtext.Sentence(err)+
			" Give the provider other ones: profile, access_key and secret_key, or assume_role; or in the environment AWS_PROFILE, AWS_ACCESS_KEY_ID and the like.")
		return nil, false
	case err != nil:
		diags.AddAttributeWarning(at, "Image could not be checked", diagtext.Sentence(err))
	case image.State != "" && image.State != "available":
		says := "Choose another one."
		if image.State == "pending" || image.State == "transient" {
			says = "Apply again when it is."
		}
		diags.AddAttributeError(at, "Image not available",
			fmt.Sprintf("Image %s is %s. Only an image that is available can be launched. %s", id, image.State, says))
	default:
		return &image, true
	}
	return nil, true
}

// told tells whether the names of instance types tell if they boot an image of this architecture; those of others boot on few.
func told(architecture string) bool { return architecture == "x86_64" || architecture == "arm64" }

// checkArchitecture refuses an image that none of the group's instance types can boot, and warns if some cannot.
func checkArchitecture(image runner.Image, types []string, at path.Path, diags *diag.Diagnostics) {
	var others []string
	if !told(image.Architecture) {
		return
	}
	for _, t := range types {
		if is := spot.Architecture(t); is != "" && is != image.Architecture {
			others = append(others, t)
		}
	}
	switch {
	case len(others) == 0:
	case len(others) == len(types):
		diags.AddAttributeError(at, "Image of another architecture",
			fmt.Sprintf("Image %s is built for %s, and none of the group's instance types (%s) can boot it. Choose an image or instance types of the other architecture.", image.ID, image.Architecture, strings.Join(types, ", ")))
	default:
		diags.AddAttributeWarning(at, "Image of another architecture",
			fmt.Sprintf("Image %s is built for %s, and these of the group's instance types cannot boot it: %s. An instance of such a type would not start: "+
				"take them out of the configuration, or name an image for them, too (image_ids).", image.ID, image.Architecture, strings.Join(others, ", ")))
	}
}

// checkArchitectures refuses images none of which a type of the group can boot, and warns of types that boot none of them, of images
// that no type boots, and of two that the same types boot.
func checkArchitectures(images []runner.Image, types []string, plan model, diags *diag.Diagnostics) {
	by := map[string]string{} // the first image of each architecture
	for _, image := range images {
		if !told(image.Architecture) {
			return
		}
		if first, twice := by[image.Architecture]; twice {
			diags.AddAttributeWarning(plan.imageAt(), "Two images of one architecture",
				fmt.Sprintf("Images %s and %s are both built for %s, and which of them an instance starts from is left to Spot: not all instances of the revision may be the same. Name one for each architecture.",
					first, image.ID, image.Architecture))
			continue
		}
		by[image.Architecture] = image.ID
	}
	var without []string
	boots := map[string]bool{}
	for _, t := range types {
		is := spot.Architecture(t)
		boots[is] = true
		if is != "" && by[is] == "" {
			without = append(without, t)
		}
	}
	ids := make([]string, 0, len(images))
	for _, image := range images {
		ids = append(ids, image.ID)
	}
	at := plan.imageAt()
	switch {
	case len(types) > 0 && len(without) == len(types):
		diags.AddAttributeError(at, "Images of another architecture",
			fmt.Sprintf("None of the group's instance types (%s) can boot any of the images %s. Choose images or instance types of the other architecture.", strings.Join(types, ", "), strings.Join(ids, ", ")))
		return
	case len(without) > 0:
		diags.AddAttributeWarning(at, "Image of another architecture",
			fmt.Sprintf("These of the group's instance types can boot none of the images %s: %s. An instance of such a type would not start: take them out of the configuration, or name an image for them, too.",
				strings.Join(ids, ", "), strings.Join(without, ", ")))
	}
	if boots[""] || len(types) == 0 {
		return // of some types nobody knows what they boot
	}
	for _, image := range images {
		if !boots[image.Architecture] && by[image.Architecture] == image.ID {
			diags.AddAttributeWarning(plan.imageAt(), "Image that nothing boots",
				fmt.Sprintf("Image %s is built for %s, and none of the group's instance types (%s) can boot it: no instance would start from it. Name such types in the configuration, or leave it out.",
					image.ID, image.Architecture, strings.Join(types, ", ")))
		}
	}
}
