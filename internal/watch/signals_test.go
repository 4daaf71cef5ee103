//go:build !windows

package watch

import (
	"bytes"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// Ctrl-C, and what a supervisor or a window that is closed sends, ends watching with 0.
func TestASignalEndsIt(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		waits := make(chan struct{})
		var once sync.Once
		notes := writerFunc(func([]byte) { once.Do(func() { close(waits) }) })
		code := make(chan int, 1)
		file := filepath.Join(t.TempDir(), "rollout.jsonl")
		go func() { code <- Main([]string{"-follow", file}, nil, &output{}, notes, "test") }()
		<-waits // it says that it waits for the file
		if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
			t.Fatal(err)
		}
		if got := <-code; got != exitWell {
			t.Errorf("after %s it ends with %d", signal, got)
		}
	}
}

// Who watches learns no secret, from events or from the clouds.
func TestWatchingShowsNoSecret(t *testing.T) {
	timelinetest.In(t, func(t *testing.T, s *timelinetest.Scene) {
		c, _ := looks(t, s, "web")
		done := make(chan struct{})
		go func() { s.Canary("ami-2").Do(t.Context()); close(done) }()
		w := start(t, settings{follow: true}, c)
		<-done
		w.mustGoOn(t)
		w.stop()
		w.mustEnd(t, exitWell)
		all := bytes.Join([][]byte{[]byte(w.out.String()), []byte(w.notes.String()), timelinetest.Lines(t, s.Events)}, nil)
		for _, secret := range []string{timelinetest.Token, timelinetest.SecretKey, timelinetest.UserData} {
			if strings.Contains(string(all), secret) {
				t.Errorf("%q is shown", secret)
			}
		}
	})
}
