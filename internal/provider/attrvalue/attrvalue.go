// Package attrvalue makes values of attributes of what services answer.
package attrvalue

import "github.com/hashicorp/terraform-plugin-framework/types"

// StringOrNull is a text, or one of a service's enumerated words, and null where the service leaves it out.
func StringOrNull[S ~string](s S) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(string(s))
}
