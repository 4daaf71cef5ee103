//go:build !unix

package deployment_test

import (
	"path/filepath"
	"testing"
)

// pipeIn is a file in a directory that is not there, where there are no named pipes.
func pipeIn(_ *testing.T, dir string) string { return filepath.Join(dir, "none", "pipe") }
