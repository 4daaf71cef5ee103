//go:build unix

package deployment_test

import (
	"syscall"
	"time"
)

// processorTime is what the process has had of all processors, which other processes change little.
func processorTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
