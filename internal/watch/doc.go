// Package watch is the command "watch": it follows rollouts in a terminal, from a file or an address with their events (package event), or
// straight from the clouds, and shows the picture of each (package timeline).
//
//	command.go   the command line, and what ends the command
//	file.go      a file that grows, is rotated or truncated, or is not there yet; standard input
//	address.go   an http address, streamed or asked again and again
//	clouds.go    the clouds, by reading calls alone
//	differs.go   what is otherwise there than at the last look, as events
//	view.go      a picture as lines, of any width
//	screen.go    a terminal, drawn anew in place
//	sentences.go plain lines where there is no terminal
//
// It does nothing to a rollout, and a rollout does not know of it.
package watch
