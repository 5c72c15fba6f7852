package manageapi

import (
	"context"
	"encoding/json"
	"net/http"

	"usher/flow"
	"usher/httpapi"
)

// draft is a draft on the wire. The answer to a PUT leaves the definition out:
// the client has it.
type draft struct {
	FlowType flow.Type `json:"flowType"`
	savedDraft
	Definition json.RawMessage `json:"definition,omitempty"`
	Problems   flow.Problems   `json:"problems"`
}

// getDraft shows the draft with everything that keeps it from running, under
// its entity tag.
func (a *API) getDraft(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	d, err := a.Store.FindDraft(r.Context(), httpapi.Tenant(r), t)
	if err != nil {
		return err
	}
	return a.answerDraft(w, r, d, d.Document)
}

// putDraft stores the definition in the body as the draft, whether it can run
// or not, and answers what keeps it from running. If-Match (RFC 9110, 13.1.1)
// names the draft that the client saw; without it there must be none. A draft
// that somebody else has saved since stays as it is: 412 says who and when. A
// save may be repeated.
//
// The query's base is the number of the version that the draft was made from;
// without it the draft's is kept, and that of a new one is the live version.
func (a *API) putDraft(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	document, problem := httpapi.ReadBody(w, r, maxDefinition, codeBody)
	if problem != nil {
		return problem
	}
	if err := checkShape(document, t); err != nil {
		return err
	}
	state, err := a.Store.FindState(r.Context(), httpapi.Tenant(r), t)
	if err != nil {
		return err
	}
	base, err := baseOf(r, state)
	if err != nil {
		return err
	}
	saved, err := a.Store.SaveDraft(r.Context(), &flow.Draft{
		Tenant: httpapi.Tenant(r), Flow: t, Document: document, Base: base, Author: caller(r), Saved: a.Now(),
	}, seen(r, state))
	if err != nil {
		return err
	}
	return a.answerDraft(w, r, saved, nil)
}

// deleteDraft discards the draft; one that is gone already is no error. With
// If-Match it must be the one that the client saw.
func (a *API) deleteDraft(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	state, err := a.Store.FindState(r.Context(), httpapi.Tenant(r), t)
	if err != nil {
		return err
	}
	if err := a.Store.DiscardDraft(r.Context(), httpapi.Tenant(r), t, seen(r, state)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// validate answers what keeps a definition from running, and stores nothing.
func (a *API) validate(w http.ResponseWriter, r *http.Request) error {
	data, problem := httpapi.ReadBody(w, r, maxDefinition, codeBody)
	if problem != nil {
		return problem
	}
	var in struct {
		Definition json.RawMessage `json:"definition"`
	}
	if problem := httpapi.Decode(data, &in, codeBody); problem != nil {
		return problem
	}
	if err := checkShape(in.Definition, ""); err != nil {
		return err
	}
	problems, err := a.problems(r.Context(), httpapi.Tenant(r), in.Definition)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]flow.Problems{"problems": problems})
}

func (a *API) answerDraft(w http.ResponseWriter, r *http.Request, d *flow.Draft, shown []byte) error {
	problems, err := a.problems(r.Context(), d.Tenant, d.Document)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", httpapi.ETag(d.Revision))
	return writeJSON(w, draft{FlowType: d.Flow, savedDraft: *wireDraft(d), Definition: shown, Problems: problems})
}

// problems returns everything that keeps the document from running, empty for
// nothing. A value of the wrong type hides what else is wrong.
func (a *API) problems(ctx context.Context, tenant string, document []byte) (flow.Problems, error) {
	d, err := flow.ParseDefinition(document)
	if err != nil {
		return flow.Problems{{Code: codeBody, Message: place(err)}}, nil
	}
	problems, err := a.check(ctx, tenant, d)
	if problems == nil {
		problems = flow.Problems{}
	}
	return problems, err
}

// checkShape tells whether the document can be a draft: a JSON object with a
// list of steps and the flow type, for "" any.
func checkShape(document []byte, t flow.Type) error {
	if err := httpapi.CheckJSON(document); err != nil {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeBody, Message: "The body is not what this call takes.",
			Description: "The definition is not one JSON value in UTF-8, without duplicate names, that nests not too deep.",
		}
	}
	var shape struct {
		FlowType flow.Type         `json:"flowType"`
		Steps    []json.RawMessage `json:"steps"`
	}
	if err := json.Unmarshal(document, &shape); err != nil || shape.Steps == nil {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeBody, Message: "The body is not a flow definition.",
			Description: "A definition is a JSON object with flowType and a list of steps.",
		}
	}
	if err := known(shape.FlowType); err != nil {
		return err
	}
	if t != "" && shape.FlowType != t {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeFlowType, Message: "Invalid flow type.",
			Description: "The definition's flowType is not that of the query.",
		}
	}
	return nil
}

// seen is the revision of the draft that the client has seen, 0 for none, -1
// for one that is not there any more.
func seen(r *http.Request, state *flow.State) int64 {
	switch _, named := httpapi.IfMatch(r); {
	case !named:
		return 0
	case state.Draft == nil || !httpapi.Matches(r, httpapi.ETag(state.Draft.Revision)):
		return -1
	}
	return state.Draft.Revision
}

// baseOf is the number of the version that a saved draft is based on.
func baseOf(r *http.Request, state *flow.State) (int64, error) {
	live := int64(0)
	if state.Live != nil {
		live = state.Live.Number
	}
	if text := r.URL.Query().Get("base"); text != "" {
		return number("base", text, 0, live)
	}
	if state.Draft != nil {
		return state.Draft.Base, nil
	}
	return live, nil
}
