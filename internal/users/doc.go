// Package users does in any order what users do, and judges what becomes of it. It holds tests alone, and this manual.
//
// Package sweep disturbs the cloud at every call of a run. Here it is people who disturb: they edit files, plan and apply, apply an
// older plan, or for a target, replace, taint, forget, import, apply from a second state, write a resource twice, interrupt, kill and
// wait, promote what holds and abort what is rolled out, also beside an apply, and give user data that Terraform stores nowhere; while alarms
// go on and off, checks find fault or nothing, autoscalers and scheduled tasks move capacity, the market takes instances back, other tools
// move weights, credentials end, calls fail and services answer what nobody meant.
//
// # A story
//
// A story is a list of lines, and each line is a deed: one thing that somebody does or that happens, in words.
//
//	A deployment of strategy basic.
//	  terraform apply
//	  create_before_destroy is written
//	  terraform apply -replace
//
// Whatever cannot be done (an apply of a plan that was never made) is no part of the story. Deeds belong to topics, and a story is
// about a few of them: what needs three deeds of one kind would hardly ever come about if all were drawn alike. In the end all is calm
// again, another image is released, which has to succeed, and the deployment is destroyed.
//
// The real provider runs at protocol level on the sandbox, in a bubble of virtual time. What Terraform's core does of a command is done
// here (core_test.go), with the kit that the provider's own tests speak the protocol with, and what core insists on is insisted on. Each command is
// a new process.
//
// # What is judged
//
// After each command, by the sandbox's timeline and journal (judge_test.go and what is beside it): what production gets and whether
// that is less than promised; whose groups were touched; what was deleted; how many groups were made; whether the state says what
// stands; whether the plan had said what was done; whether a plan made again is empty; whether warnings are true when they are read;
// whether a release was blamed for what is not its fault; whether the next release succeeds; whether secrets show. A judge reads
// names, tags and documents itself, and shares no code with the provider.
//
// What others take is not held against an apply. What the provider was told wrongly it need not know.
//
// # Cases
//
// A story that ends badly is told as short as it can be, and then belongs into cases_test.go, where it is told each time. Once what was wrong
// is mended, mends_list_test.go says how to take the mend out again: make mutants builds the provider without it, and the case has to
// notice.
//
// # How to run it
//
//	make test       the cases and a sample of stories, in seconds
//	make sweep      10,000 stories, in minutes, and a summary
//	make mutants    the mends taken out again, among others
//
// A case that still ends badly is listed as open in cases_test.go, and fails when it ends well, so that it leaves the list with what mends
// it.
//
// A breach is told with its story, and what came of each line. To tell a story again, or another one:
//
//	cd internal/users
//	go test -run Users -stories 1 -from 1234            # the one of that number, of each strategy
//	go test -run Users -stories 100 -about "importing,a second state"
//	go test -run Story -v -story "basic; terraform apply; the image becomes ami-2; terraform apply"
//
// The same number is the same story. How it goes is not quite the same each time: the clients spread their looks by chance.
package users
