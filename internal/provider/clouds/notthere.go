package clouds

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// lookAround is how long it may take to find out what there is instead of what there is not. The error does not wait longer for its last sentence.
const lookAround = 20 * time.Second

// fewEnough is how many of a kind are all named where none of them is near.
const fewEnough = 6

// NotThere is what to add to an error by which AWS says that something does not exist: the region and the account in which it was asked for, and what
// there is that may be meant. Kind is what such things are called ("target groups"). It is empty of other errors, and what AWS does not tell is left
// out. Of what belongs to another account, that is the cause, and said instead.
func (c *Clients) NotThere(ctx context.Context, cause error, kind, asked string, list func(context.Context) ([]aws.Known, error)) string {
	return c.elsewhere(ctx, cause, asked, func(ctx context.Context) (string, error) {
		all, err := list(ctx)
		return meant(kind, asked, all), err
	})
}

// RouteNotThere is the same of a listener or rule. Their ARNs end in numbers that mean nothing to anybody, so what the load balancer of that name has is listed.
func (c *Clients) RouteNotThere(ctx context.Context, cause error, arn string) string {
	return c.elsewhere(ctx, cause, arn, func(ctx context.Context) (string, error) {
		balancer, all, err := c.AWS.KnownRoutes(ctx, arn)
		if errors.Is(err, runner.ErrGone) {
			return fmt.Sprintf(" No load balancer is called %s there.", balancer), nil
		}
		return beside(balancer, arn, all), err
	})
}

// WhereAsked is the same of what cannot be listed.
func (c *Clients) WhereAsked(ctx context.Context, cause error, asked string) string {
	return c.elsewhere(ctx, cause, asked, func(context.Context) (string, error) { return "", nil })
}

// elsewhere says where AWS was asked, and what else is found out there.
func (c *Clients) elsewhere(ctx context.Context, cause error, arn string, instead func(context.Context) (string, error)) string {
	if says := c.OtherAccount(ctx, cause, arn); says != "" || !errors.Is(cause, runner.ErrGone) {
		return says
	}
	ctx, cancel := context.WithTimeout(ctx, lookAround)
	defer cancel()
	region, err := c.AWS.Region(ctx)
	if err != nil {
		return ""
	}
	says := " AWS was asked in region " + region
	if account, err := c.AWS.Account(ctx); err == nil {
		says += ", account " + account
	}
	more, err := instead(ctx)
	if err != nil {
		tflog.Debug(ctx, "What there is instead is not known", map[string]any{"error": err.Error()})
		return says + "."
	}
	return says + "." + more
}

// NotAtSpot is the same of what Spot has in the account, of which the names are known.
func (c *Clients) NotAtSpot(kind, asked string, there []string) string {
	all := make([]aws.Known, len(there))
	for i, name := range there {
		all[i].ID = name
	}
	return fmt.Sprintf(" Spot was asked in account %s.", c.Spot.Account()) + meant(kind, asked, all)
}

// meant names what is nearest to what was asked for, by what is written of it or by its name; else all, if they are few.
func meant(kind, asked string, all []aws.Known) string {
	ids, names, by := make([]string, len(all)), make([]string, len(all)), map[string]aws.Known{}
	for i, one := range all {
		ids[i], names[i] = one.ID, one.Name
		by[one.Name] = one
		by[one.ID] = one
	}
	nearest := spot.Nearest(asked, ids)
	if nearest == "" {
		nearest = spot.Nearest(rollout.TargetGroupName(asked), names)
	}
	switch {
	case nearest != "":
		return fmt.Sprintf(" Did you mean %s?", written(by[nearest]))
	case len(all) == 0:
		return fmt.Sprintf(" There are no %s at all.", kind)
	case len(all) > fewEnough:
		return ""
	}
	each := make([]string, len(all))
	for i, one := range all {
		each[i] = written(one)
	}
	return fmt.Sprintf(" The %s there: %s.", kind, strings.Join(each, ", "))
}

// written is one of those that there are, with its name unless that can be read off its ARN.
func written(one aws.Known) string {
	if one.Name == "" || one.Name == one.ID || one.Name == rollout.TargetGroupName(one.ID) {
		return one.ID
	}
	return fmt.Sprintf("%s (%s)", one.ID, one.Name)
}

// beside lists the listeners of a load balancer, or its rules if a rule was asked for and there are any.
func beside(balancer, asked string, all []aws.Route) string {
	var listeners, rules []string
	for _, r := range all {
		if r.Kind == aws.Rule {
			rules = append(rules, fmt.Sprintf("%s (priority %s)", r.ARN, r.Priority))
		} else {
			listeners = append(listeners, fmt.Sprintf("%s (%s %d)", r.ARN, r.Protocol, r.Port))
		}
	}
	kind, each := "listeners", listeners
	if strings.Contains(asked, ":listener-rule/") && len(rules) > 0 {
		kind, each = "rules", rules
	}
	switch {
	case len(each) == 0:
		return fmt.Sprintf(" Load balancer %s has no %s.", balancer, kind)
	case len(each) > fewEnough:
		each = append(each[:fewEnough], "…")
	}
	return fmt.Sprintf(" Load balancer %s has these %s: %s.", balancer, kind, strings.Join(each, ", "))
}
