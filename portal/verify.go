package portal

import (
	"errors"
	"net/http"

	"usher/httpapi"
	"usher/identity"
)

// askToVerify shows a button and changes nothing, so that a mail scanner that
// opens the link uses nothing up.
func (p *Portal) askToVerify(w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("confirmation")
	if code == "" {
		p.notVerified(w, r, http.StatusOK)
		return
	}
	content := p.newPage(r, p.applicationOf(r), "verify.title")
	content.Under = content.Say("verify.text")
	content.Target, content.Hidden = r.URL.Path, []hidden{{"confirmation", code}}
	content.Buttons = []button{{Class: "primary", Says: content.Say("verify.button")}}
	p.show(w, r, http.StatusOK, "say", content)
}

// verify confirms the address that the code was sent to, once, and lifts the
// lock that waited for it.
func (p *Portal) verify(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxVerify)
	tenant := httpapi.Tenant(r)
	if err := p.Codes.May(r.Context(), tenant); err != nil {
		p.fault(w, r, "", err)
		return
	}
	err := identity.ConfirmEmail(r.Context(), p.Users, tenant, r.PostFormValue("confirmation"), p.Now())
	switch {
	case err == nil:
		content := p.newPage(r, p.applicationOf(r), "verify.done.title")
		content.Notes = []note{{Says: content.Say("verify.done.text")}}
		p.show(w, r, http.StatusOK, "say", content)
	case errors.Is(err, identity.ErrNoConfirmation), errors.Is(err, identity.ErrNoUser):
		p.Codes.Failed(r.Context(), tenant)
		p.notVerified(w, r, http.StatusBadRequest)
	default:
		p.fault(w, r, "", err)
	}
}

const maxVerify = 4 << 10

func (p *Portal) notVerified(w http.ResponseWriter, r *http.Request, status int) {
	p.Refuse(w, r, status, "{{verify.failed.title}}", "{{verify.failed.text}}")
}
