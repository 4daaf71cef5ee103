package users_test

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
var cases = []told{
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
	{"a check that nobody answers", ruleWarnings, 0, "canary", `
		terraform apply
		a check is written that nobody answers
		the image becomes ami-2
		terraform apply`},
	{"a check that finds fault", ruleChecks, 0, "blue/green", `
		terraform apply
		a check is written that finds fault with everything
		the image becomes ami-2
		terraform apply`},
	{"a check that nobody answers, which is a failure", ruleChecks, 0, "canary", `
		terraform apply
		a check is written that nobody answers
		inconclusive becomes fail
		the image becomes ami-2
		terraform apply`},
	{"a comparison", ruleChecks, 0, "blue/green by weights", `
		terraform apply
		compare is written
		the bakes become 10m, to compare in
		the image becomes ami-errs
		terraform apply`},
	{"a classic load balancer", ruleRest, 0, "basic", `
		a classic load balancer is written
		terraform apply`},
	{"a destroy that takes too long", ruleLimits, 0, "basic", `
		timeouts.delete becomes 3s
		terraform apply
		terraform destroy`},
	{"a move from a private registry", ruleMoved, 0, "canary", `
		terraform apply
		the deployment is moved here from a private registry
		terraform apply`},
	{"a move from the official provider", ruleMoved, 0, "basic", `
		the official provider's group web__4 is moved here
		terraform apply`},
	{"the first look fails once", ruleReads, 0, "basic", `
		terraform apply
		the next list of groups answers 400 GENERAL_ERROR
		terraform apply`},
	{"no capacity for the first deployment", ruleErrors, 0, "basic", `
		the market has no capacity
		terraform apply`},
	{"a refresh that finds nothing", ruleKept, 0, "basic", `
		terraform apply
		lists and reads of groups are answered without items
		terraform apply`},
	{"a refresh that finds items in another form", ruleKept, 0, "basic", `
		terraform apply
		lists and reads of groups are answered in another form
		terraform apply`},
	{"creates and lists without items", ruleOnce, 0, "basic", `
		terraform apply
		the image becomes ami-2
		creates and lists are answered without items
		terraform apply`},
	{"a first deployment amid creates and lists without items", ruleOnce, 0, "basic", `
		creates and lists are answered without items
		terraform apply`},
	{"creates and lists in another form", ruleOnce, 0, "canary", `
		terraform apply
		the image becomes ami-2
		creates and lists are answered in another form
		terraform apply`},
	{"creates, lists and reads with values of other kinds", ruleOnce, 0, "basic", `
		terraform apply
		the image becomes ami-2
		creates, lists and reads are answered with values of other kinds
		terraform apply`},
	{"an ID that is none and that is kept", ruleGoesOn, 0, "basic", `
		terraform apply
		the image becomes ami-2
		creates and lists are answered with an ID that is a path
		terraform apply`},
	{"blamed for half an answer", ruleBlame, 0, "basic", `
		terraform apply
		the image becomes ami-2
		the instances of groups are answered with half the items
		terraform apply
		lists and reads are answered as they should be
		terraform apply`},
	{"an ID that is none in a list", ruleReads, 0, "basic", `
		terraform apply
		a group of somebody else is listed with an ID that is a path
		terraform apply`},
	{"less than nothing is to be retained", ruleCrash, 0, "basic", `
		terraform apply
		the image becomes ami-2
		terraform apply, which learns retain only when it applies, and it is -5`},
	{"a time-out that is none", ruleRefused, 0, "basic", `
		terraform apply
		the image becomes ami-2
		terraform apply, which learns healthy_timeout only when it applies, and it is "soon"`},
	{"a capacity out of order", ruleRefused, 0, "basic", `
		terraform apply
		the image becomes ami-2
		terraform apply, which learns capacity only when it applies, and it is {"maximum":2,"minimum":8,"target":4}`},
	{"a tag that retains less than nothing", ruleCrash, 0, "basic", `
		terraform apply
		somebody sets the tag retain of the live group to -1
		terraform apply`},
	{"a tag with the last number there is", ruleCrash, 0, "basic", `
		terraform apply
		somebody sets the tag release-number of the live group to 9223372036854775807
		the image becomes ami-2
		terraform apply`},
	{"a zone that the balancer has not", ruleBlame, 0, "basic", `
		terraform apply
		the image becomes ami-2
		the document becomes one in a zone that the balancer has not
		terraform apply
		terraform apply`},
	{"credentials that end in a bake", ruleGates, 0, "canary", `
		terraform apply
		the image becomes ami-2
		AWS is asked with a session that ends in 40 seconds
		terraform apply`},
	{"a token that is revoked", ruleGates, 0, "canary", `
		terraform apply
		the image becomes ami-2
		Spot's token is revoked right before the next change of a capacity
		terraform apply`},
	{"a session that ends before traffic moves", ruleGates, 0, "blue/green", `
		terraform apply
		the image becomes ami-2
		AWS is asked with a session that ends right before traffic moves
		terraform apply`},
	{"a document with an Elastic IP", ruleWarned, 0, "basic", `
		the document becomes one with an Elastic IP
		terraform apply
		the image becomes ami-2
		terraform apply`},
	{"a document that drains for a second", ruleWarned, 0, "basic", `
		the document becomes one that drains for 1 second
		terraform apply
		the image becomes ami-2
		terraform apply`},
	{"a refusal at great length", ruleErrors, 0, "basic", `
		terraform apply
		the next CreateGroup is refused at great length
		the image becomes ami-2
		terraform apply`},
	{"a roll of Spot's own that ends, and another that begins in the middle", ruleGates, 0, "canary by count", `
		terraform apply
		in 2 minutes Spot's own roll ends
		Spot's own roll begins on the live group
		the image becomes ami-3
		after the next change Spot's own roll begins on the live group
		terraform apply`},
	{"a wrong value that is learned when the credentials have ended", ruleGates, 0, "blue/green by weights", `
		AWS is asked with a session that ends in 40 seconds
		the image becomes ami-never, late
		terraform apply, which learns configuration only when it applies
		terraform apply, which learns capacity only when it applies, and it is {"maximum":2,"minimum":8,"target":4}`},
	{"the former revision answers a check of the end", ruleChecks, 0, "basic", `
		the capacity becomes 3/6/9
		a check is written of the service
		terraform apply
		the capacity becomes 1/1/1
		the service of ami-2 begins to take minutes for an answer
		the image becomes ami-2
		terraform apply
		triggers change
		terraform apply
		triggers change
		terraform apply`},
	{"a service that errs since before the rollout", ruleChecks, 0, "blue/green by weights", `
		terraform apply
		compare is written, because of the service
		the bakes become 10m, because of the service
		the service of ami-2 begins to answer with errors
		the image becomes ami-2
		terraform apply`},
	{"services that err for a common cause", ruleChecks, 0, "blue/green by weights", `
		terraform apply
		compare is written, because of the service
		the bakes become 10m, because of the service
		the services of all images begin to answer with errors
		the image becomes ami-2
		terraform apply`},
	{"a header that Terraform stores nowhere", ruleSecrets, 0, "blue/green", `
		a check is written of the service
		the header of the check is one that Terraform stores nowhere
		terraform apply
		the image becomes ami-2
		terraform apply`},
}
