package aws

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// A target group gets its listener in the same apply in which others were listed.
func TestATargetGroupThatIsPutToUseMeanwhileIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arn := func(i int) string { return fmt.Sprintf("%stargetgroup/g%d/1111111111111111", account, i) }
		f, attached := newFake(t), 7 // those below
		f.on("elbv2 DescribeTargetGroups", func(c call) reply {
			var found []string
			for i := range 8 {
				asked := !c.form.Has("TargetGroupArns.member.1")
				for n := 1; c.form.Has(fmt.Sprint("TargetGroupArns.member.", n)); n++ {
					asked = asked || c.form.Get(fmt.Sprint("TargetGroupArns.member.", n)) == arn(i)
				}
				switch {
				case asked && i < attached:
					found = append(found, groupXML(fmt.Sprint("g", i), arn(i), albARN))
				case asked:
					found = append(found, groupXML(fmt.Sprint("g", i), arn(i)))
				}
			}
			return groupsXML(found...)
		})
		c := f.client()
		var all sync.WaitGroup
		for i := range 7 {
			all.Go(func() { c.TargetGroup(runner.AskedBy(t.Context(), fmt.Sprint("applying ", i)), arn(i)) })
		}
		all.Wait()
		time.Sleep(time.Second)
		f.mu.Lock()
		attached = 8 // Terraform makes the rule, and then the deployment
		f.mu.Unlock()
		time.Sleep(time.Second)
		// Nobody has ever asked about this one.
		if g, err := c.TargetGroup(runner.AskedBy(t.Context(), "planning 7"), arn(7)); err != nil || len(g.Balancers) == 0 {
			t.Errorf("not in use: %+v, %v", g, err)
		}
	})
}

// Calls by ARN are answered, lists are not.
func TestAListThatIsNotAnsweredHoldsNobodyUp(t *testing.T) {
	for name, list := range map[string]reply{"throttled": refused(400, "Throttling", "Rate exceeded"), "hangs": {after: time.Hour}} {
		for who, as := range map[string]func(context.Context, int) context.Context{
			"rollouts": func(ctx context.Context, _ int) context.Context { return ctx },
			"plans": func(ctx context.Context, i int) context.Context {
				return runner.AskedBy(runner.WithPatience(ctx, 3*time.Minute), fmt.Sprint("planning ", i))
			},
		} {
			t.Run(name+" "+who, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFake(t)
					f.on("elbv2 DescribeTargetGroups", func(c call) reply {
						if !c.form.Has("TargetGroupArns.member.1") {
							return list
						}
						var found []string
						for n := 1; c.form.Has(fmt.Sprint("TargetGroupArns.member.", n)); n++ {
							found = append(found, groupXML("g", c.form.Get(fmt.Sprint("TargetGroupArns.member.", n)), albARN))
						}
						return groupsXML(found...)
					})
					c, begun := f.client(), time.Now()
					var all sync.WaitGroup
					for i := range 8 {
						all.Go(func() {
							if _, err := c.TargetGroup(as(t.Context(), i), fmt.Sprintf("%stargetgroup/g%d/1", account, i)); err != nil {
								t.Error(err)
							}
						})
					}
					all.Wait()
					if took := time.Since(begun); took > 10*time.Second {
						t.Errorf("it took %s", took)
					}
				})
			})
		}
	}
}

// A double that answers with a marker whatever it is asked.
func TestZonesByARNAreOneCall(t *testing.T) {
	f, n := newFake(t), 0
	f.on("elbv2 DescribeLoadBalancers", func(call) reply {
		if n++; n > 1 {
			return refused(400, "ValidationError", "Marker and LoadBalancerArns do not go together")
		}
		return ok("DescribeLoadBalancers", "<LoadBalancers><member><LoadBalancerArn>"+albARN+"</LoadBalancerArn><AvailabilityZones><member>"+
			"<ZoneName>us-east-1a</ZoneName></member></AvailabilityZones></member></LoadBalancers><NextMarker>x</NextMarker>")
	})
	if zones, err := f.client().Zones(t.Context(), albARN); err != nil || len(zones) != 1 || n != 1 {
		t.Errorf("%v, %v, %d calls", zones, err, n)
	}
}

// slowCloud has a hundred names, of which it lists those that it is not without.
type slowCloud struct {
	listTakes    time.Duration
	without      bool // all of them
	calls, lists atomic.Int32
}

func (c *slowCloud) question() question[string] {
	answer := func(ctx context.Context, takes time.Duration, names []string) (map[string]string, error) {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		found := map[string]string{}
		for _, name := range names {
			found[name] = "word on " + name
		}
		return found, nil
	}
	return question[string]{most: 20, reusable: true, doing: func(name string) string { return "reading " + name },
		call: func(ctx context.Context, names []string) (map[string]string, error) {
			c.calls.Add(1)
			return answer(ctx, 100*time.Millisecond, names)
		},
		list: func(ctx context.Context) (map[string]string, bool, error) {
			c.lists.Add(1)
			names := hundred()
			if c.without {
				names = nil
			}
			found, err := answer(ctx, c.listTakes, names)
			return found, err == nil, err
		}}
}

func gathering() *batch[string] {
	return &batch[string]{joint: joint[string, map[string]answerTo[string]]{gather: gatherNames}}
}

func planning(t *testing.T, name string) context.Context {
	return runner.AskedBy(t.Context(), "planning "+name)
}

// tenAtATime does as Terraform does with a hundred resources.
func tenAtATime(each func(name string)) {
	names := make(chan string, 100)
	for _, name := range hundred() {
		names <- name
	}
	close(names)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for name := range names {
				each(name)
			}
		})
	}
	all.Wait()
}

// Ten at a time, by name alone, are 10 calls.
func TestBatchReadsNoListsThatServeNobody(t *testing.T) {
	for _, c := range []struct {
		name  string
		cloud *slowCloud
		lists int32
		plans bool
		times int
	}{
		{"slower than what is kept", &slowCloud{listTakes: 6 * time.Second}, 1, true, 1},
		{"without what is asked for", &slowCloud{without: true}, 1, true, 1},
		{"for rollouts", &slowCloud{}, 0, false, 1},
		{"for who asks a second time", &slowCloud{listTakes: 400 * time.Millisecond}, 3, true, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, begun := gathering(), time.Now()
				tenAtATime(func(name string) {
					ctx := t.Context()
					if c.plans {
						ctx = planning(t, name)
					}
					for range c.times {
						b.ask(ctx, name, c.cloud.question())
					}
				})
				if n := c.cloud.lists.Load(); n > c.lists {
					t.Errorf("%d lists and %d calls by name, %s", n, c.cloud.calls.Load(), time.Since(begun))
				}
			})
		})
	}
}

// Two who plan share a call; the first of them, who asks again, is to hear something new.
func TestBatchServesWhoSharesACallOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c slowCloud
		b := gathering()
		var all sync.WaitGroup
		all.Go(func() { b.ask(planning(t, "one"), "1", c.question()) })
		all.Go(func() {
			time.Sleep(10 * time.Millisecond)
			b.ask(planning(t, "two"), "1", c.question())
		})
		all.Wait()
		time.Sleep(3 * time.Second)
		if b.ask(planning(t, "one"), "1", c.question()); c.calls.Load() != 2 {
			t.Errorf("%d calls: who asks a second time is told what he was told 3 s ago", c.calls.Load())
		}
	})
}

// One who leaves ends the list for all who wait for it, and for good.
func TestBatchListsOnWhenOneLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := gathering(), &slowCloud{listTakes: time.Second}
		for _, name := range hundred()[:5] {
			b.ask(planning(t, name), name, c.question())
		}
		ctx, leave := context.WithCancel(planning(t, "5"))
		var all sync.WaitGroup
		all.Go(func() { b.ask(ctx, "5", c.question()) })
		time.Sleep(100 * time.Millisecond)
		for _, name := range hundred()[6:] {
			all.Go(func() { b.ask(planning(t, name), name, c.question()) })
		}
		time.Sleep(100 * time.Millisecond)
		leave()
		all.Wait()
		if b.unlisted {
			t.Error("none is listed ever again")
		}
	})
}

// What is kept already needs no list.
func TestBatchHasNobodyWaitForAListOfWhatItHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := gathering(), &slowCloud{listTakes: 2 * time.Second}
		b.ask(planning(t, "0"), "0", c.question())
		var all sync.WaitGroup
		for _, name := range hundred()[1:8] {
			all.Go(func() { b.ask(planning(t, name), name, c.question()) })
		}
		time.Sleep(100 * time.Millisecond)
		begun := time.Now()
		b.ask(planning(t, "another"), "0", c.question())
		if took := time.Since(begun); took > 0 {
			t.Errorf("it took %s", took)
		}
		all.Wait()
	})
}

// Two keys have rounds at the same time: panic: close of nil channel.
func TestBatchOfSeveralKeysReadsOneListAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := gathering(), &slowCloud{listTakes: time.Second}
		var all sync.WaitGroup
		for i, name := range hundred()[:20] {
			all.Go(func() {
				q := c.question()
				q.key = fmt.Sprint(i % 2)
				b.ask(planning(t, name), name, q)
			})
		}
		all.Wait()
	})
}
