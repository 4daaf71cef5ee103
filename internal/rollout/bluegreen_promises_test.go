package rollout_test

import "testing"

// behind fails if one of the stories behind routes breaks the rule.
func behind(t *testing.T, rule string) {
	t.Helper()
	t.Parallel()
	t.Run("blue-green", func(t *testing.T) { behindRoutes.holds(t, rule) })
	t.Run("reverts", func(t *testing.T) { comingBack.holds(t, rule) })
}

// No target group gets traffic in which nothing is in service.
func TestTrafficOnlyToTheHealthy(t *testing.T) { behind(t, "traffic only to the healthy") }

// At every instant each route has a revision in service wherever production has weight.
func TestProductionServes(t *testing.T) { behind(t, "production serves") }

// Production before stage in a switch, stage before production in a shift.
func TestRoutesMoveInTurn(t *testing.T) { behind(t, "in turn") }

// The candidate is whole and healthy before any traffic comes to it, and the live revision is kept whole.
func TestWholeBeforeTraffic(t *testing.T) { behind(t, "whole before traffic") }

// Where traffic moves by weights, both target groups stay in production's action.
func TestBothTargetGroupsStay(t *testing.T) { behind(t, "both target groups stay") }

// Each weight is reached on all routes before it is passed, one after another.
func TestWeightByWeight(t *testing.T) { behind(t, "weight by weight") }

// A weight is passed, and capacity taken on the way back, only when the routes have settled.
func TestSettlesFirst(t *testing.T) { behind(t, "settles first") }

// Whatever had traffic before a change of the routes keeps its instances for as long as balancers are given to follow.
func TestBalancersFollowFirst(t *testing.T) { behind(t, "balancers follow first") }

// A weight is passed only when it was baked.
func TestBakesFirst(t *testing.T) { behind(t, "bakes first") }

// The previous revision keeps its target until all weights are passed.
func TestThePreviousIsKept(t *testing.T) { behind(t, "the previous is kept") }

// Every route forwards again as it did, before anything is taken from what failed or was superseded.
func TestTheForwardsComeBack(t *testing.T) { behind(t, "the forwards come back") }

// What stands in the idle target groups is gone before a candidate grows there.
func TestAloneInItsTargetGroups(t *testing.T) { behind(t, "alone in its target groups") }

// Nothing else than the deployment's own listeners and rules is written.
func TestWritesItsOwnRoutesAlone(t *testing.T) { behind(t, "writes its own routes alone") }

// Traffic moves in as few calls as there are weights and routes.
func TestFewCalls(t *testing.T) { behind(t, "few calls") }

// A release behind routes that cannot work is refused, and no other one.
func TestRefusesWhatIsNotSound(t *testing.T)     { behind(t, "refuses what is not sound") }
func TestRefusesOnlyWhatIsNotSound(t *testing.T) { behind(t, "refuses only what is not sound") }
