package users_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func changedBy(c sandbox.Call) bool { return c.Changed }

// timed are a deed of others at once, a while from now, and in the middle of the next command. What it leads to goes on for a while.
func timed(weight int, what string, unsettled time.Duration, do func(s *scene)) []deed {
	does := func(s *scene) { s.somebody(unsettled, func() { do(s) }) }
	return []deed{
		{what, weight, always(does)},
		{"in 30 seconds " + what, max(weight/3, 1), always(func(s *scene) { s.later(30*time.Second, func() { does(s) }) })},
		{"in 2 minutes " + what, max(weight/4, 1), always(func(s *scene) { s.later(2*time.Minute, func() { does(s) }) })},
		{"after the next change " + what, max(weight/2, 1), always(func(s *scene) { s.armed.atChange = append(s.armed.atChange, func() { does(s) }) })},
	}
}

// live is the live group of the deployment that stands in the files, nil if there is none.
func (s *scene) live() *sandbox.Group { return rolesOf(s.file.name, s.world.Groups()).live }

func onLive(do func(s *scene, g sandbox.Group)) func(s *scene) {
	return func(s *scene) {
		if g := s.live(); g != nil {
			do(s, *g)
		}
	}
}

// otherPeople know nothing of the rollout.
func otherPeople() []deed {
	return slices.Concat(
		timed(8, "somebody resizes the live group to 3/5/9", 0, onLive(func(s *scene, g sandbox.Group) { s.world.SetCapacity(g.ID, 3, 5, 9) })),
		timed(3, "somebody resizes the live group to 1/1/1", time.Minute, onLive(func(s *scene, g sandbox.Group) { s.take(); s.world.SetCapacity(g.ID, 1, 1, 1) })),
		timed(2, "somebody deletes the live group", time.Minute, onLive(func(s *scene, g sandbox.Group) { s.take(); s.world.DeleteGroup(g.ID) })),
		timed(4, "somebody deletes the oldest group", 0, func(s *scene) {
			if c := rolesOf(s.file.name, s.world.Groups()); len(c.all) > 1 && c.live != nil && c.all[0].ID != c.live.ID {
				s.world.DeleteGroup(c.all[0].ID)
			}
		}))
}

func editedTags() []deed {
	var all []deed
	for _, tag := range []string{"retain=-1", "release-number=9223372036854775807", "revision=-3", "verdict=splendid", "previous-capacity=minimum=-1 target=4 maximum=8", "phases=many passed"} {
		key, value, _ := strings.Cut(tag, "=")
		all = append(all, timed(4, fmt.Sprintf("somebody sets the tag %s of the live group to %s", key, value), 0, onLive(func(s *scene, g sandbox.Group) { s.retag(g, key, value) }))...)
	}
	return all
}

// take notes that somebody else takes what serves.
func (s *scene) take() {
	s.mu.Lock()
	s.taken = s.world.Now()
	s.mu.Unlock()
}

func (s *scene) setAlarm(state string) {
	s.mu.Lock()
	s.alarmed = state == "ALARM"
	s.tripped = s.world.Now()
	s.mu.Unlock()
	s.world.SetAlarm(alarm, state, "9 errors a minute")
}

func (s *scene) weigh(route, one string, weight int, other string, rest int) {
	weights := []sandbox.WeightConfig{{TargetGroup: one, Weight: weight}}
	if other != "" {
		weights = append(weights, sandbox.WeightConfig{TargetGroup: other, Weight: rest})
	}
	if err := s.world.SetWeights(route, weights...); err != nil {
		panic(err)
	}
}

func (s *scene) calmRolls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.weather, "roll")
	for id := range s.rolling {
		s.world.SetRoll(id, sandbox.Roll{Status: "finished", Progress: 100})
	}
	clear(s.rolling)
}

// retag edits a tag of a group, as somebody does in Spot's console.
func (s *scene) retag(g sandbox.Group, key, value string) {
	var tags []any
	found := false
	for _, t := range read(g).Compute.LaunchSpecification.Tags {
		if t.TagKey == "elastigroup:"+key {
			t.TagValue, found = value, true
		}
		tags = append(tags, attrs{"tagKey": t.TagKey, "tagValue": t.TagValue})
	}
	if !found {
		return
	}
	s.mu.Lock()
	s.tagsEdited = true
	s.mu.Unlock()
	if err := s.world.EditGroup(g.ID, []byte(asJSON(attrs{"compute": attrs{"launchSpecification": attrs{"tags": tags}}}))); err != nil {
		panic(err)
	}
}

// reclaim takes an instance away, as the market does.
func (s *scene) reclaim(g sandbox.Group) {
	if n := slices.IndexFunc(g.Instances, func(i sandbox.Instance) bool { return i.ID != "" && !i.Leaving }); n >= 0 {
		s.world.Reclaim(g.Instances[n].ID)
	}
}

func (s *scene) noMarket() {
	s.mu.Lock()
	s.weather["market"] = true
	s.mu.Unlock()
	s.world.SetMarket(sandbox.Market{})
}

func (s *scene) rolls(g sandbox.Group) {
	s.mu.Lock()
	s.weather["roll"], s.rolling[g.ID] = true, true
	s.rollsBegun++
	s.mu.Unlock()
	s.world.SetRoll(g.ID, sandbox.Roll{Progress: 25})
}

func (s *scene) calmMarket() {
	s.mu.Lock()
	delete(s.weather, "market")
	s.mu.Unlock()
	s.world.SetMarket(sandbox.Market{Available: true})
}

// failures are calls that fail.
func failures() []deed {
	var all []deed
	add := func(weight int, line string, f sandbox.Fault) {
		all = append(all, deed{line, weight, always(func(s *scene) { s.faulty = true; s.world.Fail(f) })})
	}
	for _, action := range []string{"ListGroups", "CreateGroup", "SetCapacity", "UpdateGroup", "DeleteGroup", "ModifyListener", "DescribeTargetHealth"} {
		service := "spot"
		if action == "ModifyListener" || action == "DescribeTargetHealth" {
			service = "elbv2"
		}
		add(3, "the answer to the next "+action+" is lost", sandbox.Fault{Service: service, Action: action, Kind: sandbox.DropAfter})
		add(3, "the next "+action+" fails once", sandbox.Fault{Service: service, Action: action, Kind: sandbox.Error, Status: 500})
		add(2, "the next "+action+" is throttled", sandbox.Fault{Service: service, Action: action, Kind: sandbox.Throttle})
		add(2, "the next "+action+" is refused at great length", sandbox.Fault{Service: service, Action: action, Kind: sandbox.LongError})
	}
	return append(all,
		deed{"the next list of groups answers 400 GENERAL_ERROR", 20, always(func(s *scene) {
			s.passingFaults = true
			s.world.Fail(sandbox.Fault{Action: "ListGroups", Kind: sandbox.GeneralError})
		})},
		deed{"a hundredth of Spot's reads answers 400 GENERAL_ERROR", 10, always(func(s *scene) {
			s.passingFaults = true
			s.world.Fail(sandbox.Fault{Kind: sandbox.GeneralError, Rate: 0.01})
		})},
		deed{"calls are answered again", 8, func(s *scene) bool { return s.answersAgain() }})
}

// strange are the answers that nobody meant, by what they are.
var strange = map[string]sandbox.Fault{
	"without items":               {Kind: sandbox.NoItems},
	"with half the items":         {Kind: sandbox.CutItems},
	"with null for an item":       {Kind: sandbox.NullItem},
	"with a text for an item":     {Kind: sandbox.TextItem},
	"without an ID":               {Kind: sandbox.ItemWithoutID},
	"with values of other kinds":  {Kind: sandbox.ItemOfWrongKinds},
	"with an ID that is a path":   {Kind: sandbox.StrangeID},
	"with an ID that has a blank": {Kind: sandbox.StrangeID, Value: "sig 1"},
	"in another form":             {Kind: sandbox.OtherForm},
	"in a body that never ends":   {Kind: sandbox.Endless},
	"by a gzip of blanks":         {Kind: sandbox.GzipBomb, Size: 64 << 20},
}

// without tells whether such an answer is given in place of the call's effect.
func without(how string) bool {
	return strange[how].Kind == sandbox.Endless || strange[how].Kind == sandbox.GzipBomb
}

// strangeReads are lists and reads of groups that are answered as nobody meant.
func strangeReads() []deed {
	var all []deed
	for _, how := range sortedKeys(strange) {
		set := func(times int, actions ...string) func(s *scene) bool {
			return always(func(s *scene) {
				s.faulty = true
				for _, action := range actions {
					f := strange[how]
					f.Action, f.Times = action, times
					s.world.Fail(f)
				}
			})
		}
		all = append(all, deed{"the next list of groups is answered " + how, 4, set(1, "ListGroups")},
			deed{"lists of groups are answered " + how, 4, set(-1, "ListGroups")})
		if !without(how) && strange[how].Kind != sandbox.CutItems {
			all = append(all, deed{"lists and reads of groups are answered " + how, 4, set(-1, "ListGroups", "ReadGroup")})
		}
	}
	for _, how := range []string{"without items", "with half the items", "with a text for an item", "with values of other kinds", "in another form"} {
		for _, what := range [][2]string{{"the instances of groups", "GroupStatus"}, {"the health of instances", "InstanceHealthiness"}, {"the logs of groups", "GroupLogs"}} {
			f := strange[how]
			f.Action, f.Times = what[1], -1
			all = append(all, deed{what[0] + " are answered " + how, 2, always(func(s *scene) { s.faulty = true; s.world.Fail(f) })})
		}
	}
	for _, how := range []string{"in a body that never ends", "by a gzip of blanks"} {
		for _, what := range [][2]string{{"the next look at the health of targets", "DescribeTargetHealth"}, {"the next look at listeners", "DescribeListeners"}} {
			f := strange[how]
			f.Service, f.Action, f.Times = "elbv2", what[1], 1
			all = append(all, deed{what[0] + " is answered " + how, 2, always(func(s *scene) { s.faulty = true; s.world.Fail(f) })})
		}
	}
	for _, how := range []string{"with null for an item", "with an ID that is a path", "with values of other kinds"} {
		f := strange[how]
		f.Action, f.Item, f.Times = "ListGroups", 1, -1
		all = append(all, deed{"a group of somebody else is listed " + how, 5, always(func(s *scene) { s.passingFaults = true; s.world.Fail(f) })})
	}
	return append(all, deed{"lists and reads are answered as they should be", 20, func(s *scene) bool { return s.answersAgain() }})
}

// strangeCreates are creates that take effect and are answered as nobody meant.
func strangeCreates() []deed {
	var all []deed
	for _, how := range sortedKeys(strange) {
		if without(how) || strange[how].Kind == sandbox.CutItems {
			continue
		}
		set := func(times int, actions ...string) func(s *scene) bool {
			return always(func(s *scene) {
				s.faulty = true
				for _, action := range actions {
					f := strange[how]
					f.Action, f.Times = action, times
					s.world.Fail(f)
				}
			})
		}
		all = append(all, deed{"the next create is answered " + how, 4, set(1, "CreateGroup")},
			deed{"creates are answered " + how, 4, set(-1, "CreateGroup")},
			deed{"creates and lists are answered " + how, 4, set(-1, "CreateGroup", "ListGroups")},
			deed{"creates, lists and reads are answered " + how, 4, set(-1, "CreateGroup", "ListGroups", "ReadGroup")})
	}
	return append(all, deed{"creates are answered as they should be", 20, func(s *scene) bool { return s.answersAgain() }})
}

func (s *scene) answersAgain() bool {
	if !s.faulty && !s.passingFaults {
		return false
	}
	s.world.ClearFaults()
	s.faulty, s.passingFaults = false, false
	return true
}

// credentialed are the sessions and tokens that the provider is given, and that end.
func credentialed() []deed {
	return []deed{
		{"AWS is asked with a session that ends in 20 minutes", 30, func(s *scene) bool { return s.session(20 * time.Minute) }},
		{"AWS is asked with a session that ends in 40 seconds", 30, func(s *scene) bool { return s.session(40 * time.Second) }},
		{"Spot's token is revoked in 40 seconds", 30, func(s *scene) bool {
			if s.file.revoked || s.file.session != 0 {
				return false
			}
			s.file.revoked, s.ends = true, s.world.Now().Add(40*time.Second)
			s.world.RevokeToken(token, 40*time.Second)
			return true
		}},
		{"Spot's token is revoked right before the next change of a capacity", 30, func(s *scene) bool {
			if s.file.revoked || s.file.session != 0 {
				return false
			}
			s.file.revoked, s.ends, s.armed.endsAt = true, s.world.Now().Add(1000*time.Hour), "SetCapacity"
			return true
		}},
		{"AWS is asked with a session that ends right before traffic moves", 30, func(s *scene) bool {
			s.armed.endsAt = "ModifyListener"
			return s.session(1000 * time.Hour)
		}},
		{"Spot's token is good again", 20, func(s *scene) bool { return s.tokenAgain() }},
		{"AWS is asked with keys that do not end", 30, edit(func(m *module) { m.session = 0 })},
		{"the bakes become 20m", 30, edit(func(m *module) { m.bake = "20m" })},
	}
}

// session gives the provider temporary credentials.
func (s *scene) session(d time.Duration) bool {
	if s.file.revoked {
		return false // one end at a time is enough
	}
	s.sessions++
	s.file.session = s.sessions
	s.ends = s.world.Now().Add(d)
	err := s.world.AddSession(sandbox.SessionConfig{AccessKey: sessionKey(s.sessions), Token: sessionToken, Expires: sandbox.Duration(d)})
	if err != nil {
		panic(err)
	}
	return true
}

// tokenAgain has Spot take the token again.
func (s *scene) tokenAgain() bool {
	if !s.file.revoked || s.world.Now().Before(s.ends) {
		return false
	}
	s.file.revoked = false
	if err := s.world.AddToken("act-sandbox", token); err != nil {
		panic(err)
	}
	return true
}

func sessionKey(n int) string { return fmt.Sprintf("ASIASESSION%d", n) }

// badAnswers tells whether what the provider is told may not be true.
func (s *scene) badAnswers() bool { return s.faulty || s.expired() }

// expired tells whether the provider's credentials have ended.
func (s *scene) expired() bool {
	return (s.file.session != 0 || s.file.revoked) && s.world.Now().After(s.ends)
}

func sortedKeys[T any](m map[string]T) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
