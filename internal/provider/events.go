package provider

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/eventlog"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/notify"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

// eventLogVariable names the event log where the provider block does not.
const eventLogVariable = "ELASTIGROUP_EVENT_LOG"

// sinks are where events go, beside the provider's log. What is not known yet goes nowhere: that is so while planning alone, when nothing
// happens.
func (p *elastigroupProvider) sinks(ctx context.Context, model providerModel, agent string, diags *diag.Diagnostics) []clouds.Sink {
	var all []clouds.Sink
	if log := eventLog(model, diags); log != nil {
		all = append(all, log)
	}
	var hooks []notifyModel
	if !model.Notify.IsUnknown() {
		diags.Append(model.Notify.ElementsAs(ctx, &hooks, false)...)
	}
	for i, hook := range hooks {
		if hook.unknown() {
			continue
		}
		config := notify.Config{
			Name: fmt.Sprintf("notify[%d]", i), URL: hook.WebhookURL.ValueString(), Secret: hook.Secret.ValueString(), Format: hook.Format.ValueString(),
			UserAgent: agent, Transport: p.webhooks,
		}
		diags.Append(hook.Headers.ElementsAs(ctx, &config.Headers, false)...)
		diags.Append(hook.Events.ElementsAs(ctx, &config.Events, false)...)
		sink, err := notify.New(config)
		if err != nil {
			diags.AddAttributeError(path.Root("notify").AtListIndex(i), "Invalid notify", diagtext.Sentence(err))
			continue
		}
		if config.Format != notify.Slack && notify.WantsText(config.URL) {
			diags.AddAttributeWarning(path.Root("notify").AtListIndex(i).AtName("format"), "Chat that takes no events",
				fmt.Sprintf("%s takes texts, and refuses events as JSON. Write format = \"slack\"; at Discord the URL ends with /slack then.", sink.Name()))
		}
		all = append(all, sink)
	}
	return all
}

// unknown tells whether anything of a hook is not known yet.
func (m notifyModel) unknown() bool {
	return someUnknown(m.WebhookURL, m.Secret, m.Headers, m.Events, m.Format) || someUnknown(m.Events.Elements()...) ||
		someUnknown(slices.Collect(maps.Values(m.Headers.Elements()))...)
}

// someUnknown tells whether one of the values is not known.
func someUnknown(values ...attr.Value) bool {
	return slices.ContainsFunc(values, func(v attr.Value) bool { return v.IsUnknown() })
}

// eventLog is the log that the provider block or the environment names, nil if neither does.
func eventLog(model providerModel, diags *diag.Diagnostics) *eventlog.Log {
	if model.EventLog.IsUnknown() {
		return nil
	}
	name, from := model.EventLog.ValueString(), ""
	if name == "" {
		name, from = os.Getenv(eventLogVariable), " It is taken from the environment variable "+eventLogVariable+"."
	}
	if name == "" {
		return nil
	}
	resolved, err := eventlog.Resolve(name)
	if err != nil {
		diags.AddAttributeError(path.Root("event_log"), "Invalid event_log", diagtext.Sentence(fmt.Errorf("events cannot be written to that file: %w", err))+from)
		return nil
	}
	return eventlog.New(resolved)
}

// headersRule judges the headers of a hook. Values are never quoted.
type headersRule struct{}

// Description says what values must be.
func (headersRule) Description(context.Context) string { return "names and values of HTTP headers" }

// MarkdownDescription says what values must be.
func (r headersRule) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// ValidateMap judges what is known.
func (headersRule) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	elements := req.ConfigValue.Elements()
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		value, ok := elements[name].(types.String)
		if !ok || value.IsUnknown() {
			continue
		}
		if value.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(name), "Invalid header", "The header has no value. Write one, or leave the header out.")
			continue
		}
		if err := notify.CheckHeader(name, value.ValueString()); err != nil {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(name), "Invalid header", diagtext.Sentence(err))
		}
	}
}
