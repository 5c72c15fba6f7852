package engine

import (
	"encoding/json"
	"slices"
)

// mandatoryOf returns the ids of what a POLICY lets nobody go on without.
func mandatoryOf(purposes json.RawMessage) (ids []string) {
	var list []struct {
		ID        string `json:"purposeId"`
		Mandatory bool   `json:"mandatory"`
	}
	if json.Unmarshal(purposes, &list) != nil {
		return nil
	}
	for _, p := range list {
		if p.Mandatory {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// accepts tells whether what a client sent for consent accepts all of the
// purposes: {"Policy":{"purposes":[{"id":"terms","accepted":true}]}}.
func accepts(consent string, purposes []string) bool {
	if len(purposes) == 0 {
		return true
	}
	var given map[string]struct {
		Purposes []struct {
			ID       string `json:"id"`
			Accepted bool   `json:"accepted"`
		} `json:"purposes"`
	}
	if json.Unmarshal([]byte(consent), &given) != nil {
		return false
	}
	accepted := map[string]bool{}
	for _, kind := range given {
		for _, p := range kind.Purposes {
			accepted[p.ID] = p.Accepted
		}
	}
	return !slices.ContainsFunc(purposes, func(id string) bool { return !accepted[id] })
}
