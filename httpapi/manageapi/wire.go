package manageapi

import (
	"net/http"
	"time"

	"usher/flow"
	"usher/httpapi"
)

// author is who made a change, on the wire.
type author struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// wireAuthor is nil for nobody: the server itself, or a command.
func wireAuthor(a flow.Author) *author {
	if a == (flow.Author{}) {
		return nil
	}
	return &author{a.ID, a.Name}
}

// caller is the author of what the request changes.
func caller(r *http.Request) flow.Author {
	u := httpapi.User(r.Context())
	return flow.Author{ID: u.ID, Name: u.Username}
}

// version is a version without its document, on the wire.
type version struct {
	Number  int64     `json:"number"`
	Created time.Time `json:"created"`
	Author  *author   `json:"author,omitempty"`
	Note    string    `json:"note"`
	Live    bool      `json:"live"`
}

// wireVersion is nil for none.
func wireVersion(v *flow.Version, live int64) *version {
	if v == nil {
		return nil
	}
	return &version{Number: v.Number, Created: v.Created, Author: wireAuthor(v.Author), Note: v.Note, Live: v.Number == live}
}

// savedDraft is a draft without its document, on the wire.
type savedDraft struct {
	Revision int64     `json:"revision"`
	Base     int64     `json:"base"`
	Saved    time.Time `json:"saved"`
	Author   *author   `json:"author,omitempty"`
}

// wireDraft is nil for none.
func wireDraft(d *flow.Draft) *savedDraft {
	if d == nil {
		return nil
	}
	return &savedDraft{Revision: d.Revision, Base: d.Base, Saved: d.Saved, Author: wireAuthor(d.Author)}
}
