// Command generate writes the schema of events into the template of the guide that describes it, and as JSON Schema.
package main

import (
	"log"
	"os"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/schemadoc"
)

const guide = "templates/guides/events.md.tmpl"

func main() {
	template, err := os.ReadFile(guide)
	if err != nil {
		log.Fatal(err)
	}
	text, err := schemadoc.Into(string(template))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(guide, []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(schemadoc.File, schemadoc.JSONSchema(), 0o644); err != nil {
		log.Fatal(err)
	}
}
