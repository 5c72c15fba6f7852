package manageapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"usher/flow"
	"usher/httpapi"
	"usher/starter"
)

// maxDefinition bounds a definition's document in bytes.
const maxDefinition = 1 << 20

// parse reads the document of a definition that is to go live.
func parse(document []byte) (*flow.Definition, error) {
	if err := httpapi.CheckJSON(document); err != nil {
		return nil, &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeBody, Message: "The body is not what this call takes.",
			Description: "The body is not one JSON value in UTF-8 without duplicate names.",
		}
	}
	d, err := flow.ParseDefinition(document)
	if err != nil {
		return nil, &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeBody, Message: "The body is not a flow definition.", Description: place(err),
		}
	}
	return d, known(d.FlowType)
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

// place says where a document has the wrong shape.
func place(err error) string {
	if shape, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return "Wrong type of value at " + shape.Field + ": " + shape.Value + "."
	}
	if errors.Is(err, flow.ErrLongID) {
		return fmt.Sprintf("An id or actionId has more than %d bytes.", flow.MaxID)
	}
	return "The JSON has not the shape of a flow definition."
}

// getFlow returns the live document as it was PUT, the default one where
// nothing was. The entity tag is the version's number, 0 for the default.
func (a *API) getFlow(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	v, err := a.Store.FindDefinition(r.Context(), httpapi.Tenant(r), t, 0)
	if errors.Is(err, flow.ErrNoDefinition) {
		v, err = &flow.Version{Document: starter.Default(t)}, nil
	}
	if err != nil {
		return err
	}
	writeDocument(w, v.Number, v.Document)
	return nil
}

// writeDocument answers with a version's document.
func writeDocument(w http.ResponseWriter, number int64, document []byte) {
	w.Header().Set("ETag", httpapi.ETag(number))
	httpapi.Write(w, http.StatusOK, document)
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
	httpapi.Write(w, http.StatusOK, body)
	return nil
}
