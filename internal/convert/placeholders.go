package convert

import (
	"regexp"
	"strings"
)

// placeholder is text with expressions of Harness in it, which become variables.
type placeholder struct {
	// bare tells that it stands without quotes, so that it may be of any type.
	bare  bool
	parts []part
}

// part is literal text, or else an expression, as it is written.
type part struct{ literal, expression string }

// whole tells whether it is one expression and nothing else.
func (p *placeholder) whole() bool { return len(p.parts) == 1 && p.parts[0].expression != "" }

// String is the text as it was.
func (p *placeholder) String() string {
	var b strings.Builder
	for _, part := range p.parts {
		b.WriteString(part.literal + part.expression)
	}
	return b.String()
}

// roots are what expressions of Harness's first generation begin with, https://developer.harness.io/docs/first-gen. Other ${…} in text is
// left alone: Nomad's constraints have it, too.
const roots = `app|service|env|infra|workflow|pipeline|serviceVariables?|environmentVariables?|artifact|artifacts|secrets|configFile|deploymentTriggeredBy|context|account|approvedBy|currentDate`

var (
	// modern is an expression of today's Harness, which may hold others.
	modern = regexp.MustCompile(`^<\+(?:[^<>\n]|<\+(?:[^<>\n]|<\+[^<>\n]*>)*>)*>`)
	// firstGen is one of the first generation.
	firstGen = regexp.MustCompile(`^\$\{(?:` + roots + `)\b[^{}\n]*\}`)
	// bareFirstGen is what stands without quotes: JSON has no such thing.
	bareFirstGen = regexp.MustCompile(`^\$\{[^{}\n]*\}`)
)

// quotePlaceholders makes JSON of text in which placeholders stand without quotes, or hold quotes themselves. Nothing moves by it: what
// stands without quotes becomes a text of the same length, whose expression is in bare under its offset.
func quotePlaceholders(data []byte) (quoted []byte, bare map[int]string) {
	quoted, bare = append([]byte{}, data...), map[int]string{}
	inText := false
	for i := 0; i < len(data); i++ {
		switch {
		case inText && data[i] == '\\':
			i++
		case data[i] == '"':
			inText = !inText
		case data[i] != '<' && data[i] != '$':
		case inText:
			end := i + len(modern.Find(data[i:min(len(data), i+1000)]))
			if end == i {
				end = i + len(firstGen.Find(data[i:min(len(data), i+1000)]))
			}
			for j := i; j < end; j++ {
				if data[j] == '"' && data[j-1] != '\\' {
					quoted[j] = '\''
				}
			}
			i = max(i, end-1)
		default:
			expression := modern.Find(data[i:min(len(data), i+1000)])
			if expression == nil {
				expression = bareFirstGen.Find(data[i:min(len(data), i+1000)])
			}
			if expression == nil {
				continue
			}
			bare[i] = string(expression)
			end := i + len(expression) - 1
			for j := i + 1; j < end; j++ {
				quoted[j] = 'x'
			}
			quoted[i], quoted[end] = '"', '"'
			i = end
		}
	}
	return quoted, bare
}

// parseText finds the expressions in text: the text itself, if there are none.
func parseText(text string) any {
	p := &placeholder{}
	literal := 0
	found := false
	for i := 0; i < len(text); i++ {
		if text[i] != '<' && text[i] != '$' {
			continue
		}
		expression := modern.FindString(text[i:])
		if expression == "" {
			expression = firstGen.FindString(text[i:])
		}
		if expression == "" {
			continue
		}
		if literal < i {
			p.parts = append(p.parts, part{literal: text[literal:i]})
		}
		p.parts = append(p.parts, part{expression: expression})
		i += len(expression) - 1
		literal, found = i+1, true
	}
	if !found {
		return text
	}
	if literal < len(text) {
		p.parts = append(p.parts, part{literal: text[literal:]})
	}
	return p
}
