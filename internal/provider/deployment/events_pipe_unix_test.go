//go:build unix

package deployment_test

import (
	"path/filepath"
	"syscall"
	"testing"
)

// pipeIn is a named pipe in a directory, from which nobody reads: whoever did has gone away.
func pipeIn(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
