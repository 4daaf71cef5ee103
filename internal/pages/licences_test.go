package pages

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// licences are those of dependencies that go with MPL-2.0, by what their text has in it.
var licences = map[string][]string{
	"MPL-2.0":      {"Mozilla Public License, version 2.0", "Mozilla Public License Version 2.0"},
	"Apache-2.0":   {"Apache License"},
	"MIT":          {"Permission is hereby granted, free of charge"},
	"BSD":          {"Redistribution and use in source and binary forms"},
	"ISC":          {"Permission to use, copy, modify, and/or distribute this software", "Permission to use, copy, modify, and distribute this software"},
	"CC0 or other": {"CC0 1.0 Universal"},
}

// TestLicences finds the licence of each module that is linked into the binary, and it is one of these.
func TestLicences(t *testing.T) {
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Module", ".")
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ Module *struct{ Path, Dir string } }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && p.Module.Dir != "" {
			modules[p.Module.Path] = p.Module.Dir
		}
	}
	if len(modules) < 30 {
		t.Fatalf("only %d modules are linked in", len(modules))
	}
	for module, dir := range modules {
		if licenceOf(dir) == "" {
			t.Errorf("%s (%s) has no licence that is known to go with MPL-2.0", module, dir)
		}
	}
}

func licenceOf(dir string) string {
	for ; strings.Contains(dir, "/"); dir = filepath.Dir(dir) { // a module in a folder of a repository may have it above
		for _, pattern := range []string{"LICEN[SC]E*", "COPYING*", "License*", "license*"} {
			files, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				return ""
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					continue
				}
				plain := words(string(text))
				for name, marks := range licences {
					for _, mark := range marks {
						if strings.Contains(plain, mark) {
							return name
						}
					}
				}
			}
		}
		if strings.Contains(filepath.Base(dir), "@") {
			return ""
		}
	}
	return ""
}

// words is a text with single blanks between its words.
func words(text string) string {
	var b strings.Builder
	s := bufio.NewScanner(strings.NewReader(text))
	s.Split(bufio.ScanWords)
	for s.Scan() {
		b.WriteString(s.Text())
		b.WriteByte(' ')
	}
	return b.String()
}
