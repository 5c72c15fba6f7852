package manageapi

import (
	"net/http"

	"usher/flow"
	"usher/httpapi"
)

// overview is where a flow stands.
type overview struct {
	FlowType flow.Type `json:"flowType"`
	Enabled  bool      `json:"isEnabled"`
	// Live is null where nobody published a version: the default is live.
	Live       *version   `json:"live"`
	Draft      *standing  `json:"draft"`
	Executions executions `json:"executions"`
}

// standing is a draft that waits to be published.
type standing struct {
	savedDraft
	// Behind says that another version was published since the draft was made.
	Behind bool `json:"behind"`
}

// executions are counts over the time since the tenant has the flow, or since
// the server first counted; they outlive the executions and restarts.
type executions struct {
	// Running can still be finished. Those that have expired count until they
	// are purged, half a minute later at most.
	Running int64 `json:"running"`
	Started int64 `json:"started"`
	// Finished came to an end, well or because they could not go on; the
	// server keeps no record of which.
	Finished int64 `json:"finished"`
	// Expired were left alone by their people.
	Expired int64 `json:"expired"`
}

// getOverview shows where every flow stands, in the order of flow.Types.
func (a *API) getOverview(w http.ResponseWriter, r *http.Request) error {
	list := []overview{}
	for _, t := range flow.Types() {
		state, err := a.Store.FindState(r.Context(), httpapi.Tenant(r), t)
		if err != nil {
			return err
		}
		n := state.Counts
		one := overview{
			FlowType: t, Enabled: state.Config.Enabled,
			Executions: executions{Running: n.Running(), Started: n.Started, Finished: n.Ended, Expired: n.Expired},
		}
		live := int64(0)
		if state.Live != nil {
			live = state.Live.Number
			one.Live = wireVersion(state.Live, live)
		}
		if state.Draft != nil {
			one.Draft = &standing{savedDraft: *wireDraft(state.Draft), Behind: state.Draft.Base != live}
		}
		list = append(list, one)
	}
	return writeJSON(w, list)
}
