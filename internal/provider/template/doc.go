// Package template makes an Elastigroup's document of typed arguments: the data source elastigroup_template.
//
// # The dictionary
//
// Everything here follows from the dictionary of the document's fields (package fields): the schema, what is checked, the document itself, the
// table of names in the documentation. A field that is new in the API's description is an argument from then on, under its name in snake_case;
// words.json has the names as the resource spotinst_elastigroup_aws has them, and what a field is for.
//
// # The document
//
// Arguments are flat where the document nests objects that a group has only one of: compute.launchSpecification.imageId is
// image_id. What is repeated or optional as a whole is a block. The document is source_json, the arguments over it, and
// override_json over both; objects are merged member by member, everything else is replaced. Only what is written is in
// it, and nothing that is written is left out, be it zero, empty or false.
//
// Credentials and user data are no arguments: what is made of them here would show in plans.
package template
