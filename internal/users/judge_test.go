package users_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
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
	if op.killed {
		return
	}
	s.judgeEnd(op)
	s.judgeState(op)
	s.judgeSaid(op)
	s.judgeWarnings(op)
	s.judgeGates(op)
	s.judgeGuarded(op)
	s.judgeBack(op)
	s.judgeRest(op)
	s.judgeUndone(op)
	s.judgeEnded(op)
	s.judgeBlame(op)
	s.judgeSettled(op)
}

// judgePlan judges what a plan says.
func (s *scene) judgePlan(p *plan) {
	s.judgeWords(p.diags)
	if said := render(p.diags); p.failed() && s.blips && !s.faulty && len(s.weather) == 0 &&
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
	said := render(diags)
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
	hidden := []string{token, secretKey, sessionToken, bootSecret, encoded("boot")[:60], encoded("boot-2")[:60]}
	for _, secret := range hidden {
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

// judgeTimeline judges every moment of the operation, and every call that changed something.
func (s *scene) judgeTimeline(op *operation) {
	mine := s.own(s.world.Calls()[op.calls:])
	created := map[string]int{}
	for _, c := range mine {
		if !c.Changed {
			continue
		}
		switch {
		case c.Service == "spot" && isForeign(c.Name):
			s.broken(ruleForeign, "%s %s", c.Action, c.Name)
		case (c.Action == "ModifyListener" || c.Action == "ModifyRule") && c.Subject != production && c.Subject != stage && c.Subject != weighted:
			s.broken(ruleForeign, "%s %s", c.Action, c.Subject)
		case c.Action == "CreateGroup":
			created[c.Name]++
		}
	}
	for _, c := range mine {
		doubted := strings.Contains(render(op.plan.diags), "Spot is not known to take this") // it may know more than the provider does
		if c.Action == "CreateGroup" && c.Status == 400 && c.Fault == "" && !doubted {
			s.broken(ruleRefused, "Spot refuses the document in the apply, and the plan had nothing to say:\n%s", render(op.diags))
		}
	}
	total := 0
	for _, n := range created {
		total += n
	}
	if most := 2 * len(op.plan.file.written()); total > most {
		s.broken(ruleOnce, "one apply has made %d groups", total)
	}
	moments := s.world.Timeline()[op.moment:]
	for i, m := range moments {
		if s.muddled || s.faulty && op.does("create") {
			break // who does not know what there is, and is told that there is nothing, cannot but make it
		}
		if i > 0 {
			s.judgeDeletes(op, moments[i-1], m)
		}
		for n, g := range m.Groups {
			other := slices.IndexFunc(m.Groups[:n], func(o *sandbox.GroupMoment) bool { return o.Name == g.Name })
			if other >= 0 && !isForeign(g.Name) && (byID(op.before, g.ID) == nil || byID(op.before, m.Groups[other].ID) == nil) {
				s.broken(ruleNames, "%s: there are two groups %s", m.Time.Format(time.TimeOnly), g.Name)
			}
		}
	}
	s.judgeServes(op, moments, mine)
}

// judgeDeletes: what is deleted neither has nor wants instances, and going back deletes nothing that was proven before.
func (s *scene) judgeDeletes(op *operation, was, is sandbox.Moment) {
	for _, g := range was.Groups {
		gone := !slices.ContainsFunc(is.Groups, func(o *sandbox.GroupMoment) bool { return o.ID == g.ID })
		if !gone || !s.deletedBy(op, g.ID) {
			continue
		}
		if there := g.Instances; g.Target > 0 || there > 0 && !s.faulty {
			s.broken(ruleDeleted, "%s: %s was deleted with %d instances and a target of %d", is.Time.Format(time.TimeOnly), g.Name, g.Instances, g.Target)
		}
		before := byID(op.before, g.ID)
		if before != nil && before.Target > 0 && failed(op.diags) && tagsOf(*before)["verdict"] == "proven" && !op.does("delete", "replace") {
			s.broken(ruleProven, "%s ran and was proven before this apply, which failed, and it was deleted", g.Name)
		}
	}
}

func (s *scene) deletedBy(op *operation, id string) bool {
	return slices.ContainsFunc(s.own(s.world.Calls()[op.calls:]), func(c sandbox.Call) bool {
		return c.Action == "DeleteGroup" && c.Subject == id && c.Changed
	})
}

// promised is how many instances production gets at every moment of an operation.
func (s *scene) promised(op *operation, name string, served int) int {
	c := castOf(name, op.before)
	if c.live == nil || op.plan.file.previousFirst || op.does("delete", "replace") || s.hasty(op) {
		return 0
	}
	wanted := c.had()
	if size := capacities[op.plan.file.capacity]; size != nil && !op.plan.file.unknown["capacity"] {
		wanted = size[1]
	}
	return min(served, c.had(), wanted)
}

// crashes tells whether instances stop answering by themselves.
func (op *operation) crashes() bool {
	return op.plan.file.image == "ami-crash" || slices.ContainsFunc(op.before, func(g sandbox.Group) bool { return imageOf(g) == "ami-crash" && g.Target > 0 })
}

// hasty tells whether less time is written than load balancers take to follow, and the plan has warned of it.
func (s *scene) hasty(op *operation) bool {
	return s.climate.slow() && strings.Contains(render(op.plan.diags), "settle") && strings.Contains(render(op.plan.diags), "bake")
}

// judgeServes: production reaches no fewer instances than is promised.
func (s *scene) judgeServes(op *operation, moments []sandbox.Moment, mine []sandbox.Call) {
	for _, name := range op.names() {
		served := servingOf(name, moments[0])
		floor := s.promised(op, name, served)
		if floor == 0 {
			continue
		}
		if op.undisturbed() && !op.crashes() {
			for _, m := range moments {
				if n := servingOf(name, m); n < floor {
					s.broken(ruleServes, "%s: production reaches %d instances, %d are promised", m.Time.Format(time.TimeOnly), n, floor)
				}
			}
		}
		s.judgeTakes(name, floor, moments, mine)
	}
}

// judgeTakes: what a call takes away leaves as much as is promised, or as there was.
func (s *scene) judgeTakes(name string, floor int, moments []sandbox.Moment, mine []sandbox.Call) {
	resized := map[string]bool{}
	for _, c := range mine {
		if c.Action == "SetCapacity" && c.Changed {
			resized[c.Time.String()+c.Subject] = true
		}
	}
	for i, m := range moments[1:] {
		was := moments[i]
		before, left, shrunk := servingOf(name, was), 0, ""
		for _, g := range was.Groups {
			if _, ours := revisionOf(name, g.Name); !ours {
				continue
			}
			n := slices.IndexFunc(m.Groups, func(o *sandbox.GroupMoment) bool { return o.ID == g.ID })
			if n < 0 {
				continue
			}
			if m.Groups[n].Target < g.Target && resized[m.Time.String()+g.ID] {
				shrunk = fmt.Sprintf("%s from %d to %d", g.Name, g.Target, m.Groups[n].Target)
			}
			left += min(g.Serving, m.Groups[n].Target)
		}
		if shrunk != "" && left < min(floor, before) {
			s.broken(ruleTakes, "%s: shrinking %s leaves %d of %d that serve, %d are promised", m.Time.Format(time.TimeOnly), shrunk, left, before, floor)
		}
	}
}

// judgeOwners: what one state has released is neither taken over by a create nor taken down by a destroy of another.
func (s *scene) judgeOwners(op *operation) {
	name := op.plan.file.name
	for _, g := range op.after {
		if byID(op.before, g.ID) == nil && !isForeign(g.Name) {
			s.owners[g.ID] = op.state.name
		}
	}
	for address, step := range op.plan.steps {
		after := op.state.objects[address]
		switch step.action {
		case "create":
			c := castOf(name, op.before)
			if op.killed || after == nil || c.live == nil || c.live.Target == 0 || failed(op.diags) {
				continue
			}
			if byID(op.after, c.live.ID) == nil {
				continue
			}
			if owner := s.owners[c.live.ID]; owner != "" && owner != unfinished(op.state.name) && tagsOf(*c.live)["verdict"] == "proven" {
				s.broken(ruleOwners, "%s served, released by %s, and a create of %s took it over", c.live.Name, owner, op.state.name)
			}
		case "delete":
			for _, g := range op.before {
				owner := s.owners[g.ID]
				if owner == "" || owner == op.state.name || owner == unfinished(op.state.name) || g.Target == 0 || isForeign(g.Name) {
					continue
				}
				if is := byID(op.after, g.ID); (is == nil || is.Target == 0) && !op.restless {
					s.broken(ruleOwners, "%s served, released by %s, and the destroy of %s took it down", g.Name, owner, op.state.name)
				}
			}
		}
	}
	// What a create has made that was cut short is for the next create of the same state to go on with.
	if op.does("create", "replace") && (op.killed || failed(op.diags)) {
		for _, g := range op.after {
			if s.owners[g.ID] == op.state.name && byID(op.before, g.ID) == nil {
				s.owners[g.ID] = unfinished(op.state.name)
			}
		}
	}
	if !op.killed && !failed(op.diags) {
		for id, owner := range s.owners {
			if owner == unfinished(op.state.name) {
				s.owners[id] = op.state.name
			}
		}
	}
}

func unfinished(state string) string { return "unfinished by " + state }

// judgeEnd judges what stands in the end.
func (s *scene) judgeEnd(op *operation) {
	timeline := s.world.Timeline()
	for _, name := range op.names() {
		was, is := servingOf(name, timeline[op.moment]), servingOf(name, timeline[len(timeline)-1])
		renamed := name != op.plan.file.name
		if was > 0 && is == 0 && !op.restless && !op.crashes() && !s.hasty(op) && !op.does("delete") && !renamed {
			if op.what == "replace" && failed(op.diags) {
				continue // what was to be replaced was taken down first, and its successor failed: nobody promises more
			}
			s.broken(ruleNobody, "%d instances served before the %s, and none do after it", was, op.what)
		}
	}
	if op.what == "destroy" && !failed(op.diags) && !op.interrupted {
		for _, name := range op.names() {
			for _, g := range castOf(name, op.after).all {
				if s.owners[g.ID] == op.state.name && !s.muddled {
					s.broken(ruleLeft, "%s is left after the destroy", g.Name)
				}
			}
		}
	}
}

// judgeState: the state says what stands.
func (s *scene) judgeState(op *operation) {
	for address, step := range op.plan.steps {
		o := op.state.objects[address]
		name := op.plan.file.name
		if step.before != nil && step.action != "replace" {
			name = text(step.before.value, "name")
		}
		c := castOf(name, op.after)
		if o == nil {
			if step.action == "create" && failed(op.diags) && !op.interrupted && !op.restless && !op.plan.file.holds && !s.muddled {
				for _, g := range c.all {
					if byID(op.before, g.ID) == nil && !strings.Contains(render(op.diags), "Rollout could not be completed") && !strings.Contains(render(op.diags), "interrupted") {
						s.broken(ruleState, "the create failed, and %s is left behind:\n%s", g.Name, render(op.diags))
					}
				}
			}
			continue
		}
		if op.restless || op.interrupted || s.muddled || s.meddledAnswers() || s.tampered && failed(op.diags) {
			continue // what a run could not read when it ended stays in the state as it was seen last
		}
		s.judgeObject(o, c, op)
	}
}

func (s *scene) judgeObject(o *object, c cast, op *operation) {
	if told, stands := toldGroups(o), standingGroups(c); told != stands {
		s.broken(ruleState, "the state has %s; what stands is %s", told, stands)
	}
	if c.live == nil {
		return
	}
	status := text(o.value, "status")
	if status == "stable" {
		if c.candidate != nil {
			s.broken(ruleState, "the state is stable, and %s is %s", c.candidate.Name, tagsOf(*c.candidate)["verdict"])
		}
		if id := text(o.value, "group_id"); id != c.live.ID {
			s.broken(ruleState, "group_id is %s, and %s (%s) is live", id, c.live.Name, c.live.ID)
		}
	}
	if status != "holding" {
		if image := text(o.value, "image_id"); image != imageOf(*c.live) {
			s.broken(ruleState, "image_id is %s, and %s serves with %s (status %s)", image, c.live.Name, imageOf(*c.live), status)
		}
		if data := text(o.value, "user_data"); status == "stable" && data != "" && encodedText(data) != userDataOf(*c.live) {
			s.broken(ruleState, "user_data is not that of %s", c.live.Name)
		}
	}
	if !failed(op.diags) && status == "stable" && op.does("create", "update", "replace") && !op.plan.file.keep {
		for _, g := range c.all {
			if g.Target > 0 && g.ID != c.live.ID {
				s.broken(ruleAsleep, "%s has a target of %d beside %s, which is live", g.Name, g.Target, c.live.Name)
			}
		}
	}
}

// judgeRefreshed: a refresh finds what stands.
func (s *scene) judgeRefreshed(p *plan) {
	if p.how.noRefresh || p.failed() {
		return
	}
	for address, o := range p.state.objects {
		name := text(o.value, "name")
		c := castOf(name, s.world.Groups())
		read := p.refreshed[address]
		if read == nil {
			for _, g := range c.all {
				if strings.Contains(toldGroups(o), g.ID) {
					s.broken(ruleKept, "a refresh took %s out of the state, and %s (%s) is there", name, g.Name, g.ID)
				}
			}
			continue
		}
		if s.meddledAnswers() || s.muddled {
			continue
		}
		if told, stands := toldGroups(read), standingGroups(c); told != stands {
			s.broken(ruleState, "refreshed, the state has %s; what stands is %s", told, stands)
		}
	}
}

func toldGroups(o *object) string {
	var told []string
	for _, g := range list(o.value, "groups") {
		told = append(told, fmt.Sprintf("%s (%s) %s %d/%d/%d", text(g, "name"), text(g, "id"), text(g, "image_id"), number(g, "minimum"), number(g, "target"), number(g, "maximum")))
	}
	slices.Sort(told)
	return strings.Join(told, ", ")
}

func standingGroups(c cast) string {
	var stands []string
	for _, g := range c.all {
		stands = append(stands, fmt.Sprintf("%s (%s) %s %d/%d/%d", g.Name, g.ID, imageOf(g), g.Minimum, g.Target, g.Maximum))
	}
	slices.Sort(stands)
	return strings.Join(stands, ", ")
}
