package image

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
)

// imageQueryModel is what both AMI data sources ask by. Their names and meanings are those of the AWS provider's aws_ami:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/ami
type imageQueryModel struct {
	Owners            types.List   `tfsdk:"owners"`
	ExecutableUsers   types.List   `tfsdk:"executable_users"`
	Filter            types.Set    `tfsdk:"filter"`
	NameRegex         types.String `tfsdk:"name_regex"`
	IncludeDeprecated types.Bool   `tfsdk:"include_deprecated"`
}

// filterModel is one filter block: values are alternatives, filters add up.
type filterModel struct {
	Name   types.String `tfsdk:"name"`
	Values types.Set    `tfsdk:"values"`
}

// imageQueryAttributes is the schema of imageQueryModel without its filter blocks.
func imageQueryAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"owners": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Whose images to look among: AWS account numbers, `self`, or an alias such as `amazon` or `aws-marketplace`. " +
				"Default: all that the account may launch, public ones included.",
			Validators: []validator.List{listvalidator.SizeAtLeast(1), validators.NoNulls(), listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
		},
		"executable_users": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Only images that these may launch: AWS account numbers, `self` or `all`.",
			Validators:          []validator.List{validators.NoNulls()},
		},
		"name_regex": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "A regular expression that the image's name has to match. It is applied after everything else, on this machine; " +
				"a `name` filter is faster.",
			Validators: []validator.String{validators.RegularExpression()},
		},
		"include_deprecated": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether deprecated images count. Your own always do. Default: `false`.",
		},
	}
}

// filterBlock is the schema of a filter block.
func filterBlock() schema.Block {
	return schema.SetNestedBlock{
		MarkdownDescription: "A filter of EC2's [DescribeImages](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html). " +
			"An image has to match one of the values of every filter.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "The filter's name, such as `name`, `architecture` or `tag:release`.",
				},
				"values": schema.SetAttribute{
					Required: true, ElementType: types.StringType,
					MarkdownDescription: "Values of which one has to match. `*` and `?` are wildcards.",
					Validators:          []validator.Set{setvalidator.SizeAtLeast(1), validators.NoNulls()},
				},
			},
		},
	}
}

// query makes the question to AWS.
func (m imageQueryModel) query(ctx context.Context, diags *diag.Diagnostics) aws.ImageQuery {
	query := aws.ImageQuery{IncludeDeprecated: m.IncludeDeprecated.ValueBool()}
	diags.Append(m.Owners.ElementsAs(ctx, &query.Owners, false)...)
	diags.Append(m.ExecutableUsers.ElementsAs(ctx, &query.ExecutableUsers, false)...)

	var filters []filterModel
	diags.Append(m.Filter.ElementsAs(ctx, &filters, false)...)
	for _, filter := range filters {
		var values []string
		diags.Append(filter.Values.ElementsAs(ctx, &values, false)...)
		query.Filters = append(query.Filters, aws.Filter{Name: filter.Name.ValueString(), Values: values})
	}

	if pattern := m.NameRegex.ValueString(); pattern != "" {
		compiled, err := regexp.Compile(pattern)
		if err != nil {
			diags.AddAttributeError(path.Root("name_regex"), "Invalid name_regex", diagtext.Sentence(err))
		}
		query.NameRegex = compiled
	}
	return query
}

// pinned tells whether other accounts' images are certainly, or perhaps, kept out: by owners, or by a filter on the image's ID
// or its owner. Without any of these, whoever publishes an image of a fitting name decides what "the most recent" is.
func (m imageQueryModel) pinned() bool {
	if !m.Owners.IsNull() || m.Filter.IsUnknown() {
		return true
	}
	for _, element := range m.Filter.Elements() {
		block, ok := element.(types.Object)
		if !ok || block.IsUnknown() {
			return true
		}
		name, ok := block.Attributes()["name"].(types.String)
		if !ok || name.IsUnknown() || name.ValueString() == "image-id" || name.ValueString() == "owner-id" {
			return true
		}
	}
	return false
}

// describe is a query in words, for errors: what was asked is the first thing to check when nothing was found.
func describe(query aws.ImageQuery) string {
	var parts []string
	if len(query.Owners) > 0 {
		parts = append(parts, "owners "+strings.Join(query.Owners, ", "))
	}
	if len(query.ExecutableUsers) > 0 {
		parts = append(parts, "executable users "+strings.Join(query.ExecutableUsers, ", "))
	}
	for _, filter := range query.Filters {
		parts = append(parts, fmt.Sprintf("%s = %s", filter.Name, strings.Join(filter.Values, " or ")))
	}
	if query.NameRegex != nil {
		parts = append(parts, fmt.Sprintf("name matching /%s/", query.NameRegex))
	}
	if len(parts) == 0 {
		return "all images that the account may launch"
	}
	return strings.Join(parts, "; ")
}
