package users_test

import (
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	ruleUserData rule = "instances get the user data that are written"
	ruleVersion  rule = "the version of write-only user data decides"
)

// judgeUserData: a new revision has the user data that are written, and a former one that comes back with write-only ones has its own.
func (s *scene) judgeUserData(op *operation) {
	file := op.plan.file
	if file.userData == "" || s.contested || file.duplicate {
		return
	}
	for _, c := range s.changedIn(op, "") {
		g := byID(op.after, c.Subject)
		if c.Action != "CreateGroup" || g == nil {
			continue
		}
		tags, want := tagsOf(*g), encoded(file.userData)
		if file.version > 0 {
			if tag := tags["user-data-version"]; tag != strconv.Itoa(file.version) {
				s.broken(ruleVersion, "%s is tagged with version %q of its user data, and %d is written", g.Name, tag, file.version)
			}
			for _, o := range op.before {
				if was := tagsOf(o); was["release"] == tags["release"] && was["user-data-version"] == tags["user-data-version"] && !isForeign(o.Name) {
					want = userDataOf(o)
				}
			}
		}
		if userDataOf(*g) != want {
			s.broken(ruleUserData, "%s has user data %s, and is to have %s", g.Name, userDataOf(*g), want)
		}
	}
	s.judgeSameText(op)
}

// judgeSameText: user data that become write-only and stay the same text are not released once more.
func (s *scene) judgeSameText(op *operation) {
	step, file := op.plan.steps[main], op.plan.file
	if step == nil || step.action != "update" || !file.writesOnly() || !op.undisturbed() || s.faulty || s.tagsEdited || text(step.before.value, "status") != "stable" {
		return
	}
	if text(step.before.value, "user_data") != userDatas[file.userData] && text(step.before.value, "user_data_base64") != encoded(file.userData) {
		return
	}
	for _, name := range changed(step.before.value, step.proposal.value) {
		if slices.Contains([]string{"image_id", "image_ids", "configuration", "triggers", "target_group_arns", "load_balancer_names", "blue_green"}, name) {
			return
		}
	}
	if live := rolesOf(file.name, op.before).live; live == nil || userDataOf(*live) != encoded(file.userData) {
		return
	}
	for _, c := range s.changedIn(op, "") {
		if c.Action == "CreateGroup" {
			s.broken(ruleVersion, "the user data have become write-only and are what %s has, and %s is created", rolesOf(file.name, op.before).live.Name, c.Name)
		}
	}
}

// judgeVersions: after an apply other user data of the same version are nothing to do, and the same ones of another version are.
func (s *scene) judgeVersions(op *operation) {
	file := op.plan.file
	if !file.writesOnly() || op.failed() || !op.undisturbed() || op.what == "destroy" || len(file.late) > 0 || s.contested || s.badAnswers() ||
		op.plan.how != (options{}) || file.createFirst || op.state.objects[main] == nil || len(op.plan.steps) > 1 {
		return
	}
	was := s.file
	defer func() { s.file = was }()
	s.file = file.known()
	s.file.userData = otherData(file.userData)
	if again := s.plan(op.state, options{}); !again.failed() && !again.empty() && !s.unsettled(op.began) {
		s.broken(ruleVersion, "other user data of version %d are to be released: %s", file.version, again)
	}
	s.file = file.known()
	s.file.version = file.version + 1
	again := s.plan(op.state, options{})
	if step := again.steps[main]; !again.failed() && file.hold == noHold && text(op.state.objects[main].value, "status") == "stable" &&
		!slices.Contains(changed(step.before.value, step.proposal.value), "group_id") {
		s.broken(ruleVersion, "version %d of the user data was applied, and %d releases nothing: %s", file.version, s.file.version, again)
	}
}

// judgeKept judges what Terraform keeps of an object.
func (s *scene) judgeKept(where string, o *object) {
	if o == nil || o.value.IsNull() {
		return
	}
	for _, a := range schemas.ResourceSchemas[resourceType].Block.Attributes {
		if a.WriteOnly && !members(o.value)[a.Name].IsNull() {
			s.broken(ruleSecrets, "%s is write-only, and %s has it", a.Name, where)
		}
	}
	s.judgeHidden(where, o.value, o.private)
}

// judgeVersionOf: the version that a state has is that of the group that is live.
func (s *scene) judgeVersionOf(value tftypes.Value, live sandbox.Group) {
	tag := tagsOf(live)["user-data-version"]
	if version := number(value, "user_data_wo_version"); tag != "" && version > 0 && strconv.Itoa(version) != tag {
		s.broken(ruleState, "user_data_wo_version is %d, and %s has version %s", version, live.Name, tag)
	}
}
