package rollout

import "strings"

// A group starts its instances from one image, or from several, one for each processor architecture. As the image of a Deployment or a
// Group several are one text, "ami-0a1+ami-0b2", which all that is said of a release has in it. No ID has a + in it:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html

// JoinImages makes one text of the IDs of images, "" if there are none.
func JoinImages(ids []string) string { return strings.Join(ids, "+") }

// SplitImages are the IDs in such a text.
func SplitImages(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "+")
}
