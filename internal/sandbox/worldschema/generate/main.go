// Command generate writes the schema of the sandbox's world file, and its reference into the template of the guide.
package main

import (
	"log"
	"os"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox/worldschema"
)

const guide = "templates/guides/sandbox-world.md.tmpl"

func main() {
	if err := generate(); err != nil {
		log.Fatal(err)
	}
}

func generate() error {
	comments, err := worldschema.ReadComments("internal/sandbox")
	if err != nil {
		return err
	}
	schema, err := worldschema.Schema(comments)
	if err != nil {
		return err
	}
	if err := os.WriteFile("internal/sandbox/worldschema/world.schema.json", schema, 0o644); err != nil {
		return err
	}
	template, err := os.ReadFile(guide)
	if err != nil {
		return err
	}
	text, err := worldschema.Into(string(template), comments)
	if err != nil {
		return err
	}
	return os.WriteFile(guide, []byte(text), 0o644)
}
