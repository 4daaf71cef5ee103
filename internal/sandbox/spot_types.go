package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// kinds are the kinds of values that the API takes at a path, as far as it is known to insist: "text", "list" (of texts),
// "objects" (a list of them), "object", "whole" (a number), "true" (or false), "base64". From the API's public description,
// https://github.com/spotinst/openapi. Where clients are known to send texts for numbers (the sizes of volumes) nothing is said.
var kinds = map[string]string{
	"name":        "text",
	"description": "text",
	"region":      "text",

	"strategy.risk":                     "whole",
	"strategy.onDemandCount":            "whole",
	"strategy.drainingTimeout":          "whole",
	"strategy.fallbackToOd":             "true",
	"strategy.utilizeReservedInstances": "true",
	"strategy.signals":                  "objects",
	"strategy.persistence":              "object",
	"strategy.revertToSpot":             "object",

	"compute":                             "object",
	"compute.availabilityZones":           "objects",
	"compute.subnetIds":                   "list",
	"compute.preferredAvailabilityZones":  "list",
	"compute.elasticIps":                  "list",
	"compute.privateIps":                  "list",
	"compute.instanceTypes":               "object",
	"compute.instanceTypes.ondemand":      "text",
	"compute.instanceTypes.onDemandTypes": "list",
	"compute.instanceTypes.spot":          "list",
	"compute.instanceTypes.preferredSpot": "list",
	"compute.instanceTypes.weights":       "objects",

	"compute.launchSpecification":                                   "object",
	"compute.launchSpecification.imageId":                           "text",
	"compute.launchSpecification.images":                            "objects",
	"compute.launchSpecification.userData":                          "base64",
	"compute.launchSpecification.shutdownScript":                    "base64",
	"compute.launchSpecification.keyPair":                           "text",
	"compute.launchSpecification.iamRole":                           "object",
	"compute.launchSpecification.securityGroupIds":                  "list",
	"compute.launchSpecification.monitoring":                        "true",
	"compute.launchSpecification.ebsOptimized":                      "true",
	"compute.launchSpecification.autoHealing":                       "true",
	"compute.launchSpecification.healthCheckGracePeriod":            "whole",
	"compute.launchSpecification.loadBalancersConfig":               "object",
	"compute.launchSpecification.loadBalancersConfig.loadBalancers": "objects",
	"compute.launchSpecification.loadBalancerNames":                 "list",
	"compute.launchSpecification.tags":                              "objects",
	"compute.launchSpecification.blockDeviceMappings":               "objects",
	"compute.launchSpecification.networkInterfaces":                 "objects",

	"scaling":                 "object",
	"scaling.up":              "objects",
	"scaling.down":            "objects",
	"scaling.target":          "objects",
	"scheduling":              "object",
	"scheduling.tasks":        "objects",
	"thirdPartiesIntegration": "object",
}

var typed = func() []string {
	paths := make([]string, 0, len(kinds))
	for path := range kinds {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	return paths
}()

// checkKinds finds values of the wrong kind.
func checkKinds(d map[string]any) []apiError {
	var found []apiError
	for _, path := range typed {
		if !has(d, path) {
			continue
		}
		names := strings.Split(path, ".")
		last := len(names) - 1
		if why := wrongKind(kinds[path], object(d, names[:last]...)[names[last]]); why != "" {
			found = append(found, invalid(path, fmt.Sprintf("%q must be %s", path, why)))
		}
	}
	return found
}

// wrongKind says what a value would have to be; "" if it is.
func wrongKind(kind string, v any) string {
	switch kind {
	case "text":
		if _, ok := v.(string); !ok {
			return "a string"
		}
	case "true":
		if _, ok := v.(bool); !ok {
			return "a boolean"
		}
	case "whole":
		number, ok := v.(json.Number)
		if !ok {
			return "a number"
		}
		if n, err := number.Int64(); err != nil {
			return "an integer"
		} else if n < 0 {
			return "larger than or equal to 0"
		}
	case "object":
		if _, ok := v.(map[string]any); !ok {
			return "an object"
		}
	case "base64":
		text, ok := v.(string)
		if !ok {
			return "a string"
		}
		if !isBase64(text) {
			return "a valid base64 string"
		}
	case "list", "objects":
		list, ok := v.([]any)
		if !ok {
			return "an array"
		}
		return wrongMember(kind, list)
	}
	return ""
}

func wrongMember(kind string, list []any) string {
	for _, member := range list {
		switch _, isText := member.(string); {
		case kind == "list" && !isText:
			return "an array of strings"
		case kind == "objects":
			if _, ok := member.(map[string]any); !ok {
				return "an array of objects"
			}
		}
	}
	return ""
}

// isBase64 takes what is padded and what is not: the SDKs' own examples are not.
func isBase64(text string) bool {
	_, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	return err == nil && !strings.ContainsAny(text, "\r\n")
}

// checkLimits finds what the API's public description says does not go together.
func checkLimits(d map[string]any) []apiError {
	var found []apiError
	if n := whole(object(d, "strategy")["risk"], 0); n > 100 {
		found = append(found, invalid("strategy.risk", `"strategy.risk" must be less than or equal to 100`))
	}
	launch := object(d, "compute", "launchSpecification")
	images, written := launch["images"].([]any)
	if written && len(images) == 0 {
		found = append(found, invalid("compute.launchSpecification.images",
			`"compute.launchSpecification.images" must contain at least 1 items`))
	}
	clusters := object(d, "thirdPartiesIntegration")
	for _, name := range []string{"ecs", "nomad", "dockerSwarm", "kubernetes"} {
		if len(images) > 1 && clusters[name] != nil {
			found = append(found, invalid("compute.launchSpecification.images", "Multiple AMIs are not allowed with "+name))
		}
		if clusters[name] != nil && (name == "ecs" || name == "kubernetes") && text(d, "capacity", "unit") == "weight" {
			found = append(found, invalid("capacity.unit", "The unit weight is not supported with "+name))
		}
	}
	if len(images) > 1 && len(object(d, "strategy", "persistence")) > 0 {
		found = append(found, invalid("compute.launchSpecification.images", "Multiple AMIs are not allowed with stateful groups"))
	}
	return found
}
