package users_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func encodedText(data string) string { return base64.StdEncoding.EncodeToString([]byte(data)) }

// judgeSaid: everything that a successful apply did was in its plan.
func (s *scene) judgeSaid(op *operation) {
	if !op.undisturbed() || op.failed() || op.does("delete", "replace") || op.plan.how.noRefresh || s.contested || len(op.plan.steps) > 1 {
		return
	}
	said, unknown := "", false
	for _, step := range op.plan.steps {
		if step.action == "no-op" {
			return
		}
		plan := members(step.proposal.value)["rollout_plan"]
		unknown = unknown || !plan.IsKnown()
		said += step.rolloutPlan()
	}
	s.judgeDropped(op)
	if unknown {
		return
	}
	s.judgeShrinks(op)
	if op.does("create") && strings.Contains(providertest.Render(op.plan.diags), "cut short") {
		return // what another create has left is told of by a warning
	}
	announced := announcementOf(said, op.before)
	for _, c := range s.own(s.world.Calls()[op.calls:]) {
		missing := announced.missing(c)
		if c.Changed && c.Action == "CreateGroup" && !strings.Contains(announced.said, "created at 0") {
			missing = "creates " + c.Name
		}
		if missing == "" && c.Changed && c.Action == "DeleteGroup" && !strings.Contains(announced.said, c.Name) {
			missing = "deletes " + c.Name
		}
		if missing != "" {
			s.broken(rulePlan, "the apply %s, which is not in the plan:\n%s", missing, announced.said)
		}
	}
}

// judgeDropped: what the live revision has and the new one has not is said.
func (s *scene) judgeDropped(op *operation) {
	name := op.plan.file.name
	was, is := rolesOf(name, op.before), rolesOf(name, op.after)
	if was.live == nil || is.live == nil || was.live.ID == is.live.ID {
		return
	}
	said := providertest.Render(op.plan.diags)
	for _, step := range op.plan.steps {
		said += step.rolloutPlan()
		if step.before != nil && text(step.before.value, "user_data") != "" && userDataWritten(step) && !s.imported {
			return // the user took it away, and Terraform shows it
		}
	}
	if userDataOf(*was.live) != "" && userDataOf(*is.live) == "" && !strings.Contains(said, "user data") && !strings.Contains(said, "user_data") {
		s.broken(ruleWarned, "%s had user data, %s has none, and nobody said so", was.live.Name, is.live.Name)
	}
}

func userDataWritten(step *planned) bool { return step.action == "update" }

// judgeShrinks: a release that starts with less than what serves says so, with both numbers.
func (s *scene) judgeShrinks(op *operation) {
	file := op.plan.file
	size := capacities[file.capacity]
	was, is := rolesOf(file.name, op.before), rolesOf(file.name, op.after)
	if size == nil || was.live == nil || is.live == nil || was.live.ID == is.live.ID || was.candidate != nil {
		return
	}
	had, gets := was.live.Target, size[1]
	for _, step := range op.plan.steps {
		if step.before == nil || slices.Contains(changed(step.before.value, step.proposal.value), "capacity") {
			return // the user wants another size
		}
	}
	if file.running && has("start_with") {
		if want := min(max(had, size[0]), size[2]); is.live.Target < want {
			s.broken(ruleWarned, "start_with is running, %s had %d, and %s starts with %d", was.live.Name, had, is.live.Name, is.live.Target)
		}
		return
	}
	said := providertest.Render(op.plan.diags)
	if gets < had && !(strings.Contains(said, fmt.Sprint(had)) && strings.Contains(said, fmt.Sprint(gets))) {
		s.broken(ruleWarned, "%s serves with %d, the new revision starts with %d, and no warning says so:\n%s", was.live.Name, had, gets, said)
	}
}

// judgeWarnings: what an apply says is true when it is read, after the apply.
func (s *scene) judgeWarnings(op *operation) {
	if providertest.Failed(op.diags) {
		return
	}
	for address := range op.plan.steps {
		o := op.state.objects[address]
		if o == nil || text(o.value, "status") != "holding" {
			continue
		}
		says := func(d *tfprotov6.Diagnostic) bool { return d.Summary == "Deployment "+text(o.value, "name")+" holds" }
		if !slices.ContainsFunc(op.diags, says) && !slices.ContainsFunc(op.plan.diags, says) {
			s.broken(ruleWarnings, "it holds when the apply has succeeded, and neither that nor its plan says so:\n%s%s", providertest.Render(op.plan.diags), providertest.Render(op.diags))
		}
	}
	for _, d := range op.diags {
		for address := range op.plan.steps {
			o := op.state.objects[address]
			if o == nil || strings.HasPrefix(d.Detail, "When this was planned") {
				continue
			}
			stands := strings.HasSuffix(d.Summary, " holds") || strings.Contains(d.Summary, "cut short")
			if text(o.value, "status") == "stable" && stands || strings.Contains(d.Detail, "the next release comes up without it") && op.releases() {
				s.broken(ruleWarnings, "the apply has succeeded, and it ends with: %s: %s", d.Summary, d.Detail)
			}
		}
	}
}

// judgeUndone: what a task of the document has set is not undone by an apply that is about something else.
func (s *scene) judgeUndone(op *operation) {
	file := op.plan.file
	c := rolesOf(file.name, op.before)
	if c.live == nil || c.candidate != nil || file.document != "with a task that scales in the evening" || c.live.Target != 3 || c.live.Minimum != 1 || c.live.Maximum != 8 {
		return
	}
	for _, step := range op.plan.steps {
		if step.action != "update" || slices.Contains(changed(step.before.value, step.proposal.value), "capacity") {
			return
		}
	}
	if is := byID(op.after, c.live.ID); is != nil && is.Target != 3 && is.Target > 0 {
		s.broken(ruleTasks, "the evening's task has set %s to 1/3/8, and an apply sets it back to %d/%d/%d", is.Name, is.Minimum, is.Target, is.Maximum)
	}
}

// judgeDocument: what a document asks for that two revisions cannot both have, or that ends too soon, is said in the plan of a release.
func (s *scene) judgeDocument(p *plan) {
	word := map[string]string{"with an Elastic IP": "elastic", "that drains for 1 second": "drain", "in a zone that the balancer has not": "zone"}[p.file.document]
	if word == "" || p.file.unknown["configuration"] || s.faulty {
		return
	}
	for _, step := range p.steps {
		releases := step.action == "create" || step.action == "update" && strings.Contains(step.rolloutPlan(), "created at 0") && step.rolloutPlan() != text(step.before.value, "rollout_plan")
		if releases && !strings.Contains(strings.ToLower(providertest.Render(p.diags)), word) {
			s.broken(ruleWarned, "the document is one %s, and the plan of a release does not say what that leads to", p.file.document)
		}
	}
}

// judgeBack: what was rolled back is as it was before.
func (s *scene) judgeBack(op *operation) {
	if !op.undisturbed() || s.faulty || s.contested || !strings.Contains(providertest.Render(op.diags), "rolled back") || op.does("delete", "replace", "create") {
		return
	}
	was, is := rolesOf(op.plan.file.name, op.before), rolesOf(op.plan.file.name, op.after)
	if was.live == nil || was.candidate != nil {
		return
	}
	switch {
	case is.candidate != nil:
		s.broken(ruleBack, "%s is still %s", is.candidate.Name, tagsOf(*is.candidate)["verdict"])
	case is.live == nil || is.live.ID != was.live.ID:
		s.broken(ruleBack, "%s was live, and is not any more: %s", was.live.Name, s.standing())
	case is.live.Minimum != was.live.Minimum || is.live.Target != was.live.Target || is.live.Maximum != was.live.Maximum:
		s.broken(ruleBack, "%s had %d/%d/%d before, and has %d/%d/%d", was.live.Name, was.live.Minimum, was.live.Target, was.live.Maximum,
			is.live.Minimum, is.live.Target, is.live.Maximum)
	}
	timeline := s.world.Timeline()
	before, after := timeline[op.moment].Routes, timeline[len(timeline)-1].Routes
	for i := range before {
		if weightsOf(before[i]) != weightsOf(after[i]) && !s.climate.slow() {
			s.broken(ruleBack, "%s forwarded to %s before, and does to %s", before[i].ARN, weightsOf(before[i]), weightsOf(after[i]))
		}
	}
}

// judgeRest: a deployment at rest has its own bounds, and no more history than is to be kept.
func (s *scene) judgeRest(op *operation) {
	file := op.plan.file
	if !op.undisturbed() || op.failed() || s.faulty || s.contested || !op.does("create", "update") || tasked(file.document) || len(file.late) > 0 {
		return
	}
	o, c, size := op.state.objects[main], rolesOf(file.name, op.after), capacities[file.capacity]
	if o == nil || c.live == nil || text(o.value, "status") != "stable" {
		return
	}
	if classically := registers(*c.live, classic); file.classic != classically && !file.blueGreen() && op.does("create", "update") {
		s.broken(ruleRest, "load_balancer_names written: %t, %s registers there: %t", file.classic, c.live.Name, classically)
	}
	if size != nil && !file.unknown["capacity"] && (c.live.Minimum != size[0] || c.live.Maximum != size[2]) {
		s.broken(ruleRest, "%s has %d/%d/%d, and %s is written", c.live.Name, c.live.Minimum, c.live.Target, c.live.Maximum, file.capacity)
	}
	kept := 0
	for _, g := range c.all {
		if g.ID != c.live.ID && g.Maximum == 0 { // one that runs on stage is not among those that are kept at zero
			kept++
		}
	}
	if kept > file.retain && op.releases() {
		s.broken(ruleRest, "%d former revisions are kept, and retain is %d", kept, file.retain)
	}
}

// releases tells whether the operation has made a revision.
func (op *operation) releases() bool {
	return slices.ContainsFunc(op.after, func(g sandbox.Group) bool { return byID(op.before, g.ID) == nil })
}

// judgeGuarded: an alarm that goes off while a release is rolled out, and stays on, fails it.
func (s *scene) judgeGuarded(op *operation) {
	was := rolesOf(op.plan.file.name, op.before)
	if op.failed() || !op.plan.file.alarms || !s.alarmed || !s.tripped.After(op.began) || !op.releases() || was.live == nil || s.faulty || op.interrupted {
		return
	}
	o := op.state.objects[main]
	if o == nil || text(o.value, "status") != "stable" {
		return
	}
	if is := rolesOf(op.plan.file.name, op.after); is.live == nil || slices.ContainsFunc(was.all, func(g sandbox.Group) bool {
		return tagsOf(g)["release"] == tagsOf(*is.live)["release"] && tagsOf(g)["verdict"] == "proven"
	}) {
		return // what was proven before is not on trial when it comes back
	}
	mine := s.own(s.world.Calls()[op.calls:])
	created := slices.IndexFunc(mine, func(c sandbox.Call) bool { return c.Action == "CreateGroup" && c.Changed })
	last := time.Time{}
	for _, c := range mine {
		if c.Action == "SetCapacity" && c.Changed {
			last = c.Time
		}
	}
	if created >= 0 && s.tripped.After(mine[created].Time) && s.tripped.Before(last.Add(-15*time.Second)) {
		s.broken(ruleGates, "the alarm went off at %s, while the new revision was rolled out, which succeeded", s.tripped.Format(time.TimeOnly))
	}
}

var saysEnded = regexp.MustCompile(`(credentials|session|token)[^.]*(have ended|end at|is expired|has expired|were revoked)`)

// judgeEnded: credentials that end in the middle of a rollout are what is said to have gone wrong.
func (s *scene) judgeEnded(op *operation) {
	if op.plan.file.session == 0 && !op.plan.file.revoked || !s.expired() || !providertest.Failed(op.diags) {
		return
	}
	if len(op.plan.file.late) > 0 || s.faulty {
		return // a value that turns out to be wrong is refused before anybody is asked, and what Spot answers may end it before AWS is asked
	}
	if said := providertest.Render(op.diags); !saysEnded.MatchString(said) || strings.Contains(said, "Release failed") {
		s.broken(ruleGates, "the credentials have ended, and what is said is:\n%s", said)
	}
}

// judgeGates: what a rollout waits for is what its files say.
func (s *scene) judgeGates(op *operation) {
	said := providertest.Render(op.diags)
	if op.plan.file.ignore && has("verify.alarms_at_start") && op.alarmed && s.alarmed && !s.tripped.After(op.began) && providertest.Failed(op.diags) && strings.Contains(said, "ALARM") {
		s.broken(ruleGates, "the alarm was on before the release began, and alarms_at_start is ignore:\n%s", said)
	}
	locked := strings.Contains(said, "DEPLOYMENT_IN_PROGRESS") || strings.Contains(said, "deployment is in progress")
	// One that ends and another that begins in the middle were not there to be found.
	if op.rolls && s.weather["roll"] && s.rollsBegun == op.rollsBegun && providertest.Failed(op.diags) && !op.interrupted && locked {
		for _, c := range s.own(s.world.Calls()[op.calls:]) {
			if c.Action == "CreateGroup" && c.Changed {
				s.broken(ruleGates, "Spot's own roll locks the live group, which was found out when a whole revision had been made:\n%s", said)
			}
		}
	}
}

// judgeBlame: what is remembered as failed has failed for a fault of its own.
func (s *scene) judgeBlame(op *operation) {
	file := op.plan.file
	if s.atFault(op) {
		s.faultyImages[file.image] = true
	}
	if s.faultyImages[file.image] {
		return
	}
	for _, d := range append(slices.Clone(op.diags), op.plan.diags...) {
		if strings.Contains(d.Detail, "failed verification before") || strings.Contains(d.Detail, "It is remembered") {
			s.broken(ruleBlame, "%s is good, and nothing has spoken against it: %s", file.image, d.Detail)
		}
	}
}

// atFault tells whether the release may have failed for a fault of its own, or of what was written beside it.
func (s *scene) atFault(op *operation) bool {
	file := op.plan.file
	switch file.image {
	case "ami-never", "ami-crash", "ami-slow", "ami-dies":
		return true
	case "ami-errs":
		return file.check != "" || file.compare
	}
	if (file.check != "" || file.compare) && s.turnedIn(op) {
		return true
	}
	if file.check == "fails" {
		return true
	}
	return file.alarms && (s.alarmed || s.tripped.After(op.began)) || file.healthyTimeout != "" || len(file.late) > 0
}

// judgeSettled: after a successful apply another plan changes nothing.
func (s *scene) judgeSettled(op *operation) {
	if op.failed() || op.interrupted || op.unsettled || op.what == "destroy" || len(op.plan.file.late) > 0 || s.contested || op.plan.file.createFirst && op.does("replace") || s.asksAgain(op) {
		return
	}
	unknown := s.file.unknown
	s.file.unknown = nil
	defer func() { s.file.unknown = unknown }()
	if s.file.attributesText() != op.plan.file.known().attributesText() {
		return
	}
	// What was not looked at is not known: without a refresh, what somebody did in between is met by the next one.
	again := s.plan(op.state, options{target: op.plan.how.target, noRefresh: op.plan.how.noRefresh})
	if again.failed() {
		if !s.badAnswers() {
			s.broken(ruleSettled, "planning again fails:\n%s", providertest.Render(again.diags))
		}
		return
	}
	if !again.empty() && !s.unsettled(op.began) && s.interventions.Load() == op.interventions {
		why := ""
		for _, step := range again.steps {
			if step.action == "update" {
				for _, name := range changed(step.before.value, step.proposal.value) {
					why += fmt.Sprintf("\n%s: %s\n-> %s", name, members(step.before.value)[name], members(step.proposal.value)[name])
				}
			}
		}
		s.broken(ruleSettled, "planning again: %s%s", again, why)
	}
}

func (m module) attributesText() string { return asJSON(m.attributes()) }
