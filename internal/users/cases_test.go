package users_test

import "slices"

// told is a story that once ended badly, and what was broken then.
type told struct {
	name     string
	breaks   rule // once
	climate  int
	strategy string
	lines    string
}

func caseNamed(name string) *told {
	for i := range cases {
		if cases[i].name == name {
			return &cases[i]
		}
	}
	return nil
}

// cases are the stories that once ended badly, each as short as it was when it did.
var cases = slices.Concat(casesOfDoings, casesOfAnswers)

// casesOfDoings are about what users do, and others beside them.
var casesOfDoings = []told{
	{"the way back to what runs, while the alarm is on", ruleProven, 0, "blue/green", `
		downsize_previous becomes false
		the file names an alarm
		terraform apply
		the image becomes ami-2
		terraform apply
		the image becomes ami-1
		after the next change the alarm goes off
		terraform apply`},
	{"create before destroy", ruleNobody, 0, "basic", `
		terraform apply
		create_before_destroy is written
		terraform apply -replace`},
	{"resized by somebody at the moment of our own call", ruleTakes, 0, "blue/green", `
		terraform apply
		somebody resizes the live group to 3/5/9
		after the next change somebody resizes the live group to 1/1/1
		terraform apply`},
	{"without a refresh, after an evening's schedule", ruleState, 0, "blue/green", `
		the document gets a task that scales in the evening
		terraform apply
		24h go by, and a day is over
		terraform apply -refresh=false`},
	{"two at zero and one on stage", ruleRest, 0, "blue/green", `
		terraform apply
		the document becomes one counted in weights, without a list of them
		the image becomes ami-2
		terraform apply
		the document becomes one wrapped in group
		downsize_previous becomes false
		terraform apply`},
	{"another name, created first, with an image that never turns healthy", ruleState, 0, "basic", `
		create_before_destroy is written
		terraform apply
		the image becomes ami-never
		the name becomes shop
		terraform apply`},
	{"two images, and then two that never turn healthy", ruleState, 0, "basic", `
		the types become x86 and arm, with two images
		terraform apply
		the images become two that never turn healthy
		terraform apply`},
	{"a second state", ruleOwners, 0, "canary", `
		terraform apply
		terraform apply, from a second state`},
	{"a second state that destroys", ruleOwners, 0, "canary", `
		terraform apply
		terraform apply, from a second state
		terraform destroy, from a second state`},
	{"duplicates", ruleOwners, 0, "canary", `
		terraform apply
		a second resource of the same name is written
		terraform apply`},
	{"duplicates from the beginning", ruleOwners, 0, "canary", `
		a second resource of the same name is written
		terraform apply`},
	{"an import without the user data", ruleWarned, 0, "basic", `
		terraform apply
		terraform state rm
		the user data is left out
		terraform import
		terraform apply
		the image becomes ami-2
		terraform apply`},
	{"a task that fires on what sleeps", ruleAsleep, 0, "basic", `
		the document gets a task that scales in the evening
		terraform apply
		the image becomes ami-2
		terraform apply
		24h go by`},
	{"a task that fires while a canary holds", ruleAsleep, 0, "canary", `
		the document gets a task that scales in the evening
		terraform apply
		hold_after_phase becomes 1
		the image becomes ami-2
		terraform apply
		24h go by`},
	{"a task whose doing is undone", ruleTasks, 0, "basic", `
		the document gets a task that scales in the evening
		terraform apply
		24h go by
		terraform apply`},
	{"a release at the peak", ruleWarned, 0, "basic", `
		terraform apply
		an autoscaler moves the live group to 7
		the image becomes ami-2
		terraform apply`},
	{"a release at the peak that starts with what runs", ruleWarned, 0, "basic", `
		start_with becomes running
		terraform apply
		an autoscaler moves the live group to 7
		the image becomes ami-2
		terraform apply`},
	{"a balancer that follows after minutes", ruleServes, 1, "blue/green", `
		terraform apply
		the image becomes ami-2
		terraform apply`},
	{"a hotfix while the alarm is on", ruleGates, 0, "canary", `
		terraform apply
		the file names an alarm
		alarms_at_start becomes ignore
		the alarm goes off
		the image becomes ami-2
		terraform apply`},
	{"weights that nobody lists", ruleGoesOn, 0, "basic", `
		the document becomes one counted in weights, without a list of them`},
	{"a document as the console exports it", ruleRefused, 0, "basic", `
		the document becomes one as the console exports it
		terraform apply`},
	{"risk beside onDemandCount", ruleRefused, 0, "basic", `
		the document becomes one with risk and onDemandCount
		terraform apply`},
	{"user data that is not base64", ruleRefused, 0, "basic", `
		the user data is left out
		the document becomes one with user data that is not base64
		terraform apply`},
	{"a time-out that is not known after a failure", ruleCore, 0, "basic", `
		terraform apply
		the image becomes ami-never
		terraform apply
		terraform apply, which learns healthy_timeout only when it applies`},
	{"Spot's own roll", ruleGates, 0, "canary", `
		terraform apply
		the image becomes ami-3
		Spot's own roll begins on the live group
		terraform apply`},
	{"a promotion", ruleWarnings, 0, "canary", `
		terraform apply
		hold_after_phase becomes 1
		the image becomes ami-2
		terraform apply
		hold_after_phase is left out
		terraform apply`},
	{"a rollout that goes on", ruleWarnings, 0, "canary", `
		terraform apply
		the image becomes ami-2
		the next command is interrupted at its change 2
		terraform apply
		terraform apply`},
	{"a promotion to the end", rulePromoted, 0, "canary", `
		terraform apply
		hold_after_phase becomes 1
		the image becomes ami-2
		terraform apply
		elastigroup_promote is invoked`},
	{"a promotion of what was cut short", rulePromoted, 0, "canary", `
		terraform apply
		the image becomes ami-2
		the next command is killed after its change 3
		terraform apply
		elastigroup_promote is invoked`},
	{"an abort", ruleAborted, 0, "canary", `
		terraform apply
		hold_after_phase becomes 1
		the image becomes ami-2
		terraform apply
		elastigroup_abort is invoked`},
	{"an abort beside an apply", ruleAborted, 0, "canary", `
		terraform apply
		the bakes become 2m
		the image becomes ami-2
		in 30 seconds somebody else invokes elastigroup_abort
		terraform apply`},
	{"user data that are write-only", ruleSecrets, 0, "canary", `
		the user data become write-only
		terraform apply
		the image becomes ami-2
		terraform apply`},
	{"user data that become write-only", ruleVersion, 0, "basic", `
		terraform apply
		the user data become write-only
		terraform apply`},
	{"another version of write-only user data", ruleVersion, 0, "basic", `
		the user data become write-only
		terraform apply`},
	{"a former version of write-only user data", ruleUserData, 0, "basic", `
		the user data become write-only
		terraform apply
		other write-only user data of the next version are written
		terraform apply
		the version of the user data is that of before
		terraform apply`},
	{"an import of write-only user data", ruleSecrets, 0, "basic", `
		the user data become write-only
		terraform apply
		terraform state rm, of write-only user data
		terraform import, of write-only user data
		terraform apply`},
	{"a resize that an apply without a refresh does not look at", ruleSettled, 0, "basic", `
		terraform apply
		somebody resizes the live group to 3/5/9
		terraform apply -refresh=false`},
	{"an autoscaler that goes down before the first phase", ruleTakes, 0, "canary by count", `
		terraform apply
		start_with becomes running
		the image becomes ami-2
		after the next change an autoscaler moves the live group to 2
		terraform apply`},
}
