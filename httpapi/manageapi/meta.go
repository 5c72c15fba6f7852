package manageapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"usher/flow"
	"usher/httpapi"
	"usher/identity"
)

// meta is what a designer may use in flows of a type.
type meta struct {
	FlowType         flow.Type             `json:"flowType"`
	AttributeProfile string                `json:"attributeProfile"`
	WorkflowEnabled  bool                  `json:"workflowEnabled"`
	Attributes       []attribute           `json:"attributeMetadata"`
	Supported        []string              `json:"supportedExecutors"`
	Connectors       map[string]bool       `json:"connectorConfigs"`
	Connections      []executorConnections `json:"executorConnections"`
	Extensions       []json.RawMessage     `json:"flowExtensionConnections"`
	Settings         []string              `json:"supportedFlowCompletionConfigs"`
	// Executors describes the supported executors for a builder (ours).
	Executors []executor `json:"executors"`
}

type attribute struct {
	Name       string   `json:"name"`
	ClaimURI   string   `json:"claimURI"`
	Required   bool     `json:"required"`
	ReadOnly   bool     `json:"readOnly"`
	Validators []string `json:"validators"`
}

type executor struct {
	Name       string          `json:"name"`
	Summary    string          `json:"summary"`
	Inputs     []string        `json:"inputs"`
	MetaSchema json.RawMessage `json:"metaSchema"`
}

func (a *API) getMeta(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	profile, err := a.Profiles.For(r.Context(), httpapi.Tenant(r))
	if err != nil {
		return err
	}
	connections, err := a.connections(r.Context(), httpapi.Tenant(r), t)
	if err != nil {
		return err
	}
	m := meta{
		FlowType: t, AttributeProfile: "selfRegistration", Attributes: attributes(profile.Catalog()),
		Connectors:  map[string]bool{"multiAttributeLoginEnabled": false},
		Connections: connections, Extensions: []json.RawMessage{}, Settings: flow.SettingNames(t),
	}
	for _, e := range a.Executors {
		if e.Flows != nil && !slices.Contains(e.Flows, t) {
			continue
		}
		m.Supported = append(m.Supported, e.Name)
		inputs := []string{}
		for _, f := range e.Fields {
			inputs = append(inputs, f.Identifier)
		}
		m.Executors = append(m.Executors, executor{Name: e.Name, Summary: e.Summary, Inputs: inputs, MetaSchema: e.Schema})
	}
	if t == flow.PasswordRecovery {
		m.AttributeProfile = "endUser"
		m.Connectors["passwordRecoveryEmailOtpEnabled"] = slices.Contains(m.Supported, "EmailOTPExecutor")
		m.Connectors["passwordRecoverySmsOtpEnabled"] = slices.Contains(m.Supported, "SMSOTPExecutor")
		m.Connectors["passwordRecoveryMagicLinkEnabled"] = slices.Contains(m.Supported, "MagicLinkExecutor")
	}
	return writeJSON(w, m)
}

// attributes lists what a person may be asked for, by display name.
func attributes(catalog *identity.Catalog) []attribute {
	list := []attribute{}
	for _, c := range catalog.All() {
		switch {
		case strings.HasPrefix(c.URI, identity.IdentityPrefix), c.URI == identity.ClaimPrefix+"groups", c.URI == identity.ClaimPrefix+"roles":
			continue
		}
		list = append(list, attribute{Name: c.DisplayName, ClaimURI: c.URI, Required: c.Required, ReadOnly: c.ReadOnly, Validators: []string{}})
	}
	slices.SortStableFunc(list, func(a, b attribute) int {
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list
}
