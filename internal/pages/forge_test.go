package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

var uses = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (\S+)(.*)$`)

// TestWorkflows has each action pinned by a commit, with its version beside it; no workflow may more than it says; and each make target and file that
// is run is there.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob(root + "/.github/workflows/*.yml")
	theirs, more := filepath.Glob(root + "/examples/*/github-workflow.yml") // which people copy
	files = append(files, theirs...)
	if err != nil || more != nil || len(files) < 4 {
		t.Fatal(files, err, more)
	}
	pinned := regexp.MustCompile(`^[\w.-]+/[\w.-]+@[0-9a-f]{40}$`)
	makefile, err := os.ReadFile(root + "/GNUmakefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var workflow struct {
			Permissions map[string]string
			Jobs        map[string]struct {
				Minutes int `yaml:"timeout-minutes"`
			}
		}
		if err := yaml.Unmarshal(text, &workflow); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if len(workflow.Permissions) == 0 || len(workflow.Jobs) == 0 {
			t.Errorf("%s says no permissions, or has no jobs", file)
		}
		for name, job := range workflow.Jobs {
			if job.Minutes == 0 {
				t.Errorf("%s: job %s has no time-out", file, name)
			}
		}
		for _, m := range uses.FindAllStringSubmatch(string(text), -1) {
			if !pinned.MatchString(m[1]) || !strings.HasPrefix(strings.TrimSpace(m[2]), "# v") {
				t.Errorf("%s: %s is not pinned by a commit with its version beside it", file, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`run: make ([a-z]+)`).FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(makefile), "\n"+m[1]+": ") {
				t.Errorf("%s: there is no make %s", file, m[1])
			}
		}
	}
}

// assetNamed is a file that goes into a release under another name.
type assetNamed struct {
	Glob string
	Name string `yaml:"name_template"`
}

// TestRegistryFiles has what the registry asks for: the manifest with the protocol, and in the release the names that it looks for.
func TestRegistryFiles(t *testing.T) {
	manifest, err := os.ReadFile(root + "/terraform-registry-manifest.json")
	if err != nil || !strings.Contains(string(manifest), `"6.0"`) {
		t.Errorf("%s %v", manifest, err)
	}
	text, err := os.ReadFile(root + "/.goreleaser.yml")
	if err != nil {
		t.Fatal(err)
	}
	var release struct {
		Builds   []struct{ Goos, Goarch, Flags, Env []string }
		Archives []struct {
			ID      string
			Formats []string
		}
		Checksum struct {
			Algorithm string
			IDs       []string
			Name      string       `yaml:"name_template"`
			Extra     []assetNamed `yaml:"extra_files"`
		}
		Signs []struct {
			ID        string
			Artifacts string
			Args      []string
		}
		Sboms   []struct{ ID, Artifacts string }
		Release struct {
			Extra []assetNamed `yaml:"extra_files"`
		}
		Changelog struct{ Disable bool }
	}
	if err := yaml.Unmarshal(text, &release); err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile(root + "/GNUmakefile")
	if err != nil {
		t.Fatal(err)
	}
	_, platforms, _ := strings.Cut(string(makefile), "PLATFORMS ?= ")
	platforms, _, _ = strings.Cut(platforms, "\n")
	for _, flag := range release.Builds[0].Flags {
		if !strings.Contains(string(makefile), "go build -trimpath -buildvcs=false ") || !strings.Contains(" -trimpath -buildvcs=false ", " "+flag+" ") {
			t.Errorf("a release is built with %v, and make mirror otherwise", release.Builds[0].Flags)
		}
	}
	built := 0
	for _, os := range release.Builds[0].Goos {
		for _, arch := range release.Builds[0].Goarch {
			built++
			if !strings.Contains(" "+platforms+" ", " "+os+"_"+arch+" ") {
				t.Errorf("make mirror does not build %s_%s", os, arch)
			}
		}
	}
	if built != len(strings.Fields(platforms)) || release.Archives[0].Formats[0] != "zip" || release.Checksum.Algorithm != "sha256" || release.Signs[0].Artifacts != "checksum" || len(release.Sboms) != 1 {
		t.Errorf("%+v", release)
	}
	// The registry leaves out, without a word, a release whose manifest is not among its files, or not among its checksums.
	manifestAs := []assetNamed{{"terraform-registry-manifest.json", "{{ .ProjectName }}_{{ .Version }}_manifest.json"}}
	if !slices.Equal(release.Checksum.Extra, manifestAs) || !slices.Equal(release.Release.Extra, manifestAs) {
		t.Errorf("the manifest is uploaded as %v, and has a checksum as %v", release.Release.Extra, release.Checksum.Extra)
	}
	if args := release.Signs[0].Args; release.Checksum.Name != "{{ .ProjectName }}_{{ .Version }}_SHA256SUMS" || !slices.Contains(args, "--detach-sign") || slices.Contains(args, "--armor") || slices.Contains(args, "--clearsign") {
		t.Errorf("%s is signed by gpg %v: the registry wants a detached signature that is binary", release.Checksum.Name, args)
	}
	// A signature that gets a checksum makes itself a bad one.
	if ids := release.Checksum.IDs; !slices.Equal(ids, []string{release.Archives[0].ID, release.Sboms[0].ID}) || slices.Contains(ids, release.Signs[0].ID) || release.Signs[0].ID == "" {
		t.Errorf("of %v there are checksums, and the signature is %q", ids, release.Signs[0].ID)
	}
	for _, want := range []string{"{{ .ProjectName }}_v{{ .Version }}", "_SHA256SUMS", "_manifest.json", "mod_timestamp", "- -trimpath", "- -buildvcs=false"} {
		if !strings.Contains(string(text), want) {
			t.Errorf(".goreleaser.yml lacks %s", want)
		}
	}
}
