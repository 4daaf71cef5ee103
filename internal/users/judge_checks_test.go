package users_test

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	ruleChecks rule = "a check decides as it is written"
	ruleLimits rule = "a time-out ends what it is about"
)

// judgeChecks: a release with which a check finds fault does not stand, and one about which nothing could be known does what is written.
func (s *scene) judgeChecks(op *operation) {
	file := op.plan.file
	if file.check == "" && !file.compare || !op.does("update") || !op.undisturbed() || s.faulty || s.contested || s.tagsEdited || len(op.plan.steps) > 1 {
		return
	}
	was, is := rolesOf(file.name, op.before), rolesOf(file.name, op.after)
	o := op.state.objects[main]
	if o == nil || was.live == nil || was.candidate != nil {
		return
	}
	said := providertest.Render(op.diags)
	failed := providertest.Failed(op.diags)
	if failed && (file.check == "passes" && !file.fickle() && !s.turnedIn(op) || file.check == "unanswered" && file.inconclusive == "pass") && (strings.Contains(said, "check smoke") || strings.Contains(said, "check errors")) {
		s.broken(ruleChecks, "the check has nothing against it (%s), and this is said:\n%s", file.check, said)
	}
	s.judgeCommonCause(op, *was.live)
	stands := !failed && text(o.value, "status") == "stable" && is.live != nil && byID(op.before, is.live.ID) == nil
	if !stands || s.provenBefore(*is.live, op.before) {
		return
	}
	switch {
	case file.check == "fails":
		s.broken(ruleChecks, "the check finds fault with %s, which is live", is.live.Name)
	case file.check == "unanswered" && file.inconclusive != "pass":
		s.broken(ruleChecks, "nobody has answered the check, inconclusive is %q, and %s is live", file.inconclusive, is.live.Name)
	case file.compare && file.strategy == "blue/green by weights" && file.bake == "10m" && file.image == "ami-errs" && imageOf(*was.live) != "ami-errs" && !s.turnedIn(op):
		s.broken(ruleChecks, "half of what %s is asked it answers with an error, %s does not, and it is live", is.live.Name, was.live.Name)
	case file.check == "passes" && s.slowAlone(file.image, imageOf(*was.live), op):
		s.broken(ruleChecks, "since before the rollout %s takes minutes for an answer, and it is live", is.live.Name)
	case file.compare && file.strategy == "blue/green by weights" && file.bake == "10m" && s.errsAlone(file.image, imageOf(*was.live), op):
		s.broken(ruleChecks, "since before the rollout %s answers badly, %s does not, and it is live", is.live.Name, was.live.Name)
	}
}

// judgeHold: how to go on from a hold is said of what it holds for.
func (s *scene) judgeHold(op *operation) {
	for _, d := range op.diags {
		if strings.HasSuffix(d.Summary, " holds") && op.plan.file.hold == noHold && strings.Contains(d.Detail, "hold_after_phase") {
			s.broken(ruleWarnings, "nobody has written hold_after_phase, and this is said: %s", d.Detail)
		}
	}
}

// provenBefore tells whether another group of the same release was proven: such a one is not on trial.
func (s *scene) provenBefore(g sandbox.Group, before []sandbox.Group) bool {
	return slices.ContainsFunc(before, func(o sandbox.Group) bool {
		was := tagsOf(o)
		return was["release"] == tagsOf(g)["release"] && was["verdict"] == "proven" && !isForeign(o.Name)
	})
}

// judgeLimits: what has a time-out ends when it is over, but for what is left to take back.
func (s *scene) judgeLimits(op *operation) {
	if len(op.plan.steps) != 1 || op.plan.file.rollsBack || s.faulty || op.beside {
		return
	}
	for action, limit := range map[string]string{"create": op.plan.file.create, "update": op.plan.file.update, "delete": op.plan.file.delete} {
		for _, step := range op.plan.steps {
			if step.action == "delete" {
				limit = limitOf(step.before.value, "delete")
			}
			most, err := time.ParseDuration(limit)
			if took := op.ended.Sub(op.began); err == nil && step.action == action && took > most+2*time.Second {
				s.broken(ruleLimits, "timeouts.%s is %s, and it took %s", action, limit, took)
			}
		}
	}
}

// limitOf is a time-out of a state; "" if there is none.
func limitOf(value tftypes.Value, name string) string {
	if limits := members(value)["timeouts"]; !limits.IsNull() {
		return text(limits, name)
	}
	return ""
}

// asksAgain tells whether a rollout holds because something could not be known, so that the next apply is to ask again.
func (s *scene) asksAgain(op *operation) bool {
	return strings.Contains(providertest.Render(op.diags), "because something is not known")
}
