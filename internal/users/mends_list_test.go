package users_test

const (
	owner      = "internal/rollout/owner.go"
	replaced   = "internal/provider/deployment/plan_replace.go"
	duplicates = "internal/provider/clouds/duplicates.go"
	check      = "internal/provider/deployment/validate_late.go"
	answers    = "internal/spot/answers.go"
	creates    = "internal/runner/create.go"
	look       = "internal/runner/look.go"

	deployments = "internal/provider/deployment "
)

// unowned takes out that one state owns a deployment.
var unowned = []replacement{
	{replaced, "live := rollout.RolesOf(found).Live\n\tif live == nil {", "live := rollout.RolesOf(found).Live\n\tif live == nil || live.ID != \"\" {"},
	{owner, `case d.Owner == "", d.Imported[g.ID]:`, `case d.Owner == "", d.Imported[g.ID], g.ID != "":`},
}

// mends are those that stories have led to.
var mends = []mend{
	{"a create takes over what is live", "a second state", unowned},
	{"create_before_destroy takes down what it created", "create before destroy", unowned},
	{"of several images one is posted", "two images, and then two that never turn healthy", []replacement{{"internal/spot/build.go",
		"setImages(launch, o.ImageIDs)", "setImages(launch, o.ImageIDs[:min(len(o.ImageIDs), 1)])"}}},
	{"duplicates are not refused", "duplicates from the beginning", []replacement{
		{duplicates, "return t.many", "return false"},
		{duplicates, "if other, busy := d.changing[name]; busy {", "if other, busy := d.changing[name]; busy && other == \"\" {"},
	}},
	{"values that come late are not checked", "less than nothing is to be retained", []replacement{{check, "passed := true\n\tfor _, d := range resp.Diagnostics {", "passed := true\n\tfor _, d := range resp.Diagnostics[:0] {"}}},
	{"an answer without the group is taken for its end", "a refresh that finds nothing", []replacement{{answers,
		`return Document{}, garbled(call, "no group in it, and not that there is none", e.request)`,
		`return Document{}, &Error{Doing: call.doing, Status: http.StatusOK, cause: runner.ErrGone}`}}},
	{"creates are asked for again and again", "a first deployment amid creates and lists without items", []replacement{
		{creates, "mostCreates = 3", "mostCreates = 30"}, {creates, "mostUnusable = 2", "mostUnusable = 20"}}},
	{"an entry that cannot be read ends every look", "an ID that is none in a list", []replacement{{look,
		"case !o.mayBeOurs(g, known):\n\t\t\to.exclude(g)", "case !o.mayBeOurs(g, known):\n\t\t\treturn w, errors.New(g.Unreadable)"}}},
	{"a read that was refused once is not repeated", "the first look fails once", []replacement{
		{"internal/spot/retry.go", `case method == http.MethodGet && (report.has("GENERAL_ERROR")`, `case method == "" && (report.has("GENERAL_ERROR")`},
		{"internal/spot/retry.go", "case method == http.MethodGet:\n\t\t// A read", "case method == \"\":\n\t\t// A read"}}},
	{"answers are quoted whole", "a refusal at great length", []replacement{{"internal/rollout/quote.go", "if len(text) <= most {", "if len(text) <= most || most > 0 {"}}},
	{"what was proven comes back on trial", "the way back to what runs, while the alarm is on", []replacement{
		{"internal/runner/verify.go", "if rollout.Reverts(r.Deployment, w) {", "if rollout.Reverts(r.Deployment, w) && r.Alarms == nil {"},
		{"internal/rollout/back.go", "if j, _ := g.Journal(); j.Before != nil {", "if j, _ := g.Journal(); j.Before != nil && j.Revision < 0 {"}}},
	{"a release halves the fleet without a word", "a release at the peak", []replacement{{"internal/provider/deployment/plan_start.go",
		"if !less || d.Running {", "if !less || d.Running || starts > 0 {"}}},
	{"start_with is not heeded", "a release at the peak that starts with what runs", []replacement{{"internal/rollout/deployment.go",
		"if d.Running && has != (Capacity{}) {", "if d.Running && has == (Capacity{}) {"}}},
	{"a later version forgets which release failed", deployments + "TestStatesOfAnEarlierVersionAreTakenOver", []replacement{{"internal/rollout/memory.go",
		" || reckoning(trial) != reckoning(d.Trial))", ")"}}},
	{"a later version plans what nobody has written", deployments + "TestStatesOfAnEarlierVersionAreTakenOver", []replacement{{"internal/provider/deployment/resource.go",
		"\tstate.takePresets(ctx)\n", ""}}},
	{"an attribute that is left out has a say in what failed", deployments + "TestTrialsStayWhatTheyAre", []replacement{{"internal/provider/deployment/specification.go",
		"if !value.IsNull() && !value.Equal(usual) {", "if !value.Equal(usual) {"}}},
	{"nobody serves while load balancers follow", "a balancer that follows after minutes", []replacement{{"internal/rollout/bluegreen.go",
		"if live.Capacity.Target > left.Target && x.RoutesUnchangedFor < x.Follow() {", "if live.Capacity.Target > left.Target && x.RoutesUnchangedFor < x.settle() {"}}},
	{"an import loses its user data", "an import without the user data", []replacement{{"internal/provider/deployment/plan_dropped.go",
		`if is.overrides.UserDataBase64 == nil && is.overrides.UserDataVersion == "" {`, "if is.overrides.UserDataBase64 == nil && len(withheld) > 1000 {"}}},
	{"a plan is made without all that it depends on", "a time-out that is not known after a failure", []replacement{{"internal/provider/deployment/inputs.go",
		`"healthy_timeout":      {plans: true,`, `"healthy_timeout":      {plans: false,`}}},
	{"where a rollout stood is said when it is over", "a promotion", []replacement{{"internal/provider/clouds/clients.go",
		"_, looked := c.looked.Load(name)\n\treturn looked", "_, looked := c.looked.Load(name)\n\treturn looked || name != \"\""},
		{"internal/provider/deployment/plan.go", `whenPlanned = "When this was planned: "`, `whenPlanned = ""`},
		{"internal/provider/deployment/plan.go", `"Deployment %s held when this was planned"`, `"Deployment %s holds"`}}},
	{"a sink keeps rollouts waiting", "internal/provider/deployment TestNothingThatIsWrongWithEventsChangesARollout", []replacement{{"internal/event/outbox/outbox.go",
		"\to.waiting = append(o.waiting, thing)\n\tif !o.working {", "\tif o.handOn(thing); o.waiting != nil {"}}},
	{"an apply fails for a full disk", "internal/provider/deployment TestNothingThatIsWrongWithEventsChangesARollout", []replacement{{"internal/provider/clouds/events.go",
		`diags.AddWarning("Events were lost", problem)`, `diags.AddError("Events were lost", problem)`}}},
	{"whoever takes events has a say in the rollout", "internal/runner TestEventsChangeNoRun", []replacement{{"internal/runner/events.go",
		"r.Events(ctx, event.Event{Time: time.Now(), Deployment: r.Deployment.Name, Run: r.name(), Fact: f})",
		"if r.Events(ctx, event.Event{Time: time.Now(), Deployment: r.Deployment.Name, Run: r.name(), Fact: f}); f.Kind() == \"bake\" {\n\t\tr.Deployment.HoldAfter = 1\n\t}"}}},
	{"an apply waits for a hook that hangs", "internal/provider/clouds TestTheEndIsNotKeptWaiting", []replacement{{"internal/provider/clouds/events.go",
		"\t\t\t\tover = true\n", "\t\t\t\tover = false\n"}}},
	{"an apply makes it hold without a word", "a promotion", []replacement{{"internal/provider/deployment/ending.go",
		`steps != "" && rollout.StatusOf(w)`, `steps == "" && rollout.StatusOf(w)`}}},
	{"who is promoted rests where it rested", "a promotion to the end", []replacement{{"internal/rollout/promotion.go",
		"return x.Promotion.To", "return max(x.Promotion.To, x.journal.Passed)"}}},
	{"what does not hold is promoted", "a promotion of what was cut short", []replacement{{"internal/provider/actions/promote.go",
		"return underway && (j.Holding || j.Promoted != nil || j.Failure != \"\")", "return underway"}}},
	{"an abort goes on", "an abort", []replacement{{"internal/provider/actions/abort.go", "run.Aborts = true", "run.Aborts = false"}}},
	{"nobody is told of an abort", "an abort", []replacement{{"internal/rollout/abort.go",
		"if x.Live == nil || !x.journal.aborted() || x.CannotTag {", "if x.Live == nil || !x.journal.aborted() || !x.CannotTag {"}}},
	{"an apply does not see an abort", "an abort beside an apply", []replacement{
		{"internal/rollout/promotion.go", "case is.undone() && !was.undone():", "case is.undone() && was.undone():"}}},
	{"write-only user data are planned in the clear", "user data that are write-only", []replacement{{"internal/provider/deployment/plan.go",
		"plan.leaveOut(config)", "plan.leaveOut(config)\n\tif !config.UserDataWO.IsNull() {\n\t\tplan.UserData = config.UserDataWO\n\t}"}}},
	{"what becomes write-only is released once more", "user data that become write-only", []replacement{{"internal/provider/deployment/plan.go",
		"same = same || becomesWriteOnly(was, is) &&", "same = same || len(hidden) > 1000 && becomesWriteOnly(was, is) &&"}}},
	{"another version is the same release", "another version of write-only user data", []replacement{{"internal/spot/fingerprint.go",
		`whole["userDataVersion"] = o.UserDataVersion`, `whole["userDataVersion"] = "any"`}}},
	{"a former revision gets the user data of a later version", "a former version of write-only user data", []replacement{{"internal/provider/deployment/user_data_wo.go",
		`if spec.release.overrides.UserDataVersion == "" || !found {`, `if spec.release.overrides.UserDataVersion == "" || !found || former.ID != "" {`}}},
	{"an import reads write-only user data off the group", "an import of write-only user data", []replacement{{"internal/provider/deployment/import.go",
		`if err != nil || !utf8.Valid(plain) || rollout.UserDataVersion(in.live.Tags) != "" {`, `if err != nil || !utf8.Valid(plain) {`}}},
	{"the event log says that all is well", "two images, and then two that never turn healthy", []replacement{{"internal/runner/events.go",
		`Outcome: strings.ReplaceAll(string(result.Outcome), " ", "_"),`, `Outcome: strings.ReplaceAll(string(Succeeded), " ", "_"),`}}},
	{"a hold waits for what nobody has written", "a check that nobody answers", []replacement{{"internal/provider/deployment/ending.go",
		"if unknown(w) {", "if unknown(w) && more == \"\" {"}}},
	{"an answer may be any", "a check that finds fault", []replacement{{"internal/check/http.go",
		`if c.Contains == "" && len(c.values) == 0 {`, `if c.Contains != "" || len(c.values) == 0 {`}}},
	{"what is not known fails", "a check that nobody answers", []replacement{{"internal/rollout/checkpoint.go",
		"return x.unknown(l) && x.Inconclusive != InconclusiveFail", "return x.Gone && x.Inconclusive != InconclusiveFail"}}},
	{"more errors are none", "a comparison", []replacement{{"internal/compare/errors.go", "return Bad, words", "return Good, words"}}},
	{"instances do not register at classic load balancers", "a classic load balancer", []replacement{{"internal/provider/deployment/specification.go",
		"r.overrides.LoadBalancers = listOf(ctx, m.LoadBalancerNames, diags)", "r.overrides.LoadBalancers = nil"}}},
	{"timeouts.delete is not heeded", "a destroy that takes too long", []replacement{{"internal/provider/deployment/resource.go",
		"state.Timeouts.Delete(ctx, 30*time.Minute)", "state.Timeouts.Create(ctx, 30*time.Minute)"}}},
	{"a move loses the phases", "a move from a private registry", []replacement{{"internal/provider/deployment/upgrade.go",
		"if list == nil && in[to] != nil {", "if list == nil && in[to] != nil && from == to {"}}},
	{"a revision that is moved is a deployment of its own", "a move from the official provider", []replacement{{"internal/provider/deployment/move.go",
		"name := deploymentOf(was.Name)", "name := was.Name"}}},
	{"credentials that end are a release that failed", "a token that is revoked", []replacement{{"internal/runner/credentials.go",
		"return errors.Is(err, ErrCredentials)", "return errors.Is(err, ErrCredentials) && err == nil"}}},
	{"members that are null are sent", "a document as the console exports it", []replacement{{"internal/spot/build.go", "return withoutNulls(group)", "return group"}}},
	{"what Spot refuses is found by the apply", "risk beside onDemandCount", []replacement{{"internal/spot/problems.go", "d.validatorProblems(&found)", "d.validatorProblems(new(problems))"}}},
	{"user data goes to Spot as it is", "user data that is not base64", []replacement{{"internal/spot/validator.go", "return ok && Base64(encoded)", "return ok && len(encoded) > 0"}}},
	{"what both revisions share is not said", "a document with an Elastic IP", []replacement{{"internal/provider/deployment/plan_surprises.go",
		"range document.Surprises() {", "range document.Surprises()[:0] {"}}},
	{"that requests are cut off is not said", "a document that drains for a second", []replacement{{"internal/provider/deployment/preflight_registration.go",
		"if given >= delay || given", "if given >= 0 || given"}}},
	{"what moves capacity is on where nothing is to move", "a task that fires on what sleeps", []replacement{
		{"internal/rollout/automation.go", "if x.CannotPause {\n\t\treturn s", "if x.CannotPause || !x.Gone {\n\t\treturn s"},
		{"internal/rollout/next.go", "Automation: x.Automation.paused()", "Automation: x.Automation"},
		{"internal/provider/deployment/resource.go", "overrides.Name, overrides.Tags, overrides.Paused = g.Name, tags, true", "overrides.Name, overrides.Tags, overrides.Paused = g.Name, tags, false"}}},
	{"what a task did is undone", "a task whose doing is undone", []replacement{{"internal/rollout/next.go",
		"if x.Given != nil && *x.Given == wanted && x.leaves(live) {", "if x.Given != nil && *x.Given == wanted && x.leaves(live) && x.Gone {"}}},
	{"alarms_at_start is not heeded", "a hotfix while the alarm is on", []replacement{{"internal/runner/verify.go",
		"if r.Deployment.IgnoreAtStart {", "if r.Deployment.IgnoreAtStart && r.Alarms == nil {"}}},
	{"an instance weighs 1", "weights that nobody lists", []replacement{
		{"internal/spot/weights.go", "weights[kind] = VCPUs(kind)", "weights[kind] = 1"},
		{"internal/runner/health.go", "return max(i.VCPUs, 1)", "return 1"}}},
	{"zones are not compared", "a zone that the balancer has not", []replacement{{"internal/provider/deployment/preflight_zones.go",
		"if len(enabled) == 0 || len(others) == 0 {", "if len(enabled) == 0 || len(others) >= 0 {"}}},
	{"Spot's own roll is found out halfway", "Spot's own roll", []replacement{{"internal/runner/rolls.go",
		"if roll == nil {\n\t\tr.rolls.cleared = true", "if roll == nil || roll.ID != \"\" {\n\t\tr.rolls.cleared = true"}}},
	{"a number in a tag may be any", "a tag that retains less than nothing", []replacement{
		{"internal/rollout/journalread.go", "if err != nil || n < least || n > most {", "if err != nil {"},
		{"internal/rollout/roles.go", "max(len(zero)-max(retain, 0), 0)", "max(len(zero)-retain, 0)"}}},
	{"what nobody has judged is held against the image", "blamed for half an answer", []replacement{
		{"internal/runner/explain.go", "cause = rollout.Unjudged", "cause = rollout.Verification"}}},
	{"many who have target groups of their own are asked about one by one", "internal/aws TestBatchListsWhatThereIsForManyWhoPlan", []replacement{
		{"internal/aws/batch.go", "len(b.byName) <= fewNames", "len(b.byName) <= 1000*fewNames"}}},
	{"a list that has no end is read again and again", "internal/aws TestBatchListsWhatThereIsForManyWhoPlan", []replacement{
		{"internal/aws/batch.go", "b.unlisted = !whole", "b.unlisted = false"}}},
	{"who plans asks beside the list that has it", "internal/aws TestBatchListsWhatThereIsForManyWhoPlan", []replacement{
		{"internal/aws/batch.go", "} else if b.awaitList(ctx) {", "} else if false {"}}},
	{"a target group that was not in use a moment ago is not asked for by name", "internal/aws TestATargetGroupThatIsPutToUseMeanwhileIsInUse", []replacement{
		{"internal/aws/targetgroups.go", "if len(g.LoadBalancerArns) > 0 {", "if true {"}}},
	{"a list is waited for as long as it takes", "internal/aws TestAListThatIsNotAnsweredHoldsNobodyUp", []replacement{
		{"internal/aws/batch.go", "context.WithTimeout(ctx, listFor)", "context.WithCancel(ctx)"}}},
	{"a list that has nothing of what is asked for is read again and again", "internal/aws TestBatchReadsNoListsThatServeNobody", []replacement{
		{"internal/aws/batch.go", "whole && slices.ContainsFunc(names, has)", "whole || slices.ContainsFunc(names, has)"}}},
	{"who asks a second time is told what he was told", "internal/aws TestBatchServesWhoSharesACallOnce", []replacement{
		{"internal/aws/batch.go", "	all, err := b.joint.ask(", "	asked := time.Now()\n	all, err := b.joint.ask("},
		{"internal/aws/batch.go", "b.keep(name, who, of.answer, of.begun)", "b.keep(name, who, of.answer, asked)"}}},
	{"an answer of AWS about something else is taken at its word", "internal/aws TestAnswersAboutSomethingElseAreAskedForAgain", []replacement{
		{"internal/aws/answers.go", "mostUnsound = 4", "mostUnsound = 1"}}},
	{"an answer that is none of AWS's is taken for its last word", deployments + "TestAReleaseAmidStrangeAnswersOfAWS", []replacement{
		{"internal/aws/answers.go", "func (*unusableAnswer) RetryableError() bool { return true }", "func (*unusableAnswer) RetryableError() bool { return false }"}}},
	{"an entry that may be the deployment's is left alone", deployments + "TestAnEntryThatMayBeOursStopsNoPlanThatChangesNothing", []replacement{{look,
		"case !o.mayBeOurs(g, known):", "case !o.mayBeOurs(g, known), g.ID == \"\":"}}},
	{"a journal that was lost is none", deployments + "TestTagsThatSomebodyHasEdited", []replacement{{look, "if o.config.Journaled[g.ID] {", "if o.config.Journaled[g.ID] && g.ID == \"\" {"}}},
	{"a revision is what its tag says", deployments + "TestTagsThatSomebodyHasEdited", []replacement{{look,
		"if bad == nil && known && ok && ours && g.Name != rollout.Name(name, j.Revision) {", "if bad == nil && known && ok && !ours {"}}},
	{"what cannot be told is gone on with", deployments + "TestTagsThatSomebodyHasEdited", []replacement{{look,
		"case bad != nil && (known || ours && g.Revision > 0):", "case bad != nil && !known && ours && g.Revision > 0:"}}},
	{"a check is not asked any more after a wait in its bake", "internal/runner TestABakeDoesNotEndOnAnAnswerFromBefore", []replacement{{"internal/runner/checks.go",
		"a.missed = t.at == rollout.InBake", "a.missed = t.at == \"\""}}},
	{"points are given up before they can be believed", "internal/runner TestAShortWaitForInstancesLeavesChecksTheirTime", []replacement{{"internal/runner/checks.go",
		"least = max(least, compare.Settled+2*countedAgain)", "least = max(least, 0*compare.Settled)"}}},
	{"an answer is given up before its time-out", "internal/runner TestAShortWaitForInstancesLeavesChecksTheirTime", []replacement{{"internal/runner/checks.go",
		"least = max(least, a.check.Timeout+soonest)", "least = max(least, 0*a.check.Timeout)"}}},
	{"nobody is told of a person's verdict", "internal/runner TestAPersonVouchesForWhatIsNotKnown", []replacement{{"internal/runner/checks.go", ", By: byPromotion,", ","}}},
	{"late answers of the live revision are its errors", "internal/compare TestLateAnswersExcuseNobody", []replacement{{"internal/compare/compare.go",
		"m.Requests >= fewestUnanswered &&", "m.Requests < 0 &&"}}},
	{"a route is summed where one of both has it", "internal/compare TestRoutesAreSummed", []replacement{{"internal/compare/compare.go",
		"if l, ok := at[begins]; ok {", "if l, ok := at[begins]; ok || begins > 0 {"}}},
	{"an account that is not known yet changes whose a state is", deployments + "TestAPlanByATokenThatIsMadeAnew", []replacement{{"internal/provider/deployment/unread.go",
		"account := accountOf(ctx, req.Identity, req.Private, diags)", "account := \"act-\""}}},
	{"a token that is made by the same apply keeps it from being planned", "internal/provider TestAProviderBlockThatIsNotKnownYet", []replacement{{"internal/provider/unknown.go",
		"diags.AddAttributeWarning(unknown[0], ", "diags.AddAttributeError(unknown[0], "}}},
	{"a group that was moved is planned unread", deployments + "TestWhatNeedsAnAnswerWaitsForTheProviderBlock", []replacement{{"internal/provider/deployment/unread.go",
		"if state.moved() {", "if state.moved() && state.Name.IsNull() {"}}},
	{"an answer that breaks off is whole", "internal/check TestHTTP", []replacement{{"internal/check/http.go", "if r.broken != nil && !r.truncated {", "if r.broken != nil && r.truncated {"}}},
	{"a part of a secret is said", "internal/check TestHTTP", []replacement{{"internal/check/secrets.go", "if len(text) >= leastPart {", "if len(text) < 0 {"}}},
	{"a check that comes too late is not said to", deployments + "TestChecksThatComeTooLate", []replacement{{"internal/provider/deployment/plan_unasked.go",
		"if len(unasked) == 0 || preview.Refused() {", "if len(unasked) >= 0 || preview.Refused() {"}}},
	{"a plan that goes on forgets that traffic goes back", "internal/rollout TestAPromotionVouchesForOnePoint", []replacement{{"internal/rollout/textroutes.go",
		"if p.Switches() || p.moved() {", "if p.Switches() {"}}},
	{"the former revision answers a check of the end", "the former revision answers a check of the end", []replacement{{"internal/rollout/checkpoint.go",
		"x.Live != nil && x.Live.InService > 0 &&", "x.Live != nil && x.Live.InService < 0 &&"}}},
	{"whether anything still serves is not looked at", "internal/runner TestTheEndIsAskedWhenNothingElseServes", []replacement{{"internal/runner/glance.go",
		"return s.Why == rollout.WhyBeforeAsked &&", "return s.Why == \"\" &&"}}},
	{"what a release meets in its target groups is not asked where another one holds", "a document that drains for a second, when a release holds", []replacement{{
		"internal/provider/deployment/preflight_routes.go", "c.underWay(ctx, all)", "_ = all"}}},
	{"a list without items hides what is live from its replacement", "a replacement amid creates and lists without items", []replacement{{
		"internal/provider/deployment/plan.go", "run.Adopted = r.clouds.KnownOf(spec.deployment.Name)", "_ = r.clouds"}}},
	{"traffic that an abort has moved is blamed on anybody", deployments + "TestAbortBetweenTheReadsOfALook", []replacement{{
		"internal/runner/concurrent.go", "w, moved = r.lookedAtAgain(ctx, w, moved)", "_ = r.lookedAtAgain"}}},
	{"a replacement is planned unseen", deployments + "TestNothingIsReplacedUnseen", []replacement{{"internal/provider/deployment/plan.go",
		"case err != nil && len(run.Adopted) > 0:", "case err != nil && len(run.Adopted) < 0:"}}},
	{"a second look blames the run's own change", "internal/runner TestItsOwnChangeIsNobodyElses", []replacement{{"internal/runner/concurrent.go",
		"if now := r.overruled(later);", "if now := rollout.Moved(*r.seen, later);"}}},
}
