package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// zoneNotEnabled is what a load balancer says of a target in a zone that it does not serve. The reason code is Target.NotInUse:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
const zoneNotEnabled = "Target is in an Availability Zone that is not enabled for the load balancer"

// SetZones enables these availability zones at a load balancer, by its name or ARN, and no others: as a person would in the
// console. Targets in others are not checked, and get no traffic.
func (w *awsHalf) SetZones(balancer string, zones ...string) error {
	var err error
	w.locked(func() { err = w.setZones(balancer, zones) })
	return err
}

func (w *awsHalf) setZones(called string, zones []string) error {
	if len(zones) == 0 {
		return fmt.Errorf("load balancer %q needs a zone", called)
	}
	found := false
	for _, b := range w.balancers {
		if b.name == called || b.arn == called {
			b.zones, found = zones, true
		}
	}
	for _, b := range w.classics {
		if b.name == called {
			b.zones, found = zones, true
			w.rezone(&b.pool)
		}
	}
	if !found {
		return fmt.Errorf("there is no load balancer %q", called)
	}
	for _, g := range w.groups {
		w.rezone(&g.pool)
	}
	w.touchAWS()
	return nil
}

type postedZones struct {
	Balancer string   `json:"balancer"`
	Zones    []string `json:"zones"`
}

func zonesPosted(w *World, p postedZones) error { return w.SetZones(p.Balancer, p.Zones...) }

// rezone has the targets of a pool follow a change of the zones.
func (w *awsHalf) rezone(p *pool) {
	for _, t := range slices.Clone(p.targets) {
		switch {
		case t.state == stateDraining || t.reason == reasonInvalidState || t.pinned || !p.used:
		case !w.checkable(t):
			w.stopChecks(t)
			w.idle(t)
		case t.state == stateUnused:
			w.stopChecks(t)
			w.beginChecks(t)
		}
	}
}

// checkable tells whether a target is health-checked: an action names its pool, and its zone is enabled at a load balancer of it.
func (w *awsHalf) checkable(t *target) bool {
	if !t.pool.used {
		return false
	}
	m, known := w.ec2.machine(t.instance)
	if !known {
		return true
	}
	return slices.Contains(w.zonesOf(t.pool), m.Zone)
}

// zonesOf are the zones that are enabled at the load balancers of a pool.
func (w *awsHalf) zonesOf(p *pool) []string {
	for _, b := range w.classics {
		if &b.pool == p {
			return b.zones
		}
	}
	var zones []string
	for _, g := range w.groups {
		if &g.pool != p {
			continue
		}
		for _, b := range w.balancersOf(g) {
			zones = append(zones, b.zones...)
		}
	}
	return zones
}

// enabledZones are those that are written, or the first two of the region.
func (w *awsHalf) enabledZones(written []string) []string {
	if len(written) > 0 {
		return written
	}
	return []string{w.config.Region + "a", w.config.Region + "b"}
}

// subnet is the subnet of an ID; false if there is none.
func (w *awsHalf) subnet(id string) (SubnetConfig, bool) {
	for _, s := range w.config.AWS.Subnets {
		if s.ID == id {
			orText(&s.VPC, "vpc-sandbox")
			return s, true
		}
	}
	if len(w.config.AWS.Subnets) > 0 || !strings.HasPrefix(id, "subnet-") {
		return SubnetConfig{}, false
	}
	s := SubnetConfig{ID: id, VPC: "vpc-sandbox", Zone: w.config.Region + string(rune('a'+id[len(id)-1]%2))}
	if n := strings.Index(id, w.config.Region); n >= 0 && len(id) > n+len(w.config.Region) {
		s.Zone = id[n:]
	}
	return s, true
}

// zonesWritten are the zones of a group: those that its document names, or those of its subnets.
func (w *awsHalf) zonesWritten(s spec, document map[string]any) []string {
	if len(w.config.AWS.Subnets) == 0 {
		return s.zones
	}
	var zones []string
	for _, id := range texts(object(document, "compute")["subnetIds"]) {
		if known, ok := w.subnet(id); ok && !slices.Contains(zones, known.Zone) {
			zones = append(zones, known.Zone)
		}
	}
	if len(zones) == 0 {
		return s.zones
	}
	return zones
}

var subnetFilters = ec2Filters[SubnetConfig]{
	"availability-zone": func(s SubnetConfig) []string { return []string{s.Zone} },
	"subnet-id":         func(s SubnetConfig) []string { return []string{s.ID} },
	"vpc-id":            func(s SubnetConfig) []string { return []string{s.VPC} },
}

// describeSubnets answers DescribeSubnets: those that are named, or all that are configured.
func (w *awsHalf) describeSubnets(input *tree) ([]element, *awsFault) {
	some := w.config.AWS.Subnets
	if ids := input.texts("SubnetId"); len(ids) > 0 {
		some = nil
		for _, id := range ids {
			s, ok := w.subnet(id)
			if !ok {
				return nil, refuse("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
			}
			some = append(some, s)
		}
	}
	var each []element
	for _, s := range some {
		ok, fault := subnetFilters.matches(s, nil, input)
		if fault != nil {
			return nil, fault
		}
		if ok {
			each = append(each, parent("", leaf("subnetId", s.ID), leaf("vpcId", s.VPC), leaf("availabilityZone", s.Zone),
				leaf("state", "available"), leaf("ownerId", w.config.AWSAccount)))
		}
	}
	return ec2Page("subnetSet", each, input)
}
