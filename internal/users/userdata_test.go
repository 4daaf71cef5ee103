package users_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// writesOnly tells whether the user data are write-only: in the configuration alone.
func (m module) writesOnly() bool { return m.userData != "" && m.version > 0 }

// writeOnly are what people do with user data that Terraform stores nowhere.
func writeOnly() []deed {
	versioned := func(change func(m *module)) func(s *scene) bool {
		return edit(func(m *module) {
			if m.version > 0 {
				change(m)
			}
		})
	}
	return []deed{
		{"the user data become write-only", 60, edit(func(m *module) { m.version = max(m.version, 1) })},
		{"the version of the user data is raised", 30, versioned(func(m *module) { m.version++ })},
		{"the version of the user data is that of before", 8, versioned(func(m *module) { m.version = max(m.version-1, 1) })},
		{"other write-only user data of the same version are written", 12, versioned(func(m *module) { m.userData = otherData(m.userData) })},
		{"other write-only user data of the next version are written", 25, versioned(func(m *module) { m.userData = otherData(m.userData); m.version++ })},
		{"the user data are in the state again", 10, edit(func(m *module) { m.version = 0 })},
		{"terraform apply, which learns user_data_wo only when it applies", 20, func(s *scene) bool {
			if !s.file.writesOnly() {
				return false
			}
			s.file.unknown = map[string]bool{"user_data_wo": true}
			return s.withUnknown()
		}},
		{"terraform state rm, of write-only user data", 8, func(s *scene) bool { return s.file.writesOnly() && s.forget(s.states[first]) }},
		{"terraform import, of write-only user data", 20, func(s *scene) bool { return s.file.writesOnly() && s.load(s.states[first]) }},
	}
}

// otherData are other user data than those.
func otherData(than string) string {
	if than == "boot" {
		return "boot-2"
	}
	return "boot"
}

// wrote notes that user data stand in the files, and whether they may be in a state from now on.
func (s *scene) wrote(m module) {
	switch {
	case m.writesOnly():
		s.writtenOnly[m.userData] = true
	case m.userData != "":
		s.inTheClear[m.userData] = true
	}
}

// readOff notes that an import may read user data off a group: they are in the clear, unless its tags say that they are write-only.
func (s *scene) readOff() {
	if live := s.live(); live == nil || tagsOf(*live)["user-data-version"] == "" {
		for kind := range userDatas {
			s.inTheClear[kind] = true
		}
	}
}

// judgeHidden: user data that were never written but write-only are in no plan and in no state, nor beside one.
func (s *scene) judgeHidden(where string, value fmt.Stringer, private []byte) {
	if kept := value.String() + notes(private); strings.Contains(kept, hiddenHeader) {
		s.broken(ruleSecrets, "the header of the check is write-only, and it is in %s", where)
	}
	hidden := maps.Clone(s.writtenOnly)
	maps.DeleteFunc(hidden, func(kind string, _ bool) bool { return s.inTheClear[kind] })
	if len(hidden) == 0 {
		return
	}
	kept := value.String() + notes(private)
	for _, kind := range slices.Sorted(maps.Keys(hidden)) {
		_, line, _ := strings.Cut(strings.TrimSpace(userDatas[kind]), "\n")
		for _, secret := range []string{line, encoded(kind)[:60]} {
			if at := strings.Index(kept, secret); at >= 0 {
				s.broken(ruleSecrets, "the user data are write-only, and they are in %s: %s", where, kept[max(0, at-200):min(len(kept), at+200)])
			}
		}
	}
}

// notes are what a provider keeps beside a state: by their names, each in base64.
func notes(private []byte) string {
	if len(private) == 0 {
		return ""
	}
	var all map[string][]byte
	if err := json.Unmarshal(private, &all); err != nil {
		return string(private)
	}
	told := ""
	for _, name := range slices.Sorted(maps.Keys(all)) {
		told += "\n" + name + ": " + string(all[name])
	}
	return told
}
