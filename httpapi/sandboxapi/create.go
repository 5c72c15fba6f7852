package sandboxapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"usher/flow"
	"usher/httpapi"
	"usher/sandbox"
)

// maxBody bounds the body that makes a sandbox, in bytes.
const maxBody = 1 << 20

// wish is what a sandbox is asked to be.
type wish struct {
	// Definition, or FlowType for the draft.
	Definition json.RawMessage   `json:"definition"`
	FlowType   flow.Type         `json:"flowType"`
	Configs    map[string]string `json:"flowCompletionConfigs"`
	Users      *[]sandbox.User   `json:"users"`
}

// create makes a sandbox of the definition in the body, or of the draft. What
// the body leaves out is as the tenant has it; users are examples.
func (a *API) create(w http.ResponseWriter, r *http.Request) error {
	data, p := httpapi.ReadBody(w, r, maxBody, codeBody)
	if p != nil {
		return p
	}
	var in wish
	if p := httpapi.Decode(data, &in, codeBody); p != nil {
		return p
	}
	plan, err := a.plan(r, &in)
	if err != nil {
		return err
	}
	s, err := a.Sandboxes.New(r.Context(), plan)
	if problems, ok := errors.AsType[flow.Problems](err); ok {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: problems[0].Code, Message: "The flow cannot run.", Description: problems[0].Message, Errors: problems,
		}
	}
	if err != nil {
		return err
	}
	w.Header().Set("Location", httpapi.TenantPath(s.Tenant)+path+"/"+s.ID)
	return httpapi.WriteJSON(w, http.StatusCreated, wireSandbox(s))
}

// plan is what the sandbox is made of.
func (a *API) plan(r *http.Request, in *wish) (*sandbox.Plan, error) {
	ctx, tenant := r.Context(), httpapi.Tenant(r)
	t, document, err := a.document(r, in)
	if err != nil {
		return nil, err
	}
	plan := &sandbox.Plan{Tenant: tenant, Document: document, Users: sandbox.Examples(t)}
	if in.Users != nil {
		plan.Users = *in.Users
	}
	_, config, err := a.Store.LiveDefinition(ctx, tenant, t)
	if err != nil && !errors.Is(err, flow.ErrNoDefinition) {
		return nil, err
	}
	plan.Settings = config.Settings
	for name, value := range in.Configs {
		if !slices.Contains(flow.SettingNames(t), name) {
			return nil, bad(codeSetting, "flowCompletionConfigs: %.64q is not one of %s.", name, strings.Join(flow.SettingNames(t), ", "))
		}
		if value != "true" && value != "false" {
			return nil, bad(codeSetting, `flowCompletionConfigs: %s must be "true" or "false".`, name)
		}
		*plan.Settings.Field(name) = value == "true"
	}
	if plan.Claims, err = a.Store.ListClaims(ctx, tenant); err != nil {
		return nil, err
	}
	plan.Connections, err = a.Store.ListConnections(ctx, tenant)
	return plan, err
}

// document is the definition to try, and its type.
func (a *API) document(r *http.Request, in *wish) (flow.Type, []byte, error) {
	document := []byte(in.Definition)
	if (document == nil) == (in.FlowType == "") {
		return "", nil, bad(codeBody, "Send either definition or flowType, for the draft of that type.")
	}
	if document == nil {
		if !in.FlowType.Known() {
			return "", nil, bad(codeBody, "flowType must be one of %v.", flow.Types())
		}
		d, err := a.Store.FindDraft(r.Context(), httpapi.Tenant(r), in.FlowType)
		if err != nil {
			return "", nil, err
		}
		document = d.Document
	}
	d, err := flow.ParseDefinition(document)
	switch {
	case err != nil:
		return "", nil, bad(codeBody, "The definition has not the shape of one.")
	case !d.FlowType.Known():
		return "", nil, bad(codeBody, "The definition's flowType must be one of %v.", flow.Types())
	}
	return d.FlowType, document, nil
}
