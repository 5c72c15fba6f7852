// Package messageapi is the management API of what messages say: a tenant's
// own words of the mails and text messages that the server sends
// (/api/server/v1/message-templates).
//
// It translates between the wire and package notify. What a wording may hold,
// and what becomes of it, words says, which is handed in.
package messageapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"usher/httpapi"
	"usher/limit"
	"usher/notify"
)

// Scopes of this API.
const (
	ScopeView   = "internal_message_template_mgt_view"
	ScopeUpdate = "internal_message_template_mgt_update"
)

// Codes of this API's own problems.
const (
	codeBody    = "UE-32001"
	codeInvalid = "UE-32002"
	codeUnknown = "UE-32404"
	codeReach   = "UE-32409"
	codeChanged = "UE-32412"
	codeFault   = "UE-32500"
)

// maxBody bounds a body in bytes.
const maxBody = 64 << 10

// Words is what is known of messages; *words.Words is one. Of the template and
// language of a wording there is one in each of its calls.
type Words interface {
	Templates() []notify.Template
	Languages() []string
	BuiltIn(template, locale string) (subject, body string, ok bool)
	Mistakes(w *notify.Wording) []notify.Mistake
	Preview(ctx context.Context, w *notify.Wording) (notify.Rendered, error)
	Trial(w *notify.Wording, to string) notify.Message
}

// API serves the endpoints.
type API struct {
	Wordings notify.Wordings
	Words    Words
	Queue    Queue
	Outbox   Outbox
	Tests    limit.Tests
	Changes  *httpapi.Changes
	Now      func() time.Time
	Log      *slog.Logger
}

const path = "/api/server/v1/message-templates"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	const one = path + "/{name}/{locale}"
	httpapi.Endpoints{
		"GET " + path:              {ScopeView, a.list},
		"GET " + one:               {ScopeView, a.get},
		"PUT " + one:               {ScopeUpdate, a.save},
		"DELETE " + one:            {ScopeUpdate, a.reset},
		"POST " + one + "/preview": {ScopeView, a.preview},
		"POST " + one + "/test":    {ScopeUpdate, a.test},
	}.Mount(routes, guard, a.Log, codeFault, told)
}

// told is what an error tells the caller, nil for a fault.
func told(err error) *httpapi.Problem {
	switch {
	case errors.Is(err, notify.ErrNoWording):
		return &httpapi.Problem{Status: http.StatusNotFound, Code: codeUnknown, Message: "There are no own words.", Description: "The template says its own words in this language."}
	case errors.Is(err, notify.ErrWordingChanged):
		return &httpapi.Problem{
			Status: http.StatusPreconditionFailed, Code: codeChanged, Message: "The words have changed.",
			Description: "They are not the version that If-Match names. Read them again and repeat the change.",
		}
	}
	return nil
}

// list answers with what there is to say, and in which languages the tenant
// says it itself.
func (a *API) list(w http.ResponseWriter, r *http.Request) error {
	wordings, err := a.Wordings.ListWordings(r.Context(), httpapi.Tenant(r))
	if err != nil {
		return err
	}
	shown := catalogue{Languages: a.Words.Languages(), Templates: []template{}}
	for _, t := range a.Words.Templates() {
		one := wireTemplate(t)
		for _, own := range wordings {
			if own.Template == t.Name && slices.Contains(shown.Languages, own.Locale) {
				one.Customised = append(one.Customised, own.Locale)
			}
		}
		shown.Templates = append(shown.Templates, one)
	}
	return httpapi.WriteJSON(w, http.StatusOK, shown)
}

func (a *API) get(w http.ResponseWriter, r *http.Request) error {
	t, err := a.target(r)
	if err != nil {
		return err
	}
	own, err := a.find(r, t)
	if err != nil {
		return err
	}
	return a.answer(w, t, own)
}

// save puts words in the place of what was said. With If-Match that must be
// what the client saw: "0" is ours.
func (a *API) save(w http.ResponseWriter, r *http.Request) error {
	t, wording, err := a.read(w, r)
	if err != nil {
		return err
	}
	if mistakes := a.Words.Mistakes(wording); len(mistakes) > 0 {
		return refusal(mistakes)
	}
	before, err := a.find(r, t)
	if err != nil {
		return err
	}
	seen, err := seen(r, before)
	if err != nil {
		return err
	}
	wording.Modified = a.Now()
	ctx := a.Changes.Along(r, "message-template.changed", t.String(), func() (any, any) { return recorded(before), recorded(wording) })
	saved, err := a.Wordings.SaveWording(ctx, wording, seen)
	if err != nil {
		return err
	}
	return a.answer(w, t, saved)
}

// reset goes back to our own words.
func (a *API) reset(w http.ResponseWriter, r *http.Request) error {
	t, err := a.target(r)
	if err != nil {
		return err
	}
	before, err := a.find(r, t)
	if err != nil {
		return err
	}
	if before == nil {
		return notify.ErrNoWording
	}
	seen, err := seen(r, before)
	if err != nil {
		return err
	}
	ctx := a.Changes.Along(r, "message-template.reset", t.String(), func() (any, any) { return recorded(before), nil })
	if err := a.Wordings.DeleteWording(ctx, t.tenant, t.Name, t.locale, seen); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// preview answers with the message that words make, and stores nothing.
func (a *API) preview(w http.ResponseWriter, r *http.Request) error {
	_, wording, err := a.read(w, r)
	if err != nil {
		return err
	}
	made, err := a.Words.Preview(r.Context(), wording)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, wirePreview(made, a.Words.Mistakes(wording)))
}

// target is what a path names.
type target struct {
	notify.Template
	tenant, locale string
}

// String is the target as the audit log names it.
func (t *target) String() string { return t.Name + " " + t.locale }

func (a *API) target(r *http.Request) (*target, error) {
	name, locale := r.PathValue("name"), r.PathValue("locale")
	templates := a.Words.Templates()
	i := slices.IndexFunc(templates, func(t notify.Template) bool { return t.Name == name })
	if i < 0 || !slices.Contains(a.Words.Languages(), locale) {
		return nil, &httpapi.Problem{
			Status: http.StatusNotFound, Code: codeUnknown, Message: "There is no such template.",
			Description: "GET " + path + " lists the templates and the languages.",
		}
	}
	return &target{templates[i], httpapi.Tenant(r), locale}, nil
}

// find returns what the tenant says, nil for nothing.
func (a *API) find(r *http.Request, t *target) (*notify.Wording, error) {
	list, err := a.Wordings.ListWordings(r.Context(), t.tenant)
	if err != nil {
		return nil, err
	}
	for _, own := range list {
		if own.Template == t.Name && own.Locale == t.locale {
			return own, nil
		}
	}
	return nil, nil
}

// seen returns the revision that the client says it has seen, by If-Match (RFC
// 9110, 13.1.1), or that it does not say.
func seen(r *http.Request, there *notify.Wording) (int64, error) {
	switch _, given := httpapi.IfMatch(r); {
	case !given:
		return notify.AnyRevision, nil
	case httpapi.Matches(r, etag(there)):
		return revision(there), nil
	}
	return 0, notify.ErrWordingChanged
}

func etag(own *notify.Wording) string { return httpapi.ETag(revision(own)) }

// revision is 0 for our own words.
func revision(own *notify.Wording) int64 {
	if own == nil {
		return 0
	}
	return own.Revision
}
