package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Image is a machine image, and how instances of it behave.
type Image struct {
	// ID is "ami-…".
	ID string `json:"id"`
	// Name is what the image is called. Default: its ID.
	Name string `json:"name"`
	// Description is a text as EC2 has it.
	Description string `json:"description"`
	// Architecture is that of the instance types it runs on: "x86_64", "arm64", …. Default "x86_64".
	Architecture string `json:"architecture"`
	// RootDeviceType is "ebs" or "instance-store". Default "ebs".
	RootDeviceType string `json:"root_device_type"`
	// VirtualizationType is "hvm" or "paravirtual". Default "hvm".
	VirtualizationType string `json:"virtualization_type"`
	// Platform is "windows", or "" for Linux.
	Platform string `json:"platform"`
	// CreationDate is RFC 3339 with milliseconds, as EC2 gives it. Default: a day before the world began and a second
	// later for each image.
	CreationDate string `json:"creation_date"`
	// DeprecationTime is RFC 3339; empty for an image that is not to be deprecated.
	DeprecationTime string `json:"deprecation_time"`
	// State is "available" (the default), "pending", "failed", "deregistered", ….
	State string `json:"state"`
	// Owner is the AWS account whose image it is. Default: that of the world.
	Owner string `json:"owner"`
	// OwnerAlias is "amazon", "aws-marketplace", ….
	OwnerAlias string `json:"owner_alias"`
	// Public is true for an image that anybody may launch.
	Public bool `json:"public"`

	// Tags are the tags of the image, by key.
	Tags map[string]string `json:"tags"`
	// Behaviour is how the application on its instances behaves.
	Behaviour Behaviour `json:"behaviour"`
}

// Behaviour is how the application on instances of an image behaves.
type Behaviour struct {
	// Kind is how they behave: "healthy" ones answer health checks, "slow" ones much later, "never" ones never; a "crash" answers and stops
	// after a while; one that "dies" is terminated by EC2 at launch, and one that is "refused" is not launched at all. Default: the
	// image's name says it: a name with a part "slow", "never", "broken", "crash", "dies" or "refused" (parts are separated by anything
	// but letters and digits) behaves so, any other is healthy.
	Kind Kind `json:"kind"`
	// Running is the time from launch until an instance runs. Default: that of the world's boot.
	Running Duration `json:"running"`
	// Answering is the time from launch until it answers health checks. Default: that of the world's boot.
	Answering Duration `json:"answering"`
	// Later is how much later than Answering a slow one answers. Default 3m.
	Later Duration `json:"later"`
	// CrashAfter is how long a crashing one answers before it stops. Default 2m.
	CrashAfter Duration `json:"crash_after"`
	// Reason is what balancers say of one that does not answer: "Health checks failed with these codes: [503]" (the
	// default), "Request timed out".
	Reason string `json:"reason"`
	// Code is why one that dies or is refused is not launched, as EC2 names it. Default: "Client.InvalidKMSKey.InvalidState" of one that
	// dies, "AuthFailure" of one that is refused.
	Code string `json:"code"`
	// Message is the same in EC2's words. Default: what EC2 says with the default code.
	Message string `json:"message"`
	// Silent keeps Spot's log from saying so: EC2 alone knows why.
	Silent bool `json:"silent"`

	// ErrorRatio is the fraction of the requests that it answers with a 5XX. Health checks notice nothing. As CrashRatio and Latency do, it
	// holds for the instances that run already, too.
	ErrorRatio float64 `json:"error_ratio"`
	// CrashRatio is the fraction of the requests during which it dies: they are a 502 of the balancer, which no target group counts among its
	// answers. Health checks notice nothing.
	CrashRatio float64 `json:"crash_ratio"`
	// Latency is how long half of the requests take at most. Default 50ms.
	Latency Duration `json:"latency"`
}

// Kind is a kind of behaviour.
type Kind string

const (
	// Healthy answers health checks from Answering on.
	Healthy Kind = "healthy"
	// Slow does, but much later.
	Slow Kind = "slow"
	// Never never does.
	Never Kind = "never"
	// Crash does, and stops after a while.
	Crash Kind = "crash"
	// Dies is terminated by EC2 a few seconds after launch, before anything runs on it: its volumes cannot be decrypted, for
	// instance. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-instancelaunchfailure.html
	Dies Kind = "dies"
	// Refused is one that EC2 refuses to launch: an image that is not shared with the account, or volumes that do not fit.
	Refused Kind = "refused"
)

// behaviours are all kinds of behaviour.
var behaviours = []Kind{Healthy, Slow, Never, Crash, Dies, Refused}

// AddImage adds an image, or replaces that of the same ID for instances launched from now on.
func (w *core) AddImage(i Image) error {
	if err := errors.Join(i.check(), outOfBounds(i)); err != nil {
		return fmt.Errorf("adding an image: %w", err)
	}
	w.locked(func() { w.addImage(i); w.traffic.stale = true })
	return nil
}

// RemoveImage deregisters an image. Instances of it live on.
func (w *core) RemoveImage(id string) {
	w.locked(func() {
		delete(w.pictures.byID, id)
		w.traffic.stale = true
		for n, known := range w.pictures.order {
			if known == id {
				w.pictures.order = append(w.pictures.order[:n:n], w.pictures.order[n+1:]...)
				return
			}
		}
	})
}

// pictures is the world's store of images.
type pictures struct {
	byID  map[string]Image
	order []string
}

func (w *core) initImages() {
	w.pictures.byID = make(map[string]Image, len(w.config.Images))
	for _, i := range w.config.Images {
		w.addImage(i)
	}
}

func (w *core) addImage(i Image) {
	orText(&i.Name, i.ID)
	orText(&i.Architecture, "x86_64")
	orText(&i.RootDeviceType, "ebs")
	orText(&i.VirtualizationType, "hvm")
	orText(&i.State, "available")
	orText(&i.Owner, w.config.AWSAccount)
	orText(&i.CreationDate, w.start.Add(-24*time.Hour+time.Duration(len(w.pictures.order))*time.Second).Format(milliseconds))
	if i.Behaviour.Kind == "" {
		i.Behaviour.Kind = kindByName(i.Name)
	}
	i.Behaviour = i.Behaviour.complete(w.config.Boot)
	if _, known := w.pictures.byID[i.ID]; !known {
		w.pictures.order = append(w.pictures.order, i.ID)
	}
	w.pictures.byID[i.ID] = i
}

// image is one image.
func (w *core) image(id string) (Image, bool) {
	i, ok := w.pictures.byID[id]
	return i, ok
}

// images are all images in the order in which they were added.
func (w *core) images() []Image {
	all := make([]Image, len(w.pictures.order))
	for n, id := range w.pictures.order {
		all[n] = w.pictures.byID[id]
	}
	return all
}

// imageFor is the image that an instance is launched of: where the group has several, the first one of the architecture of its
// type (https://docs.spot.io/elastigroup/, on several AMIs).
func (w *core) imageFor(i *instance) string {
	for _, id := range i.group.spec.images {
		if image, ok := w.image(id); ok && image.Architecture == architectureOf(i.kind) {
			return id
		}
	}
	return i.group.spec.image
}

// behaviour is that of instances of an image; those of one that is not there are healthy.
func (w *core) behaviour(imageID string) Behaviour {
	if i, ok := w.pictures.byID[imageID]; ok {
		return i.Behaviour
	}
	return Behaviour{Kind: Healthy}.complete(w.config.Boot)
}

func kindByName(name string) Kind {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	for _, part := range parts {
		switch part {
		case "slow":
			return Slow
		case "never", "broken":
			return Never
		case "crash", "crashes", "crashing":
			return Crash
		case "dies":
			return Dies
		case "refused":
			return Refused
		}
	}
	return Healthy
}

func (i Image) check() error {
	var ms mistakes
	if i.ID == "" {
		ms.add("", "image %q has no id", i.Name)
	}
	if b := i.Behaviour; b.ErrorRatio <= 1 && b.CrashRatio <= 1 && b.ErrorRatio+b.CrashRatio > 1 {
		ms.add("behaviour.crash_ratio", "%v is more than error_ratio leaves of 1", b.CrashRatio)
	}
	return ms.orNil()
}

func (b Behaviour) complete(boot Boot) Behaviour {
	orDuration(&b.Running, time.Duration(boot.Running))
	orDuration(&b.Answering, time.Duration(boot.Answering))
	orDuration(&b.Later, 3*time.Minute)
	orDuration(&b.CrashAfter, 2*time.Minute)
	orDuration(&b.Latency, 50*time.Millisecond)
	orText(&b.Reason, "Health checks failed with these codes: [503]")
	switch b.Kind {
	case Dies:
		orText(&b.Code, "Client.InvalidKMSKey.InvalidState")
		orText(&b.Message, "The KMS key provided is in an incorrect state")
	case Refused:
		orText(&b.Code, "AuthFailure")
		orText(&b.Message, "Not authorized for images")
	}
	return b
}
