package sandbox

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// action is an action of a rule. Exactly one, the last, is a forward, a redirect or a fixed response.
type action struct {
	kind  string
	order int // 0: not given

	groups        []weighted // of a forward action
	sticky        bool       // group stickiness
	stickySeconds int

	config *tree // of any other action, as it was sent
}

// weighted is a target group in a forward action.
type weighted struct {
	group  *targetGroup
	weight int
}

// actionConfigs are the members in which actions other than forward have what they need.
var actionConfigs = map[string]string{
	"redirect":             "RedirectConfig",
	"fixed-response":       "FixedResponseConfig",
	"authenticate-oidc":    "AuthenticateOidcConfig",
	"authenticate-cognito": "AuthenticateCognitoConfig",
	"jwt-validation":       "JwtValidationConfig",
}

func (a action) routing() bool {
	return a.kind == "forward" || a.kind == "redirect" || a.kind == "fixed-response"
}

// element is the action as the Describe calls show it: a single target group stands in both places, wherever it was sent
// (see the comments of hashicorp/terraform-provider-aws, internal/service/elbv2/listener.go), and the client secret
// of an OpenID provider never comes back.
func (a action) element() element {
	e := parent("", leaf("Type", a.kind))
	if a.order != 0 {
		e.children = append(e.children, leaf("Order", a.order))
	}
	if a.kind != "forward" {
		config := element{name: actionConfigs[a.kind], children: a.config.elements()}
		config.children = slices.DeleteFunc(config.children, func(c element) bool {
			return c.name == "ClientSecret" || c.name == "UseExistingClientSecret"
		})
		e.children = append(e.children, config)
		return e
	}
	if len(a.groups) == 1 {
		e.children = append(e.children, leaf("TargetGroupArn", a.groups[0].group.arn))
	}
	each := make([]element, len(a.groups))
	for i, g := range a.groups {
		each[i] = parent("", leaf("TargetGroupArn", g.group.arn), leaf("Weight", g.weight))
	}
	stickiness := parent("TargetGroupStickinessConfig", leaf("Enabled", a.sticky))
	if a.stickySeconds != 0 {
		stickiness.children = append(stickiness.children, leaf("DurationSeconds", a.stickySeconds))
	}
	e.children = append(e.children, parent("ForwardConfig", members("TargetGroups", each), stickiness))
	return e
}

// actionElements are the actions of a rule as the Describe calls show them.
func actionElements(name string, actions []action) element {
	each := make([]element, len(actions))
	for i, a := range actions {
		each[i] = a.element()
	}
	return members(name, each)
}

// readActions makes the new actions of a route of what was sent, and refuses what AWS refuses.
func (w *awsHalf) readActions(sent []*tree, r *route) ([]action, *awsFault) {
	if len(sent) == 0 {
		return nil, refuse("ValidationError", "At least one action must be specified")
	}
	actions := make([]action, len(sent))
	for i, input := range sent {
		a, fault := w.readAction(input, r, i+1)
		if fault != nil {
			return nil, fault
		}
		actions[i] = a
	}
	slices.SortStableFunc(actions, func(a, b action) int { return a.order - b.order })
	for i, a := range actions {
		if last := i == len(actions)-1; a.routing() != last {
			return nil, refuse("InvalidLoadBalancerAction",
				"Actions must end with exactly one action of type forward, redirect or fixed-response")
		}
	}
	return actions, w.checkGroups(actions, r)
}

func (w *awsHalf) readAction(input *tree, r *route, place int) (action, *awsFault) {
	a := action{kind: input.text("Type"), order: input.number("Order", 0)}
	member, known := actionConfigs[a.kind]
	switch {
	case a.kind == "forward":
		return w.readForward(input, a)
	case !known:
		return a, refuse("ValidationError", "1 validation error detected: Value '%s' at 'actions.%d.member.type' failed to satisfy "+
			"constraint: Member must satisfy enum value set: [forward, authenticate-oidc, authenticate-cognito, redirect, "+
			"fixed-response, jwt-validation]", a.kind, place)
	case r.listener.balancer.kind == "network":
		return a, refuse("InvalidLoadBalancerAction", "Action type '%s' is not supported by network load balancers", a.kind)
	case !input.has(member):
		return a, refuse("ValidationError", "A '%s' must be specified for actions of type '%s'", member, a.kind)
	}
	a.config = input.at(member)
	return a, keepClientSecret(&a, r)
}

// keepClientSecret sees to it that an OpenID action has a client secret: a new one, or the one that the rule has already.
func keepClientSecret(a *action, r *route) *awsFault {
	if a.kind != "authenticate-oidc" || a.config.text("ClientSecret") != "" {
		return nil
	}
	if a.config.text("UseExistingClientSecret") != "true" {
		return refuse("ValidationError", "A client secret must be specified")
	}
	for _, old := range r.accepted {
		if old.kind == "authenticate-oidc" && old.config.text("ClientSecret") != "" {
			merged := maps.Clone(a.config.members)
			merged["ClientSecret"] = old.config.at("ClientSecret")
			a.config = &tree{members: merged}
			return nil
		}
	}
	return refuse("InvalidLoadBalancerAction", "There is no existing client secret to use")
}

// maxGroups is how many target groups an action can have.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const maxGroups = 5

func (w *awsHalf) readForward(input *tree, a action) (action, *awsFault) {
	single, config := input.text("TargetGroupArn"), input.at("ForwardConfig")
	sent := config.items("TargetGroups")
	switch {
	case single == "" && len(sent) == 0:
		return a, refuse("ValidationError", "A target group ARN must be specified")
	case single != "" && len(sent) > 0 && (len(sent) > 1 || sent[0].text("TargetGroupArn") != single):
		return a, refuse("InvalidLoadBalancerAction",
			"A target group ARN and a forward config may be specified together only if they name the same single target group")
	case len(sent) > maxGroups:
		return a, refuse("ValidationError", "The maximum number of target groups in an action is %d", maxGroups)
	}
	if len(sent) == 0 {
		sent = []*tree{treeOf(map[string]any{"TargetGroupArn": single})}
	}
	for _, item := range sent {
		weight, fault := readWeight(item, len(sent))
		if fault != nil {
			return a, fault
		}
		group, fault := w.targetGroup(item.text("TargetGroupArn"))
		if fault != nil {
			return a, fault
		}
		if slices.ContainsFunc(a.groups, func(g weighted) bool { return g.group == group }) {
			return a, refuse("ValidationError", "Target group '%s' is specified more than once in an action", group.arn)
		}
		a.groups = append(a.groups, weighted{group, weight})
	}
	return readStickiness(config.at("TargetGroupStickinessConfig"), a)
}

// readWeight refuses as AWS does (https://github.com/aws/aws-cdk/issues/24805). All weights 0 are not refused: what AWS
// makes of them is documented nowhere.
func readWeight(item *tree, groups int) (int, *awsFault) {
	if !item.has("Weight") && groups == 1 {
		return 1, nil
	}
	weight, err := strconv.Atoi(item.text("Weight"))
	if err != nil || weight < 0 || weight > 999 {
		return 0, refuse("ValidationError", "The weight for each target group must be between 0 and 999, inclusive")
	}
	return weight, nil
}

func readStickiness(input *tree, a action) (action, *awsFault) {
	a.sticky = input.text("Enabled") == "true"
	a.stickySeconds = input.number("DurationSeconds", 0)
	given := input.has("DurationSeconds")
	if (a.sticky || given) && (a.stickySeconds < 1 || a.stickySeconds > 604800) {
		return a, refuse("ValidationError", "The target group stickiness duration must be between 1 and 604800 seconds, inclusive")
	}
	if a.sticky || len(a.groups) < 2 {
		return a, nil
	}
	for _, g := range a.groups {
		if g.group.attributes["stickiness.enabled"] == "true" {
			return a, refuse("InvalidConfigurationRequest", "You must enable group stickiness on a rule if you enabled target "+
				"stickiness on one of its target groups (%s)", g.group.arn)
		}
	}
	return a, nil
}

// maxGroupsOfBalancer is how many target groups an application load balancer can have. One used twice counts once.
const maxGroupsOfBalancer = 100

// checkGroups refuses target groups that the route's load balancer cannot have.
func (w *awsHalf) checkGroups(actions []action, r *route) *awsFault {
	b := r.listener.balancer
	mine := map[*targetGroup]bool{}
	for _, other := range w.routes {
		if other.listener.balancer == b && other != r {
			eachGroup(other.accepted, func(g weighted) { mine[g.group] = true })
		}
	}
	var elsewhere []string
	var fault *awsFault
	eachGroup(actions, func(g weighted) {
		mine[g.group] = true
		switch owners := w.balancersOf(g.group); {
		case len(owners) > 0 && !slices.Contains(owners, b):
			elsewhere = append(elsewhere, g.group.arn)
		case layer4(g.group.protocol) != layer4(r.listener.protocol):
			fault = refuse("IncompatibleProtocols", "The protocol '%s' of target group '%s' is not compatible with the listener protocol '%s'",
				g.group.protocol, g.group.arn, r.listener.protocol)
		}
	})
	switch {
	case len(elsewhere) > 0:
		return refuse("TargetGroupAssociationLimit",
			"The following target groups cannot be associated with more than one load balancer: %s", strings.Join(elsewhere, ", "))
	case fault == nil && len(mine) > maxGroupsOfBalancer:
		return refuse("TooManyUniqueTargetGroupsPerLoadBalancer",
			"The load balancer '%s' would have more than %d unique target groups", b.arn, maxGroupsOfBalancer)
	}
	return fault
}

func layer4(protocol string) bool { return protocol != "HTTP" && protocol != "HTTPS" }

func eachGroup(actions []action, do func(weighted)) {
	for _, a := range actions {
		for _, g := range a.groups {
			do(g)
		}
	}
}

// balancersOf are the load balancers whose actions name a target group. More than one has no say about it: the limit is
// one.
func (w *awsHalf) balancersOf(g *targetGroup) []*balancer {
	var owners []*balancer
	for _, r := range w.routes {
		eachGroup(r.accepted, func(named weighted) {
			if named.group == g && !slices.Contains(owners, r.listener.balancer) {
				owners = append(owners, r.listener.balancer)
			}
		})
	}
	return owners
}

// targetGroup is that of an ARN.
func (w *awsHalf) targetGroup(arn string) (*targetGroup, *awsFault) {
	if !isARN(arn, "targetgroup/") {
		return nil, refuse("ValidationError", "'%s' is not a valid target group ARN", arn)
	}
	if g := w.groupByARN[arn]; g != nil {
		return g, nil
	}
	return nil, refuse("TargetGroupNotFound", "One or more target groups not found")
}

// isARN tells whether a text is the ARN of a load balancing resource of some kind.
func isARN(arn, kind string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[2] == "elasticloadbalancing" && strings.HasPrefix(parts[5], kind)
}
