package moduleworld

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"sync"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// What the clouds make up is made up here out of names, the same every time.
const (
	account = "123456789012"
	region  = "us-east-1"
)

func fingerprint(key string) string {
	h := fnv.New64a()
	h.Write([]byte(key))
	return fmt.Sprintf("%016x", h.Sum64())
}

func imageID(name string) string { return "ami-0" + fingerprint(name) }

func elbARN(path string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:%s", region, account, path)
}

func targetGroupARN(name string) string {
	return elbARN("targetgroup/" + name + "/" + fingerprint(name))
}
func balancerARN(kind, name string) string {
	return elbARN("loadbalancer/" + kind + "/" + name + "/" + fingerprint(name))
}
func listenerARN(balancer, key string) string {
	return elbARN("listener/app/" + balancer + "/" + fingerprint(balancer) + "/" + fingerprint(key))
}
func ruleARN(balancer, key string) string {
	return elbARN("listener-rule/app/" + balancer + "/" + fingerprint(balancer) + "/" + fingerprint(balancer+" listener") + "/" + fingerprint(key))
}

// computed are the attributes that the clouds give a resource, as far as others refer to them.
func computed(r *resource) map[string]any {
	name := r.text("name")
	if name == "" {
		name = r.name + strings.NewReplacer(`"`, "", "[", "-", "]", "").Replace(suffixOf(r.address))
	}
	switch r.kind {
	case "elastigroup_ami", "aws_ami":
		if images := imagesOf(r); len(images) > 0 {
			newest := images[len(images)-1]
			return map[string]any{"id": newest.ID, "image_id": newest.ID, "name": newest.Name}
		}
	case "elastigroup_amis", "aws_ami_ids":
		ids := []any{}
		for _, i := range imagesOf(r) {
			ids = append([]any{i.ID}, ids...)
		}
		if len(ids) > 0 {
			return map[string]any{"ids": ids}
		}
	case "elastigroup_target_group", "aws_lb_target_group", "aws_alb_target_group":
		arn := r.text("arn")
		if arn == "" {
			arn = targetGroupARN(name)
		}
		if parts := strings.Split(arn, "/"); len(parts) > 1 && r.text("name") == "" {
			name = parts[1]
		}
		return map[string]any{"arn": arn, "id": arn, "name": name, "arn_suffix": arn[strings.LastIndex(arn, ":")+1:]}
	case "aws_lb", "aws_alb":
		kind := "app"
		if r.text("load_balancer_type") == "network" {
			kind = "net"
		}
		arn := balancerARN(kind, name)
		return map[string]any{"arn": arn, "id": arn, "name": name, "dns_name": name + ".sandbox.test"}
	case "aws_lb_listener", "aws_alb_listener":
		arn := r.text("arn")
		if arn == "" {
			arn = listenerARN(balancerName(r.text("load_balancer_arn"), r.name), r.address)
		}
		return map[string]any{"arn": arn, "id": arn}
	case "aws_lb_listener_rule", "aws_alb_listener_rule":
		arn := r.text("arn")
		if parts := strings.Split(r.text("listener_arn"), "/"); arn == "" && len(parts) == 4 {
			arn = strings.Replace(r.text("listener_arn"), ":listener/", ":listener-rule/", 1) + "/" + fingerprint(r.address)
		}
		if arn == "" {
			arn = ruleARN(r.name, r.address)
		}
		return map[string]any{"arn": arn, "id": arn}
	case "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm":
		if n := r.text("alarm_name"); n != "" {
			return map[string]any{"id": n, "arn": fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:%s", region, account, n)}
		}
	case "aws_elb":
		return map[string]any{"id": name, "name": name}
	}
	return nil
}

func suffixOf(address string) string {
	if at := strings.IndexByte(address, '['); at >= 0 && strings.HasSuffix(address, "]") {
		return address[at:]
	}
	return ""
}

// balancerName is the name in the ARN of a load balancer or listener.
func balancerName(arn, otherwise string) string {
	if parts := strings.Split(arn, "/"); len(parts) >= 3 {
		return parts[2]
	}
	return otherwise
}

// text is an argument that is a string, "" if it is not known.
func (r *resource) text(name string) string {
	text, _ := r.values[name].(string)
	return text
}

// texts are an argument that is a list of strings.
func (r *resource) texts(name string) []string { return textsOf(r.values[name]) }

func textsOf(v any) []string {
	var all []string
	for _, one := range listOf(v) {
		if text, ok := one.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// blocks are the blocks of a name.
func blocksOf(values map[string]any, name string) []map[string]any {
	var all []map[string]any
	for _, one := range listOf(values[name]) {
		if m, ok := one.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}

var wildcards = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[\pL\pN]\*+|\*+|\?`) })

// matching is a name that a pattern matches. An asterisk behind a word is nothing there: shop-1.2-broken* is shop-1.2-broken, and behaves so.
func matching(pattern string) string {
	return wildcards().ReplaceAllStringFunc(pattern, func(found string) string {
		if word := strings.Trim(found, "*?"); word != "" {
			return word
		}
		return "1"
	})
}

// imagesOf are images that a data source finds, one for each name that it looks for, the newest last.
func imagesOf(r *resource) []sandbox.Image {
	template := sandbox.Image{}
	var names, ids []string
	for _, f := range blocksOf(r.values, "filter") {
		name, _ := f["name"].(string)
		values := textsOf(f["values"])
		if len(values) == 0 {
			continue
		}
		plain := matching(values[0])
		switch key, isTag := strings.CutPrefix(name, "tag:"); {
		case isTag:
			if template.Tags == nil {
				template.Tags = map[string]string{}
			}
			template.Tags[key] = plain
		case name == "name":
			names = values
		case name == "image-id":
			ids = values
		case name == "architecture":
			template.Architecture = plain
		case name == "root-device-type":
			template.RootDeviceType = plain
		case name == "virtualization-type":
			template.VirtualizationType = plain
		case name == "platform":
			template.Platform = plain
		}
	}
	for _, owner := range r.texts("owners") {
		switch {
		case owner == "self":
		case strings.Trim(owner, "0123456789") == "":
			template.Owner = owner
		default:
			template.OwnerAlias, template.Owner = owner, "137112412989"
		}
	}
	if len(names) == 0 && len(ids) == 0 {
		names = []string{r.name + "-1"}
	}
	var all []sandbox.Image
	for _, id := range ids {
		i := template
		i.ID = id
		all = append(all, i)
	}
	for _, name := range names {
		i := template
		i.Name = matching(name)
		i.ID = imageID(i.Name)
		all = append(all, i)
	}
	return all
}
