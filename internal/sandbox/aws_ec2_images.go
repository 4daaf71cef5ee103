package sandbox

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var imageFilters = ec2Filters[Image]{
	"architecture":        func(i Image) []string { return []string{i.Architecture} },
	"creation-date":       func(i Image) []string { return []string{i.CreationDate} },
	"description":         func(i Image) []string { return []string{i.Description} },
	"ena-support":         func(Image) []string { return []string{"true"} },
	"hypervisor":          func(Image) []string { return []string{"xen"} },
	"image-id":            func(i Image) []string { return []string{i.ID} },
	"image-type":          func(Image) []string { return []string{"machine"} },
	"is-public":           func(i Image) []string { return []string{strconv.FormatBool(i.Public)} },
	"manifest-location":   func(i Image) []string { return []string{i.location()} },
	"name":                func(i Image) []string { return []string{i.Name} },
	"owner-alias":         func(i Image) []string { return []string{i.OwnerAlias} },
	"owner-id":            func(i Image) []string { return []string{i.Owner} },
	"platform":            func(i Image) []string { return []string{i.Platform} },
	"root-device-name":    func(Image) []string { return []string{rootDevice} },
	"root-device-type":    func(i Image) []string { return []string{i.RootDeviceType} },
	"state":               func(i Image) []string { return []string{i.State} },
	"virtualization-type": func(i Image) []string { return []string{i.VirtualizationType} },
}

const rootDevice = "/dev/xvda"

func (i Image) location() string { return i.Owner + "/" + i.Name }

var imageID = regexp.MustCompile(`^ami-[0-9a-f]+$`)

func (w *awsHalf) describeImages(input *tree) ([]element, *awsFault) {
	for _, id := range input.texts("ImageId") {
		if _, known := w.image(id); known {
			continue
		}
		if !imageID.MatchString(id) {
			return nil, refuse("InvalidAMIID.Malformed", "Invalid id: \"%s\" (expecting \"ami-...\")", id)
		}
		return nil, refuse("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", id)
	}
	var each []element
	for _, i := range w.images() {
		ok, fault := w.describes(i, input)
		if fault != nil {
			return nil, fault
		}
		if ok {
			each = append(each, w.imageElement(i))
		}
	}
	return ec2Page("imagesSet", each, input)
}

// describes tells whether a call asks for the image.
func (w *awsHalf) describes(i Image, input *tree) (bool, *awsFault) {
	ok, fault := imageFilters.matches(i, i.Tags, input)
	if !ok {
		return false, fault
	}
	ids, owners, users := input.texts("ImageId"), input.texts("Owner"), input.texts("ExecutableBy")
	switch {
	case len(ids) > 0 && !slices.Contains(ids, i.ID):
		return false, nil
	case len(owners) > 0 && !slices.ContainsFunc(owners, func(o string) bool { return w.owns(o, i) }):
		return false, nil
	case len(users) > 0 && !slices.ContainsFunc(users, func(u string) bool { return w.mayLaunch(u, i) }):
		return false, nil
	}
	// The owner of a deprecated image always sees it.
	hidden := w.deprecated(i) && i.Owner != w.config.AWSAccount && input.text("IncludeDeprecated") != "true"
	return !hidden, nil
}

func (w *awsHalf) owns(owner string, i Image) bool {
	if owner == "self" {
		owner = w.config.AWSAccount
	}
	return owner == i.Owner || i.OwnerAlias != "" && owner == i.OwnerAlias
}

// mayLaunch tells whether somebody has been allowed to launch the image, other than by owning it: everybody may launch a
// public one; one of another account that is not public would not be here if it were not shared with this account.
func (w *awsHalf) mayLaunch(user string, i Image) bool {
	if user == "all" {
		return i.Public
	}
	shared := !i.Public && i.Owner != w.config.AWSAccount
	return shared && (user == "self" || user == w.config.AWSAccount)
}

func (w *awsHalf) deprecated(i Image) bool {
	at, err := time.Parse(time.RFC3339, i.DeprecationTime)
	return err == nil && !w.now.Before(at)
}

func (w *awsHalf) imageElement(i Image) element {
	details, operation := "Linux/UNIX", "RunInstances"
	if i.Platform == "windows" {
		details, operation = "Windows", "RunInstances:0002"
	}
	snapshot := parent("", leaf("deviceName", rootDevice), parent("ebs",
		leaf("deleteOnTermination", true),
		leaf("snapshotId", "snap-"+fingerprint(i.ID)),
		leaf("volumeSize", 8),
		leaf("volumeType", "gp3"),
		leaf("encrypted", false)))
	e := parent("",
		leaf("imageId", i.ID),
		leaf("imageLocation", i.location()),
		leaf("imageState", i.State),
		leaf("imageOwnerId", i.Owner),
		leaf("creationDate", i.CreationDate),
		leaf("isPublic", i.Public),
		leaf("architecture", i.Architecture),
		leaf("imageType", "machine"),
		leaf("name", i.Name),
		leaf("rootDeviceType", i.RootDeviceType),
		leaf("rootDeviceName", rootDevice),
		list("blockDeviceMapping", "item", []element{snapshot}),
		leaf("virtualizationType", i.VirtualizationType),
		leaf("hypervisor", "xen"),
		leaf("enaSupport", true),
		leaf("platformDetails", details),
		leaf("usageOperation", operation),
		list("tagSet", "item", tagElements(i.Tags, "key", "value")),
	)
	for name, value := range map[string]string{
		"description": i.Description, "deprecationTime": i.DeprecationTime, "imageOwnerAlias": i.OwnerAlias, "platform": i.Platform,
	} {
		e.children = append(e.children, optional(name, value)...)
	}
	slices.SortFunc(e.children, func(a, b element) int { return strings.Compare(a.name, b.name) })
	return e
}
