package runner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// as makes a run use other credentials: a token of Spot's, and a session of AWS's.
func (s *scene) as(run *runner.Run, token, session string) *runner.Run {
	s.t.Helper()
	elastigroups, err := spot.New(spot.Config{Token: token, Account: "act-sandbox", Endpoint: "http://spot.test", MaxRetries: 10, Transport: s.world.Transport()})
	if err != nil {
		s.t.Fatal(err)
	}
	balancers, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "ASIA" + session, SecretKey: "secret-of-the-test", SessionToken: session, MaxRetries: 10, Transport: s.world.Transport()})
	if err != nil {
		s.t.Fatal(err)
	}
	run.Spot, run.Balancers = elastigroups, balancers
	if run.Alarms != nil {
		run.Alarms = balancers
	}
	return run
}

// logIn makes credentials known that last.
func (s *scene) logIn(token, session string) {
	s.t.Helper()
	err := s.world.AddSession(sandbox.SessionConfig{AccessKey: "ASIA" + session, Token: session, Expires: sandbox.Duration(24 * time.Hour)})
	if err = errors.Join(err, s.world.AddToken("act-sandbox", token)); err != nil {
		s.t.Fatal(err)
	}
}

// expire ends one of the two.
func (s *scene) expire(which string) {
	if which == "Spot" {
		s.world.RevokeToken("first", 0)
	} else if err := s.world.AddSession(sandbox.SessionConfig{AccessKey: "ASIAFIRST", Token: "FIRST"}); err != nil {
		s.t.Error(err)
	}
}

// ways are the releases that credentials are taken from in the middle.
var ways = map[string]struct {
	in    func(t *testing.T, test func(t *testing.T, s *scene))
	run   func(s *scene) *runner.Run
	stood string
}{
	"canary": {func(t *testing.T, test func(t *testing.T, s *scene)) { inCanary(t, test) }, func(s *scene) *runner.Run { return s.canary("ami-2") }, "web__1 0/0/0, web__2 2/4/8"},
	"switch": {func(t *testing.T, test func(t *testing.T, s *scene)) { inBlueGreen(t, sandbox.AWSConfig{}, test) }, func(s *scene) *runner.Run { return s.switches("ami-2") }, "web__1 0/0/0, web__2 2/4/8"},
}

// changes are the calls of a run that change something, in a world to itself.
func changesOf(t *testing.T, way string) int {
	n := 0
	ways[way].in(t, func(t *testing.T, s *scene) {
		before := len(s.world.Changes())
		s.mustEnd(ways[way].run(s).Do(t.Context()), runner.Succeeded)
		n = len(s.world.Changes()) - before
	})
	return n
}

// cutOff ends one half's credentials right after the nth change of a run, and says what is wrong with what becomes of it.
func cutOff(t *testing.T, way, which string, nth int, spoil func(*runner.Run)) (wrong string) {
	ways[way].in(t, func(t *testing.T, s *scene) {
		s.logIn("first", "FIRST")
		run := s.as(ways[way].run(s), "first", "FIRST")
		spoil(run)
		var once sync.Once
		start, ended := len(s.world.Changes()), time.Time{}
		s.world.Intercept(nil, func(*sandbox.Call) {
			if len(s.world.Changes()) >= start+nth {
				once.Do(func() {
					ended = time.Now()
					s.expire(which)
				})
			}
		})
		result := run.Do(t.Context())
		s.world.Intercept(nil, nil)
		took := time.Since(ended)
		proven := false
		for _, g := range result.World.Groups {
			j, _ := g.Journal()
			proven = proven || g.Name == "web__2" && j.Verdict == rollout.Proven
			if j.Failure != "" || j.Verdict == rollout.Failed || j.Verdict == rollout.Withdrawn || len(g.Memory().Failed) > 0 {
				wrong = fmt.Sprintf("it is held against the release: %v", g.Tags)
			}
		}
		for _, words := range []string{"the credentials have ended in the middle of the rollout", "Nothing of this is held against the release", "the next apply goes on from there", "web__"} {
			if !proven && (result.Outcome != runner.Interrupted || !strings.Contains(result.Err.Error(), words)) {
				wrong = fmt.Sprintf("it ended %s: %v", result.Outcome, result.Err)
			}
		}
		if took > 5*time.Minute {
			wrong = fmt.Sprintf("it went on for %s", took)
		}
		// With new ones the next apply goes on.
		s.logIn("second", "SECOND")
		next := s.as(ways[way].run(s), "second", "SECOND")
		if again := next.Do(t.Context()); again.Outcome != runner.Succeeded {
			wrong = fmt.Sprintf("%s; then %s: %v", wrong, again.Outcome, again.Err)
		}
		var stands []string
		for _, g := range s.world.Groups() {
			stands = append(stands, fmt.Sprintf("%s %d/%d/%d", g.Name, g.Minimum, g.Target, g.Maximum))
		}
		if got := strings.Join(stands, ", "); got != ways[way].stood {
			wrong += "; it ends as " + got
		}
		s.mustServe()
	})
	return wrong
}

// Credentials that end in the middle of a rollout are the reason that it gives. It stops where it stands, holds nothing against the
// release, and the next apply goes on with new ones.
func TestCredentialsThatEndInTheMiddle(t *testing.T) {
	for way := range ways {
		changes := changesOf(t, way)
		for _, which := range []string{"Spot", "AWS"} {
			for nth := range changes {
				t.Run(fmt.Sprintf("%s, %s, after change %d", way, which, nth+1), func(t *testing.T) {
					if wrong := cutOff(t, way, which, nth+1, func(*runner.Run) {}); wrong != "" {
						t.Error(wrong)
					}
				})
			}
		}
	}
}

// indifferent takes a call that was refused for its credentials for any that failed.
type indifferent struct{ runner.Elastigroups }

func (b indifferent) Resize(ctx context.Context, id string, c rollout.Capacity) error {
	return plainly(b.Elastigroups.Resize(ctx, id, c))
}

func (b indifferent) Tag(ctx context.Context, id string, tags map[string]string) error {
	return plainly(b.Elastigroups.Tag(ctx, id, tags))
}

func (b indifferent) Groups(ctx context.Context) ([]rollout.Group, error) {
	groups, err := b.Elastigroups.Groups(ctx)
	return groups, plainly(err)
}

func plainly(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(err.Error())
}

// Who does not know such an error from another is found out.
func TestBrokenCredentialsAreNoticed(t *testing.T) {
	t.Run("takes ended credentials for a failure", func(t *testing.T) {
		found := ""
		for nth := range changesOf(t, "canary") {
			if wrong := cutOff(t, "canary", "Spot", nth+1, func(run *runner.Run) { run.Spot = indifferent{run.Spot} }); found == "" {
				found = wrong
			}
		}
		if found == "" {
			t.Error("nobody notices")
		}
		t.Log("promise: credentials that end are told as such")
	})
}

// Where it is known when credentials end, no traffic is moved that could not be watched until its bake is over, and nothing is begun at
// the last moment. What had begun goes on until shortly before the end.
func TestCredentialsThatAreKnownToEnd(t *testing.T) {
	from := "the environment (AWS_SESSION_TOKEN)"
	endsIn := func(run *runner.Run, d time.Duration) *runner.Run {
		ends := time.Now().Add(d)
		run.CredentialsEnd = func(context.Context) (time.Time, string) { return ends, from }
		return run
	}
	var switched time.Duration // when the switch comes
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		began := time.Now()
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		switched = s.turns()[0].at.Sub(began)
	})
	for _, left := range []time.Duration{0, time.Minute, settling + lastBake} {
		inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
			s.mustEnd(endsIn(s.run, switched+left).Do(t.Context()), runner.Interrupted, "the AWS credentials from "+from+" end at 2000-01-01 00:",
				"the rollout stops before that", "web__2 (ami-2) is being rolled out", "Nothing of this is held against the release")
			if turns := s.turns(); len(turns) > 0 {
				t.Errorf("with %s left after the switch: %v", left, turns)
			}
			s.mustEnd(s.switches("ami-2").Do(t.Context()), runner.Succeeded)
			s.mustServe()
		})
	}
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		s.mustEnd(endsIn(s.run, switched+settling+lastBake+10*time.Minute).Do(t.Context()), runner.Succeeded)
	})
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		s.mustEnd(endsIn(s.run, 10*time.Second).Do(t.Context()), runner.Interrupted, "Nothing was touched")
		s.mustStand("web__1 2/4/8")
	})
	inCanary(t, func(t *testing.T, s *scene) {
		s.mustEnd(endsIn(s.run, firstBake+secondBake).Do(t.Context()), runner.Interrupted, "50 % takes 10m at least", "web__2 (ami-2) is being rolled out")
		s.mustStand("web__1 3/3/3", "web__2 1/1/1")
		s.mustEnd(s.canary("ami-2").Do(t.Context()), runner.Succeeded)
	})
	// On the way back it goes on as long as they last.
	inWorld(t, func(t *testing.T, s *scene) {
		s.mustEnd(endsIn(s.releases("ami-bad"), s.run.HealthyTimeout+2*time.Minute).Do(t.Context()), runner.RolledBack, "[503]")
		s.mustStand("web__1 2/4/8")
	})
}
