package convert

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/commandline"
)

// largest is more than any group's document has.
const largest = 64 << 20

// Main runs the command and returns the process's exit code: 2 for a command line that it does not understand, 1 for a document that it
// cannot convert or a file that it cannot write.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	s, status := parse(args, stderr)
	if s == nil {
		return status
	}
	if err := s.run(stdin, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "convert: %v\n", err)
		return 1
	}
	return 0
}

// settings are what the command line says.
type settings struct {
	Options
	input, output, userData string
	force                   bool
}

const usageText = `Usage: terraform-provider-elastigroup convert [flags] FILE

Turns the JSON of an Elastigroup into Terraform's language: a data source
elastigroup_template, and the elastigroup_deployment that takes it.

FILE is a group as the Spot console exports it, an answer of Spot's API, or the
Elastigroup Configuration of Harness, with its placeholders; - is standard input.
The configuration goes to standard output. It is formatted as "terraform fmt"
does, and its comments say what is not in it.

User data and credentials are not printed: sensitive variables stand for them.

`

// parse reads the command line, in which flags may also follow the file. It answers nil and an exit code when there is nothing to do.
func parse(args []string, stderr io.Writer) (*settings, int) {
	s := &settings{}
	flags := commandline.Flags("convert", usageText, stderr)
	flags.StringVar(&s.output, "o", "", "write the configuration to `FILE`, which must not be there yet")
	flags.BoolVar(&s.force, "force", false, "overwrite the files of -o and -user-data")
	flags.StringVar(&s.Name, "name", "", "the deployment's `NAME`; otherwise the group's, without its revision")
	flags.StringVar(&s.Group, "group", "", "the `NAME` or ID of the group, where the document has several")
	flags.StringVar(&s.userData, "user-data", "", "write the user data to `FILE`, and read them from there")
	flags.BoolVar(&s.ShowSecrets, "show-secrets", false, "write user data and credentials as defaults of their variables")
	flags.BoolVar(&s.TemplateOnly, "template-only", false, "leave out the deployment; all of the document stays in the template")
	files, status, ok := commandline.Parse(flags, args)
	if !ok {
		return nil, status
	}
	wrong := ""
	switch {
	case len(files) == 0:
		wrong = "the FILE to convert is missing; - is standard input"
	case len(files) > 1:
		wrong = fmt.Sprintf("one FILE at a time, not %d", len(files))
	case s.TemplateOnly && s.ShowSecrets:
		wrong = "-show-secrets does not go with -template-only: the template's JSON shows in plans"
	case s.TemplateOnly && s.userData != "":
		wrong = "-user-data does not go with -template-only: user data go into the deployment"
	}
	if wrong != "" {
		return nil, commandline.Wrong(flags, "convert", wrong)
	}
	s.input = files[0]
	return s, 0
}

func (s *settings) run(stdin io.Reader, stdout, stderr io.Writer) error {
	name, data, err := s.read(stdin)
	if err != nil {
		return err
	}
	if s.userData != "" {
		s.UserData = s.userData
		if s.output != "" && !filepath.IsAbs(s.userData) {
			if beside, err := filepath.Rel(filepath.Dir(s.output), s.userData); err == nil {
				s.UserData = beside
			}
		}
	}
	out, err := Convert(name, data, s.Options)
	if err != nil {
		return err
	}
	for _, name := range []string{s.userData, s.output} { // both, before one of them is written
		if _, err := os.Lstat(name); name != "" && err == nil && !s.force {
			return taken(name)
		}
	}
	if s.userData != "" && out.UserData == nil {
		fmt.Fprintf(stderr, "%s has no user data, so %s is not written.\n", name, s.userData)
	}
	if out.UserData != nil {
		if err := s.write(s.userData, out.UserData, 0o600); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "Wrote the user data to %s.\n", s.userData)
	}
	if s.output == "" {
		fmt.Fprint(stdout, out.Configuration)
	} else {
		mode := fs.FileMode(0o644)
		if s.ShowSecrets {
			mode = 0o600
		}
		if err := s.write(s.output, []byte(out.Configuration), mode); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "Wrote %s.\n", s.output)
	}
	for _, warning := range out.Warnings {
		fmt.Fprintf(stderr, "A deployment refuses this: %s.\n", warning)
	}
	return nil
}

// read reads the document, and says what to call it.
func (s *settings) read(stdin io.Reader) (name string, data []byte, err error) {
	name, from := s.input, stdin
	if s.input == "-" {
		name = "<stdin>"
	} else {
		file, err := os.Open(s.input)
		if err != nil {
			return "", nil, err
		}
		defer file.Close()
		from = file
	}
	data, err = io.ReadAll(io.LimitReader(from, largest+1))
	if err != nil {
		return "", nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > largest {
		return "", nil, fmt.Errorf("%s is larger than %d MiB, and no document of a group", name, largest>>20)
	}
	return name, data, nil
}

func taken(name string) error {
	return fmt.Errorf("%s is there already; write to another file, or overwrite it with -force", name)
}

// write makes a file, and refuses to replace one unless that is meant.
func (s *settings) write(name string, data []byte, mode fs.FileMode) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if s.force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(name, flags, mode)
	if errors.Is(err, fs.ErrExist) {
		return taken(name)
	}
	if err != nil {
		return err
	}
	if _, err := file.Write(data); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
