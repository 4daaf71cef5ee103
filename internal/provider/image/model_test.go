package image

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
)

// fullImage has something in every field that is shown.
var fullImage = ec2.Image{
	Architecture: "arm64",
	BlockDeviceMappings: []ec2.BlockDeviceMapping{
		{DeviceName: aws.String("/dev/sda"), VirtualName: aws.String(""), NoDevice: aws.String(""), Ebs: &ec2.EbsBlockDevice{SnapshotId: aws.String("snap-0")}},
		{DeviceName: aws.String("/dev/xvda"), Ebs: &ec2.EbsBlockDevice{
			DeleteOnTermination: aws.Bool(true), Encrypted: aws.Bool(true), Iops: aws.Int32(3000), SnapshotId: aws.String("snap-1"),
			Throughput: aws.Int32(125), VolumeInitializationRate: aws.Int32(100), VolumeSize: aws.Int32(8), VolumeType: "gp3",
		}},
		{DeviceName: aws.String("/dev/sdb"), VirtualName: aws.String("ephemeral0")},
		{DeviceName: aws.String("/dev/sdc"), NoDevice: aws.String("")},
	},
	BootMode: "uefi", CreationDate: aws.String("2026-11-01T10:00:00.000Z"), DeprecationTime: aws.String("2028-11-01T10:00:00.000Z"),
	Description: aws.String("d"), EnaSupport: aws.Bool(true), Hypervisor: "xen", ImageId: aws.String("ami-1"),
	ImageLocation: aws.String("amazon/x"), ImageOwnerAlias: aws.String("amazon"), ImageType: "machine", ImdsSupport: "v2.0",
	KernelId: aws.String("aki-1"), LastLaunchedTime: aws.String("2026-11-02T10:00:00Z"), Name: aws.String("n"), OwnerId: aws.String("1"),
	Platform: "windows", PlatformDetails: aws.String("Windows"), ProductCodes: []ec2.ProductCode{{ProductCodeId: aws.String("c"), ProductCodeType: "marketplace"}},
	Public: aws.Bool(true), RamdiskId: aws.String("ari-1"), RootDeviceName: aws.String("/dev/xvda"), RootDeviceType: "ebs",
	SriovNetSupport: aws.String("simple"), State: "failed", StateReason: &ec2.StateReason{Code: aws.String("c"), Message: aws.String("m")},
	Tags: []ec2.Tag{{Key: aws.String("k"), Value: aws.String("v")}}, TpmSupport: "v2.0", UsageOperation: aws.String("RunInstances"),
	VirtualizationType: "hvm",
}

func TestImageIsTakenOverWhole(t *testing.T) {
	var model imageModel
	if diags := model.fill(context.Background(), fullImage, "arn:aws:ec2:us-east-1::image/ami-1"); diags.HasError() {
		t.Fatal(diags)
	}
	fields := reflect.ValueOf(model)
	for i := range fields.NumField() {
		if value := fields.Field(i).Interface().(attr.Value); value.IsNull() || value.IsUnknown() {
			t.Errorf("%s is %s", fields.Type().Field(i).Name, value)
		}
	}
	if got := model.RootSnapshotID.ValueString(); got != "snap-1" {
		t.Errorf("root_snapshot_id is %q, want that of the root device", got)
	}
	if got := model.BlockDeviceMappings.String(); strings.Count(got, "<null>") != 6 {
		// Two devices have no EBS volume, two no virtual name and two no no_device.
		t.Errorf("block_device_mappings: %s", got)
	}
}

func TestEBSVolume(t *testing.T) {
	want := map[string]string{
		"delete_on_termination": "true", "encrypted": "true", "iops": "3000", "snapshot_id": "snap-1", "throughput": "125",
		"volume_initialization_rate": "100", "volume_size": "8", "volume_type": "gp3",
	}
	if diff := cmp.Diff(want, ebsVolume(fullImage.BlockDeviceMappings[1].Ebs)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := ebsVolume(nil); got != nil {
		t.Errorf("a device without a volume has %v", got)
	}
}

// An image that says next to nothing must still make a whole state: no unknown values, no missing collections.
func TestImageThatSaysLittle(t *testing.T) {
	var model imageModel
	if diags := model.fill(context.Background(), ec2.Image{ImageId: aws.String("ami-1")}, "arn"); diags.HasError() {
		t.Fatal(diags)
	}
	for name, collection := range map[string]attr.Value{
		"block_device_mappings": model.BlockDeviceMappings, "product_codes": model.ProductCodes,
		"state_reason": model.StateReason, "tags": model.Tags,
	} {
		if collection.IsNull() || collection.IsUnknown() {
			t.Errorf("%s is %s, want it empty", name, collection)
		}
	}
	if !model.RootSnapshotID.IsNull() {
		t.Errorf("root_snapshot_id is %s, want null", model.RootSnapshotID)
	}
}
