package connectionapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"usher/connection"
	"usher/httpapi"
	"usher/identity"
)

const maxBody = 256 << 10

// provider is a connection on the wire.
type provider struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Enabled     bool              `json:"isEnabled"`
	Kind        string            `json:"kind"`
	Settings    map[string]string `json:"settings"`
	// SecretsSet names the secrets that are set; their values are never told.
	SecretsSet []string `json:"secretsSet"`
}

// page is a list on the wire, under the names that clients know.
type page struct {
	Total     int        `json:"totalResults"`
	Start     int        `json:"startIndex"`
	Count     int        `json:"count"`
	Providers []provider `json:"identityProviders"`
}

// newProvider is the body of a POST.
type newProvider struct {
	Name        string             `json:"name"`
	Description string             `json:"description"`
	Enabled     bool               `json:"isEnabled"`
	Kind        string             `json:"kind"`
	Settings    map[string]*string `json:"settings"`
	Secrets     map[string]*string `json:"secrets"`
}

// change is the body of a PATCH.
type change struct {
	Name        *string            `json:"name"`
	Description *string            `json:"description"`
	Enabled     *bool              `json:"isEnabled"`
	Settings    map[string]*string `json:"settings"`
	Secrets     map[string]*string `json:"secrets"`
}

func (a *API) wire(c *connection.Connection) provider {
	out := provider{
		ID: c.ID, Name: c.Name, Description: c.Description, Enabled: c.Enabled, Kind: c.Kind,
		Settings: c.Settings, SecretsSet: slices.Sorted(maps.Keys(a.secrets(c))),
	}
	if out.SecretsSet == nil {
		out.SecretsSet = []string{}
	}
	return out
}

// secrets are those of the connection, none where they cannot be opened: after
// the server's secret key was replaced they have to be set again, here.
func (a *API) secrets(c *connection.Connection) map[string]string {
	secrets, err := c.Secrets(a.Box)
	if err != nil {
		a.Log.Warn("a connection has to be given its secrets again", "error", err)
	}
	return secrets
}

// apply makes the change, but for secrets.
func (in *change) apply(c *connection.Connection) {
	if in.Name != nil {
		c.Name = *in.Name
	}
	if in.Description != nil {
		c.Description = *in.Description
	}
	if in.Enabled != nil {
		c.Enabled = *in.Enabled
	}
	c.Settings = merged(c.Settings, in.Settings)
}

// merged returns the values with the changes made to them. A claim that is
// mapped to "" stays: it says that the claim is not taken.
func merged(values map[string]string, changes map[string]*string) map[string]string {
	all := maps.Clone(values)
	if all == nil {
		all = map[string]string{}
	}
	for name, value := range changes {
		if value == nil || *value == "" && !strings.HasPrefix(name, connection.ClaimPrefix) {
			delete(all, name)
		} else {
			all[name] = *value
		}
	}
	return all
}

func filled(values map[string]*string) map[string]string { return merged(nil, values) }

// fixed reports changes of settings that cannot be changed.
func (a *API) fixed(old, c *connection.Connection) []string {
	var faults []string
	if k := a.kind(c.Kind); k != nil {
		for _, s := range k.Settings {
			if s.Fixed && or(old.Settings[s.Name], s.Default) != or(c.Settings[s.Name], s.Default) {
				faults = append(faults, "settings."+s.Name+" cannot be changed, because accounts are linked under it; make another connection.")
			}
		}
	}
	return faults
}

func or(value, byDefault string) string {
	if value == "" {
		return byDefault
	}
	return value
}

func (a *API) kind(name string) *connection.Kind {
	i := slices.IndexFunc(a.Kinds, func(k connection.Kind) bool { return k.Executor == name })
	if i < 0 {
		return nil
	}
	return &a.Kinds[i]
}

// check returns a problem with everything that is wrong with the connection,
// or nil. No value is repeated.
func (a *API) check(c *connection.Connection, secrets map[string]string, profile *identity.Profile, faults ...string) error {
	report := func(fault string) { faults = append(faults, fault) }
	faults = append(faults, c.CheckTexts()...)
	if k := a.kind(c.Kind); k == nil {
		report("kind must be one of " + strings.Join(a.kindNames(), ", ") + ".")
	} else {
		faults = append(faults, k.Check(c.Settings, secrets)...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Settings)) {
		local, isClaim := strings.CutPrefix(name, connection.ClaimPrefix)
		if !isClaim || local == "" {
			continue
		}
		if claim, known := profile.Catalog().Find(local); !known || claim.ReadOnly {
			report("settings." + shorten(name) + " names no attribute that can be set.")
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return &httpapi.Problem{
		Status: http.StatusBadRequest, Code: codeInvalid, Message: "The connection is not valid.", Description: faults[0], Errors: faults,
	}
}

func (a *API) kindNames() []string {
	names := make([]string, len(a.Kinds))
	for i, k := range a.Kinds {
		names[i] = k.Executor
	}
	return names
}

// shorten cuts a name that comes from the client.
func shorten(name string) string {
	if len(name) > 64 {
		return strings.ToValidUTF8(name[:64], "") + "…"
	}
	return name
}
