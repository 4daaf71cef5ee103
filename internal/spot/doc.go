// Package spot speaks to the Spot API about Elastigroups on AWS, and knows what an Elastigroup's configuration means.
//
// # The client
//
// [New] finds the token and the account (the provider's arguments, then SPOTINST_TOKEN and SPOTINST_ACCOUNT, then the Spot
// credentials file, each of the two on its own) and returns a [Client], which implements runner.Elastigroups. One client serves
// any number of rollouts at once. Requests go through spotinst-sdk-go's client, and group documents travel as raw JSON: the
// SDK's own types drop what they do not know.
//
// Under the SDK lies one http.RoundTripper that gives every call a time-out, repeats what is worth repeating, waits while
// Spot's rate limit blocks a route (all callers together, because a call made while blocked lengthens the block), and
// writes one log line a try, without bodies, queries or headers. What remains is an [Error], which says what was being done, to
// which group, and what Spot answered, in its own words; it wraps runner.ErrGone where the thing does not exist, and
// runner.ErrUnanswered where a create may have taken effect without an answer. A create is repeated only when Spot
// certainly refused it or never saw it.
//
// Tokens, keys and user data stay out of logs and errors, also where Spot's answer echoes them.
//
// # The document
//
// A [Document] is an Elastigroup's configuration as users write or export it. It keeps keys and numbers that nobody here knows as
// they stand. [Document.Build] makes the document that creates a revision's group; [Document.Fingerprint] tells whether two of
// them would be the same revision; [Document.Problems] lists what can be refused before anything is touched.
package spot
