package brandingapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"usher/branding"
	"usher/httpapi"
)

// getText returns the very texts that were saved.
func (a *API) getText(w http.ResponseWriter, r *http.Request) error {
	t, err := textInQuery(r)
	if err != nil {
		return err
	}
	is, err := a.text(r.Context(), t)
	if err != nil {
		return err
	}
	if is == nil {
		return ofTexts.told(branding.ErrNotFound)
	}
	return write(w, http.StatusOK, t.answer(), is.Document, is.Seen())
}

// text returns what is saved of the target, nil for nothing.
func (a *API) text(ctx context.Context, t target) (*branding.Text, error) {
	list, err := a.Store.ListTexts(ctx, t.tenant, t.application)
	if err != nil {
		return nil, err
	}
	for _, text := range list {
		if text.Locale == t.locale && text.Screen == t.screen {
			return text, nil
		}
	}
	return nil, nil
}

// createText saves texts: 201, or 409 where there are some.
func (a *API) createText(w http.ResponseWriter, r *http.Request) error {
	return a.saveText(w, r, "branding-text.created", http.StatusCreated, func(ctx context.Context, text *branding.Text) (*branding.Text, error) {
		return a.Store.CreateText(ctx, text)
	})
}

// replaceText saves texts in the place of those there are, else it is a 404.
// With If-Match those must be the ones that the client has seen.
func (a *API) replaceText(w http.ResponseWriter, r *http.Request) error {
	return a.saveText(w, r, "branding-text.changed", http.StatusOK, func(ctx context.Context, text *branding.Text) (*branding.Text, error) {
		seen, err := expected(r)
		if err != nil {
			return nil, err
		}
		return a.Store.ReplaceText(ctx, text, seen)
	})
}

func (a *API) saveText(w http.ResponseWriter, r *http.Request, kind string, status int, save func(context.Context, *branding.Text) (*branding.Text, error)) error {
	var in textBody
	if err := read(w, r, &in, codeInvalidText); err != nil {
		return err
	}
	t, err := ofText(r, in.named, in.Screen)
	if err != nil {
		return err
	}
	if _, problems := branding.ReadTexts(in.Preference, t.screen, a.Known); len(problems) > 0 {
		return refusal(codeInvalidText, problems)
	}
	before, err := a.text(r.Context(), t)
	if err != nil {
		return err
	}
	fresh := &branding.Text{
		Tenant: t.tenant, Application: t.application, Locale: t.locale, Screen: t.screen, Document: in.Preference, Modified: a.Now(),
	}
	ctx := a.Changes.Along(r, kind, t.String(), func() (any, any) { return recorded(before), recorded(fresh) })
	saved, err := save(ctx, fresh)
	if err != nil {
		return ofTexts.told(err)
	}
	return write(w, status, t.answer(), saved.Document, saved.Seen())
}

// deleteText deletes the texts of one screen and language. Where the query
// names nothing, the established implementation deletes all texts of the
// tenant; a parameter that got lost on the way is not worth that much.
func (a *API) deleteText(w http.ResponseWriter, r *http.Request) error {
	if r.URL.RawQuery == "" {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeInvalidText, Message: "The request does not say what it is about.",
			Description: "Name the screen and locale whose texts are to be deleted.",
		}
	}
	t, err := textInQuery(r)
	if err != nil {
		return err
	}
	before, err := a.text(r.Context(), t)
	if err != nil {
		return err
	}
	seen, err := expected(r)
	if err == nil {
		ctx := a.Changes.Along(r, "branding-text.deleted", t.String(), func() (any, any) { return recorded(before), nil })
		err = a.Store.DeleteText(ctx, t.tenant, t.application, t.locale, t.screen, seen)
	}
	if err != nil {
		return ofTexts.told(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// resolveText returns the texts that apply to a screen, for everybody: of
// common, all of them.
func (a *API) resolveText(w http.ResponseWriter, r *http.Request) error {
	t, err := textInQuery(r)
	if err != nil {
		return err
	}
	words, err := branding.ResolveTexts(r.Context(), a.Store, t.tenant, t.application, t.locale)
	if err != nil {
		return err
	}
	says := map[string]string{}
	var whose resolved                            // of the most particular ones
	for _, text := range slices.Backward(words) { // those that win come last
		for key, one := range text.Says {
			if t.screen == branding.Common || strings.HasPrefix(key, t.screen+".") {
				says[key], whose = one, t.owner(text.Application)
			}
		}
	}
	if len(says) == 0 {
		return ofTexts.told(branding.ErrNotFound)
	}
	document, err := json.Marshal(map[string]any{"text": says})
	if err != nil {
		return err
	}
	shown := t.answer()
	shown.ResolvedFrom = &whose
	return open(w, r, shown, document)
}
