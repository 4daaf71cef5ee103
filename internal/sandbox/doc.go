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
//	/2015-03-31/functions/…           Lambda, Invoke alone
//	/prometheus/api/v1/query          instant queries of a Prometheus
//	/app/…                            the service behind the balancers; also by their host names
//	/sandbox/…                        what happened, and what makes things happen; see control.go
//	GET /                             a page for browsers that shows the one and has buttons for the other; see page.go
//
// # How it is made
//
// A [World] is a core (core.go: the clock, what is due, chance) and on it two halves, the Spot half (spot*.go) and the AWS half (aws_*.go), which
// know of each other only what seam.go lists. Around them stand faults, the journal of calls, the timeline and the control API. To add
// a call of Spot's, begin with actions in spot.go; one of AWS, with the table of calls of its service, such as elbv2Calls; a
// behaviour of images, with Kind in images.go; a fault, with FaultKinds; what people do from outside, with controls in control.go.
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
// strategy.drainingTimeout and is terminated. Unhealthy instances are replaced, unless AUTO_HEALING is suspended. What the
// spot market takes has notice, drains and is replaced meanwhile (see Interruption). A group's scheduling.tasks fire by the
// world's clock, in UTC, unless SCHEDULING is suspended.
//
// In a group whose capacity counts weights an instance weighs what instanceTypes.weights says, and what is not in there its vCPUs.
// Of several images it is launched of the first one of its type's architecture. EC2 may refuse to launch it, or terminate it at
// launch (see Dies, Refused): then the group's log has EC2's words, and DescribeInstances its state reason.
//
// Load balancers have availability zones. A target in one that is not enabled there is "unused" (Target.NotInUse) and is never
// checked. Subnets have zones, too: see AWSConfig.Subnets.
//
// A deployment of Spot's own (a roll) only locks its group: while it is under way, and after it has failed until it is stopped, no
// update of the group is taken. See SetRoll.
//
// # Requests
//
// Listeners and rules of application balancers may have requests_per_minute. They go to target groups by weight, and to each healthy
// target alike, whose image says what becomes of them: error_ratio, crash_ratio, latency. Of these requests tell GetMetricData (late, and of
// the last minutes too little, see MetricsConfig), Prometheus and Lambda's smoke tests, in minutes of the machine's clock, whatever the speed; what is asked of /app/… meets the same fates. What
// happens in 15 seconds is drawn once from the seed, the target group and the time, so that whoever asks is told the same. They come evenly,
// each with its own fate: there are no bursts, no cold caches and no stickiness.
//
// # What documents are taken
//
// A create is checked as the API does it, as far as that is known: members that there are not ("multai", even if it is null),
// members beside "group", members that exclude each other, values of the wrong kind, user data that is not base64. A null of a
// known member says the same as nothing. The documents that Spot's own SDK and imports have go through, see
// spot_exports_test.go.
//
// # Mischief
//
// Fail makes calls fail: errors, throttling with Spot's lengthening blocks, HTML from the edge, lost answers, old answers, lists that
// are cut, items of other forms and with strange IDs, bodies without bound. FaultKinds has all of them by name.
// Intercept runs code around every call. Reclaim, Rebalance, SetMarket, SetTarget, SetCapacity and others are what the spot
// market, autoscalers and people who meddle do.
//
// # From outside
//
// Whoever has a world on a port makes its weather with curl; GET /sandbox/groups names the instances, GET /sandbox/ the
// routes and alarms:
//
//	S=http://127.0.0.1:8700/sandbox
//	curl $S/                                                                              # what stands now
//	curl $S/capacity -d '{"group":"web__2","minimum":0,"target":1,"maximum":4}'           # somebody resizes a group
//	curl $S/target -d '{"group":"web__1","target":6,"after":"5m"}'                        # an autoscaler moves one
//	curl $S/task -d '{"group":"web__1","task":0}'                                         # its first scheduled task fires
//	curl $S/policy -d '{"group":"web__1","direction":"up","policy":0}'                    # its first policy to scale up acts
//	curl -X DELETE "$S/groups?group=web__2"                                               # somebody deletes one
//	curl $S/weights -d '{"route":"arn:…","weights":[{"target_group":"web-blue","weight":90},{"target_group":"web-green","weight":10}]}'
//	curl $S/alarms -d '{"name":"web-5xx","state":"ALARM","reason":"9 errors a minute"}'   # an alarm goes off
//	curl -X DELETE "$S/alarms?name=web-5xx"                                               # or is deleted
//	curl $S/reclaim -d '{"instance":"i-…"}'                                               # two minutes' notice
//	curl $S/reclaim -d '{"instance":"i-…","cause":"price","notice":"20s"}'                # less, and another status
//	curl $S/reclaim -d '{"instance":"i-…","without_notice":true}'                         # none
//	curl $S/reclaim -d '{"fraction_per_hour":0.2}'                                        # a storm; 0 ends it
//	curl $S/rebalance -d '{"instance":"i-…"}'                                             # Spot replaces one itself
//	curl $S/market -d '{"lifecycle":"spot","available":false}'                            # no capacity; true ends it
//	curl $S/edit -d '{"group":"web__1","patch":{"description":"mine"}}'                   # somebody edits a document
//	curl $S/roll -d '{"group":"web__1","progress":25,"ends":"10m"}'                       # a deployment of Spot's own
//	curl $S/roll -d '{"group":"web__1","status":"failed"}'                                # has failed; "stopped" ends it
//	curl $S/zones -d '{"balancer":"web","zones":["us-east-1a"]}'                          # zones that are enabled
//	curl $S/propagation -d '{"propagation":"3m"}'                                         # how late traffic follows
//	curl $S/images -d '{"id":"ami-9","behaviour":{"kind":"dies"}}'                        # instances die at launch
//	curl $S/behaviour -d '{"image":"ami-9","error_ratio":0.03,"latency":"80ms"}'          # what becomes of its requests
//	curl $S/requests -d '{"route":"web:443","requests_per_minute":6000}'                  # how many come
//	curl $S/metrics -d '{"delay":"15m"}'                                                  # CloudWatch is late; {} ends it
//	curl $S/metrics -d '{"status":"Forbidden"}'                                           # or answers nothing
//	curl $S/functions -d '{"name":"smoke","answer":{"status":"failed"}}'                  # a function of Lambda
//	curl $S/prometheus -d '{"query":"up","value":"NaN"}'                                  # a query of Prometheus
//	curl $S/sessions -d '{"access_key":"ASIA1","token":"t","expires":"1h"}'               # credentials that end
//	curl $S/tokens -d '{"token":"sandbox-token","revoked":true,"after":"1h"}'             # Spot's, too
//	curl $S/faults -d '{"kind":"throttle","rate":0.1}'; curl -X DELETE $S/faults          # calls fail, and no longer
//	curl $S/faults -d '{"kind":"general-error","rate":0.1}'                               # reads do, now and then
//	curl $S/faults -d '{"kind":"strange-id","action":"ListGroups","item":2,"times":-1}'   # a list has a strange item
//
// The same can be said beforehand in the world file: groups with scheduling.tasks, "autoscale", "markets", "interruption", "rolls",
// the "behaviour" of images, "prometheus", and under "aws" the "changes" of alarms, "zones" of balancers, "requests_per_minute" of listeners
// and rules, "metrics", "functions", "subnets", "sessions" and "propagation". See Config.
//
// All mistakes in such a file are reported at once, each with its line, its path and what was probably meant, and so are those in what
// is posted. A member that there is not, or that is there twice, is one.
//
// # What is not imitated
//
// Signatures and the policies of roles: any AWS key is taken, but for those that begin with AKIABAD and temporary ones that have ended. The
// conditions of rules are handed on unread: what comes by a rule is what the world file says. Metric math and PromQL. Targets other than
// instances. A roll replaces no instance. A replacement by Rebalance does not wait until the new instance is healthy, which is the worst that it can mean. Where the real
// API's answer is documented nowhere, a member of Config chooses: HealthWithoutCheck, RepairCapacity, WeightsBelow.
//
// # Judges
//
// Calls and Changes tell what was called. Timeline tells what the world looked like at every moment: how many instances of
// each group existed, were in service and were reached by production traffic.
package sandbox
