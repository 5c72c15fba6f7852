package manageapi

import (
	"errors"
	"fmt"
	"net/http"

	"usher/flow"
	"usher/httpapi"
)

// refusal is the problem that an error of the store stands for, nil where it
// is none of the caller's.
func refusal(err error) *httpapi.Problem {
	if changed, ok := errors.AsType[*flow.DraftChangedError](err); ok {
		return draftChanged(changed.Draft)
	}
	if changed, ok := errors.AsType[*flow.LiveChangedError](err); ok {
		return liveChanged(changed.Live)
	}
	switch {
	case errors.Is(err, flow.ErrNoDraft):
		return &httpapi.Problem{
			Status: http.StatusNotFound, Code: codeNoDraft, Message: "There is no draft.", Description: "Nobody has saved one, or it was published or discarded.",
		}
	case errors.Is(err, flow.ErrNoDefinition):
		return &httpapi.Problem{
			Status: http.StatusNotFound, Code: codeNoVersion, Message: "No such version.", Description: "The flow has no version of this number.",
		}
	}
	return nil
}

func draftChanged(d *flow.Draft) *httpapi.Problem {
	p := &httpapi.Problem{Status: http.StatusPreconditionFailed, Code: codeDraftChanged, Message: "The draft has changed."}
	if d == nil {
		p.Description = "The draft you saw was published or discarded. Nothing was changed."
		return p
	}
	p.Current = wireDraft(d)
	p.Description = fmt.Sprintf("Revision %d was saved by %s. Nothing was changed.", d.Revision, called(d.Author))
	return p
}

func liveChanged(v *flow.Version) *httpapi.Problem {
	p := &httpapi.Problem{
		Status: http.StatusConflict, Code: codeLiveChanged, Message: "Another version is live.",
		Description: "No version is live. Nothing was changed.",
	}
	if v != nil {
		p.Current = wireVersion(v, v.Number)
		p.Description = fmt.Sprintf("Version %d was published by %s. Nothing was changed.", v.Number, called(v.Author))
	}
	return p
}

func called(a flow.Author) string {
	if a.Name == "" {
		return "the server"
	}
	return a.Name
}

// cannotRun is the problem of a definition with problems.
func cannotRun(t flow.Type, problems flow.Problems) error {
	return &httpapi.Problem{
		Status: http.StatusBadRequest, Code: problems[0].Code, Message: "The flow cannot run.",
		Description: problems[0].Message, FlowType: string(t), Errors: problems,
	}
}

func badQuery(description string) error {
	return &httpapi.Problem{Status: http.StatusBadRequest, Code: codeQuery, Message: "The request is not valid.", Description: description}
}
