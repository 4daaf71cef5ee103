package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/commandline"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// The command's exit codes. A rollout that did not succeed has one of its own, so that a script can tell it from a file that cannot be read.
const (
	exitWell    = 0 // every rollout has succeeded, none is under way, or the user ended the command
	exitError   = 1
	exitUsage   = 2
	exitFailed  = 3 // a rollout has ended in another way
	exitTimeout = 4
)

// EventLogVariable is where the provider takes the name of its file of events from, if its block does not say it.
const EventLogVariable = "ELASTIGROUP_EVENT_LOG"

// Main runs the command and returns the process's exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, version string) int {
	s, status := parse(args, stderr)
	if s == nil {
		return status
	}
	from, err := s.source(stdin, version)
	if err != nil {
		fmt.Fprintf(stderr, "watch: %v\n", err)
		return exitError
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if s.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.timeout, errTimeout)
		defer cancel()
	}
	var show display = &sentences{out: stdout, notes: stderr}
	if out, ok := terminal(stdout); ok && !s.plain {
		show = newScreen(out)
	}
	return s.watch(ctx, from, show, stderr)
}

var errTimeout = errors.New("the time is up")

// settings are what the command line says.
type settings struct {
	what    []string
	alarms  []string
	every   time.Duration
	follow  bool
	wait    bool
	plain   bool
	timeout time.Duration
}

const usageText = `Usage: terraform-provider-elastigroup watch [flags] [FILE | URL | NAME…]

Follows rollouts: phase, capacity, traffic, bake, alarms, and what happens.

FILE is what event_log in the provider block, or ELASTIGROUP_EVENT_LOG, names; it
need not be there yet; - is standard input. URL is an http address that serves
such lines. NAME is a deployment's: it is looked up at Spot and AWS, by reading
alone, with the provider's own credentials (SPOTINST_TOKEN, SPOTINST_ACCOUNT,
AWS_REGION, …). A name without a dot or slash, of which there is no file, is a
deployment's. Without any, ELASTIGROUP_EVENT_LOG names the file.

It ends when all rollouts have ended: with 0 if they have succeeded, hold where
they are to, or none is under way, 3 if one has ended in another way, 4 after
-timeout, 1 if nothing can be read. Ctrl-C ends it with 0. With -wait it waits
for a rollout to begin first, and with -follow it stays. In a terminal it draws;
elsewhere it prints a line an event.

`

// parse reads the command line, in which flags may also follow the arguments. It answers nil and an exit code when there is nothing to do.
func parse(args []string, stderr io.Writer) (*settings, int) {
	s := &settings{}
	flags := commandline.Flags("watch", usageText, stderr)
	flags.BoolVar(&s.follow, "follow", false, "go on when all rollouts have ended, for those that are yet to begin")
	flags.BoolVar(&s.wait, "wait", false, "wait for a rollout to begin, if none is under way, and end with it")
	flags.DurationVar(&s.every, "every", lookAgain, "with NAME: look so often, a `duration` from 1s on")
	flags.BoolVar(&s.plain, "plain", false, "print a line an event in a terminal, too")
	flags.DurationVar(&s.timeout, "timeout", 0, "end after this `duration` (90s, 1h)")
	flags.Func("alarm", "with NAME: show this CloudWatch alarm, by `NAME`; may be repeated", func(name string) error {
		s.alarms = append(s.alarms, name)
		return nil
	})
	arguments, status, ok := commandline.Parse(flags, args)
	if !ok {
		return nil, status
	}
	s.what = arguments
	if len(s.what) == 0 && os.Getenv(EventLogVariable) != "" {
		s.what = []string{os.Getenv(EventLogVariable)}
	}
	wrong := ""
	switch {
	case len(s.what) == 0:
		wrong = "what to watch is missing: a file of events, an http address, or names of deployments"
	case s.every < mostOften:
		wrong = fmt.Sprintf("-every is %s; it must be %s or more", s.every, mostOften)
	case s.wait && s.follow:
		wrong = "-wait ends with a rollout, and -follow never does: one of them"
	case s.timeout < 0:
		wrong = fmt.Sprintf("-timeout is %s; it must be above 0", s.timeout)
	case len(s.what) > 1 && s.kind() != deployments:
		wrong = "one FILE or URL at a time, or names of deployments alone"
	case len(s.alarms) > 0 && s.kind() != deployments:
		wrong = "-alarm goes with names of deployments: events say what their alarms say"
	}
	if wrong != "" {
		return nil, commandline.Wrong(flags, "watch", wrong)
	}
	return s, 0
}

// kind is what the arguments are.
type kind int

const (
	file kind = iota
	address
	deployments
)

func (s *settings) kind() kind {
	for _, what := range s.what {
		if strings.HasPrefix(what, "http://") || strings.HasPrefix(what, "https://") {
			return address
		}
		if info, err := os.Stat(what); what == "-" || err == nil && !info.IsDir() || strings.ContainsAny(what, `./\`) {
			return file
		}
	}
	return deployments
}

func (s *settings) source(stdin io.Reader, version string) (source, error) {
	switch s.kind() {
	case address:
		return newAddress(s.what[0], version)
	case deployments:
		return newClouds(s, version)
	}
	if s.what[0] == "-" {
		return stream{stdin}, nil
	}
	return followed{s.what[0]}, nil
}

// source is where events come from. It sends until the context ends, or until no more can come; an error is one that waiting does not mend.
type source interface {
	send(ctx context.Context, out chan<- news) error
}

// news is what a source has to say.
type news struct {
	events []event.Event
	// caughtUp is that these are all events so far.
	caughtUp bool
	// note is what keeps the source from saying more: "waiting for rollout.jsonl"; "-" is that nothing does any more.
	note string
	// skipped is how many lines were no events.
	skipped int
}

// display shows what is known.
type display interface {
	// begin shows what had happened before.
	begin(t *timeline.Timeline)
	// happened shows an event.
	happened(e event.Event)
	// note shows what keeps events from coming; "" is nothing.
	note(text string)
	// refresh shows the same at a later time.
	refresh(t *timeline.Timeline, now time.Time)
	// end leaves the last picture behind.
	end(t *timeline.Timeline, now time.Time)
}

// beat is how often a display is drawn anew while nothing happens.
const beat = time.Second

// kept is how many rollouts that are over are kept in sight while others go on.
const kept = 500

// watch shows what a source says until the rollouts are over, the source is, or the context.
func (s *settings) watch(ctx context.Context, from source, show display, stderr io.Writer) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, failed := make(chan news), make(chan error, 1)
	go func() { failed <- from.send(ctx, out) }()
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	var t timeline.Timeline
	begun, ran, skipped := false, false, 0 // ran is that a rollout was under way since
	note := func(text string) {
		if text == "-" {
			text = ""
		}
		show.note(text)
	}
	finish := func(code int) int {
		if !begun && len(t.Rollouts()) > 0 {
			show.begin(&t)
		}
		show.end(&t, time.Now())
		if skipped > 0 {
			fmt.Fprintf(stderr, "watch: %d lines were no events and were left out\n", skipped)
		}
		return code
	}
	for {
		select {
		case n := <-out:
			skipped += n.skipped
			if n.note != "" {
				note(n.note)
			}
			for _, e := range n.events {
				if t.Add(e) && begun {
					show.happened(e)
					end, ended := e.Fact.(event.Ended)
					ran = ran || ended && end.Outcome != atRest
				}
			}
			ran = ran || slices.ContainsFunc(t.Latest(), (*timeline.Rollout).Running)
			if n.caughtUp && !begun && len(t.Rollouts()) > 0 {
				begun = true
				show.begin(&t)
			}
			show.refresh(&t, time.Now())
			if n.caughtUp && begun && t.Over() && !s.follow && (ran || !s.wait) {
				return finish(code(&t))
			}
			t.Forget(kept)
		case <-ticker.C:
			show.refresh(&t, time.Now())
		case err := <-failed:
			switch {
			case ctx.Err() != nil:
				return s.called(ctx, finish, stderr)
			case err != nil:
				finish(exitError)
				fmt.Fprintf(stderr, "watch: %v\n", err)
				return exitError
			case len(t.Rollouts()) == 0:
				fmt.Fprintln(stderr, "watch: there was no event")
				return finish(exitError)
			}
			return finish(code(&t))
		case <-ctx.Done():
			return s.called(ctx, finish, stderr) // a source may hang in a read that cannot be called off
		}
	}
}

// called ends it because the user, or the time, says so.
func (s *settings) called(ctx context.Context, finish func(int) int, stderr io.Writer) int {
	if !errors.Is(context.Cause(ctx), errTimeout) {
		return finish(exitWell)
	}
	finish(exitTimeout)
	fmt.Fprintf(stderr, "watch: %s is over\n", s.timeout)
	return exitTimeout
}

// code is the exit code of rollouts that are over.
func code(t *timeline.Timeline) int {
	for _, r := range t.Latest() {
		if r.Outcome() != atRest && !r.Succeeded() {
			return exitFailed
		}
	}
	return exitWell
}
