package users_test

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	rulePromoted rule = "what is promoted goes on as far as it is told to"
	ruleAborted  rule = "an abort puts back what served, and holds nothing against the image"
	ruleTouched  rule = "who says that nothing was touched has touched nothing"
)

// judgeAction judges what an action has done that was a command of its own.
func (s *scene) judgeAction(v *invoked) {
	op := v.operation
	s.judgeSpoken(v)
	s.judgeTimeline(op)
	if d := op.ended.Sub(op.cut); op.interrupted && !s.faulty && d > 10*time.Second {
		s.broken(ruleTime, "interrupted, %s went on for %s", v.action, d)
	}
	if d := op.ended.Sub(op.began); d > 3*time.Hour {
		s.broken(ruleTime, "%s took %s", v.action, d)
	}
	s.judgeOwners(op)
	s.judgeEvents(op)
	if op.killed {
		return
	}
	s.judgeEnd(op)
	s.judgeBlame(op)
	if v.failed() || !op.undisturbed() || s.faulty || s.contested || s.tagsEdited {
		return
	}
	s.judgeSaidOfAction(v)
	was := rolesOf(v.name, op.before)
	switch {
	case was.candidate == nil:
		if calls := s.changedIn(op, ""); len(calls) > 0 {
			s.broken(ruleTouched, "nothing was rolled out, and %s has done %s of %s", v.action, calls[0].Action, calls[0].Name)
		}
	case v.action == abort:
		s.judgeAborted(v, was)
	case !s.leftToApply(v):
		s.judgePromoted(v, was)
	}
}

// judgeSpoken judges what an action says, and that it has touched nothing where it says so.
func (s *scene) judgeSpoken(v *invoked) {
	s.judgeWords(append(v.all(), &tfprotov6.Diagnostic{Summary: "while it ran", Detail: lastOf(strings.Join(v.said, "\n"), 7000)}))
	for _, d := range v.all() {
		untouched := strings.Contains(d.Detail, "Nothing was touched") || strings.Contains(d.Detail, "Nothing was done")
		if calls := s.changedIn(v.operation, v.client); d.Severity == providertest.Error && untouched && len(calls) > 0 {
			s.broken(ruleTouched, "%s has done %s of %s, and says:\n%s", v.action, calls[0].Action, calls[0].Name, d.Detail)
		}
	}
}

func lastOf(text string, most int) string { return text[max(0, len(text)-most):] }

// leftToApply tells whether a promotion was noted alone, because what it goes on by is not known from the tags.
func (s *scene) leftToApply(v *invoked) bool {
	return strings.Contains(providertest.Render(v.diags), "Promotion is left to the next apply")
}

// judgeSaidOfAction: what an action did was in its plan, where that could tell.
func (s *scene) judgeSaidOfAction(v *invoked) {
	_, said, told := strings.Cut(providertest.Render(v.planned), "does this:")
	if !told {
		return
	}
	announced := announcementOf(said, v.before)
	for _, c := range s.changedIn(v.operation, "") {
		missing := announced.missing(c)
		if c.Action == "CreateGroup" {
			missing = "creates " + c.Name // no action does
		}
		if missing != "" {
			s.broken(rulePlan, "%s %s, which is not in its plan:\n%s", v.action, missing, announced.said)
		}
	}
}

// rests tells whether what holds is what stands in the files: planned again there is nothing to do.
func (s *scene) rests() bool {
	o := s.states[first].objects[main]
	s.mu.Lock()
	same := s.file.attributesText() == s.applied.attributesText()
	s.mu.Unlock()
	return o != nil && same && s.lastOp != nil && !s.lastOp.failed() && s.lastOp.undisturbed() && text(o.value, "status") == "holding" &&
		!tasked(s.file.document) && s.file.check == "" && !s.file.compare && len(s.states[second].objects) == 0 && !s.file.duplicate
}

// judgePromoted: what held goes on to the end, or to the phase, and the files that say where to hold have nothing to add.
func (s *scene) judgePromoted(v *invoked, was roles) {
	is := rolesOf(v.name, v.after)
	if tags := tagsOf(*was.candidate); !strings.Contains(tags["phases"], " - ") && tags["failure"] == "none" {
		s.broken(rulePromoted, "%s did not hold (%s, %s), and was promoted", was.candidate.Name, tags["verdict"], tags["phases"])
	}
	if v.phase == 0 && (is.candidate != nil || is.live == nil || is.live.ID != was.candidate.ID) {
		s.broken(rulePromoted, "%s was promoted to the end, and this stands: %s", was.candidate.Name, s.standing())
	}
	if v.phase > 0 && (is.candidate == nil || tagsOf(*is.candidate)["phases"] == tagsOf(*was.candidate)["phases"]) {
		s.broken(rulePromoted, "%s was promoted to phase %d, and this stands: %s", was.candidate.Name, v.phase, s.standing())
	}
	if !s.rests() {
		return
	}
	if size := capacities[s.file.capacity]; v.phase == 0 && size != nil && (is.live.Minimum != size[0] || is.live.Maximum != size[2]) {
		s.broken(rulePromoted, "%s has %d/%d/%d, and %s is written", is.live.Name, is.live.Minimum, is.live.Target, is.live.Maximum, s.file.capacity)
	}
	again := s.plan(s.states[first], options{})
	if again.failed() {
		s.broken(ruleSettled, "planning after %s fails:\n%s", v.action, providertest.Render(again.diags))
	}
	if !again.empty() {
		s.broken(ruleSettled, "planning after %s: %s", v.action, again)
	}
}

// judgeAborted: what served serves again, whole, and the next plan shows the change again and says what became of it.
func (s *scene) judgeAborted(v *invoked, was roles) {
	is := rolesOf(v.name, v.after)
	if is.candidate != nil {
		s.broken(ruleAborted, "%s was aborted, and is %s", is.candidate.Name, tagsOf(*is.candidate)["verdict"])
	}
	if was.live == nil {
		return
	}
	if is.live == nil || is.live.ID != was.live.ID || is.live.Target < was.had() {
		s.broken(ruleAborted, "%s had %d before the release that was aborted, and this stands: %s", was.live.Name, was.had(), s.standing())
	}
	timeline := s.world.Timeline()
	for _, r := range timeline[len(timeline)-1].Routes {
		if r.ARN != production && r.ARN != weighted || !s.taken.IsZero() || s.climate.slow() {
			continue
		}
		sharing := slices.DeleteFunc(slices.Clone(r.Weights), func(w sandbox.RouteWeight) bool { return w.Weight == 0 })
		if len(sharing) > 1 {
			s.broken(ruleAborted, "%s still forwards to %s", r.ARN, weightsOf(r))
		}
	}
	if !s.rests() {
		return
	}
	again := s.plan(s.states[first], options{})
	said := providertest.Render(again.diags)
	if !again.failed() && (again.empty() || !strings.Contains(said, "aborted before")) {
		s.broken(ruleAborted, "planned after the abort it is to do: %s\n%s", again, said)
	}
	s.judgePlan(again)
}

// judgeBeside judges an action that was at work beside something else, as far as the two do not hide what each has done.
func (s *scene) judgeBeside(v *invoked) {
	s.judgeSpoken(v)
	served := servingOf(v.name, s.world.Timeline()[v.moment])
	if v.failed() || v.disturbed || s.faulty || s.contested || s.tagsEdited || strings.Contains(strings.Join(v.said, "\n"), "There is nothing to") || s.leftToApply(v) {
		return
	}
	is := rolesOf(v.name, v.after)
	if v.action == abort && is.candidate != nil {
		s.broken(ruleAborted, "%s was aborted beside another command, and is %s", is.candidate.Name, tagsOf(*is.candidate)["verdict"])
	}
	if v.action == abort && served > 0 && (is.live == nil || is.live.Target == 0) {
		s.broken(ruleNobody, "%d instances served before the abort, and this stands: %s", served, s.standing())
	}
	if v.action == promote && v.phase == 0 && is.candidate != nil {
		s.broken(rulePromoted, "%s was promoted to the end beside another command, and is %s", is.candidate.Name, tagsOf(*is.candidate)["verdict"])
	}
}

// judgeTold: whoever rolls out what somebody else aborts is told that it was somebody else.
func (s *scene) judgeTold(op *operation, actionsDone []*invoked) {
	if !op.onlyBeside() || s.faulty || s.contested || s.tagsEdited || s.atFault(op) {
		return
	}
	for _, v := range actionsDone {
		calls := s.changedIn(v.operation, v.client)
		if v.action != abort || v.failed() || len(calls) == 0 || calls[0].Time.Before(op.began) || calls[0].Time.After(op.ended.Add(-30*time.Second)) {
			continue
		}
		if said := providertest.Render(op.diags); !strings.Contains(strings.ToLower(said), "someone else") {
			s.broken(ruleAborted, "%s was aborted while this apply rolled it out, which says:\n%s", calls[0].Name, said)
		}
	}
}
