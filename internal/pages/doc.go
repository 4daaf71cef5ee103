// Package pages has the tests of what people read first: README, guides and examples. Each code block is parsed and held against the provider's
// schema, the commands' flags or a file format; each text that the guide of errors explains is in the code, and each that is in the code is explained; links
// lead somewhere; what is spelt wrong is found, and so are words that are not the glossary's, in the texts of the source, too.
package pages
