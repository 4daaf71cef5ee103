package targetgroup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/attrvalue"
)

// targetGroupModel is a target group as the AWS provider's aws_lb_target_group shows it, with counts of its targets:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/lb_target_group
type targetGroupModel struct {
	ID                             types.String `tfsdk:"id"`
	ARN                            types.String `tfsdk:"arn"`
	ARNSuffix                      types.String `tfsdk:"arn_suffix"`
	ConnectionTermination          types.Bool   `tfsdk:"connection_termination"`
	DeregistrationDelay            types.String `tfsdk:"deregistration_delay"`
	Health                         types.Object `tfsdk:"health"`
	HealthCheck                    types.List   `tfsdk:"health_check"`
	LambdaMultiValueHeadersEnabled types.Bool   `tfsdk:"lambda_multi_value_headers_enabled"`
	LoadBalancerARNs               types.Set    `tfsdk:"load_balancer_arns"`
	LoadBalancingAlgorithmType     types.String `tfsdk:"load_balancing_algorithm_type"`
	LoadBalancingAnomalyMitigation types.String `tfsdk:"load_balancing_anomaly_mitigation"`
	LoadBalancingCrossZoneEnabled  types.String `tfsdk:"load_balancing_cross_zone_enabled"`
	Name                           types.String `tfsdk:"name"`
	Port                           types.Int64  `tfsdk:"port"`
	PreserveClientIP               types.String `tfsdk:"preserve_client_ip"`
	Protocol                       types.String `tfsdk:"protocol"`
	ProtocolVersion                types.String `tfsdk:"protocol_version"`
	ProxyProtocolV2                types.Bool   `tfsdk:"proxy_protocol_v2"`
	SlowStart                      types.Int64  `tfsdk:"slow_start"`
	Stickiness                     types.List   `tfsdk:"stickiness"`
	Tags                           types.Map    `tfsdk:"tags"`
	TargetType                     types.String `tfsdk:"target_type"`
	VPCID                          types.String `tfsdk:"vpc_id"`
}

// healthModel counts the targets of a group by the state that the load balancer sees them in.
type healthModel struct {
	Healthy   int `tfsdk:"healthy"`
	Unhealthy int `tfsdk:"unhealthy"`
	Initial   int `tfsdk:"initial"`
	Draining  int `tfsdk:"draining"`
	Unused    int `tfsdk:"unused"`
}

var healthTypes = map[string]attr.Type{
	"healthy":   types.Int64Type,
	"unhealthy": types.Int64Type,
	"initial":   types.Int64Type,
	"draining":  types.Int64Type,
	"unused":    types.Int64Type,
}

// healthCheckModel is how the load balancer finds out.
type healthCheckModel struct {
	Enabled            bool         `tfsdk:"enabled"`
	HealthyThreshold   int          `tfsdk:"healthy_threshold"`
	Interval           int          `tfsdk:"interval"`
	Matcher            types.String `tfsdk:"matcher"`
	Path               types.String `tfsdk:"path"`
	Port               types.String `tfsdk:"port"`
	Protocol           types.String `tfsdk:"protocol"`
	Timeout            int          `tfsdk:"timeout"`
	UnhealthyThreshold int          `tfsdk:"unhealthy_threshold"`
}

var healthCheckType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"enabled":             types.BoolType,
	"healthy_threshold":   types.Int64Type,
	"interval":            types.Int64Type,
	"matcher":             types.StringType,
	"path":                types.StringType,
	"port":                types.StringType,
	"protocol":            types.StringType,
	"timeout":             types.Int64Type,
	"unhealthy_threshold": types.Int64Type,
}}

// stickinessModel is whether and how clients stay with a target.
type stickinessModel struct {
	CookieDuration int          `tfsdk:"cookie_duration"`
	CookieName     types.String `tfsdk:"cookie_name"`
	Enabled        bool         `tfsdk:"enabled"`
	Type           types.String `tfsdk:"type"`
}

var stickinessType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"cookie_duration": types.Int64Type,
	"cookie_name":     types.StringType,
	"enabled":         types.BoolType,
	"type":            types.StringType,
}}

// targetGroupAttributes is the schema of what is only read of a target group: targetGroupModel without arn, name and tags,
// by which one is found.
func targetGroupAttributes() map[string]schema.Attribute {
	str := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	flag := func(description string) schema.Attribute {
		return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":                     str("The ARN."),
		"arn_suffix":             str("The end of the ARN, which CloudWatch's metrics have as their `TargetGroup` dimension."),
		"connection_termination": flag("Whether connections end with the deregistration delay (network load balancers)."),
		"deregistration_delay":   str("How many seconds a deregistered target drains."),
		"health": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "How many targets there are in each state, as the load balancer sees them now.",
			Attributes: map[string]schema.Attribute{
				"healthy":   number("They pass their health checks."),
				"unhealthy": number("They fail their health checks, or cannot be checked."),
				"initial":   number("They are being registered or have not passed a check yet."),
				"draining":  number("They are deregistered and finish what they have begun."),
				"unused":    number("They get no traffic and no checks: no listener or rule uses the target group, or they are stopped."),
			},
		},
		"health_check": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "How targets are checked; one element.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"enabled":             flag("Whether targets are checked."),
				"healthy_threshold":   number("After how many passed checks an unhealthy target is healthy."),
				"interval":            number("Seconds between checks."),
				"matcher":             str("Status codes that pass."),
				"path":                str("The path asked for."),
				"port":                str("The port asked: a number or `traffic-port`."),
				"protocol":            str("The protocol of checks."),
				"timeout":             number("Seconds without an answer after which a check fails."),
				"unhealthy_threshold": number("After how many failed checks a target is unhealthy."),
			}},
		},
		"lambda_multi_value_headers_enabled": flag("Whether a Lambda target gets headers as arrays."),
		"load_balancer_arns": schema.SetAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The load balancers that use the target group.",
		},
		"load_balancing_algorithm_type":     str("How a target is chosen: `round_robin`, `least_outstanding_requests` or `weighted_random`."),
		"load_balancing_anomaly_mitigation": str("Whether targets that answer anomalously get less: `on` or `off`."),
		"load_balancing_cross_zone_enabled": str("`true`, `false` or `use_load_balancer_configuration`."),
		"port":                              number("The port of targets that are registered without one."),
		"preserve_client_ip":                str("Whether targets see the client's address: `true` or `false`."),
		"protocol":                          str("The protocol towards targets."),
		"protocol_version":                  str("`HTTP1`, `HTTP2` or `GRPC`."),
		"proxy_protocol_v2":                 flag("Whether connections begin with a proxy protocol header."),
		"slow_start":                        number("Seconds in which a new target's share grows; 0 is off."),
		"stickiness": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Whether clients stay with a target; one element.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"cookie_duration": number("Seconds for which they stay."),
				"cookie_name":     str("The application's cookie, of type `app_cookie`."),
				"enabled":         flag("Whether they stay at all."),
				"type":            str("`lb_cookie`, `app_cookie`, `source_ip`, …"),
			}},
		},
		"target_type": str("`instance`, `ip`, `lambda` or `alb`. Elastigroups register instances."),
		"vpc_id":      str("The VPC."),
	}
}

// fill takes over what AWS says of a target group and of the health of its targets.
func (m *targetGroupModel) fill(ctx context.Context, group aws.TargetGroupDetails, health aws.HealthCounts) diag.Diagnostics {
	var diags, more diag.Diagnostics

	m.ID = types.StringValue(group.ARN)
	m.ARN = m.ID
	m.ARNSuffix = types.StringValue(group.ARNSuffix)
	m.ConnectionTermination = types.BoolValue(group.ConnectionTermination)
	m.DeregistrationDelay = attrvalue.StringOrNull(group.DeregistrationDelay)
	m.LambdaMultiValueHeadersEnabled = types.BoolValue(group.LambdaMultiValueHeaders)
	m.LoadBalancingAlgorithmType = attrvalue.StringOrNull(group.LoadBalancingAlgorithm)
	m.LoadBalancingAnomalyMitigation = attrvalue.StringOrNull(group.LoadBalancingAnomalyMitigation)
	m.LoadBalancingCrossZoneEnabled = attrvalue.StringOrNull(group.LoadBalancingCrossZone)
	m.Name = types.StringValue(group.Name)
	m.Port = types.Int64Value(int64(group.Port))
	m.PreserveClientIP = attrvalue.StringOrNull(group.PreserveClientIP)
	m.Protocol = attrvalue.StringOrNull(group.Protocol)
	m.ProtocolVersion = attrvalue.StringOrNull(group.ProtocolVersion)
	m.ProxyProtocolV2 = types.BoolValue(group.ProxyProtocolV2)
	m.SlowStart = types.Int64Value(int64(group.SlowStart))
	m.TargetType = attrvalue.StringOrNull(group.TargetType)
	m.VPCID = attrvalue.StringOrNull(group.VPC)

	m.LoadBalancerARNs, more = types.SetValueFrom(ctx, types.StringType, append([]string{}, group.LoadBalancers...))
	diags.Append(more...)
	// Null where the credentials may not read tags: an empty map would say that there are none.
	m.Tags, more = types.MapValueFrom(ctx, types.StringType, group.Tags)
	diags.Append(more...)
	m.Health, more = types.ObjectValueFrom(ctx, healthTypes, healthModel(health))
	diags.Append(more...)
	m.HealthCheck, more = types.ListValueFrom(ctx, healthCheckType, []healthCheckModel{{
		Enabled:            group.HealthCheck.Enabled,
		HealthyThreshold:   group.HealthCheck.HealthyThreshold,
		Interval:           group.HealthCheck.Interval,
		Matcher:            attrvalue.StringOrNull(group.HealthCheck.Matcher),
		Path:               attrvalue.StringOrNull(group.HealthCheck.Path),
		Port:               attrvalue.StringOrNull(group.HealthCheck.Port),
		Protocol:           attrvalue.StringOrNull(group.HealthCheck.Protocol),
		Timeout:            group.HealthCheck.Timeout,
		UnhealthyThreshold: group.HealthCheck.UnhealthyThreshold,
	}})
	diags.Append(more...)
	m.Stickiness, more = types.ListValueFrom(ctx, stickinessType, []stickinessModel{{
		CookieDuration: group.Stickiness.Duration,
		CookieName:     attrvalue.StringOrNull(group.Stickiness.CookieName),
		Enabled:        group.Stickiness.Enabled,
		Type:           attrvalue.StringOrNull(group.Stickiness.Type),
	}})
	diags.Append(more...)
	return diags
}
