package manageapi

import (
	"fmt"
	"math"
	"net/http"
	"strconv"

	"usher/flow"
	"usher/httpapi"
)

const (
	defaultLimit = 30
	maxLimit     = 100
)

// history is a page of a flow's versions, the newest first. Next is what to
// ask for as before for the page after it, absent on the last one.
type history struct {
	FlowType flow.Type  `json:"flowType"`
	Versions []*version `json:"versions"`
	Next     int64      `json:"next,omitempty"`
}

// listVersions shows who published which version, and why: at most limit of
// those whose number is below before.
func (a *API) listVersions(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	limit, below := int64(defaultLimit), int64(0)
	if text := r.URL.Query().Get("limit"); text != "" {
		if limit, err = number("limit", text, 1, maxLimit); err != nil {
			return err
		}
	}
	if text := r.URL.Query().Get("before"); text != "" {
		if below, err = number("before", text, 1, math.MaxInt64); err != nil {
			return err
		}
	}
	list, live, err := a.Store.ListVersions(r.Context(), httpapi.Tenant(r), t, below, int(limit)+1)
	if err != nil {
		return err
	}
	out := history{FlowType: t, Versions: []*version{}}
	for i := range list {
		if len(out.Versions) == int(limit) {
			out.Next = list[i-1].Number
			break
		}
		out.Versions = append(out.Versions, wireVersion(&list[i], live))
	}
	return writeJSON(w, out)
}

// getVersion returns the document of a version as it was published.
func (a *API) getVersion(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	v, err := a.pathVersion(r, t)
	if err != nil {
		return err
	}
	writeDocument(w, v.Number, v.Document)
	return nil
}

// pathVersion finds the version whose number is in the path.
func (a *API) pathVersion(r *http.Request, t flow.Type) (*flow.Version, error) {
	n, err := number("the version", r.PathValue("number"), 1, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	return a.Store.FindDefinition(r.Context(), httpapi.Tenant(r), t, n)
}

func answerVersion(w http.ResponseWriter, t flow.Type, v *flow.Version, live int64) error {
	return writeJSON(w, struct {
		FlowType flow.Type `json:"flowType"`
		*version
	}{t, wireVersion(v, live)})
}

// number reads a number from the path or the query.
func number(name, text string, least, most int64) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && n >= least && n <= most:
		return n, nil
	case most == math.MaxInt64:
		return 0, badQuery(fmt.Sprintf("%s must be a number from %d.", name, least))
	}
	return 0, badQuery(fmt.Sprintf("%s must be a number from %d to %d.", name, least, most))
}
