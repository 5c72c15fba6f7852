package manageapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"usher/flow"
	"usher/httpapi"
	"usher/starter"
)

// maxNote bounds what somebody says about a version, in characters.
const maxNote = 1000

// publication is the body of a publication. Over is the live version that the
// client saw, 0 for none.
type publication struct {
	FlowType flow.Type `json:"flowType"`
	Revision int64     `json:"revision"`
	Note     string    `json:"note"`
	Over     *int64    `json:"over"`
	Force    bool      `json:"force"`
}

// publishDraft makes the draft with the revision the live version and deletes
// it. While another version is live than the client saw, the answer is 409 with
// who published it and when, unless force is given. A draft that is not the one
// the client saw is a 412, one that cannot run is refused with all its
// problems, and in each case nothing changes. A publication may be repeated: it
// is the same version.
func (a *API) publishDraft(w http.ResponseWriter, r *http.Request) error {
	var in publication
	if err := readSmall(w, r, &in); err != nil {
		return err
	}
	if err := known(in.FlowType); err != nil {
		return err
	}
	if err := checkNote(in.Note); err != nil {
		return err
	}
	if in.Over == nil && !in.Force {
		return badQuery("over is missing: the number of the version that is live as far as you know, or force.")
	}
	err := a.publishRevision(w, r, &in)
	_, changed := errors.AsType[*flow.DraftChangedError](err)
	if !changed && !errors.Is(err, flow.ErrNoDraft) {
		return err
	}
	// It may have been this very draft, by a request like this one.
	newest, live, failed := a.Store.ListVersions(r.Context(), httpapi.Tenant(r), in.FlowType, 0, 1)
	switch {
	case failed != nil:
		return failed
	case in.Revision > 0 && len(newest) > 0 && newest[0].Draft == in.Revision:
		return answerVersion(w, in.FlowType, &newest[0], live)
	}
	return err
}

func (a *API) publishRevision(w http.ResponseWriter, r *http.Request, in *publication) error {
	d, err := a.Store.FindDraft(r.Context(), httpapi.Tenant(r), in.FlowType)
	if err != nil {
		return err
	}
	if d.Revision != in.Revision {
		return &flow.DraftChangedError{Draft: d}
	}
	return a.makeLive(w, r, "flow.published", d.Document, &flow.Publication{
		Version: flow.Version{Flow: in.FlowType, Note: in.Note, Draft: in.Revision}, Over: over(in.Over, in.Force),
	})
}

// restore publishes the document of an earlier version as a new one; its note
// says so. The body may be left out. With over it is as careful as
// publishDraft. The draft stays.
func (a *API) restore(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	var in struct {
		Note  string `json:"note"`
		Over  *int64 `json:"over"`
		Force bool   `json:"force"`
	}
	if r.ContentLength != 0 {
		if err := readSmall(w, r, &in); err != nil {
			return err
		}
	}
	if err := checkNote(in.Note); err != nil {
		return err
	}
	v, err := a.pathVersion(r, t)
	if err != nil {
		return err
	}
	note := strings.TrimSpace(fmt.Sprintf("Restores version %d. %s", v.Number, in.Note))
	return a.makeLive(w, r, "flow.restored", v.Document, &flow.Publication{
		Version: flow.Version{Flow: t, Note: note, Document: v.Document}, Over: over(in.Over, in.Force || in.Over == nil),
	})
}

// makeLive publishes a document that can run, and answers with the version.
func (a *API) makeLive(w http.ResponseWriter, r *http.Request, kind string, document []byte, p *flow.Publication) error {
	tenant, t := httpapi.Tenant(r), p.Version.Flow
	problems, err := a.problems(r.Context(), tenant, document)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return cannotRun(t, problems)
	}
	if err := a.publish(r, kind, p); err != nil {
		return err
	}
	v, err := a.Store.FindDefinition(r.Context(), tenant, t, p.After)
	if err != nil {
		return err
	}
	return answerVersion(w, t, v, p.After)
}

// publish makes the version live in the caller's name and says so in the audit
// log.
func (a *API) publish(r *http.Request, kind string, p *flow.Publication) error {
	type reference struct {
		Version int64  `json:"version"`
		Note    string `json:"note,omitempty"`
	}
	v := &p.Version
	v.Tenant, v.Created, v.Author = httpapi.Tenant(r), a.Now(), caller(r)
	return a.Store.PublishVersion(a.Changes.Along(r, kind, string(v.Flow), func() (any, any) {
		if p.Before == p.After {
			return reference{}, reference{}
		}
		return reference{Version: p.Before}, reference{p.After, v.Note}
	}), p)
}

// putFlow stores a definition as the live version of its type. Executions that
// run go on with theirs. The same document again changes nothing.
func (a *API) putFlow(w http.ResponseWriter, r *http.Request) error {
	document, problem := httpapi.ReadBody(w, r, maxDefinition, codeBody)
	if problem != nil {
		return problem
	}
	d, err := parse(document)
	if err != nil {
		return err
	}
	problems, err := a.check(r.Context(), httpapi.Tenant(r), d)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return cannotRun(d.FlowType, problems)
	}
	v := flow.Version{Flow: d.FlowType, Document: document}
	if err := a.publish(r, "flow.published", &flow.Publication{Version: v, Over: flow.AnyVersion}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// deleteFlow puts the default flow of the type in the place of the live one.
func (a *API) deleteFlow(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	v := flow.Version{Flow: t, Document: starter.Default(t), Note: "Brings the default back."}
	if err := a.publish(r, "flow.deleted", &flow.Publication{Version: v, Over: flow.AnyVersion}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// over is what a publication is for: the version that the client saw, or any.
func over(seen *int64, force bool) int64 {
	if force || seen == nil {
		return flow.AnyVersion
	}
	return max(*seen, 0)
}

// readSmall reads the body of a call that sends no document.
func readSmall(w http.ResponseWriter, r *http.Request, into any) error {
	data, problem := httpapi.ReadBody(w, r, maxConfig, codeBody)
	if problem == nil {
		problem = httpapi.Decode(data, into, codeBody)
	}
	if problem != nil {
		return problem
	}
	return nil
}

// checkNote lets text through that a person can read.
func checkNote(note string) error {
	strange := strings.ContainsFunc(note, func(c rune) bool { return unicode.IsControl(c) && c != '\n' })
	if utf8.RuneCountInString(note) > maxNote || strange {
		return badQuery(fmt.Sprintf("note must be text of at most %d characters.", maxNote))
	}
	return nil
}
