package extensionapi

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"usher/connection"
	"usher/connection/extension"
	"usher/httpapi"
	"usher/identity"
)

const maxBody = 256 << 10

// read returns what the request is about to change.
func (a *API) read(w http.ResponseWriter, r *http.Request) (*change, *identity.Profile, error) {
	data, problem := httpapi.ReadBody(w, r, maxBody, codeBody)
	if problem != nil {
		return nil, nil, problem
	}
	var in change
	if problem := httpapi.Decode(data, &in, codeBody); problem != nil {
		return nil, nil, problem
	}
	profile, err := a.Profiles.For(r.Context(), httpapi.Tenant(r))
	return &in, profile, err
}

// apply makes the change to e and c, which keeps it. What is wrong with what
// comes of it is a problem, which repeats no value.
func (a *API) apply(in *change, e *extension.Extension, c *connection.Connection, profile *identity.Profile) error {
	set(&c.Name, in.Name)
	set(&c.Description, in.Description)
	set(&e.IconURL, in.IconURL)
	sent := a.applyEndpoint(in, e, c)
	if in.Access != nil {
		if in.Access.Expose != nil {
			e.Expose = in.Access.Expose
		}
		if in.Access.Modify != nil {
			e.Modify = in.Access.Modify
		}
	}
	var faults []string
	if in.Encryption != nil && in.Encryption.Certificate != nil {
		pem, err := base64.StdEncoding.DecodeString(strings.TrimSpace(*in.Encryption.Certificate))
		if err != nil {
			faults = append(faults, "encryption.certificate must be the base64 of a certificate in PEM.")
		}
		e.Certificate = string(pem)
		if _, err := e.Key(a.Now()); errors.Is(err, extension.ErrDate) {
			faults = append(faults, "encryption.certificate is not in date.")
		}
	}
	faults = slices.Concat(faults, c.CheckTexts(), e.Check(), checkClaims(e, profile.Catalog()))
	if len(faults) > 0 {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeInvalid, Message: "The extension is not valid.", Description: faults[0], Errors: faults,
		}
	}
	if err := e.Endpoint.Auth.CheckSecrets(sent.values); err != nil {
		return secretsProblem(err, c.Sealed != nil)
	}
	e.Put(c)
	if sent.new {
		c.SetSecrets(a.Box, sent.values)
	}
	return nil
}

// secrets are those that an extension has after a change.
type secrets struct {
	values map[string]string
	new    bool
}

// applyEndpoint makes the change to where the extension is called. Secrets
// stay with the type and the address that they were given for: whoever changes
// one of them sends all properties again, so that nobody learns a secret by
// having it sent to a place of theirs.
func (a *API) applyEndpoint(in *change, e *extension.Extension, c *connection.Connection) secrets {
	old := e.Endpoint
	if in.Endpoint == nil {
		return secrets{values: a.stored(c)}
	}
	set(&e.Endpoint.URI, in.Endpoint.URI)
	if in.Endpoint.AllowedHeaders != nil {
		e.Endpoint.AllowedHeaders = in.Endpoint.AllowedHeaders
	}
	var properties map[string]string
	if in.Endpoint.Authentication != nil {
		e.Endpoint.Auth = in.Endpoint.Authentication.Type
		properties = in.Endpoint.Authentication.Properties
	}
	if properties == nil && e.Endpoint.URI == old.URI && e.Endpoint.Auth == old.Auth {
		return secrets{values: a.stored(c)}
	}
	return secrets{properties, true}
}

func set(target, value *string) {
	if value != nil {
		*target = *value
	}
}

// stored are the connection's secrets, none where they cannot be opened: after
// the server's secret key was replaced they have to be sent again.
func (a *API) stored(c *connection.Connection) map[string]string {
	values, err := c.Secrets(a.Box)
	if err != nil {
		a.Log.Warn("an extension has to be given its secrets again", "error", err)
	}
	return values
}

// secretsProblem says what is wrong with the secrets of an extension; had tells
// whether it has others.
func secretsProblem(err error, had bool) error {
	p := &httpapi.Problem{
		Status: http.StatusBadRequest, Code: codeInvalid, Message: "The authentication is not valid.",
		Description: "endpoint.authentication.properties." + err.Error() + ".",
	}
	switch {
	case errors.Is(err, extension.ErrSecretMissing):
		p.Code = codeMissing
		if had {
			p.Description += " A change of the address or the type needs all properties again."
		}
	case errors.Is(err, extension.ErrSecretEmpty):
		p.Code = codeEmpty
	}
	return p
}

// checkClaims reports paths of claims that the tenant has not, by their exact
// URI, and of those that are read-only where they are to be modified.
func checkClaims(e *extension.Extension, catalog *identity.Catalog) []string {
	var faults []string
	check := func(list string, paths []extension.Path) {
		for i, p := range paths {
			uri, ok := extension.Claim(p.Path)
			claim, known := catalog.Find(uri)
			switch {
			case !ok:
			case !known || claim.URI != uri:
				faults = append(faults, fmt.Sprintf("accessConfig.%s[%d].path names no attribute.", list, i))
			case claim.ReadOnly && list == "modify":
				faults = append(faults, fmt.Sprintf("accessConfig.%s[%d].path names an attribute that is read-only.", list, i))
			}
		}
	}
	check("expose", e.Expose)
	check("modify", e.Modify)
	return faults
}
