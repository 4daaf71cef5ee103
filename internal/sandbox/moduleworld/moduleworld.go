// Package moduleworld makes a world file of the sandbox for a Terraform module: it reads what the module's configuration asks for (images,
// target groups, listeners, alarms, groups to import), from its files alone or from a plan that Terraform has made, and says what it cannot know.
//
// Reading has three steps. The files, or the plan, become resources, which are plain values (source.go, evaluate.go, plan.go); what is not
// known is left out of them. What the clouds would answer for a resource is made up (computed.go), so that other resources can refer to it. Then each
// resource is asked what it wants there to be (collect.go), and the world is written (write.go).
package moduleworld

import (
	"fmt"
	"slices"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// World is a world for a module.
type World struct {
	Config sandbox.Config
	// Notes say what was assumed, and what could not be known: a sentence each, without a full stop.
	Notes []string
	// Deployments are the addresses of the root module's deployments.
	Deployments []string
	// Overrides are what the AWS provider is to answer in a test instead of AWS, which the sandbox does not imitate as far as that provider needs.
	Overrides []Override
	// Variables are values for what has no default, by name, as they are written in Terraform's language.
	Variables map[string]string
	// HasTests is true if the module has tests of its own (*.tftest.hcl).
	HasTests bool
}

// Override is what a resource or data source of the AWS provider is to be in a test.
type Override struct {
	Address string
	Data    bool
	Values  map[string]string
}

// resource is a resource or data source with what is known of it.
type resource struct {
	data       bool
	kind, name string
	// address is as Terraform writes it: module.a.data.elastigroup_ami.web["x"].
	address string
	// root is true in the root module.
	root bool
	// values are its arguments, blocks as lists of objects. What is not known is not in it.
	values map[string]any
	// unknown are arguments that are there and not known.
	unknown []string
}

// Read makes the world of the module in a folder. Values for variables come in Terraform's language, by name.
func Read(folder string, variables map[string]string) (World, error) {
	m, err := readModule(folder)
	if err != nil {
		return World{}, err
	}
	if len(m.files) == 0 {
		return World{}, fmt.Errorf("there are no Terraform files (*.tf) in %s", folder)
	}
	b := newBuilder()
	sets, err := m.variableSets(folder, variables)
	if err != nil {
		return World{}, err
	}
	for n, set := range sets {
		e := evaluation{module: m, folder: folder, set: set, notes: &b.notes, quiet: n > 0}
		for _, r := range e.resources() {
			b.add(r)
		}
		for name, text := range e.placeholders {
			b.world.Variables[name] = text
		}
		b.providers(e.provider)
		b.imported = append(b.imported, e.imports...)
	}
	b.world.HasTests = m.tests
	return b.finish()
}

// add notes something once.
func addNote(notes *[]string, format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(*notes, text) {
		*notes = append(*notes, text)
	}
}
