package manageapi

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"usher/flow"
	"usher/flow/palette"
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
	Extensions       []extensionConnection `json:"flowExtensionConnections"`
	Settings         []string              `json:"supportedFlowCompletionConfigs"`
	// What follows is ours: all that a builder has to know to offer, name and
	// configure what a flow consists of.
	Executors  []executor          `json:"executors"`
	Components []palette.Component `json:"components"`
	Widgets    []palette.Widget    `json:"widgets"`
}

type attribute struct {
	Name       string   `json:"name"`
	ClaimURI   string   `json:"claimURI"`
	Required   bool     `json:"required"`
	ReadOnly   bool     `json:"readOnly"`
	Validators []string `json:"validators"`
}

type executor struct {
	Name       string       `json:"name"`
	Label      string       `json:"label"`
	Summary    string       `json:"summary"`
	Icon       string       `json:"icon"`
	Inputs     []string     `json:"inputs"`
	Fields     []field      `json:"fields"`
	Places     []flow.Place `json:"places"`
	MetaSchema *flow.Schema `json:"metaSchema"`
}

// field is an input that a page asks for.
type field struct {
	Identifier string `json:"identifier"`
	Label      string `json:"label"`
	Variant    string `json:"variant"`
}

// wire is the executor for a builder. What names its connection is required
// where there is not exactly one to take without it, and always what names an
// extension.
func wire(e *flow.Executor, connections []executorConnections) executor {
	out := executor{
		Name: e.Name, Label: e.Label, Summary: e.Summary, Icon: e.Icon,
		Inputs: []string{}, Fields: []field{}, Places: e.Places(), MetaSchema: e.Schema,
	}
	for _, f := range e.Fields {
		out.Inputs = append(out.Inputs, f.Identifier)
		if f.Variant != "" {
			out.Fields = append(out.Fields, field{f.Identifier, f.Label, f.Variant})
		}
	}
	i := slices.IndexFunc(connections, func(c executorConnections) bool { return c.Executor == e.Name })
	if e.Connection != "" && !slices.Contains(e.Schema.Required, e.Connection) && (i < 0 || len(connections[i].Connections) != 1) {
		out.MetaSchema = &flow.Schema{Properties: e.Schema.Properties, Required: append(slices.Clip(e.Schema.Required), e.Connection)}
	}
	return out
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
	connections, extensions, err := a.connections(r.Context(), httpapi.Tenant(r), t)
	if err != nil {
		return err
	}
	m := meta{
		FlowType: t, AttributeProfile: "selfRegistration", Attributes: attributes(profile.Catalog()),
		Connectors:  map[string]bool{"multiAttributeLoginEnabled": false},
		Connections: connections, Extensions: extensions, Settings: flow.SettingNames(t),
	}
	for i := range a.Executors {
		e := &a.Executors[i]
		if e.Flows != nil && !slices.Contains(e.Flows, t) {
			continue
		}
		m.Supported = append(m.Supported, e.Name)
		m.Executors = append(m.Executors, wire(e, connections))
	}
	m.Components, m.Widgets = palette.Components(), palette.Widgets(t, m.Supported)
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
