package users_test

// casesOfAnswers are about what is answered: by checks, by the clouds, and by both to documents and values of all kinds.
var casesOfAnswers = []told{
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
	{"a replacement amid creates and lists without items", ruleNames, 0, "blue/green by weights", `
		terraform apply
		creates and lists are answered without items
		terraform apply -replace`},
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
	{"a document that drains for a second, when a release holds", ruleWarned, 0, "blue/green by weights", `
		hold_after_phase becomes 1, for a promotion
		terraform apply
		the document becomes one that drains for 1 second
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
