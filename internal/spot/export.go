package spot

import "slices"

// Export is the document as people put it into a configuration: indented JSON with the keys in order, without what Spot alone
// sets (id, createdAt, updatedAt), with the schedules and policies on that a rollout has switched off, without the journal's tags, without user data (see UserData) and without any other secret
// (see Secrets). An availability zone's subnetId goes too where its subnetIds says the same. The name stays.
func (d Document) Export() []byte {
	group := d.awake()
	withoutMembers(group, "id", "createdAt", "updatedAt")
	if launch, ok := member(member(group, "compute"), "launchSpecification").(map[string]any); ok {
		setJournal(launch, nil)
	}
	for _, zone := range list(member(member(group, "compute"), "availabilityZones")) {
		if subnet := text(member(zone, "subnetId")); subnet != "" && slices.Contains(texts(member(zone, "subnetIds")), subnet) {
			delete(zone.(map[string]any), "subnetId")
		}
	}
	withoutSecrets(group)
	return encodeIndented(group, "  ")
}

// Secrets are the paths of the credentials in the document that Export leaves out, beside user data:
// "thirdPartiesIntegration.nomad.aclToken". A configuration made of the export needs them again.
func (d Document) Secrets() []string {
	var paths []string
	walk(d.group, "", func(path, key string, value any) {
		if _, ok := value.(string); ok && credential(key) {
			paths = append(paths, path)
		}
	})
	return paths
}

// credential tells whether a member signs in somewhere. Scripts do not: a shutdown script is part of how instances work.
func credential(key string) bool {
	return secretKey(key) && key != "userData" && key != "shutdownScript"
}

func withoutSecrets(value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if _, ok := inner.(string); ok && (key == "userData" || credential(key)) {
				delete(v, key)
				continue
			}
			withoutSecrets(inner)
		}
	case []any:
		for _, inner := range v {
			withoutSecrets(inner)
		}
	}
}
