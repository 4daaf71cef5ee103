package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/eventlog"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/notify"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
)

// mostHooks is how many webhooks may be notified: each has a queue of its own.
const mostHooks = 20

func eventLogAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "A file to which everything that happens in rollouts is appended, as JSON lines (see [Events of a rollout](guides/events.md)). Else the " +
			"environment variable `ELASTIGROUP_EVENT_LOG`, else none. A relative path is relative to Terraform's working directory. At 10 MiB a new file is begun, and the full one kept as `NAME.1`.",
		Validators: []validator.String{validators.String("value must be the path of a file", func(value string) error {
			if value == "" {
				return nil
			}
			return eventlog.Check(value)
		})},
	}
}

func notifyBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "A webhook to which the few events that matter are posted (see [Events of a rollout](guides/events.md#notifications)). " +
			"A hook that fails or does not answer neither stops nor delays a rollout.",
		Validators: []validator.List{listvalidator.SizeAtMost(mostHooks)},
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"webhook_url": schema.StringAttribute{
				Required: true, Sensitive: true,
				MarkdownDescription: "Where to post to, an absolute http or https URL. It is never logged, because it is often a secret itself.",
				Validators:          []validator.String{validators.String("value must be an absolute http or https URL", notify.CheckURL)},
			},
			"secret": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "What posts are signed with (HMAC-SHA256, as [Standard Webhooks](https://www.standardwebhooks.com) has it): a text, or `whsec_` and a key in base64.",
				Validators:          []validator.String{validators.String("value must be a text, or whsec_ and a key in base64", notify.CheckSecret)},
			},
			"headers": schema.MapAttribute{
				Optional: true, Sensitive: true, ElementType: types.StringType,
				MarkdownDescription: "Further headers of each post, such as `Authorization`.",
				Validators:          []validator.Map{headersRule{}},
			},
			"events": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Which events are posted: `begun`, `holding`, `going_back`, `ended`. Default: all of them.",
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1), validators.NoNulls(),
					setvalidator.ValueStringsAre(stringvalidator.OneOf(notify.Kinds...)),
				},
			},
			"format": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "`json` (default): the event. `slack`: an object with `text`, as incoming webhooks of Slack, Mattermost, Rocket.Chat and, with `/slack` behind " +
					"its URL, Discord take it.",
				Validators: []validator.String{stringvalidator.OneOf(notify.JSON, notify.Slack)},
			},
		}},
	}
}
