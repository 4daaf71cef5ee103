package deployment

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// withheldKey is the private note of the credentials in an imported group's document, by their paths alone: neither the state nor a
// configuration that is made of it has them.
const withheldKey = "withheld"

// withheld are the paths of the note.
func withheld(ctx context.Context, private privateState, diags *diag.Diagnostics) []string {
	var paths []string
	data, more := private.GetKey(ctx, withheldKey)
	diags.Append(more...)
	if len(data) == 0 || json.Unmarshal(data, &paths) != nil {
		return nil
	}
	return paths
}

// lack is something that a group has, and that a release of a configuration would come up without.
type lack struct {
	// at is the attribute that could say it, kind is what sort of thing it is, for titles, and what names it without its value.
	at   path.Path
	kind string
	what string
	// write is what to write so that it stays.
	write string
	// secret says that a diff shows nothing of it.
	secret bool
}

// lacks are what a release has and another one does not say, where that leaves it out. Routed releases are told by their routes where
// instances register. Withheld are paths of credentials that the one that was has, beside what it says.
func lacks(was, is release, routed bool, withheld []string) []lack {
	if was.bad != nil || is.bad != nil {
		return nil
	}
	live, wanted := was.group, is.group
	var found []lack
	var rest []string
	for _, drop := range spot.Dropped(live, wanted) {
		switch drop.Path {
		case spot.PathUserData:
			if is.overrides.UserDataBase64 == nil && is.overrides.UserDataVersion == "" {
				found = append(found, userDataLack(live))
			}
		case spot.PathBalancers, spot.PathClassicNames:
		default:
			rest = append(rest, drop.String())
		}
	}
	if version := was.overrides.UserDataVersion; version != "" && is.overrides.UserDataVersion == "" && is.overrides.UserDataBase64 == nil && wanted.UserData() == "" {
		found = append(found, writeOnlyLack(version))
	}
	if arns := missing(live.TargetGroups(), wanted.TargetGroups()); len(arns) > 0 && !routed && is.overrides.TargetGroups == nil {
		found = append(found, lack{at: path.Root("target_group_arns"), kind: "target groups", what: "target groups " + quoted(rollout.TargetGroupName, arns),
			write: "target_group_arns = [" + quoted(nil, live.TargetGroups()) + "]"})
	}
	if names := missing(live.LoadBalancers(), wanted.LoadBalancers()); len(names) > 0 && is.overrides.LoadBalancers == nil {
		found = append(found, lack{at: path.Root("load_balancer_names"), kind: "classic load balancers", what: "classic load balancers " + quoted(nil, names),
			write: "load_balancer_names = [" + quoted(nil, live.LoadBalancers()) + "]"})
	}
	if len(rest) > 0 {
		found = append(found, lack{at: path.Root("configuration"), kind: "members", what: strings.Join(rest, ", "), write: "these in configuration, as data.elastigroup_group shows them"})
	}
	if paths := missing(withheld, wanted.Secrets()); len(paths) > 0 {
		found = append(found, lack{at: path.Root("configuration"), kind: "credentials", what: "credentials at " + strings.Join(paths, ", "), write: "them in configuration: no export shows them"})
	}
	return found
}

// userDataLack says how to keep user data, by size alone.
func userDataLack(live spot.Document) lack {
	name, function := "user_data", "file"
	decoded, err := base64.StdEncoding.DecodeString(live.UserData())
	if err != nil || !utf8.Valid(decoded) {
		name, function = "user_data_base64", "filebase64"
	}
	return lack{at: path.Root(name), kind: "user data", secret: true, what: fmt.Sprintf("user data (%d bytes)", len(decoded)),
		write: fmt.Sprintf("%s = %s(\"…\") with the same contents, which are in the state, hidden; or lifecycle { ignore_changes = [%s] }, and every release has what the group has", name, function, name)}
}

// missing are those of the first list that the second one does not have.
func missing(of, in []string) []string {
	return slices.DeleteFunc(slices.Clone(of), func(s string) bool { return slices.Contains(in, s) })
}

// quoted is a list as it is written, of each element or of what a function makes of it.
func quoted(of func(string) string, list []string) string {
	all := make([]string, 0, len(list))
	for _, s := range list {
		if of != nil {
			s = of(s)
		}
		all = append(all, fmt.Sprintf("%q", s))
	}
	return strings.Join(all, ", ")
}

// warnOfLacks says what an imported group has that the configuration does not say. Nothing is planned for it, and so the plan may be one
// of no changes; the next release comes up without it.
func (m model) warnOfLacks(ctx context.Context, state model, private privateState, diags *diag.Diagnostics) {
	if !m.known() || state.Configuration.IsNull() {
		return
	}
	was, is := state.release(ctx, diags), m.release(ctx, diags)
	if diags.HasError() {
		return
	}
	for _, l := range lacks(was, is, m.movesTraffic(), withheld(ctx, private, diags)) {
		// A title for each: of several warnings with the same one Terraform shows the first.
		diags.AddAttributeWarning(l.at, fmt.Sprintf("The imported group of %q has %s that the configuration does not say", state.Name.ValueString(), l.kind),
			fmt.Sprintf("%s has %s, and the configuration says nothing of that: the next release comes up without it. To keep it, write %s.", state.GroupName.ValueString(), l.what, l.write))
	}
}

// drops are what a release leaves out of what is live: of an imported group everything, else user data, of which a diff shows only that it
// is a secret.
func drops(was, is release, routed, fromImport bool, withheld []string) []string {
	var all []string
	for _, l := range lacks(was, is, routed, withheld) {
		if fromImport || l.secret {
			all = append(all, l.what)
		}
	}
	return all
}

// warnOfSecrets says, when a group is imported, what of it Terraform shows to nobody and writes into no configuration.
func warnOfSecrets(live rollout.Group, document spot.Document, diags *diag.Diagnostics) {
	if version := rollout.UserDataVersion(live.Tags); version != "" {
		l := writeOnlyLack(version)
		diags.AddAttributeWarning(l.at, "The imported group has write-only user data",
			fmt.Sprintf("%s (%s) has %s, and they are not in the state: the next release would come up without them. To keep them, write %s.", live.Name, live.ID, l.what, l.write))
	} else if document.UserData() != "" {
		l := userDataLack(document)
		diags.AddAttributeWarning(l.at, "The imported group has user data",
			fmt.Sprintf("%s (%s) has %s. Terraform hides it, and a configuration that it generates says null: the next release would come up without it. To keep it, write %s. If the configuration says the same already, nothing has to be done.", live.Name, live.ID, l.what, l.write))
	}
	if paths := document.Secrets(); len(paths) > 0 {
		diags.AddAttributeWarning(path.Root("configuration"), "The imported group has credentials",
			fmt.Sprintf("%s (%s) has credentials that are not in the state: %s. Write them in configuration, or the next release comes up without them.", live.Name, live.ID, strings.Join(paths, ", ")))
	}
}
