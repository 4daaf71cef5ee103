// Package provider is Terraform's face of the project: the provider block, the resource and the data sources, their
// schemas, and what turns configuration into calls and answers into state. Rollouts are decided in package rollout and
// run by package runner; nothing here does either.
//
// # The provider block
//
// [New] makes the provider. Its configuration is read in two halves. The Spot half is made at once: a missing token or
// account is an error at the attribute. The AWS half is only checked for what can be seen offline and resolved when
// something first asks AWS, since a basic rollout without target groups needs no AWS credentials at all.
//
// Both halves reach resources and data sources as [clouds.Clients]. While a value is not known by which planning would ask another account or
// region than apply does, nobody is asked anything: what reaches them then is [clouds.Unknown].
//
// # Packages
//
// Each object has a package of its own: deployment for the resource; image, targetgroup, group and template for the data sources. What they
// share is named by what it does: clouds (the configured clients, and what has to be known across resources), validators, attrvalue, diagtext
// (the words of diagnostics). The provider knows its objects, these know what they share, and nothing knows the provider: the linter holds it
// to that.
//
// # Tests
//
// Tests speak the plugin protocol to the provider in process and mount the sandbox with [WithTransport], so that they run real SDK clients
// without a network. Package providertest is their kit.
package provider
