package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/commandline"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// Main runs the command and returns the process's exit code: 2 for a command line that it does not understand, 1 for a file that it cannot
// read, in which there is no event, or that it cannot write.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	s, status := parse(args, stderr)
	if s == nil {
		return status
	}
	if err := s.run(stdin, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "report: %v\n", err)
		return 1
	}
	return 0
}

// settings are what the command line says.
type settings struct {
	files       []string
	output      string
	deployments []string
	all         bool
}

const usageText = `Usage: terraform-provider-elastigroup report [flags] FILE…

Makes a page of what happened in rollouts: capacity and traffic over time, the
phases, the plan beside what happened, and what was waited for.

FILE is what event_log in the provider block, or ELASTIGROUP_EVENT_LOG, names;
of several, the oldest comes first; - is standard input. -o says what is made:
a page (.html), or a short version for a pull request (.md). Without it the
short version goes to standard output. A report that is there is replaced.

The last rollout of each deployment is shown, also one that still runs.

`

// parse reads the command line, in which flags may also follow the file. It answers nil and an exit code when there is nothing to do.
func parse(args []string, stderr io.Writer) (*settings, int) {
	s := &settings{}
	flags := commandline.Flags("report", usageText, stderr)
	flags.StringVar(&s.output, "o", "", "write the report to `FILE`, whose name ends in .html or .md")
	flags.BoolVar(&s.all, "all", false, "all rollouts of each deployment, not the last alone")
	flags.Func("deployment", "this deployment alone, by `NAME`; may be repeated", func(name string) error {
		s.deployments = append(s.deployments, name)
		return nil
	})
	arguments, status, ok := commandline.Parse(flags, args)
	if !ok {
		return nil, status
	}
	s.files = arguments
	wrong := ""
	switch {
	case len(s.files) == 0:
		wrong = "the FILE with the events is missing; - is standard input"
	case s.output != "" && s.format() == "":
		wrong = fmt.Sprintf("what to make of %q is not known: its name ends neither in .html nor in .md", s.output)
	}
	if wrong != "" {
		return nil, commandline.Wrong(flags, "report", wrong)
	}
	return s, 0
}

// format is what is made: "html" or "md"; "" where the name does not say it.
func (s *settings) format() string {
	switch strings.ToLower(filepath.Ext(s.output)) {
	case ".html", ".htm":
		return "html"
	case ".md", ".markdown":
		return "md"
	}
	if s.output == "" {
		return "md"
	}
	return ""
}

func (s *settings) run(stdin io.Reader, stdout, stderr io.Writer) error {
	rollouts, err := s.read(stdin, stderr)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if s.format() == "html" {
		err = HTML(&page, rollouts)
	} else {
		err = Markdown(&page, rollouts)
	}
	if err != nil {
		return err
	}
	if s.output == "" {
		_, err := stdout.Write(page.Bytes())
		return err
	}
	if err := s.write(page.Bytes()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	fmt.Fprintf(stderr, "Wrote %s.\n", s.output)
	return nil
}

// read reads the rollouts that are to be shown.
func (s *settings) read(stdin io.Reader, stderr io.Writer) ([]*timeline.Rollout, error) {
	var t timeline.Timeline
	for _, file := range s.files {
		if err := readInto(&t, file, stdin, stderr); err != nil {
			return nil, err
		}
	}
	rollouts := t.Latest()
	if s.all {
		rollouts = t.Rollouts()
	}
	if len(s.deployments) == 0 {
		return rollouts, nil
	}
	var names []string
	for _, r := range t.Latest() {
		names = append(names, r.Deployment)
	}
	for _, wanted := range s.deployments {
		if !slices.Contains(names, wanted) {
			return nil, fmt.Errorf("there is no rollout of a deployment %q in %s; there is: %s", wanted, strings.Join(s.files, ", "), strings.Join(names, ", "))
		}
	}
	return slices.DeleteFunc(rollouts, func(r *timeline.Rollout) bool { return !slices.Contains(s.deployments, r.Deployment) }), nil
}

// readInto reads a file of events. One without any is an error; what else is in it is said and skipped.
func readInto(t *timeline.Timeline, file string, stdin io.Reader, stderr io.Writer) error {
	from, name := stdin, file
	if file == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(file)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s does not exist. The provider writes events where event_log in its block, or ELASTIGROUP_EVENT_LOG, says", file)
		}
		if err != nil {
			return err
		}
		defer f.Close()
		from = f
	}
	lines := &timeline.Lines{Take: func(e event.Event) { t.Add(e) }}
	n, err := io.Copy(lines, from)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	lines.Flush()
	switch {
	case n == 0:
		return fmt.Errorf("%s is empty: no rollout has written into it yet", name)
	case lines.Events == 0 && lines.First != nil:
		return fmt.Errorf("no line of %s is an event; line %d: %w", name, lines.FirstLine, lines.First)
	case lines.Events == 0:
		return fmt.Errorf("there is no event in %s", name)
	case lines.Skipped > 0:
		fmt.Fprintf(stderr, "%d lines of %s are no events and were left out, the first in line %d: %v\n", lines.Skipped, name, lines.FirstLine, lines.First)
	}
	return nil
}

// write replaces the report as a whole, so that nobody reads half of one, and never one of the files with the events.
func (s *settings) write(page []byte) error {
	if out, err := os.Stat(s.output); err == nil {
		for _, file := range s.files {
			if in, err := os.Stat(file); err == nil && os.SameFile(in, out) {
				return fmt.Errorf("%s is the file with the events", s.output)
			}
		}
		if !out.Mode().IsRegular() {
			return os.WriteFile(s.output, page, 0o644) // such as /dev/stdout
		}
	}
	temporary, err := os.CreateTemp(filepath.Dir(s.output), ".report-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // it is gone where all went well
	if _, err := temporary.Write(page); err != nil {
		temporary.Close()
		return err
	}
	if err := errors.Join(temporary.Chmod(0o644), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), s.output)
}
