package users_test

import "github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"

// What people do to a state: they taint, forget and import.

// taint has the next apply replace the resource.
func taint(s *scene) bool {
	o := s.states[first].objects[main]
	if o == nil {
		return false
	}
	tainted := *o
	tainted.tainted = true
	s.states[first].objects[main] = &tainted
	s.states[first].serial++
	return true
}

func untaint(s *scene) bool {
	o := s.states[first].objects[main]
	if o == nil || !o.tainted {
		return false
	}
	sound := *o
	sound.tainted = false
	s.states[first].objects[main] = &sound
	s.states[first].serial++
	return true
}

// forget takes the deployment out of a state.
func (s *scene) forget(st *state) bool {
	if st.objects[main] == nil || s.untagged() {
		return false
	}
	delete(st.objects, main)
	st.serial++
	for id, owner := range s.owners {
		if owner == st.name {
			s.owners[id] = "a state that has forgotten it"
		}
	}
	return true
}

// load imports the deployment into a state. Whose it was, it is this state's from then on, or that of both.
func (s *scene) load(st *state) bool {
	if st.objects[main] != nil || s.untagged() {
		return false
	}
	c, diags := s.newCore()
	if providertest.Failed(diags) {
		return false
	}
	s.readOff()
	o, diags := c.load(s.file.name)
	s.note("%s", providertest.Render(diags))
	s.judgeWords(diags)
	if o == nil {
		return false
	}
	s.judgeKept("the state after the import", o)
	st.objects[main] = o
	st.serial++
	s.imported = true
	other := s.states[first]
	if st == other {
		other = s.states[second]
	}
	if len(other.objects) > 0 {
		s.contested = true
	}
	for _, g := range rolesOf(s.file.name, s.world.Groups()).all {
		s.owners[g.ID] = st.name
	}
	return true
}
