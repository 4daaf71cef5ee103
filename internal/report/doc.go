// Package report is the command "report": it makes of the events of rollouts (package event) a page for people, or a short version of it for
// a pull request.
//
// The page is one file that asks nobody for anything: no script, no font, no picture from elsewhere, and a policy in its head that forbids
// them. It is legible in light and dark, on paper, without its style sheet (a server's own policy may take that away), by keyboard and to
// screen readers: headings in order, tables with headers and captions, and each chart with the same in words and numbers. Everything that
// comes from a file is escaped.
package report
