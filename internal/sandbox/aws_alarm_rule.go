package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// alarmRule is the rule of a composite alarm: ALARM(a) AND NOT (OK("b") OR TRUE).
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
type alarmRule struct {
	// names are the alarms it names, by name or ARN, each once.
	names []string
	// holds tells whether it is true of alarms in these states.
	holds func(state func(nameOrARN string) string) bool
}

// maxChildren is how many alarms a rule may name.
const maxChildren = 100

// parseRule reads a rule. NOT binds more tightly than AND, and AND than OR, as everywhere; AWS does not say.
func parseRule(text string) (alarmRule, error) {
	p := &ruleParser{rest: text}
	holds, err := p.either()
	if err == nil && p.peek() != "" {
		err = fmt.Errorf("there is something behind its end: %q", p.rest)
	}
	if err == nil && len(p.names) > maxChildren {
		err = fmt.Errorf("it names %d alarms, and may name %d", len(p.names), maxChildren)
	}
	if err != nil {
		return alarmRule{}, fmt.Errorf("the rule %q cannot be read: %w", text, err)
	}
	return alarmRule{p.names, holds}, nil
}

type condition func(state func(string) string) bool

type ruleParser struct {
	rest  string
	names []string
}

// peek is the next word or parenthesis, "" at the end.
func (p *ruleParser) peek() string {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if p.rest == "" {
		return ""
	}
	end := strings.IndexAny(p.rest, "() \t\r\n")
	switch end {
	case -1:
		return p.rest
	case 0:
		return p.rest[:1]
	}
	return p.rest[:end]
}

// take goes on behind the next word if it is this one, in capitals or not.
func (p *ruleParser) take(word string) bool {
	next := p.peek()
	if next == "" || !strings.EqualFold(next, word) {
		return false
	}
	p.rest = p.rest[len(next):]
	return true
}

func (p *ruleParser) either() (condition, error) {
	one, err := p.both()
	for err == nil && p.take("OR") {
		var other condition
		left := one
		other, err = p.both()
		one = func(state func(string) string) bool { return left(state) || other(state) }
	}
	return one, err
}

func (p *ruleParser) both() (condition, error) {
	one, err := p.single()
	for err == nil && p.take("AND") {
		var other condition
		left := one
		other, err = p.single()
		one = func(state func(string) string) bool { return left(state) && other(state) }
	}
	return one, err
}

func (p *ruleParser) single() (condition, error) {
	switch {
	case p.take("NOT"):
		one, err := p.single()
		return func(state func(string) string) bool { return !one(state) }, err
	case p.take("TRUE"):
		return func(func(string) string) bool { return true }, nil
	case p.take("FALSE"):
		return func(func(string) string) bool { return false }, nil
	case p.take("("):
		one, err := p.either()
		if err == nil && !p.take(")") {
			err = errors.New("a parenthesis is not closed")
		}
		return one, err
	}
	for _, state := range alarmStates {
		if p.take(state) {
			return p.function(state)
		}
	}
	return nil, fmt.Errorf("%q is neither a condition nor a parenthesis", p.peek())
}

// function reads what follows the name of a state: an alarm's name or ARN in parentheses, quoted or not.
func (p *ruleParser) function(wanted string) (condition, error) {
	if !p.take("(") {
		return nil, fmt.Errorf("%s names no alarm", wanted)
	}
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	end := ")"
	if quoted, ok := strings.CutPrefix(p.rest, `"`); ok {
		p.rest, end = quoted, `"`
	}
	name, rest, closed := strings.Cut(p.rest, end)
	name, p.rest = strings.TrimSpace(name), rest
	if closed && end == `"` {
		closed = p.take(")")
	}
	if !closed || name == "" {
		return nil, fmt.Errorf("%s names no alarm, or its parenthesis is not closed", wanted)
	}
	if !slices.Contains(p.names, name) {
		p.names = append(p.names, name)
	}
	return func(state func(string) string) bool { return state(name) == wanted }, nil
}
