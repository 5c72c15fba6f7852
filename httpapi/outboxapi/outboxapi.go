// Package outboxapi shows administrators the messages of their tenant that wait
// to be sent, failed or were sent lately, and lets them try again or drop one
// (/api/server/v1/message-outbox).
//
// It tells which template a message is of, how it travels and to which masked
// address; never a code, a link or any other content. Nothing of that lies in
// clear in the database: it is read out of the seal. A decoy, which is queued
// so that a recovery looks the same whoever it is for, is shown as any message
// is, and ends as delivered. But one for somebody who has no address shows none,
// and none fails: this API is for those who may know who has an account.
package outboxapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"usher/httpapi"
	"usher/identity"
	"usher/notify"
)

// Scopes of this API.
const (
	ScopeView   = "internal_message_outbox_view"
	ScopeUpdate = "internal_message_outbox_update"
	ScopeDelete = "internal_message_outbox_delete"
)

// Codes of this API's own problems.
const (
	codeQuery   = "UE-31001"
	codeUnknown = "UE-31404"
	codeInHands = "UE-31409"
	codeDone    = "UE-31410"
	codeFault   = "UE-31500"
)

// Delivery says where messages go on this server.
type Delivery struct {
	Email string `json:"email"` // ToServer or ToFiles
	SMS   string `json:"sms"`   // ToGateway or ToFiles
	// Folder is that of the files, told to the administrators of the default
	// tenant only.
	Folder string `json:"folder,omitempty"`
}

// Ways of a Delivery.
const (
	ToServer  = "smtp"
	ToGateway = "http"
	ToFiles   = "files"
)

// API serves the endpoints.
type API struct {
	Messages notify.Desk
	Box      notify.Sealer
	Delivery Delivery
	Changes  *httpapi.Changes
	Now      func() time.Time
	Log      *slog.Logger
}

const path = "/api/server/v1/message-outbox"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	httpapi.Endpoints{
		"GET " + path:                  {ScopeView, a.list},
		"POST " + path + "/{id}/retry": {ScopeUpdate, a.retry},
		"DELETE " + path + "/{id}":     {ScopeDelete, a.drop},
	}.Mount(routes, guard, a.Log, codeFault, told)
}

// told is what an error tells the caller, nil for a fault.
func told(err error) *httpapi.Problem {
	switch {
	case errors.Is(err, notify.ErrNoMessage):
		return &httpapi.Problem{
			Status: http.StatusNotFound, Code: codeUnknown, Message: "No such message.",
			Description: "It is not in the outbox, or no longer: what is done is forgotten after two days.",
		}
	case errors.Is(err, notify.ErrInHands):
		return &httpapi.Problem{Status: http.StatusConflict, Code: codeInHands, Message: "The message is being sent.", Description: "Look again when it is."}
	case errors.Is(err, notify.ErrDone):
		return done("It was delivered or dropped, or is no longer worth sending.")
	}
	return nil
}

func done(why string) *httpapi.Problem {
	return &httpapi.Problem{Status: http.StatusConflict, Code: codeDone, Message: "Nothing can be done about the message.", Description: why}
}

// retry makes a message due at once, whatever was waited for; one that was
// given up as well. Trying again what waits already is no mistake.
func (a *API) retry(w http.ResponseWriter, r *http.Request) error {
	found, summary, err := a.find(r)
	if err != nil {
		return err
	}
	now := a.Now()
	if !summary.Expires.IsZero() && now.After(summary.Expires) {
		return done("What it says counts no longer, so it is not worth sending.")
	}
	if err := a.Messages.RetryMessage(a.along(r, "message.retried", summary), found.Tenant, found.Key, now); err != nil {
		return err
	}
	// It is told as it was made: a worker may have it already.
	found.State, found.Due, found.Done = notify.StateWaiting, now, time.Time{}
	return httpapi.WriteJSON(w, http.StatusOK, a.wire(found, summary))
}

// drop takes a message back before it is sent. It stays in the list as dropped,
// so that nothing that is repeated queues it again.
func (a *API) drop(w http.ResponseWriter, r *http.Request) error {
	found, summary, err := a.find(r)
	if err != nil {
		return err
	}
	rest := notify.Receipt(a.Box, found.Queued)
	if err := a.Messages.DropMessage(a.along(r, "message.dropped", summary), found.Tenant, found.Key, a.Now(), rest); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// find returns the message of the path.
func (a *API) find(r *http.Request) (*notify.Listed, notify.Summary, error) {
	seq, id, ok := readID(r.PathValue("id"))
	if !ok {
		return nil, notify.Summary{}, notify.ErrNoMessage
	}
	found, err := a.Messages.FindMessage(r.Context(), httpapi.Tenant(r), seq, a.Now())
	if err != nil {
		return nil, notify.Summary{}, err
	}
	summary := notify.Summarize(a.Box, found.Queued)
	if summary.ID != id { // another one has the number by now
		return nil, notify.Summary{}, notify.ErrNoMessage
	}
	return found, summary, nil
}

// along has the audit log say what is done to a message, under the id that the
// server's log has of it, without its address.
func (a *API) along(r *http.Request, kind string, s notify.Summary) context.Context {
	type shown struct {
		Template string         `json:"template"`
		Channel  notify.Channel `json:"channel"`
	}
	return a.Changes.Along(r, kind, s.ID, func() (any, any) { return nil, shown{s.Template, s.Channel} })
}

// messages returns a page of the query, and one message more where there is
// another page.
func (a *API) messages(ctx context.Context, q notify.ListQuery) ([]notify.Listed, error) {
	q.Limit++
	return a.Messages.ListMessages(ctx, q)
}

// isOperator tells whether the tenant's administrators are those who run the
// server, and may know where it sends things.
func isOperator(tenant string) bool { return tenant == identity.DefaultTenant }
