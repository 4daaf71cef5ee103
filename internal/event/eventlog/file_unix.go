//go:build unix

package eventlog

import (
	"os"
	"syscall"
)

// nonblock lets a pipe that nobody reads be an error instead of a wait.
const nonblock = syscall.O_NONBLOCK

// lock locks a file until it is closed, if nobody else has.
func lock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
