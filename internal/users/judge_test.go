package users_test

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// What is promised, by the name under which a breach is told.
const (
	ruleCrash    rule = "the provider does not crash"
	ruleCore     rule = "Terraform's core is content"
	ruleTainted  rule = "a failed create leaves no state"
	ruleSecrets  rule = "secrets show nowhere"
	ruleErrors   rule = "errors are read by people"
	ruleForeign  rule = "nothing foreign is touched"
	ruleOwners   rule = "one state owns a deployment"
	ruleNames    rule = "no two groups bear the same name"
	ruleDeleted  rule = "nothing that runs is deleted"
	ruleProven   rule = "going back deletes nothing that was proven"
	ruleServes   rule = "production gets what is promised"
	ruleTakes    rule = "nothing is taken that is needed"
	ruleNobody   rule = "an apply never ends with nobody serving"
	ruleOnce     rule = "one group is created for one release"
	ruleState    rule = "the state tells the truth"
	ruleKept     rule = "a deployment leaves the state only when it is gone"
	rulePlan     rule = "the plan says everything that happens"
	ruleSettled  rule = "after an apply there is nothing left to do"
	ruleWarnings rule = "warnings stay true"
	ruleWarned   rule = "what is lost is warned of"
	ruleAsleep   rule = "what stands at zero stays at zero"
	ruleBlame    rule = "a release is not blamed for what is not its fault"
	ruleRefused  rule = "bad input is refused before anything is touched"
	ruleTasks    rule = "what a task does is not undone"
	ruleBack     rule = "the way back is whole"
	ruleRest     rule = "what is at rest is as it is written"
	ruleGates    rule = "a release waits for what it is told to"
	ruleTime     rule = "nothing takes for ever"
	ruleGoesOn   rule = "when all is calm again a release succeeds"
	ruleLeft     rule = "a destroy leaves nothing"
	ruleReads    rule = "a read that fails once ends nothing"
)

// judge judges what an apply or a destroy has done.
func (s *scene) judge(op *operation) {
	s.judgeWords(op.diags)
	s.judgeTimeline(op)
	if d := op.ended.Sub(op.cut); op.interrupted && !op.plan.file.rollsBack && !s.faulty && d > 10*time.Second {
		s.broken(ruleTime, "interrupted, the %s went on for %s", op.what, d)
	}
	if d := op.ended.Sub(op.began); d > 3*time.Hour {
		s.broken(ruleTime, "the %s took %s", op.what, d)
	}
	s.judgeOwners(op)
	s.judgeEvents(op)
	s.judgeUserData(op)
	for address, o := range op.state.objects {
		s.judgeKept("the state of "+address, o)
	}
	if op.killed {
		return
	}
	s.judgeEnd(op)
	s.judgeState(op)
	s.judgeSaid(op)
	s.judgeWarnings(op)
	s.judgeGates(op)
	s.judgeGuarded(op)
	s.judgeChecks(op)
	s.judgeHold(op)
	s.judgeLimits(op)
	s.judgeBack(op)
	s.judgeRest(op)
	s.judgeUndone(op)
	s.judgeEnded(op)
	s.judgeBlame(op)
	s.judgeSettled(op)
	s.judgeVersions(op)
}

// judgePlan judges what a plan says.
func (s *scene) judgePlan(p *plan) {
	s.judgeWords(p.diags)
	if said := providertest.Render(p.diags); p.failed() && s.passingFaults && !s.faulty && len(s.weather) == 0 &&
		(strings.Contains(said, "Groups cannot be read") || strings.Contains(said, "GENERAL_ERROR") || strings.Contains(said, "Something went wrong")) {
		s.broken(ruleReads, "the plan fails: %s", said)
	}
	if p.took > 12*time.Minute {
		s.broken(ruleTime, "the plan took %s", p.took)
	}
	s.judgeDocument(p)
	s.judgeRefreshed(p)
}

var capitalised = regexp.MustCompile(`: (Ami|Sg|Sig|Arn|I|Tg|Web)[-:_]`)

// judgeWords judges everything that is said, in diagnostics, states and tags.
func (s *scene) judgeWords(diags []*tfprotov6.Diagnostic) {
	said := providertest.Render(diags)
	for _, d := range diags {
		if n := len(d.Summary) + len(d.Detail); n > 8000 {
			s.broken(ruleErrors, "a diagnostic has %d characters: %s…", n, d.Detail[:300])
		}
	}
	if m := capitalised.FindString(said); m != "" {
		s.broken(ruleErrors, "%q is no beginning of a sentence:\n%s", m, said)
	}
	for _, st := range s.states {
		for _, o := range st.objects {
			for _, a := range schemas.ResourceSchemas[resourceType].Block.Attributes {
				if a.Computed && !a.Optional {
					said += members(o.value)[a.Name].String()
				}
			}
		}
	}
	for _, g := range s.world.Groups() {
		for key, value := range tagsOf(g) {
			said += key + "=" + value + "\n"
		}
	}
	for _, secret := range secrets() {
		if at := strings.Index(said, secret); at >= 0 {
			s.broken(ruleSecrets, "%q shows in: %s", secret, said[max(0, at-200):min(len(said), at+200)])
		}
	}
}

// names are the deployments that an operation is about.
func (op *operation) names() []string {
	names := []string{op.plan.file.name}
	for _, step := range op.plan.steps {
		if step.before != nil {
			if name := text(step.before.value, "name"); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// does tells whether the operation does that to any resource.
func (op *operation) does(actions ...string) bool {
	for _, step := range op.plan.steps {
		if slices.Contains(actions, step.action) {
			return true
		}
	}
	return false
}
