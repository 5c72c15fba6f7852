package manageapi

import (
	"cmp"
	"errors"
	"math"
	"net/http"

	"usher/flow"
	"usher/flow/diff"
	"usher/httpapi"
	"usher/starter"
)

// Words for definitions without a number of their own.
const (
	theDraft = "draft"
	theLive  = "live"
)

// side is one of the two definitions that are compared: a version, 0 for the
// default that nobody published, or the draft with the revision.
type side struct {
	Version *int64 `json:"version,omitempty"`
	Draft   int64  `json:"draft,omitempty"`

	document []byte
}

// getDiff shows how the definition that the query calls from becomes the one
// it calls to: numbers of versions, "live" or "draft". Without them it is what
// publishing the draft would change.
func (a *API) getDiff(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	from, err := a.side(r, t, "from", theLive)
	if err != nil {
		return err
	}
	to, err := a.side(r, t, "to", theDraft)
	if err != nil {
		return err
	}
	d, err := diff.Compare(from.document, to.document)
	if err != nil {
		return err
	}
	return writeJSON(w, struct {
		FlowType flow.Type `json:"flowType"`
		From     *side     `json:"from"`
		To       *side     `json:"to"`
		*diff.Diff
	}{t, from, to, d})
}

// side finds the definition that the query's parameter names.
func (a *API) side(r *http.Request, t flow.Type, name, byDefault string) (*side, error) {
	tenant, n := httpapi.Tenant(r), int64(0)
	switch text := cmp.Or(r.URL.Query().Get(name), byDefault); text {
	case theDraft:
		d, err := a.Store.FindDraft(r.Context(), tenant, t)
		if err != nil {
			return nil, err
		}
		return &side{Draft: d.Revision, document: d.Document}, nil
	case theLive:
	default:
		var err error
		if n, err = number(name, text, 1, math.MaxInt64); err != nil {
			return nil, badQuery(name + ` must be the number of a version, "live" or "draft".`)
		}
	}
	v, err := a.Store.FindDefinition(r.Context(), tenant, t, n)
	if n == 0 && errors.Is(err, flow.ErrNoDefinition) {
		return &side{Version: &n, document: starter.Default(t)}, nil
	}
	if err != nil {
		return nil, err
	}
	return &side{Version: &v.Number, document: v.Document}, nil
}
