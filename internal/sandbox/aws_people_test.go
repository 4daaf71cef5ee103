package sandbox

import (
	"fmt"
	"testing"
	"time"
)

func TestSetWeights(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		weights := func(arn string) string {
			t.Helper()
			said := ""
			for _, r := range c.world.Routes() {
				for _, weight := range r.Weights {
					if r.ARN == arn {
						said += fmt.Sprintf("%s %d;", weight.TargetGroup, weight.Weight)
					}
				}
			}
			return said
		}
		before := weights(productionARN)
		if err := c.world.SetWeights(productionARN, WeightConfig{"web-blue", 90}, WeightConfig{greenARN, 10}); err != nil {
			t.Fatal(err)
		}
		if got := weights(productionARN); got != before {
			t.Errorf("traffic follows at once: %s", got)
		}
		c.sleep(11 * time.Second)
		if got, want := weights(productionARN), blueARN+" 90;"+greenARN+" 10;"; got != want {
			t.Errorf("a listener sends %s, want %s", got, want)
		}
		// The login stays in front of it.
		body := fmt.Sprintf(`{"route":%q,"weights":[{"target_group":"web-green","weight":1}]}`, loginRuleARN)
		if status, text := control(t, c.world, "POST", "weights", body); status != 204 {
			t.Errorf("%d %s", status, text)
		}
		c.sleep(11 * time.Second)
		if got := weights(loginRuleARN); got != greenARN+" 1;" || len(c.world.awsHalf.rules[loginRuleARN].shown) != 2 {
			t.Errorf("a rule sends %s", got)
		}
		for name, err := range map[string]error{
			"no route":            c.world.SetWeights("arn:none", WeightConfig{"web-blue", 1}),
			"no group":            c.world.SetWeights(productionARN, WeightConfig{"none", 1}),
			"no groups":           c.world.SetWeights(productionARN),
			"too heavy":           c.world.SetWeights(productionARN, WeightConfig{"web-blue", 1000}),
			"another's group":     c.world.SetWeights(productionARN, WeightConfig{"other", 1}),
			"incompatible groups": c.world.SetWeights(flowARN, WeightConfig{"spare", 1}),
		} {
			if err == nil {
				t.Errorf("%s: taken", name)
			}
		}
		if got, want := weights(productionARN), blueARN+" 90;"+greenARN+" 10;"; got != want {
			t.Errorf("after refusals it sends %s, want %s", got, want)
		}
	})
}

func TestSlowPropagation(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		c.world.SetPropagation(3 * time.Minute)
		if err := c.world.SetWeights(productionARN, WeightConfig{TargetGroup: "web-green", Weight: 1}); err != nil {
			t.Fatal(err)
		}
		goesTo := func() string { return c.world.Routes()[0].Weights[0].TargetGroup }
		if c.sleep(3*time.Minute - time.Second); goesTo() != blueARN {
			t.Error("traffic follows too soon")
		}
		if c.sleep(time.Second); goesTo() != greenARN {
			t.Error("traffic does not follow")
		}
	})
}
