package users_test

import (
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

const ruleEvents rule = "the event log tells what has happened"

// logs is the event log of a scene: a file that every command of it writes to.
type logs struct {
	file *os.File
	rest string // of a line that is not whole yet
}

func newLogs() logs {
	file, err := os.CreateTemp("", "users-*.jsonl")
	if err != nil {
		panic(err)
	}
	return logs{file: file}
}

func (l *logs) end() {
	name := l.file.Name()
	l.file.Close()
	os.Remove(name)
}

// logged is an event, as far as a judge reads it.
type logged struct{ Deployment, Event, Outcome string }

// told is what was written since it was last asked for, and the events in it.
func (l *logs) told() (text string, events []logged) {
	raw, err := io.ReadAll(l.file)
	if err != nil {
		panic(err)
	}
	text = l.rest + string(raw)
	whole := strings.LastIndexByte(text, '\n') + 1
	l.rest = text[whole:]
	for line := range strings.Lines(text[:whole]) {
		var e logged
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			panic(err)
		}
		events = append(events, e)
	}
	return text, events
}

// judgeEvents: what is logged has no secrets, and ends as the command does.
func (s *scene) judgeEvents(op *operation) {
	told, events := s.log.told()
	for _, secret := range secrets() {
		if at := strings.Index(told, secret); at >= 0 {
			s.broken(ruleSecrets, "%q is in the event log: %s", secret, told[max(0, at-200):min(len(told), at+200)])
		}
	}
	if op.killed || op.beside || op.does("replace") || len(op.plan.steps) > 1 || s.contested {
		return
	}
	ended := slices.DeleteFunc(slices.Clone(events), func(e logged) bool { return e.Event != "ended" })
	if len(ended) == 0 {
		return
	}
	last := ended[len(ended)-1]
	well := last.Outcome == "succeeded" || last.Outcome == "held" && !strings.Contains(providertest.Render(op.diags), "failed")
	if op.what == abort {
		well = last.Outcome == "rolled_back"
	}
	if failed := providertest.Failed(op.diags); well == failed {
		s.broken(ruleEvents, "it ended as %s in the event log, and this is said:\n%s", last.Outcome, providertest.Render(op.diags))
	}
}

// secrets are what shows nowhere.
func secrets() []string {
	return []string{token, secretKey, sessionToken, bootSecret, headerSecret, hiddenHeader, encoded("boot")[:60], encoded("boot-2")[:60]}
}
