package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// environ holds the variables that begin with our prefix.
type environ map[string]string

func readEnviron(list []string) environ {
	e := environ{}
	for _, entry := range list {
		if name, value, ok := strings.Cut(entry, "="); ok && strings.HasPrefix(name, prefix) {
			e[name] = value
		}
	}
	return e
}

// injected matches what Kubernetes adds to every container that runs beside a
// Service named "usher"; nobody typed those.
var injected = regexp.MustCompile(`^USHER_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// unknown reports variables that stand for no setting.
func (e environ) unknown() Problems {
	var known []string
	for _, s := range settings() {
		known = append(known, s.variable())
	}
	var faults Problems
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if !slices.Contains(known, name) && !injected.MatchString(name) {
			faults.add("", "%s: no such setting%s", name, suggest(name, known))
		}
	}
	return faults
}
