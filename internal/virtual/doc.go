// Package virtual lets a real Terraform roll out in virtual time. It has tests alone, because the standard library has virtual time for tests
// alone (testing/synctest): the compiled test binary, which scripts/demo.sh and scripts/examples.sh make and start, is a provider and a sandbox
// in one process, in one bubble. While both wait, the bubble's clock goes on to the next moment at which something happens, so that a bake of
// ten minutes takes no longer than a call. The provider's code, its durations and the sandbox's wire formats are those that are always there.
//
// Terraform attaches to it, as to a provider in a debugger, by TF_REATTACH_PROVIDERS. Each of its calls is carried out in the bubble, one
// after the other. Between them the clock stands still; GET and POST /sandbox/… of an address on loopback reach the sandbox then.
// Before the provider is configured, as it is for each plan and each apply, twenty minutes go by, as they would between those of people: users come
// meanwhile, and CloudWatch gets to know of it.
//
// Two things are not as always: Ctrl-C does not reach a rollout, which is over before anybody could press it, and the provider's log goes to
// this process's standard error.
//
//	go test -c -o bin/virtual.test ./internal/virtual
//	VIRTUAL_WORLD=sandbox.json bin/virtual.test -test.run '^TestServe$' -- terraform test
//	VIRTUAL_WORLD=sandbox.json bin/virtual.test -test.run '^TestServe$'   # prints what to export; serves until its standard input ends
package virtual
