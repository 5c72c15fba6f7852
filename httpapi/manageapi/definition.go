package manageapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"usher/flow"
	"usher/httpapi"
	"usher/starter"
)

// maxDefinition bounds a definition's document in bytes.
const maxDefinition = 1 << 20

// putFlow stores a definition as the live version of its type. Executions that
// run go on with theirs. The same document again changes nothing.
func (a *API) putFlow(w http.ResponseWriter, r *http.Request) error {
	document, problem := httpapi.ReadBody(w, r, maxDefinition, codeBody)
	if problem != nil {
		return problem
	}
	if err := httpapi.CheckJSON(document); err != nil {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeBody, Message: "The body is not what this call takes.",
			Description: "The body is not one JSON value in UTF-8 without duplicate names.",
		}
	}
	d, err := flow.ParseDefinition(document)
	if err != nil {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeBody, Message: "The body is not a flow definition.", Description: place(err),
		}
	}
	if err := known(d.FlowType); err != nil {
		return err
	}
	problems, err := a.check(r.Context(), httpapi.Tenant(r), d)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: problems[0].Code, Message: "The flow cannot run.",
			Description: problems[0].Message, FlowType: string(d.FlowType), Errors: problems,
		}
	}
	if err := a.publish(r, d.FlowType, document); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// check returns everything that keeps the definition from running.
func (a *API) check(ctx context.Context, tenant string, d *flow.Definition) (flow.Problems, error) {
	profile, err := a.Profiles.For(ctx, tenant)
	if err != nil {
		return nil, err
	}
	missing, err := a.checkConnections(ctx, tenant, d)
	if err != nil {
		return nil, err
	}
	_, err = a.Compiler.Compile(d, profile.Canonical)
	problems, ok := errors.AsType[flow.Problems](err)
	if err != nil && !ok {
		return nil, err
	}
	return append(problems, missing...), nil
}

func (a *API) publish(r *http.Request, t flow.Type, document []byte) error {
	_, err := a.Store.PublishDefinition(r.Context(), &flow.Version{
		Tenant: httpapi.Tenant(r), Flow: t, Document: document, Created: a.Now(),
	})
	return err
}

// place says where a document has the wrong shape.
func place(err error) string {
	if shape, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return "Wrong type of value at " + shape.Field + ": " + shape.Value + "."
	}
	return "The JSON has not the shape of a flow definition."
}

// getFlow returns the live document as it was PUT, the default one where
// nothing was.
func (a *API) getFlow(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	document := starter.Default(t)
	v, err := a.Store.FindDefinition(r.Context(), httpapi.Tenant(r), t, 0)
	switch {
	case err == nil:
		document = v.Document
	case !errors.Is(err, flow.ErrNoDefinition):
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(document) //nolint:errcheck // the client has gone
	return nil
}

// deleteFlow puts the default flow of the type in the place of the live one.
func (a *API) deleteFlow(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	if err := a.publish(r, t, starter.Default(t)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// getTemplates returns ready-made flows of the type.
func (a *API) getTemplates(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	return writeJSON(w, starter.Templates(t))
}

func writeJSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(body) //nolint:errcheck // the client has gone
	return nil
}
