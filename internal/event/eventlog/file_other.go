//go:build !unix

package eventlog

import "os"

// nonblock is nothing: there are no named pipes among files.
const nonblock = 0

// lock is always had: a file that is open cannot be renamed, by this process or another.
func lock(*os.File) bool { return true }
