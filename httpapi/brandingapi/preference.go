package brandingapi

import (
	"context"
	"net/http"

	"usher/branding"
	"usher/branding/sheet"
	"usher/httpapi"
)

// get returns the very preference that was saved, drafts included.
func (a *API) get(w http.ResponseWriter, r *http.Request) error {
	t, err := preferenceInQuery(r)
	if err != nil {
		return err
	}
	is, err := a.preference(r.Context(), t)
	if err != nil {
		return err
	}
	if is == nil {
		return ofPreferences.told(branding.ErrNotFound)
	}
	return write(w, http.StatusOK, t.answer(), is.Document, is.Seen())
}

// preference returns what is saved of the target, nil for nothing.
func (a *API) preference(ctx context.Context, t target) (*branding.Preference, error) {
	list, err := a.Store.ListPreferences(ctx, t.tenant, t.application)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.Locale == t.locale {
			return p, nil
		}
	}
	return nil, nil
}

// create saves a preference: 201, or 409 where there is one.
func (a *API) create(w http.ResponseWriter, r *http.Request) error {
	return a.save(w, r, "branding.created", http.StatusCreated, func(ctx context.Context, p *branding.Preference) (*branding.Preference, error) {
		return a.Store.CreatePreference(ctx, p)
	})
}

// replace saves a preference in the place of the one there is, else it is a
// 404. With If-Match that must be the one that the client has seen.
func (a *API) replace(w http.ResponseWriter, r *http.Request) error {
	return a.save(w, r, "branding.changed", http.StatusOK, func(ctx context.Context, p *branding.Preference) (*branding.Preference, error) {
		seen, err := expected(r)
		if err != nil {
			return nil, err
		}
		return a.Store.ReplacePreference(ctx, p, seen)
	})
}

func (a *API) save(w http.ResponseWriter, r *http.Request, kind string, status int, save func(context.Context, *branding.Preference) (*branding.Preference, error)) error {
	var in body
	if err := read(w, r, &in, codeInvalid); err != nil {
		return err
	}
	t, err := ofPreference(r, in.named)
	if err != nil {
		return err
	}
	if _, err := check(in.Preference); err != nil {
		return err
	}
	before, err := a.preference(r.Context(), t)
	if err != nil {
		return err
	}
	fresh := &branding.Preference{
		Tenant: t.tenant, Application: t.application, Locale: t.locale, Document: in.Preference, Modified: a.Now(),
	}
	ctx := a.Changes.Along(r, kind, t.String(), func() (any, any) { return recorded(before), recorded(fresh) })
	saved, err := save(ctx, fresh)
	if err != nil {
		return ofPreferences.told(err)
	}
	return write(w, status, t.answer(), saved.Document, saved.Seen())
}

// check reads a preference's document. The error says everything that is
// wrong with it.
func check(document []byte) (branding.Brand, error) {
	brand, problems := branding.Read(document)
	for _, fault := range sheet.Check(brand.CSS, brand.Images()) {
		problems = append(problems, branding.Problem{Path: "customCSS", Text: fault})
	}
	if len(problems) > 0 {
		return branding.Brand{}, refusal(codeInvalid, problems)
	}
	return brand, nil
}

// delete deletes a preference, with If-Match the one that the client has seen.
func (a *API) delete(w http.ResponseWriter, r *http.Request) error {
	t, err := preferenceInQuery(r)
	if err != nil {
		return err
	}
	before, err := a.preference(r.Context(), t)
	if err != nil {
		return err
	}
	seen, err := expected(r)
	if err == nil {
		ctx := a.Changes.Along(r, "branding.deleted", t.String(), func() (any, any) { return recorded(before), nil })
		err = a.Store.DeletePreference(ctx, t.tenant, t.application, t.locale, seen)
	}
	if err != nil {
		return ofPreferences.told(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// resolve returns what applies to a page, for everybody.
func (a *API) resolve(w http.ResponseWriter, r *http.Request) error {
	t, err := preferenceInQuery(r)
	if err != nil {
		return err
	}
	p, err := branding.Resolve(r.Context(), a.Store, t.tenant, t.application, t.locale)
	if err != nil {
		return err
	}
	if p == nil {
		return ofPreferences.told(branding.ErrNotFound)
	}
	shown, whose := t.answer(), t.owner(p.Application)
	shown.ResolvedFrom = &whose
	return open(w, r, shown, p.Document)
}

// refusal says everything that is wrong with a document.
func refusal(code string, problems []branding.Problem) error {
	faults := make([]string, len(problems))
	for i, p := range problems {
		at := "preference"
		if p.Path != "" {
			at += "." + p.Path
		}
		faults[i] = at + " " + p.Text + "."
	}
	return &httpapi.Problem{
		Status: http.StatusBadRequest, Code: code, Message: "The branding is not valid.", Description: faults[0], Errors: faults,
	}
}
