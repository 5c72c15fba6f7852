package brandingapi

import (
	"context"
	"net/http"
	"slices"

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
	list, err := a.Store.ListPreferences(r.Context(), t.tenant, t.application)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(p *branding.Preference) bool { return p.Locale == t.locale })
	if i < 0 {
		return told(branding.ErrNotFound, codeUnknown, codeExists)
	}
	return write(w, http.StatusOK, t.answer(), list[i].Document)
}

// create saves a preference: 201, or 409 where there is one.
func (a *API) create(w http.ResponseWriter, r *http.Request) error {
	return a.save(w, r, http.StatusCreated, a.Store.CreatePreference)
}

// replace saves a preference in the place of the one there is, else it is a
// 404.
func (a *API) replace(w http.ResponseWriter, r *http.Request) error {
	return a.save(w, r, http.StatusOK, a.Store.ReplacePreference)
}

func (a *API) save(w http.ResponseWriter, r *http.Request, status int, save func(context.Context, *branding.Preference) (*branding.Preference, error)) error {
	var in body
	if err := read(w, r, &in, codeInvalid); err != nil {
		return err
	}
	t, err := ofPreference(r, in.named)
	if err != nil {
		return err
	}
	brand, problems := branding.Read(in.Preference)
	for _, fault := range sheet.Check(brand.CSS, brand.Images()) {
		problems = append(problems, branding.Problem{Path: "customCSS", Text: fault})
	}
	if len(problems) > 0 {
		return refusal(codeInvalid, problems)
	}
	saved, err := save(r.Context(), &branding.Preference{
		Tenant: t.tenant, Application: t.application, Locale: t.locale, Document: in.Preference, Modified: a.Now(),
	})
	if err != nil {
		return told(err, codeUnknown, codeExists)
	}
	return write(w, status, t.answer(), saved.Document)
}

func (a *API) delete(w http.ResponseWriter, r *http.Request) error {
	t, err := preferenceInQuery(r)
	if err != nil {
		return err
	}
	if err := a.Store.DeletePreference(r.Context(), t.tenant, t.application, t.locale); err != nil {
		return told(err, codeUnknown, codeExists)
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
		return told(branding.ErrNotFound, codeUnknown, codeExists)
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
