//go:build unix

package eventlog

import (
	"errors"
	"os"
	"syscall"
)

// nonblock lets a pipe that nobody reads be an error instead of a wait.
const nonblock = syscall.O_NONBLOCK

// lock locks a file until it is closed, and waits for whoever has locked it: a process that appends a line, which takes no time. It answers false
// where the file system knows no locks.
func lock(f *os.File) bool {
	for {
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); !errors.Is(err, syscall.EINTR) {
			return err == nil
		}
	}
}
