package image_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func filter(name string, values ...any) object { return object{"name": name, "values": values} }

func TestAMI(t *testing.T) {
	self := []any{"self"}
	for name, test := range map[string]struct {
		config object
		want   string // the image found, or
		at     string // where the only error is, and
		says   []string
	}{
		"the only one":       {config: object{"owners": self, "filter": []any{filter("name", "web-2")}}, want: "ami-0a2"},
		"the newest":         {config: object{"owners": self, "most_recent": true, "filter": []any{filter("name", "web-*")}}, want: "ami-0a3"},
		"filters add up":     {config: object{"owners": self, "most_recent": true, "filter": []any{filter("name", "web-*"), filter("tag:stage", "released")}}, want: "ami-0a2"},
		"values are either":  {config: object{"owners": self, "most_recent": true, "filter": []any{filter("name", "web-1", "web-2")}}, want: "ami-0a2"},
		"regular expression": {config: object{"owners": self, "name_regex": "^web-[2-9]$", "filter": []any{filter("architecture", "x86_64")}}, want: "ami-0a2"},
		"another account's":  {config: object{"owners": []any{"999999999999"}}, want: "ami-0c1"},
		"deprecated": {
			config: object{"owners": []any{"999999999999"}, "include_deprecated": true, "most_recent": true}, want: "ami-0d1",
		},
		"pinned by ID":    {config: object{"most_recent": true, "filter": []any{filter("image-id", "ami-0a1")}}, want: "ami-0a1"},
		"pinned by owner": {config: object{"most_recent": true, "filter": []any{filter("owner-id", "999999999999")}}, want: "ami-0c1"},

		"none":           {config: object{"owners": self, "filter": []any{filter("name", "nothing-*")}}, says: []string{"no results", "nothing-*", "asked in region us-east-1, account 123456789012", "The images of its own there: ", "ami-0b1 (db-1)"}},
		"a typo":         {config: object{"owners": self, "filter": []any{filter("name", "bd-1")}}, says: []string{"no results", "Did you mean ami-0b1 (db-1)?"}},
		"none of others": {config: object{"owners": []any{"amazon"}, "filter": []any{filter("name", "db-1")}}, says: []string{"no results", "account 123456789012."}},
		"several":        {config: object{"owners": self, "filter": []any{filter("name", "web-*")}}, says: []string{"more than one result", "most_recent = true", "ami-0a3"}},
		"anybody's newest": {
			config: object{"most_recent": true, "filter": []any{filter("name", "web-*")}}, at: "most_recent", says: []string{"not filtered", "owners"},
		},
		"no owners":           {config: object{"owners": []any{}}, at: "owners"},
		"no expression":       {config: object{"owners": self, "name_regex": "("}, at: "name_regex", says: []string{"not a regular expression"}},
		"timeout is a number": {config: object{"owners": self, "timeouts": object{"read": "20"}}, at: "timeouts.read"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := providertest.ServeIn(t, providertest.ImagesWorld)
			state, diags := s.Read("elastigroup_ami", test.config)
			if test.want == "" {
				providertest.MustSay(t, diags, providertest.Error, test.at, test.says...)
				return
			}
			providertest.MustSucceed(t, diags)
			if state["id"] != test.want {
				t.Errorf("found %v, want %s", state["id"], test.want)
			}
		})
	}
}

func TestAMIAttributes(t *testing.T) {
	s, _ := providertest.ServeIn(t, providertest.ImagesWorld)
	state, diags := s.Read("elastigroup_ami", object{"owners": []any{"self"}, "filter": []any{filter("name", "web-1")}})
	providertest.MustSucceed(t, diags)
	got := object{}
	for _, name := range []string{"id", "image_id", "arn", "name", "architecture", "creation_date", "state", "owner_id", "tags", "public", "root_device_type", "virtualization_type"} {
		got[name] = state[name]
	}
	want := object{
		"id": "ami-0a1", "image_id": "ami-0a1", "arn": "arn:aws:ec2:us-east-1::image/ami-0a1", "name": "web-1",
		"architecture": "x86_64", "creation_date": "2026-11-01T10:00:00.000Z", "state": "available", "owner_id": "123456789012",
		"tags": object{"stage": "released"}, "public": false, "root_device_type": "ebs", "virtualization_type": "hvm",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAMIOfAnybodyOnRequest(t *testing.T) {
	s, _ := providertest.ServeIn(t, providertest.ImagesWorld)
	state, diags := s.Read("elastigroup_ami", object{
		"most_recent": true, "allow_unsafe_filter": true, "filter": []any{filter("name", "web-*")},
	})
	providertest.MustSay(t, diags, providertest.Warning, "most_recent", "third party")
	if state["id"] != "ami-0c1" {
		t.Errorf("found %v, want the other account's ami-0c1", state["id"])
	}
}

// While it validates, Terraform does not know what other resources will say, and nothing may be refused for it. What it
// turns out to be is judged when the image is read.
func TestAMIOfUnknownArguments(t *testing.T) {
	s, world := providertest.ServeIn(t, providertest.ImagesWorld)
	for name, config := range map[string]object{
		"owners":        {"most_recent": true, "owners": unknown},
		"filters":       {"most_recent": true, "filter": unknown},
		"filter's name": {"most_recent": true, "filter": []any{object{"name": unknown, "values": []any{"a"}}}},
		"most_recent":   {"most_recent": unknown},
		"leave":         {"most_recent": true, "allow_unsafe_filter": unknown},
		"expression":    {"owners": []any{"self"}, "name_regex": unknown},
	} {
		if diags := s.Validate("elastigroup_ami", config); len(diags) > 0 {
			t.Errorf("%s:\n%s", name, providertest.Render(diags))
		}
	}
	_, diags := s.ReadOnly("elastigroup_ami", object{"most_recent": true})
	providertest.MustSay(t, diags, providertest.Error, "most_recent", "not filtered")
	if calls := world.Calls(); len(calls) > 0 {
		t.Errorf("asked before it was known that the query is safe: %v", calls)
	}
}

func TestAMIs(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		want   []any
	}{
		"newest first": {object{"owners": []any{"self"}}, []any{"ami-0b1", "ami-0a3", "ami-0a2", "ami-0a1"}},
		"oldest first": {object{"owners": []any{"self"}, "sort_ascending": true}, []any{"ami-0a1", "ami-0a2", "ami-0a3", "ami-0b1"}},
		"filtered":     {object{"owners": []any{"self"}, "filter": []any{filter("tag:stage", "released")}}, []any{"ami-0a2", "ami-0a1"}},
		"expression":   {object{"owners": []any{"self"}, "name_regex": "^db-"}, []any{"ami-0b1"}},
		"none":         {object{"owners": []any{"self"}, "name_regex": "^nothing"}, []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := providertest.ServeIn(t, providertest.ImagesWorld)
			state, diags := s.Read("elastigroup_amis", test.config)
			providertest.MustSucceed(t, diags)
			if diff := cmp.Diff(test.want, state["ids"]); diff != "" {
				t.Errorf("ids (-want +got)\n%s", diff)
			}
			if state["id"] != "us-east-1" {
				t.Errorf("id is %v, want the region", state["id"])
			}
		})
	}
}

// What AWS refuses is said in its own words, without the key that it refused.
func TestAMIsAreRefused(t *testing.T) {
	s, world := providertest.ServeIn(t, providertest.ImagesWorld)
	world.Fail(sandbox.Fault{Service: "ec2", Action: "DescribeImages", Times: -1, Kind: sandbox.Error, Status: 403, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation."})
	for _, name := range []string{"elastigroup_ami", "elastigroup_amis"} {
		_, diags := s.Read(name, object{"owners": []any{"self"}})
		providertest.MustSay(t, diags, providertest.Error, "", "UnauthorizedOperation", "You are not authorized", "Listing images")
	}
}
