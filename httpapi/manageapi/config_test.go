package manageapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
	"usher/flow/palette"
	"usher/identity"
)

// config is FlowConfig on the wire, with the named settings on.
func config(kind flow.Type, enabled bool, on ...string) any {
	configs := map[string]any{}
	for _, name := range flow.SettingNames(kind) {
		configs[name] = "false"
	}
	for _, name := range on {
		configs[name] = "true"
	}
	return map[string]any{"flowType": string(kind), "isEnabled": enabled, "flowCompletionConfigs": configs}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(http.MethodPut, "", document)
	get := func() any { return decoded(t, s.ok(http.MethodGet, "/config?flowType=REGISTRATION", "")) }
	if diff := cmp.Diff(config(flow.Registration, false), get()); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		patch string
		want  any
	}{
		{`{"flowType":"REGISTRATION","isEnabled":true}`, config(flow.Registration, true)},
		{
			`{"flowType":"REGISTRATION","flowCompletionConfigs":{"isAutoLoginEnabled":"true","isCompletionViewEnabled":"true"}}`,
			config(flow.Registration, true, "isAutoLoginEnabled", "isCompletionViewEnabled"),
		},
		{`{"flowType":"REGISTRATION"}`, config(flow.Registration, true, "isAutoLoginEnabled", "isCompletionViewEnabled")},
		{`{"flowType":"REGISTRATION","isEnabled":null,"flowCompletionConfigs":null}`, config(flow.Registration, true, "isAutoLoginEnabled", "isCompletionViewEnabled")},
		{
			`{"flowType":"REGISTRATION","isEnabled":false,"flowCompletionConfigs":{"isAutoLoginEnabled":"false","isEmailVerificationEnabled":"true"}}`,
			config(flow.Registration, false, "isEmailVerificationEnabled", "isCompletionViewEnabled"),
		},
	} {
		for _, got := range []any{decoded(t, s.ok(http.MethodPatch, "/config", c.patch)), get()} {
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.patch, diff)
			}
		}
	}
	// Each type and each tenant has its own.
	if diff := cmp.Diff(config(flow.PasswordRecovery, false), decoded(t, s.ok(http.MethodGet, "/config?flowType=PASSWORD_RECOVERY", ""))); diff != "" {
		t.Errorf("another type (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(config(flow.Registration, false), decoded(t, s.ok(http.MethodGet, "/t/acme/api/server/v1/flow/config?flowType=REGISTRATION", ""))); diff != "" {
		t.Errorf("another tenant (-want +got):\n%s", diff)
	}
	want := []any{config(flow.Registration, false, "isEmailVerificationEnabled", "isCompletionViewEnabled"), config(flow.PasswordRecovery, false), config(flow.InvitedUserRegistration, false)}
	if diff := cmp.Diff(want, decoded(t, s.ok(http.MethodGet, "/configs", ""))); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
}

// A refused PATCH changes nothing, also not what was right in it.
func TestRefusedConfig(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(http.MethodPut, "", document)
	patch := func(settings string) string {
		return `{"flowType":"REGISTRATION","isEnabled":true,"flowCompletionConfigs":` + settings + `}`
	}
	for name, c := range map[string]struct{ code, body string }{
		"an unknown setting":     {"FM-10010", patch(`{"isNiceEnabled":"true"}`)},
		"a blank setting":        {"FM-10010", patch(`{"":"true"}`)},
		"a blank value":          {"FM-10009", patch(`{"isAutoLoginEnabled":""}`)},
		"another value":          {"FM-10009", patch(`{"isAutoLoginEnabled":"TRUE"}`)},
		"right and wrong":        {"FM-10009", patch(`{"isCompletionViewEnabled":"true","isAutoLoginEnabled":"yes"}`)},
		"a boolean":              {"FM-10024", patch(`{"isAutoLoginEnabled":true}`)},
		"a list":                 {"FM-10024", patch(`[]`)},
		"of another type's":      {"FM-10010", `{"flowType":"PASSWORD_RECOVERY","flowCompletionConfigs":{"isEmailVerificationEnabled":"true"}}`},
		"no type":                {"FM-10001", `{"isEnabled":true}`},
		"another type":           {"FM-10001", `{"flowType":"LOGIN","isEnabled":true}`},
		"enabled as text":        {"FM-10024", `{"flowType":"REGISTRATION","isEnabled":"true"}`},
		"an unknown property":    {"FM-10024", `{"flowType":"REGISTRATION","enabled":true}`},
		"a property twice":       {"FM-10024", `{"flowType":"REGISTRATION","isEnabled":true,"isEnabled":true}`},
		"nothing":                {"FM-10024", ``},
		"more than one document": {"FM-10024", `{"flowType":"REGISTRATION","isEnabled":true}{}`},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused(c.code, http.MethodPatch, "/config", c.body)
		})
	}
	if diff := cmp.Diff(config(flow.Registration, false), decoded(t, s.ok(http.MethodGet, "/config?flowType=REGISTRATION", ""))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w := s.call(http.MethodPatch, "/config", patch(`{"x":"`+strings.Repeat("x", 16<<10)+`"}`)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: status %d", w.Code)
	}
}

func TestMeta(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	add := identity.Claim{URI: identity.ClaimPrefix + "shoeSize", DisplayName: "aa size", Required: true, ReadOnly: true}
	if err := s.store.PutClaim(t.Context(), "carbon.super", add); err != nil {
		t.Fatal(err)
	}
	anyExecutor := map[string]any{
		"name": "AnyExecutor", "label": "Anything", "summary": "Does.", "icon": "zap", "inputs": []any{"x", "y"},
		"fields": []any{map[string]any{"identifier": "y", "label": "Why", "variant": "TEXT"}}, "places": []any{"BUTTON"},
		"metaSchema": map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": map[string]any{}, "required": []any{}, "additionalProperties": false},
	}
	otpExecutor := map[string]any{
		"name": "EmailOTPExecutor", "label": "Mail", "summary": "Proves.", "icon": "mail", "inputs": []any{}, "fields": []any{},
		"places": []any{"BUTTON", "EXECUTION", "END"},
		"metaSchema": map[string]any{
			"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false, "required": []any{},
			"properties": map[string]any{"loud": map[string]any{"type": "boolean", "title": "Loud", "description": "Shout.", "default": true}},
		},
	}
	recovery := map[string]any{
		"multiAttributeLoginEnabled": false, "passwordRecoveryEmailOtpEnabled": true, "passwordRecoverySmsOtpEnabled": false, "passwordRecoveryMagicLinkEnabled": false,
	}
	for _, c := range []struct {
		flow       flow.Type
		profile    string
		supported  []any
		connectors map[string]any
		executors  []any
		without    int // widgets that need what there is not
	}{
		{flow.Registration, "selfRegistration", []any{"AnyExecutor"}, map[string]any{"multiAttributeLoginEnabled": false}, []any{anyExecutor}, 1},
		{flow.PasswordRecovery, "endUser", []any{"AnyExecutor", "EmailOTPExecutor"}, recovery, []any{anyExecutor, otpExecutor}, 0},
		{flow.InvitedUserRegistration, "selfRegistration", []any{"AnyExecutor"}, map[string]any{"multiAttributeLoginEnabled": false}, []any{anyExecutor}, 1},
	} {
		got := decoded(t, s.ok(http.MethodGet, "/meta?flowType="+string(c.flow), "")).(map[string]any)
		attributes, _ := got["attributeMetadata"].([]any)
		delete(got, "attributeMetadata")
		components, _ := got["components"].([]any)
		widgets, _ := got["widgets"].([]any)
		if len(components) != len(palette.Components()) || len(widgets) != len(palette.Widgets(c.flow, []string{"AnyExecutor", "EmailOTPExecutor"}))-c.without {
			t.Errorf("%s: %d components and %d widgets", c.flow, len(components), len(widgets))
		}
		delete(got, "components")
		delete(got, "widgets")
		var settings []any
		for _, name := range flow.SettingNames(c.flow) {
			settings = append(settings, name)
		}
		want := map[string]any{
			"flowType": string(c.flow), "attributeProfile": c.profile, "workflowEnabled": false,
			"supportedExecutors": c.supported, "connectorConfigs": c.connectors, "executorConnections": []any{}, "flowExtensionConnections": []any{},
			"supportedFlowCompletionConfigs": settings, "executors": c.executors,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.flow, diff)
		}
		checkAttributes(t, attributes)
	}
}

// checkAttributes expects what a person can be asked for, sorted by name, the
// tenant's own claim among them.
func checkAttributes(t *testing.T, attributes []any) {
	t.Helper()
	var names []string
	byURI := map[string]any{}
	for _, one := range attributes {
		a := one.(map[string]any)
		names = append(names, strings.ToLower(a["name"].(string)))
		byURI[a["claimURI"].(string)] = one
	}
	if !slices.IsSorted(names) || len(names) < 20 {
		t.Errorf("names %v", names)
	}
	attribute := func(name, uri string, required, readOnly bool) any {
		return map[string]any{"name": name, "claimURI": uri, "required": required, "readOnly": readOnly, "validators": []any{}}
	}
	for uri, want := range map[string]any{
		identity.ClaimUsername:                         attribute("Username", identity.ClaimUsername, true, false),
		identity.ClaimEmail:                            attribute("Email", identity.ClaimEmail, false, false),
		identity.ClaimPrefix + "shoeSize":              attribute("aa size", identity.ClaimPrefix+"shoeSize", true, true),
		identity.ClaimEmailVerified:                    nil,
		identity.ClaimPrefix + "groups":                nil,
		identity.ClaimPrefix + "roles":                 nil,
		identity.ClaimPrefix + "identity/lockedReason": nil,
	} {
		if diff := cmp.Diff(want, byURI[uri]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", uri, diff)
		}
	}
}

func TestMetaRequiresConnections(t *testing.T) {
	t.Parallel()
	e := flow.Executor{Name: "E", Connection: "idpName", Schema: &flow.Schema{Properties: []flow.Property{{Name: "idpName"}}}}
	for name, c := range map[string]struct {
		list []executorConnections
		want []string
	}{
		"an extension":   {nil, []string{"idpName"}},
		"no connection":  {[]executorConnections{{"E", nil}}, []string{"idpName"}},
		"the only one":   {[]executorConnections{{"E", []string{"a"}}}, nil},
		"one of several": {[]executorConnections{{"Other", nil}, {"E", []string{"a", "b"}}}, []string{"idpName"}},
	} {
		if diff := cmp.Diff(c.want, wire(&e, c.list).MetaSchema.Required); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := wire(&flow.Executor{Name: "E", Schema: e.Schema}, nil).MetaSchema.Required; got != nil {
		t.Errorf("one that needs none requires %q", got)
	}
	if e.Schema.Required != nil {
		t.Error("the executor's own schema was changed")
	}
}
