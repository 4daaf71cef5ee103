// Command generate makes the dictionary of the fields of an Elastigroup from the API's description, and the table of their
// names in the documentation.
//
//	go run ./internal/provider/template/generate OPENAPI.json
//
// reads the description (https://github.com/spotinst/openapi, bundled into one JSON file), writes
// internal/spot/fields/fields.json, says which fields are new or gone, and writes the table. Without an argument it
// writes the table alone, after a change of words.json. It is run in the top folder of the repository.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot/fields"
)

const (
	folder = "internal/spot/fields"
	page   = "templates/data-sources/template.md.tmpl"
	source = "Facts from the OpenAPI description of Spot's API, https://github.com/spotinst/openapi, Apache License 2.0 (LICENSE-openapi), " +
		"reduced to the fields of an AWS Elastigroup. Made by go run ./internal/provider/template/generate; not edited by hand."
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 1 {
		return errors.New("usage: generate [OPENAPI.json]")
	}
	file := filepath.Join(folder, "fields.json")
	if len(args) == 1 {
		if err := renew(args[0], file); err != nil {
			return err
		}
	}
	facts, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	words, err := os.ReadFile(filepath.Join(folder, "words.json"))
	if err != nil {
		return err
	}
	dictionary, err := fields.Load(facts, words)
	if err != nil {
		return err
	}
	root, err := template.Tree(dictionary)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	text, err = template.InsertTable(text, root)
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, text, 0o644)
}

// renew writes fields.json anew and says what has changed.
func renew(description, file string) error {
	data, err := os.ReadFile(description)
	if err != nil {
		return err
	}
	dictionary, err := reduce(data)
	if err != nil {
		return fmt.Errorf("%s: %w", description, err)
	}
	var before fields.Description
	if old, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(old, &before); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	report(before.Fields, dictionary.Fields, "gone")
	report(dictionary.Fields, before.Fields, "new")
	return os.WriteFile(file, write(dictionary), 0o644)
}

// report prints the fields of one list that the other lacks.
func report(of, without []fields.Fact, what string) {
	for _, fact := range of {
		if !slices.ContainsFunc(without, func(other fields.Fact) bool { return other.Path == fact.Path }) {
			fmt.Println(what, fact.Path)
		}
	}
}

// write puts each field on a line of its own, so that a change of the API reads as a change of lines.
func write(dictionary fields.Description) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"source\": %s,\n  \"fields\": [", line(dictionary.Source))
	for i, fact := range dictionary.Fields {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n    %s", line(fact))
	}
	b.WriteString("\n  ]\n}\n")
	return b.Bytes()
}

func line(value any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err) // of strings, numbers and lists of them: it never is
	}
	return strings.TrimSpace(b.String())
}
