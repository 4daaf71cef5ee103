package eventlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Check tells what is wrong with a path as it is written, wherever it is used.
func Check(path string) error {
	clean := filepath.ToSlash(path)
	switch {
	case strings.TrimSpace(path) == "":
		return errors.New("it is empty")
	case path != strings.TrimSpace(path):
		return fmt.Errorf("%q begins or ends with a blank or a line break", path)
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("%q has a control character in it", path)
	case strings.Contains(path, "://"):
		return fmt.Errorf("%q is a URL, and not the name of a file; events are posted to one by a notify block", path)
	case path == "~" || strings.HasPrefix(clean, "~/"):
		return fmt.Errorf("%q has a ~, which Terraform does not take for a home directory; write pathexpand(%q)", path, path)
	case strings.HasSuffix(clean, "/") || slices.Contains([]string{".", ".."}, filepath.Base(path)):
		return fmt.Errorf("%q is a directory, and not a file", path)
	case path == "-" || clean == "/dev/stdout" || clean == "/dev/stderr" || strings.HasPrefix(clean, "/dev/fd/") || strings.HasPrefix(clean, "/proc/self/fd/"):
		return fmt.Errorf("%q is what the provider speaks to Terraform by, and nobody would see it; name a file, or see the provider's log with TF_LOG_PROVIDER=INFO", path)
	}
	return nil
}

// Resolve makes a path absolute by the working directory, which is Terraform's, and tells what is wrong with it on this machine, as far as
// that is a mistake of whoever wrote it: whether the file can be written shows when it is.
func Resolve(path string) (string, error) {
	if err := Check(path); err != nil {
		return "", err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(absolute); err == nil && info.IsDir() {
		return "", fmt.Errorf("%s is a directory, and not a file", absolute)
	}
	if info, err := os.Stat(filepath.Dir(absolute)); errors.Is(err, os.ErrNotExist) || err == nil && !info.IsDir() {
		return "", fmt.Errorf("there is no directory %s; create it first", filepath.Dir(absolute))
	}
	return absolute, nil
}
