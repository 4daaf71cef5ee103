// Package sandbox is a pretend Spot and a pretend AWS in one http.Handler: Elastigroups whose instances boot, register with
// load balancers, turn healthy or do not, drain and get reclaimed. It speaks the wire formats of the real services, so that
// a client runs against it unchanged.
//
// # Two ways to use it
//
// In a test, inside a testing/synctest bubble, without sockets and in virtual time:
//
//	w := sandbox.New(sandbox.Config{Images: []sandbox.Image{{ID: "ami-0a1"}}})
//	client := w.Client() // an *http.Client; whatever host is asked, the world answers
//
// On a loopback port, for people and for whole programs, with a clock that runs as fast as asked:
//
//	terraform-provider-elastigroup sandbox --speed 60
//
// # What is served where
//
//	/aws/ec2/…                        the Spot API (Elastigroups)
//	POST /                            AWS query calls: EC2, ELBv2, classic ELB, STS
//	/service/…                        CloudWatch, Smithy RPC v2 CBOR
//	/sandbox/…                        what happened, and hands to make things happen; see control.go
//
// # Time
//
// The world has a clock and a queue of what is due, and no goroutine: whoever looks first lets everything happen that was
// due until then, in order. So nothing in it races, and a world with the same seed and the same calls goes the same way.
//
// # Instances
//
// A group that has fewer instances than its target asks for more. A request stands at pending-evaluation without an instance
// ID until there is capacity (see Market); then the instance boots, is registered with the balancers of the group's launch
// specification, and answers health checks as its image says (see Behaviour). What leaves is deregistered, drains for
// strategy.drainingTimeout and is terminated. Unhealthy instances are replaced, unless AUTO_HEALING is suspended.
//
// # Mischief
//
// Fail makes calls fail: errors, throttling with Spot's lengthening blocks, HTML from the edge, lost answers, old answers.
// Intercept runs code around every call. Reclaim, Rebalance, SetMarket, SetTarget, SetCapacity and others are the hands of the spot
// market, of autoscalers, and of people who meddle.
//
// # Judges
//
// Calls and Changes tell what was called. Timeline tells what the world looked like at every moment: how many instances of
// each group existed, were in service and were reached by production traffic.
package sandbox
