package image

import (
	"context"
	"fmt"

	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/attrvalue"
)

// imageModel is an image as the AWS provider's aws_ami shows it. Its uefi_data is left out: it is about instances, and
// always empty for an image.
type imageModel struct {
	ID                  types.String `tfsdk:"id"`
	ARN                 types.String `tfsdk:"arn"`
	Architecture        types.String `tfsdk:"architecture"`
	BlockDeviceMappings types.Set    `tfsdk:"block_device_mappings"`
	BootMode            types.String `tfsdk:"boot_mode"`
	CreationDate        types.String `tfsdk:"creation_date"`
	DeprecationTime     types.String `tfsdk:"deprecation_time"`
	Description         types.String `tfsdk:"description"`
	ENASupport          types.Bool   `tfsdk:"ena_support"`
	Hypervisor          types.String `tfsdk:"hypervisor"`
	ImageID             types.String `tfsdk:"image_id"`
	ImageLocation       types.String `tfsdk:"image_location"`
	ImageOwnerAlias     types.String `tfsdk:"image_owner_alias"`
	ImageType           types.String `tfsdk:"image_type"`
	IMDSSupport         types.String `tfsdk:"imds_support"`
	KernelID            types.String `tfsdk:"kernel_id"`
	LastLaunchedTime    types.String `tfsdk:"last_launched_time"`
	Name                types.String `tfsdk:"name"`
	OwnerID             types.String `tfsdk:"owner_id"`
	Platform            types.String `tfsdk:"platform"`
	PlatformDetails     types.String `tfsdk:"platform_details"`
	ProductCodes        types.Set    `tfsdk:"product_codes"`
	Public              types.Bool   `tfsdk:"public"`
	RAMDiskID           types.String `tfsdk:"ramdisk_id"`
	RootDeviceName      types.String `tfsdk:"root_device_name"`
	RootDeviceType      types.String `tfsdk:"root_device_type"`
	RootSnapshotID      types.String `tfsdk:"root_snapshot_id"`
	SRIOVNetSupport     types.String `tfsdk:"sriov_net_support"`
	State               types.String `tfsdk:"state"`
	StateReason         types.Map    `tfsdk:"state_reason"`
	Tags                types.Map    `tfsdk:"tags"`
	TPMSupport          types.String `tfsdk:"tpm_support"`
	UsageOperation      types.String `tfsdk:"usage_operation"`
	VirtualizationType  types.String `tfsdk:"virtualization_type"`
}

// imageAttributes is the schema of imageModel.
func imageAttributes() map[string]schema.Attribute {
	str := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":           str("The image's ID."),
		"arn":          str("The image's ARN."),
		"architecture": str("`x86_64`, `arm64`, …"),
		"block_device_mappings": schema.SetNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The image's volumes.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"device_name": str("The name under which an instance sees the volume."),
				"ebs": schema.MapAttribute{
					Computed: true, ElementType: types.StringType,
					MarkdownDescription: "An EBS volume: `delete_on_termination`, `encrypted`, `iops`, `snapshot_id`, `throughput`, " +
						"`volume_initialization_rate`, `volume_size` (GiB) and `volume_type`.",
				},
				"no_device":    str("Set where the image leaves a device out."),
				"virtual_name": str("The virtual name of an instance store, such as `ephemeral0`."),
			}},
		},
		"boot_mode":          str("How instances boot: `legacy-bios`, `uefi` or `uefi-preferred`."),
		"creation_date":      str("When the image was made (RFC 3339)."),
		"deprecation_time":   str("When the image is, or was, deprecated (RFC 3339)."),
		"description":        str("What its owner says of the image."),
		"ena_support":        schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether enhanced networking by ENA is on."},
		"hypervisor":         str("The image's hypervisor."),
		"image_id":           str("The image's ID, the same as `id`."),
		"image_location":     str("The image's location."),
		"image_owner_alias":  str("The owner's alias, such as `amazon`."),
		"image_type":         str("`machine`, `kernel` or `ramdisk`."),
		"imds_support":       str("`v2.0` if instances of the image demand IMDSv2."),
		"kernel_id":          str("The kernel, of a paravirtual image."),
		"last_launched_time": str("When the image was last launched (RFC 3339), if it is your own."),
		"name":               str("The image's name."),
		"owner_id":           str("The AWS account that owns the image."),
		"platform":           str("`windows`, or nothing."),
		"platform_details":   str("The platform, as billing tells it."),
		"product_codes": schema.SetNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The image's product codes.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"product_code_id":   str("The code."),
				"product_code_type": str("`devpay` or `marketplace`."),
			}},
		},
		"public":            schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether everybody may launch the image."},
		"ramdisk_id":        str("The RAM disk, of a paravirtual image."),
		"root_device_name":  str("The device name of the root volume."),
		"root_device_type":  str("`ebs` or `instance-store`."),
		"root_snapshot_id":  str("The snapshot behind the root volume, if that is an EBS volume."),
		"sriov_net_support": str("`simple` if enhanced networking by the Intel 82599 interface is on."),
		"state":             str("`available`, `pending`, `failed`, …"),
		"state_reason": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Why the image is in its state: `code` and `message`.",
		},
		"tags":                schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The image's tags."},
		"tpm_support":         str("`v2.0` if instances of the image have a TPM."),
		"usage_operation":     str("The operation of an instance and the billing code of the image."),
		"virtualization_type": str("`hvm` or `paravirtual`."),
	}
}

// fill takes over what AWS says of an image.
func (m *imageModel) fill(ctx context.Context, image ec2.Image, arn string) diag.Diagnostics {
	var diags diag.Diagnostics

	m.ID = types.StringPointerValue(image.ImageId)
	m.ARN = types.StringValue(arn)
	m.Architecture = attrvalue.StringOrNull(image.Architecture)
	m.BlockDeviceMappings = blockDevices(ctx, image.BlockDeviceMappings, &diags)
	m.BootMode = attrvalue.StringOrNull(image.BootMode)
	m.CreationDate = types.StringPointerValue(image.CreationDate)
	m.DeprecationTime = types.StringPointerValue(image.DeprecationTime)
	m.Description = types.StringPointerValue(image.Description)
	m.ENASupport = types.BoolPointerValue(image.EnaSupport)
	m.Hypervisor = attrvalue.StringOrNull(image.Hypervisor)
	m.ImageID = m.ID
	m.ImageLocation = types.StringPointerValue(image.ImageLocation)
	m.ImageOwnerAlias = types.StringPointerValue(image.ImageOwnerAlias)
	m.ImageType = attrvalue.StringOrNull(image.ImageType)
	m.IMDSSupport = attrvalue.StringOrNull(image.ImdsSupport)
	m.KernelID = types.StringPointerValue(image.KernelId)
	m.LastLaunchedTime = types.StringPointerValue(image.LastLaunchedTime)
	m.Name = types.StringPointerValue(image.Name)
	m.OwnerID = types.StringPointerValue(image.OwnerId)
	m.Platform = attrvalue.StringOrNull(image.Platform)
	m.PlatformDetails = types.StringPointerValue(image.PlatformDetails)
	m.ProductCodes = productCodes(ctx, image.ProductCodes, &diags)
	m.Public = types.BoolPointerValue(image.Public)
	m.RAMDiskID = types.StringPointerValue(image.RamdiskId)
	m.RootDeviceName = types.StringPointerValue(image.RootDeviceName)
	m.RootDeviceType = attrvalue.StringOrNull(image.RootDeviceType)
	m.RootSnapshotID = types.StringPointerValue(rootSnapshot(image))
	m.SRIOVNetSupport = types.StringPointerValue(image.SriovNetSupport)
	m.State = attrvalue.StringOrNull(image.State)
	m.StateReason = stateReason(ctx, image.StateReason, &diags)
	m.Tags = imageTags(ctx, image.Tags, &diags)
	m.TPMSupport = attrvalue.StringOrNull(image.TpmSupport)
	m.UsageOperation = types.StringPointerValue(image.UsageOperation)
	m.VirtualizationType = attrvalue.StringOrNull(image.VirtualizationType)
	return diags
}

var blockDeviceType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"device_name":  types.StringType,
	"ebs":          types.MapType{ElemType: types.StringType},
	"no_device":    types.StringType,
	"virtual_name": types.StringType,
}}

type blockDeviceModel struct {
	DeviceName  *string           `tfsdk:"device_name"`
	EBS         map[string]string `tfsdk:"ebs"`
	NoDevice    *string           `tfsdk:"no_device"`
	VirtualName *string           `tfsdk:"virtual_name"`
}

func blockDevices(ctx context.Context, mappings []ec2.BlockDeviceMapping, diags *diag.Diagnostics) types.Set {
	models := make([]blockDeviceModel, 0, len(mappings))
	for _, mapping := range mappings {
		models = append(models, blockDeviceModel{
			DeviceName:  mapping.DeviceName,
			EBS:         ebsVolume(mapping.Ebs),
			NoDevice:    mapping.NoDevice,
			VirtualName: mapping.VirtualName,
		})
	}
	set, more := types.SetValueFrom(ctx, blockDeviceType, models)
	diags.Append(more...)
	return set
}

// ebsVolume is a volume as the map of strings that aws_ami makes of it: flags and numbers that AWS leaves out read
// "false" and "0".
func ebsVolume(ebs *ec2.EbsBlockDevice) map[string]string {
	if ebs == nil {
		return nil
	}
	return map[string]string{
		"delete_on_termination":      fmt.Sprint(value(ebs.DeleteOnTermination)),
		"encrypted":                  fmt.Sprint(value(ebs.Encrypted)),
		"iops":                       fmt.Sprint(value(ebs.Iops)),
		"snapshot_id":                value(ebs.SnapshotId),
		"throughput":                 fmt.Sprint(value(ebs.Throughput)),
		"volume_initialization_rate": fmt.Sprint(value(ebs.VolumeInitializationRate)),
		"volume_size":                fmt.Sprint(value(ebs.VolumeSize)),
		"volume_type":                string(ebs.VolumeType),
	}
}

var productCodeType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"product_code_id":   types.StringType,
	"product_code_type": types.StringType,
}}

type productCodeModel struct {
	ID   types.String `tfsdk:"product_code_id"`
	Type types.String `tfsdk:"product_code_type"`
}

func productCodes(ctx context.Context, codes []ec2.ProductCode, diags *diag.Diagnostics) types.Set {
	models := make([]productCodeModel, 0, len(codes))
	for _, code := range codes {
		models = append(models, productCodeModel{types.StringPointerValue(code.ProductCodeId), attrvalue.StringOrNull(code.ProductCodeType)})
	}
	set, more := types.SetValueFrom(ctx, productCodeType, models)
	diags.Append(more...)
	return set
}

// rootSnapshot is the snapshot of the volume that the image calls its root, nil if that is not an EBS volume.
func rootSnapshot(image ec2.Image) *string {
	for _, mapping := range image.BlockDeviceMappings {
		if mapping.Ebs != nil && value(mapping.DeviceName) == value(image.RootDeviceName) {
			return mapping.Ebs.SnapshotId
		}
	}
	return nil
}

func stateReason(ctx context.Context, reason *ec2.StateReason, diags *diag.Diagnostics) types.Map {
	words := map[string]string{}
	if reason != nil {
		words["code"], words["message"] = value(reason.Code), value(reason.Message)
	}
	m, more := types.MapValueFrom(ctx, types.StringType, words)
	diags.Append(more...)
	return m
}

func imageTags(ctx context.Context, tags []ec2.Tag, diags *diag.Diagnostics) types.Map {
	words := make(map[string]string, len(tags))
	for _, tag := range tags {
		words[value(tag.Key)] = value(tag.Value)
	}
	m, more := types.MapValueFrom(ctx, types.StringType, words)
	diags.Append(more...)
	return m
}

// value is what a pointer of an SDK points at, and the zero value where the answer left it out.
func value[T any](pointer *T) T {
	if pointer == nil {
		var zero T
		return zero
	}
	return *pointer
}
