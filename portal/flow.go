package portal

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"usher/engine"
	"usher/flow"
	"usher/grant"
	"usher/httpapi"
	"usher/identity"
)

// Flows runs the flows of the pages: an *engine.Engine.
type Flows interface {
	Do(ctx context.Context, r engine.Request) (*engine.Response, error)
}

// flowPages are the pages that are flows.
var flowPages = map[string]flow.Type{
	"register": flow.Registration, "recover": flow.PasswordRecovery, "accept": flow.InvitedUserRegistration,
}

// maxParameter bounds what is taken from the address of a page.
const maxParameter = 200

// parameter returns the first of the query's parameters that is given, "" for
// what cannot be one.
func parameter(r *http.Request, names ...string) string {
	for _, name := range names {
		value := r.URL.Query().Get(name)
		if value != "" && len(value) <= maxParameter && !strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c > '~' }) {
			return value
		}
	}
	return ""
}

// showFlow answers GET of a page that is a flow: a link of a mail, what a
// provider sends back, the execution that the address names, or a new one.
func (p *Portal) showFlow(page string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		switch {
		case r.Method == http.MethodHead: // of whoever looks whether a link is alive
			w.Header().Set("Cache-Control", "no-store")
		case strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch"): // nobody is there yet
			w.WriteHeader(http.StatusServiceUnavailable)
		case p.arriving(r):
			p.arrive(w, r)
		case query.Get(flow.MagicToken) != "":
			p.openLink(w, r, page)
		case query.Has("at"):
			p.showVisit(w, r, page)
		default:
			v := newVisit(r, page, p.Now())
			v.Key, v.Application = parameter(r, "sessionDataKey"), p.applicationOf(r)
			v.Code, v.Locales = parameter(r, "confirmation"), parameter(r, "ui_locales")
			p.start(w, r, v)
		}
	}
}

// start begins an execution for the visit and goes to its own address, which
// can be opened again.
func (p *Portal) start(w http.ResponseWriter, r *http.Request, v *visit) {
	v.FlowID, v.Ended, v.Done, v.State = "", "", "", ""
	resp, err := p.do(r, v, engine.Request{Type: flowPages[v.Page], Application: v.Application})
	if err != nil {
		p.refuseStart(w, r, err)
		return
	}
	v.FlowID = resp.FlowID
	p.settle(w, r, v, resp)
}

// refuseStart says why no execution can begin.
func (p *Portal) refuseStart(w http.ResponseWriter, r *http.Request, err error) {
	mistake, ok := errors.AsType[*engine.Error](err)
	said, extended := errors.AsType[*flow.ExtensionError](err)
	switch {
	case extended:
		p.unextended(w, r, r.URL.RequestURI(), said)
	case ok && mistake.Code == engine.CodeTooMany:
		p.fault(w, r, "", err)
	case ok && mistake.Code == engine.CodeFlowDisabled:
		p.Refuse(w, r, http.StatusNotFound, "{{page.disabled.title}}", "{{page.disabled.text}}")
	case ok:
		p.Refuse(w, r, http.StatusBadRequest, "{{page.ended.title}}", mistake.Description)
	default:
		p.fault(w, r, "", err)
	}
}

// showVisit draws what the visit's execution answered last.
func (p *Portal) showVisit(w http.ResponseWriter, r *http.Request, page string) {
	v := p.visit(r, page, r.URL.Query().Get("at"))
	if v == nil {
		p.lost(w, r, page)
		return
	}
	if wish := parameter(r, "ui_locales"); wish != "" && wish != v.Locales {
		v.Locales = wish
		p.remember(w, r, v)
	}
	switch {
	case v.Done != "":
		p.showDone(w, r, v)
		return
	case v.Ended != "", v.FlowID == "":
		p.showEnded(w, r, v)
		return
	}
	resp, err := p.do(r, v, engine.Request{Show: true})
	if mistake, ok := errors.AsType[*engine.Error](err); ok && mistake.Code == engine.CodeUnknownExecution {
		v.FlowID = ""
		p.remember(w, r, v)
		p.showEnded(w, r, v)
		return
	}
	if err != nil {
		p.fault(w, r, v.address(), err)
		return
	}
	p.present(w, r, v, resp)
}

// submitFlow answers POST of a page that is a flow.
func (p *Portal) submitFlow(page string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		form, err := readForm(w, r)
		switch {
		case err != nil:
			p.Refuse(w, r, http.StatusBadRequest, "{{page.foreign.title}}", "{{page.foreign.text}}")
			return
		case formPost(form):
			p.bringBack(w, r, form)
			return
		case fromElsewhere(r):
			p.Refuse(w, r, http.StatusForbidden, "{{page.foreign.title}}", "{{page.foreign.text}}")
			return
		}
		v := p.visit(r, page, form.Get(atField))
		switch {
		case v == nil:
			p.lost(w, r, page)
		case form.Has(restartField):
			p.start(w, r, v)
		case v.Done != "" || v.FlowID == "":
			seeOther(w, v.address()) // where it says so
		default:
			p.submit(w, r, v, form)
		}
	}
}

// submit takes a form to the visit's execution.
func (p *Portal) submit(w http.ResponseWriter, r *http.Request, v *visit, form map[string][]string) {
	s := submissionOf(form)
	if _, back := form[cancelField]; back {
		s.Inputs = map[string]string{"error": "access_denied"}
	}
	if _, ours := form[codeField]; ours {
		s.Inputs["confirmationCode"] = v.Code
	}
	v.keep(s.Typed)
	v.State = ""
	resp, err := p.do(r, v, engine.Request{Action: s.Press, Inputs: s.Inputs, IdempotencyKey: p.idempotencyKey(v, form)})
	if err != nil {
		p.stumble(w, r, v, err)
		return
	}
	p.settle(w, r, v, resp)
}

// busyFor is how long a person is kept waiting for another request of theirs.
const busyFor = 3 * time.Second

// do has the visit's execution, or its sign-in, run the request. It waits for
// another request on it, and answers what the flow asks of the page itself.
// Where that finishes the flow, the visit is Done.
func (p *Portal) do(r *http.Request, v *visit, request engine.Request) (*engine.Response, error) {
	request.Tenant, request.FlowID, request.Locale, request.Header = v.Tenant, v.FlowID, localeOf(r, v), r.Header.Get
	for range maxPrompts {
		resp, err := p.doWaiting(r, v, request)
		if err != nil {
			return nil, err
		}
		if resp.Complete {
			v.Done = request.IdempotencyKey // "" for a sign-in that is shown
			return resp, nil
		}
		inputs := p.known(r, v, resp)
		if inputs == nil {
			return resp, nil
		}
		if v.Page != loginPage {
			v.FlowID = resp.FlowID
		}
		next := engine.Request{Tenant: v.Tenant, FlowID: v.FlowID, Inputs: inputs, Locale: request.Locale, Header: request.Header}
		if request.IdempotencyKey != "" {
			next.IdempotencyKey = request.IdempotencyKey + "+"
		}
		request = next
	}
	return nil, errors.New("the flow asks the page for the same again and again")
}

// localeOf is the language of what the flow sends, as a list like
// Accept-Language: mails may be had in more languages than pages.
func localeOf(r *http.Request, v *visit) string {
	for _, wish := range []string{strings.ReplaceAll(v.Locales, " ", ","), r.Header.Get("Accept-Language")} {
		if wish != "" && len(wish) <= maxLocale {
			return wish
		}
	}
	return ""
}

// maxLocale bounds what the engine is told of languages.
const maxLocale = 100

// maxPrompts bounds the prompts that are answered in one request.
const maxPrompts = 4

// doWaiting waits for another request that runs on the same execution.
func (p *Portal) doWaiting(r *http.Request, v *visit, request engine.Request) (*engine.Response, error) {
	pause := 25 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		resp, err := p.doOnce(r, v, request)
		mistake, ok := errors.AsType[*engine.Error](err)
		if !ok || mistake.Code != engine.CodeBusy || waited > busyFor {
			return resp, err
		}
		pause *= 2
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(pause):
		}
	}
}

func (p *Portal) doOnce(r *http.Request, v *visit, request engine.Request) (*engine.Response, error) {
	switch {
	case v.Page != loginPage:
		return p.Flows.Do(r.Context(), request)
	case request.Show:
		return p.SignIns.Login(r, v.Key, nil)
	}
	return p.SignIns.Login(r, v.Key, &request)
}

// known answers a prompt with what the page knows: its origin and, once
// somebody has pressed a button, the code of the invitation's link, because
// programs that open links in mails press none. It returns nil where it does
// not know all of it, and where an answer was refused.
func (p *Portal) known(r *http.Request, v *visit, resp *engine.Response) map[string]string {
	if resp.Kind != engine.InternalPrompt || len(resp.Messages) > 0 || len(resp.Required) == 0 {
		return nil
	}
	inputs := map[string]string{}
	for _, name := range resp.Required {
		switch {
		case name == "origin":
			inputs[name] = strings.TrimSuffix(p.PublicURL, "/")
		case name == "confirmationCode" && v.Code != "" && r.Method == http.MethodPost:
			inputs[name] = v.Code
		default:
			return nil
		}
	}
	return inputs
}

// stumble answers a request that the flow, or the sign-in, did not take.
func (p *Portal) stumble(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	mistake, ok := errors.AsType[*engine.Error](err)
	over := ok && (mistake.Code == engine.CodeUnknownExecution || mistake.Code == engine.CodeCannotGoOn)
	said, extended := errors.AsType[*flow.ExtensionError](err)
	switch {
	case extended:
		p.remember(w, r, v)
		p.unextended(w, r, v.address(), said)
		return
	case errors.Is(err, grant.ErrNoRequest):
		p.loginOver(w, r)
		return
	case errors.Is(err, identity.ErrBusy), ok && mistake.Code == engine.CodeBusy:
		v.Notice = "{{page.busy}}"
	case !ok, mistake.Code == engine.CodeTooMany:
		p.remember(w, r, v)
		p.fault(w, r, v.address(), err)
		return
	case over && v.Page == loginPage && strings.Contains(mistake.Description, "{{"):
		v.Notice = mistake.Description // it has begun anew
	case over && v.Page == loginPage:
		v.Notice = "{{login.ended}}"
	case mistake.Code == engine.CodeUnknownExecution:
		v.FlowID = ""
	case over:
		v.FlowID, v.Ended = "", mistake.Description
	default: // a form of a page that is over
		v.Notice = "{{page.moved}}"
	}
	p.remember(w, r, v)
	seeOther(w, v.address())
}

// lost says that the browser knows nothing of the visit.
func (p *Portal) lost(w http.ResponseWriter, r *http.Request, page string) {
	content := p.newPage(r, p.applicationOf(r), "page.lost.title")
	content.Under, content.Bad = content.Say("page.lost.text"), true
	content.Links = []link{{httpapi.TenantPath(httpapi.Tenant(r)) + "/accounts/" + page, content.Say("page.again")}}
	p.show(w, r, http.StatusBadRequest, "say", content)
}
