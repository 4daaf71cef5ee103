package schemadoc

import "github.com/elastigroup/terraform-provider-elastigroup/internal/event"

// Head are the fields of every event: name, type, meaning.
var Head = [][3]string{
	{"schema", "number", "The version of the schema, 1"},
	{"time", "time", "When it happened: RFC 3339, UTC"},
	{"deployment", "string", "The deployment's name"},
	{"run", "string", "The same in all events of one apply or destroy of the deployment, and in no others"},
	{"event", "string", "What it is, as below"},
	{"message", "string", "The same in a sentence, for people. It may change with any version"},
}

// step are the fields of a step, to which events add their own.
var step = []Field{
	{"step", "`create`, `resize`, `shift`, `record`, `remember`, `pause`, `resume` or `delete`, which change something, or `await_healthy`, `await_drained`, `settle`, `bake` or `await_checks`, which wait"},
	{"part", "The part of the rollout that it belongs to: `back`, `setup`, `deploy`, `after`, `mend`, `resize` or `destroy`"},
	{"phase", "The number of the phase or weight, from 1"},
	{"phase_name", "How the plan names it: `25 %`"},
	{"group", "The group's name"},
	{"group_id", "The group's ID"},
	{"from", "What a resize begins with"},
	{"to", "What a resize ends with"},
	{"route", "The listener or rule that a shift changes, with the weights before it"},
	{"weights", "The weights after a shift"},
	{"switched", "`off` or `on`, where what moves the group's capacity of its own accord is switched"},
	{"movers", "What that is: schedules, policies, signals"},
	{"count", "How many are waited for, or may stay"},
	{"lasts", "How long a bake or a settle lasts at least, in seconds"},
	{"at", "The point at which checks are asked: `stage`, `bake` or `end`"},
	{"checks", "The names of the checks that are asked. `compare` is the comparison with the live revision"},
	{"reason", "What the step is for, in a word that stays the same"},
	{"why", "What the step is for, for people"},
}

func stepAnd(more ...Field) []Field { return append(append([]Field{}, step...), more...) }

var route = []Field{
	{"arn", "The ARN of the listener or rule"},
	{"name", "How the plan names it: `listener app/0467ef3c8400ae65`"},
	{"stage", "It is the one for testers"},
	{"weights", "Where it forwards"},
}

var size = []Field{
	{"minimum", "The minimum"},
	{"target", "The target"},
	{"maximum", "The maximum"},
	{"unit", "What is counted, `weights` or `vCPUs`. Left out, it is instances"},
}

// Events are all events, in the order in which a rollout says them.
var Events = []Object{
	{"begun", event.Begun{}, "A run has looked at the deployment for the first time. It is the first event of a run", []Field{
		{"image_id", "What is to be released"},
		{"destroys", "All of the deployment is to go"},
		{"groups", "The deployment's groups as they were found, the newest first"},
		{"routes", "Where traffic goes, as it was found"},
		{"plan", "What the run will do if every step works. The waits on instances that come between are not in it"},
	}},
	{"step_begun", event.StepBegun{}, "Something is done or waited for from now on", step},
	{"step_done", event.StepFailed{}, "A step is over. It was done, or there is what was waited for, unless there is an `error`: then it was refused, or did not come in time", stepAnd(
		Field{"took", "How long it took, in seconds"},
		Field{"error", "Why it failed. It is there only then"},
	)},
	{"health", event.Health{}, "How far a group is that is waited for. It is said when that changes, and every half a minute", []Field{
		{"group", "The group's name"},
		{"group_id", "The group's ID"},
		{"leaving", "Instances are waited for to go. Left out, they are waited for to come into service"},
		{"in_service", "How many are in service"},
		{"needed", "How many are waited for, or may stay"},
		{"instances", "How many there are"},
		{"unit", "What is counted, `weights` or `vCPUs`. Left out, it is instances"},
		{"reasons", "What load balancers, or Spot, say of those that are not in service, the most frequent first"},
	}},
	{"bake", event.Bake{}, "How long a phase is still watched, or traffic still settles. It is said when that begins, and every half a minute, or twenty times in all if it lasts for longer than ten minutes", []Field{
		{"group", "The candidate's name"},
		{"group_id", "The candidate's ID"},
		{"phase", "The number of the phase or weight, from 1"},
		{"phase_name", "How the plan names it: `25 %`"},
		{"settles", "It is no bake, and traffic that settles after a change of a route"},
		{"left", "What is still to come, in seconds"},
		{"of", "How long it is in all, in seconds"},
	}},
	{"alarms", event.Alarms{}, "What the alarms say, where that has changed", []Field{{"alarms", "All alarms that watch the release"}}},
	{"check", event.Check{}, "What a check, or the comparison with the live revision, has answered", []Field{
		{"name", "The check's name. `compare` is the comparison"},
		{"at", "The point at which it was asked: `stage`, `bake` or `end`"},
		{"phase", "The number of the phase or weight, from 1"},
		{"phase_name", "How the plan names it: `25 %`, `on stage`"},
		{"verdict", "`good`, `bad`, `not_known` or `pending`"},
		{"words", "The values and their limits"},
		{"in_a_row", "How many bad answers there were without a break"},
		{"failures", "How many of them make the release fail"},
		{"by", "`promote`, where a person took for good what was not known"},
	}},
	{"weights", event.Weights{}, "Where a listener or rule forwards, where that has changed", route},
	{"going_back", event.GoingBack{}, "The candidate is taken back from now on", []Field{
		{"why", "The reason, in the clouds' own words"},
		{"cause", "Whose fault it is: `release`, `capacity`, `launch`, `not_judged`, `not_known`, `refused`, or `superseded` where nothing has failed and another release is wanted"},
	}},
	{"holding", event.Holding{}, "The rollout stays as it is until somebody goes on with it, or back", []Field{
		{"group", "The candidate's name"},
		{"group_id", "The candidate's ID"},
		{"phase", "The phase or weight after which it holds (`hold_after_phase`)"},
		{"phase_name", "How the plan names it: `25 %`"},
		{"failure", "What has failed (`on_failure = \"hold\"`)"},
		{"not_known", "What could not be known (`inconclusive = \"hold\"`)"},
	}},
	{"notice", event.Notice{}, "Something got in the way: it is tried again or waited for, or the run goes on without it", []Field{
		{"what", "`look_failed`, `alarms_unread`, `credentials_refused` (tried again), `answer_behind`, `create_unanswered`, `foreign_deployment` (waited for), `foreign_deployments_unread`, `instances_unread`, `entry_left_out` (the run goes on without it)"},
		{"text", "The notice itself"},
		{"group", "The group's name"},
		{"in_a_row", "How often it has come without a break"},
		{"error", "What the cloud says"},
	}},
	{"ended", event.Ended{}, "The run has ended. It is the last event of a run; one that was killed says nothing more, and a later run of the deployment goes on with it", []Field{
		{"outcome", "`succeeded`; `rolled_back`: the release failed, and what served before serves again; `held`: it stays as it is, without an `error` where `hold_after_phase` wants it, with one where it failed; " +
			"`interrupted`: the next apply goes on; `broken`: a call or a wait failed where there is nothing to fall back to; `refused`: nothing was touched"},
		{"took", "How long the run took, in seconds"},
		{"changes", "How many changes it made"},
		{"holding", "The phase after which it holds: `25 %`, or `on stage`"},
		{"not_known", "What could not be known, where it holds because of that; `holding` is then not passed yet"},
		{"error", "What the apply's error says"},
		{"warnings", "What did not keep the run from succeeding"},
		{"groups", "The deployment's groups as they stand"},
		{"routes", "Where traffic goes"},
	}},
}

// Objects are what events have in them.
var Objects = []Object{
	{"Group", event.Group{}, "A group as it stands", append([]Field{
		{"group", "Its name"},
		{"group_id", "Its ID"},
		{"revision", "Its revision's number"},
		{"image_id", "Its image"},
		{"role", "`live`, `candidate` or `retained`"},
	}, append(append([]Field{}, size...),
		Field{"instances", "How many instances there are, in the group's unit"},
		Field{"in_service", "How many are in service, likewise"},
	)...)},
	{"Size", event.Size{}, "What a group is set to", size},
	{"Step", event.Step{}, "A step that is planned", step},
	{"Route", event.Route{}, "A listener or rule, and where it forwards", route},
	{"Weight", event.Weight{}, "A target group's part of the traffic", []Field{
		{"target_group_arn", "Its ARN"},
		{"target_group", "Its name"},
		{"percent", "Percent of the traffic"},
	}},
	{"Reason", event.Reason{}, "What is said of instances that are not in service", []Field{
		{"reason", "The words"},
		{"count", "Of how many they are said"},
	}},
	{"Alarm", event.Alarm{}, "A CloudWatch alarm", []Field{
		{"name", "Its name"},
		{"state", "`OK`, `ALARM` or `INSUFFICIENT_DATA`"},
		{"reason", "CloudWatch's own words on it"},
		{"since", "When it became so"},
	}},
}
