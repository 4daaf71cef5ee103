// Package check has the checks that a release is verified with: an HTTP request ([NewHTTP]), a function that is run ([NewLambda]), a number that
// Prometheus is asked for ([NewPrometheus]). Each is a runner.Checker: it asks once, and says that the candidate is good, that it is bad, or that
// this is not known.
//
// # Three answers
//
// Bad is what the candidate itself has said, or that it did not answer a question that reached it. Everything that keeps a question from reaching
// it, or the answer from meaning anything, is not known: names that do not resolve, connections that are refused, certificates that are not
// trusted, calls that are throttled, metrics that are not there. What is not known is never held against an image, and never taken for good.
//
// # What is said
//
// An answer's words are one sentence without an end, to be put into plans, errors and events. They name hosts, status codes, values and limits. No
// query string, path, header or token is in them, not even if the other side repeats it.
//
// # Connections
//
// Every question has a connection of its own, so that no answer comes from one that was opened before the change that is judged. TLS is always
// verified, with the system's authorities. Redirects are not followed: to another host Go would take along headers whose names it does not know,
// API keys among them. Link-local addresses, where clouds keep the credentials of the machine, are not connected to; this is decided
// by the address that a name has resolved to. [NewHTTP] uses no proxy, whatever HTTP_PROXY says, because a proxy's own answer cannot be told from the
// service's; [NewPrometheus] does, because nothing but Prometheus's own answer is one there.
package check
