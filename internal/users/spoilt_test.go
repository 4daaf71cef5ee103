package users_test

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// spoilt is how a service behaves that was good and has turned bad, for a reason that is in no image: what it calls fails, or is slow.
type spoilt struct {
	errorRatio float64
	latency    time.Duration
}

var (
	erring = spoilt{errorRatio: 0.5}
	slow   = spoilt{latency: 2 * time.Minute}
)

// serviceImages are the good images that stories release, and whose service may turn bad.
var serviceImages = []string{"ami-1", "ami-2", "ami-3"}

// turning are the services that turn bad and good again, in the middle of a rollout too, and what is asked about them.
func turning() []deed {
	all := slices.Concat(
		timed(20, "the service of ami-2 begins to answer with errors", 0, func(s *scene) { s.spoil(erring, "ami-2") }),
		timed(15, "the service of ami-2 begins to take minutes for an answer", 0, func(s *scene) { s.spoil(slow, "ami-2") }),
		timed(15, "the services of all images begin to answer with errors", 0, func(s *scene) { s.spoil(erring, serviceImages...) }),
		timed(8, "the services of all images begin to take minutes for an answer", 0, func(s *scene) { s.spoil(slow, serviceImages...) }),
		timed(15, "all services answer as they should again", 0, func(s *scene) { s.unspoil() }))
	return append(all,
		deed{"compare is written, because of the service", 40, edit(func(m *module) { m.compare = m.strategy == "blue/green by weights" })},
		deed{"a check is written of the service", 40, edit(func(m *module) { m.check = "passes" })},
		deed{"the header of the check is one that Terraform stores nowhere", 30, edit(func(m *module) { m.secretHeader = m.check == "passes" || m.check == "fails" })},
		deed{"the header of the check is in the state again", 8, edit(func(m *module) { m.secretHeader = false })},
		deed{"the bakes become 10m, because of the service", 30, edit(func(m *module) { m.bake = "10m" })})
}

// spoil turns the services of images bad.
func (s *scene) spoil(how spoilt, images ...string) {
	s.mu.Lock()
	for _, image := range images {
		s.spoilt[image] = how
	}
	s.turns++
	s.mu.Unlock()
	for _, image := range images {
		s.behaves(image, sandbox.Behaviour{ErrorRatio: how.errorRatio, Latency: sandbox.Duration(how.latency)})
	}
}

// unspoil has all services answer as they should.
func (s *scene) unspoil() {
	s.mu.Lock()
	were := sortedKeys(s.spoilt)
	clear(s.spoilt)
	s.turns++
	s.mu.Unlock()
	for _, image := range were {
		s.behaves(image, sandbox.Behaviour{})
	}
}

func (s *scene) behaves(image string, b sandbox.Behaviour) {
	for _, i := range goodImages() {
		if i.ID == image {
			i.Behaviour = b
			if err := s.world.AddImage(i); err != nil {
				panic(err)
			}
		}
	}
}

// turnedIn tells whether any service was bad, or turned, while an operation ran.
func (s *scene) turnedIn(op *operation) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.spoilt) > 0 || s.turns != op.turns
}

// stood is how the services of two images have behaved from before an operation to its end; false if any of them turned in it, or is one
// that was made bad.
func (s *scene) stood(one, other string, op *operation) (oneIs, otherIs spoilt, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(serviceImages, one) || !slices.Contains(serviceImages, other) || s.turns != op.turns {
		return spoilt{}, spoilt{}, false
	}
	return s.spoilt[one], s.spoilt[other], true
}

// errsAlone tells whether all through an operation the service of one image has answered with errors, and that of another has not.
func (s *scene) errsAlone(image, other string, op *operation) bool {
	is, otherIs, ok := s.stood(image, other, op)
	return ok && is == erring && otherIs != erring
}

// slowAlone tells the same of one that has taken minutes for each answer.
func (s *scene) slowAlone(image, other string, op *operation) bool {
	is, otherIs, ok := s.stood(image, other, op)
	return ok && is == slow && otherIs != slow
}

// actionsDone is how a verdict of compare names the two that it compares.
var actionsDone = regexp.MustCompile(` of \S+ beside \S+`)

// judgeCommonCause: what befalls both revisions alike is not held against the new one by comparing the two.
func (s *scene) judgeCommonCause(op *operation, live sandbox.Group) {
	if !op.plan.file.compare || op.plan.file.check != "" {
		return
	}
	now, before, ok := s.stood(op.plan.file.image, imageOf(live), op)
	if said := providertest.Render(op.diags); ok && now == before && strings.Contains(said, "Release failed") && actionsDone.MatchString(said) {
		s.broken(ruleChecks, "the service of %s behaves as that of %s does, and this is said:\n%s", op.plan.file.image, imageOf(live), said)
	}
}
