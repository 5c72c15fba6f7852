package portal

import (
	"errors"
	"net/http"
	"net/url"

	"usher/engine"
	"usher/grant"
	"usher/httpapi"
)

// showLogin answers GET of the login page.
func (p *Portal) showLogin(w http.ResponseWriter, r *http.Request) {
	key := parameter(r, "sessionDataKey")
	switch {
	case r.Method == http.MethodHead:
		w.Header().Set("Cache-Control", "no-store")
		return
	case p.arriving(r):
		p.arrive(w, r)
		return
	case key == "":
		p.showNoLogin(w, r)
		return
	}
	v := p.signIn(r, key)
	var err error
	if v.waiting, err = p.SignIns.Waiting(r, key); err != nil {
		p.failLogin(w, r, v, err)
		return
	}
	if wish := parameter(r, "ui_locales"); wish != "" && wish != v.Locales {
		v.Locales = wish
		p.remember(w, r, v)
	}
	if v.Locales == "" {
		v.Locales = v.waiting.Locales
	}
	resp, err := p.do(r, v, engine.Request{Show: true})
	if _, over := errors.AsType[*engine.Error](err); over {
		resp, err = p.do(r, v, engine.Request{Show: true}) // it has begun anew
	}
	if err != nil {
		p.failLogin(w, r, v, err)
		return
	}
	p.present(w, r, v, resp)
}

// signIn returns the visit of the sign-in. Whether it may go on in this browser
// is for package signin to say.
func (p *Portal) signIn(r *http.Request, key string) *visit {
	v := p.visit(r, loginPage, loginHandle(key))
	if v == nil {
		v = newVisit(r, loginPage, p.Now())
		v.Handle = loginHandle(key)
	}
	v.Key = key
	return v
}

// submitLogin answers POST of the login page.
func (p *Portal) submitLogin(w http.ResponseWriter, r *http.Request) {
	form, err := readForm(w, r)
	switch {
	case err == nil && formPost(form):
		p.bringBack(w, r, form)
		return
	case err != nil, fromElsewhere(r):
		p.Refuse(w, r, http.StatusForbidden, "{{page.foreign.title}}", "{{page.foreign.text}}")
		return
	}
	key := form.Get(keyField)
	if key == "" || len(key) > maxParameter {
		p.loginOver(w, r)
		return
	}
	v := p.signIn(r, key)
	if !form.Has(restartField) {
		p.submit(w, r, v, form)
		return
	}
	if err := p.SignIns.Restart(r, key); err != nil {
		p.failLogin(w, r, v, err)
		return
	}
	p.forget(w, v)
	seeOther(w, v.address())
}

func (p *Portal) failLogin(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	if errors.Is(err, grant.ErrNoRequest) {
		p.loginOver(w, r)
		return
	}
	p.fault(w, r, v.address(), err)
}

// loginOver says that nothing waits under the key, or not in this browser.
func (p *Portal) loginOver(w http.ResponseWriter, r *http.Request) {
	p.Refuse(w, r, http.StatusBadRequest, "{{login.over.title}}", "{{login.over.text}}")
}

// showNoLogin is the login page without a sign-in.
func (p *Portal) showNoLogin(w http.ResponseWriter, r *http.Request) {
	name, err := p.SignIns.SignedIn(r)
	if err != nil {
		p.fault(w, r, "", err)
		return
	}
	content := p.newPage(r, p.applicationOf(r), "login.none.title")
	content.inLanguages(r.URL.Path)
	if name != "" {
		content.Under = content.Say("login.none.known", "name", name)
		content.Links = []link{{httpapi.TenantPath(httpapi.Tenant(r)) + "/accounts/logout", content.Say("logout.button")}}
	} else {
		content.Under = content.Say("login.none.text")
	}
	p.show(w, r, http.StatusOK, "say", content)
}

// aboutLogin says where the sign-in leads and who has begun it.
func aboutLogin(content *page, v *visit) {
	if v.waiting.Application != "" {
		content.Under = content.Say("login.to", "application", v.waiting.Application)
	}
	content.Known = v.waiting.Known
}

// linksOfLogin are for those who have no password or no account, where there
// is help for them.
func (p *Portal) linksOfLogin(r *http.Request, content *page, v *visit, password bool) {
	query := "?" + url.Values{"sessionDataKey": {v.Key}, "spId": {v.waiting.ApplicationID}}.Encode()
	base := httpapi.TenantPath(v.Tenant) + "/accounts/"
	if password && p.leads(r, "recover") {
		content.Links = append(content.Links, link{base + "recover" + query, content.Say("login.forgot")})
	}
	if v.waiting.Known == "" && p.leads(r, "register") {
		content.Links = append(content.Links, link{base + "register" + query, content.Say("login.register")})
	}
}

// leads tells whether the page's flow is there and enabled, as far as can be
// told.
func (p *Portal) leads(r *http.Request, page string) bool {
	if p.Live == nil {
		return true
	}
	_, config, err := p.Live.LiveDefinition(r.Context(), httpapi.Tenant(r), flowPages[page])
	return err == nil && config.Enabled
}

// askToSignOut asks, and changes nothing.
func (p *Portal) askToSignOut(w http.ResponseWriter, r *http.Request) {
	name, err := p.SignIns.SignedIn(r)
	switch {
	case err != nil:
		p.fault(w, r, "", err)
		return
	case name == "":
		content := p.newPage(r, p.applicationOf(r), "logout.done.title")
		content.Under = content.Say("logout.done.text")
		content.inLanguages(r.URL.Path)
		p.show(w, r, http.StatusOK, "say", content)
		return
	}
	v := newVisit(r, "logout", p.Now())
	v.Application = p.applicationOf(r)
	p.remember(w, r, v)
	content := p.newPage(r, p.applicationOf(r), "logout.title")
	content.Under = content.Say("logout.text", "name", name)
	content.Target, content.Hidden = v.target(), v.fields()
	for _, name := range signOutParams {
		if value := r.URL.Query().Get(name); value != "" {
			content.Hidden = append(content.Hidden, hidden{name, value})
		}
	}
	content.Buttons, content.ButtonValue = []button{{pressField, "primary", content.Say("logout.button")}}, "1"
	p.show(w, r, http.StatusOK, "say", content)
}

// signOutParams as in OpenID Connect RP-Initiated Logout 1.0, section 2.
var signOutParams = []string{"client_id", "post_logout_redirect_uri", "state"}

// signOut ends the session, for somebody who was asked on this page.
func (p *Portal) signOut(w http.ResponseWriter, r *http.Request) {
	form, err := readForm(w, r)
	v := (*visit)(nil)
	if err == nil {
		v = p.visit(r, "logout", form.Get(atField))
	}
	if v == nil || fromElsewhere(r) {
		p.Refuse(w, r, http.StatusForbidden, "{{page.foreign.title}}", "{{page.foreign.text}}")
		return
	}
	p.forget(w, v)
	next, err := p.SignIns.SignOut(w, r, form.Get(signOutParams[0]), form.Get(signOutParams[1]), form.Get(signOutParams[2]))
	switch {
	case err != nil:
		p.fault(w, r, v.target(), err)
	case next != "":
		p.leave(w, r, v.application(), next)
	default:
		seeOther(w, v.target())
	}
}
