// Package house has the tests of the rules of the house that CONTRIBUTING.md states of the source itself: how long a file may be, and which
// package may know which. The linter keeps the arrows, too, rule by rule; here they stand as ARCHITECTURE.md draws them, for whoever runs tests alone.
package house
