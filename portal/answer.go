package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"usher/engine"
	"usher/flow"
	"usher/grant"
	"usher/httpapi"
)

// settle answers a request that moved the visit's execution. Pages are drawn
// at their own address only (POST/Redirect/GET), so that they can be opened
// again.
func (p *Portal) settle(w http.ResponseWriter, r *http.Request, v *visit, resp *engine.Response) {
	if v.Page != loginPage {
		v.FlowID = resp.FlowID
	}
	v.Notice, v.Ended, v.State = "", "", ""
	switch {
	case resp.Complete:
		p.complete(w, r, v, resp)
	case resp.Kind == engine.Redirection:
		v.State = stateOf(resp)
		p.remember(w, r, v)
		p.leave(w, r, v.application(), resp.URL)
	default:
		p.remember(w, r, v)
		seeOther(w, v.address())
	}
}

func isError(m flow.Message) bool { return m.Type == flow.Error }

// stateOf is the state with which the provider's answer will come.
func stateOf(resp *engine.Response) string {
	if state := resp.Info["state"]; state != "" {
		return state
	}
	u, err := url.Parse(resp.URL)
	if err != nil {
		return ""
	}
	return u.Query().Get("state")
}

// complete ends a visit: in the application where it can, else on a page that
// says so.
func (p *Portal) complete(w http.ResponseWriter, r *http.Request, v *visit, resp *engine.Response) {
	v.Typed = nil
	if v.Page == loginPage {
		p.forget(w, v)
		if to, err := p.SignIns.Waiting(r, v.Key); err == nil && to.Target != "" {
			seeOther(w, resp.URL) // to the application, where the page's forms may lead
			return
		}
		p.leave(w, r, v.application(), resp.URL)
		return
	}
	next := p.onward(r, v, resp)
	p.remember(w, r, v)
	if resp.Kind != engine.Redirection || next == "" {
		seeOther(w, v.address())
		return
	}
	p.leave(w, r, v.application(), next)
}

// onward is where a finished flow leads: to the sign-in that waits for it,
// which takes the assertion if it proves enough, else to the application; ""
// where there is neither. An assertion is good for seconds and once, so this
// is called at once and once.
func (p *Portal) onward(r *http.Request, v *visit, resp *engine.Response) string {
	if v.Key != "" && p.SignIns != nil {
		_, err := p.SignIns.Waiting(r, v.Key)
		if err == nil && resp.Assertion != "" {
			next, err := p.SignIns.Redeem(r, v.Key, resp.Assertion)
			if err == nil {
				return next
			}
			p.Log.InfoContext(r.Context(), "assertion not redeemed", "tenant", v.Tenant, "error", err)
		}
		if err == nil {
			return p.loginURL(v)
		}
		if !errors.Is(err, grant.ErrNoRequest) {
			p.Log.WarnContext(r.Context(), "sign-in cannot be found", "tenant", v.Tenant, "error", err)
		}
	}
	if resp.URL == "" || strings.HasPrefix(resp.URL, strings.TrimSuffix(p.PublicURL, "/")+httpapi.TenantPath(v.Tenant)+"/accounts/") {
		return "" // our own pages know no more than the one that is shown
	}
	return resp.URL
}

// loginURL is the login page that the visit came from or leads to.
func (p *Portal) loginURL(v *visit) string {
	address := httpapi.TenantPath(v.Tenant) + "/accounts/" + loginPage
	if v.Key == "" {
		return address
	}
	return address + "?sessionDataKey=" + url.QueryEscape(v.Key)
}

// present draws what an execution waits for.
func (p *Portal) present(w http.ResponseWriter, r *http.Request, v *visit, resp *engine.Response) {
	switch {
	case resp.Complete: // a sign-in for which nothing is missing
		p.forget(w, v)
		p.leave(w, r, v.application(), resp.URL)
	case resp.Kind == engine.Redirection && (v.State == "" || v.State != stateOf(resp)):
		v.State = stateOf(resp)
		p.remember(w, r, v)
		p.leave(w, r, v.application(), resp.URL)
	case resp.Kind == engine.Redirection:
		p.showAway(w, r, v, resp)
	case resp.Kind == engine.WebAuthn:
		p.showCeremony(w, r, v, resp)
	case resp.Kind == engine.InternalPrompt:
		p.showPrompt(w, r, v, resp)
	default:
		p.showPage(w, r, v, resp)
	}
}

// frame is a page of the visit, with what has to be said first.
func (p *Portal) frame(w http.ResponseWriter, r *http.Request, v *visit, title string, messages []flow.Message) *page {
	content := p.newPage(r, v.application(), title, v.Locales)
	content.Target, content.Hidden, content.scripted, content.target = v.target(), v.fields(), true, v.waiting.Target
	for _, m := range messages {
		content.Notes = append(content.Notes, note{Says: content.message(m.I18nKey, m.Message)})
		content.Bad = content.Bad || isError(m)
	}
	if v.Notice != "" {
		content.Notes = append(content.Notes, note{Says: content.fill(v.Notice, nil)})
		v.Notice = ""
		p.remember(w, r, v)
	}
	if !r.URL.Query().Has(flow.MagicToken) { // which has no other address yet
		content.inLanguages(v.address())
	}
	return content
}

// showAway is for somebody who came back from a provider by themselves.
func (p *Portal) showAway(w http.ResponseWriter, r *http.Request, v *visit, resp *engine.Response) {
	content := p.frame(w, r, v, "page.away.title", resp.Messages)
	p.limited(content, v, resp)
	place := resp.URL
	if u, err := url.Parse(resp.URL); err == nil {
		place = u.Hostname()
	}
	content.Under = content.Say("page.away.text", "place", place)
	content.Links = []link{{resp.URL, content.Say("page.away.continue", "place", place)}}
	content.Buttons, content.ButtonValue = []button{{cancelField, "secondary", content.Say("page.back")}}, "1"
	p.show(w, r, http.StatusOK, "say", content)
}

// showCeremony is for WebAuthn, which needs the script.
func (p *Portal) showCeremony(w http.ResponseWriter, r *http.Request, v *visit, resp *engine.Response) {
	kind := "passkey.get"
	if resp.Ceremony.Create {
		kind = "passkey.create"
	}
	content := p.frame(w, r, v, kind+".title", resp.Messages)
	content.Under, content.Action = content.Say(kind+".text"), content.Say(kind+".button")
	content.Create, content.Options = resp.Ceremony.Create, resp.Ceremony.Options
	p.limited(content, v, resp)
	p.show(w, r, http.StatusOK, "ceremony", content)
}

// showPrompt is for what a flow asks of its client and the page does not
// know by itself, or ought to be told by a person.
func (p *Portal) showPrompt(w http.ResponseWriter, r *http.Request, v *visit, resp *engine.Response) {
	content := p.frame(w, r, v, "page.prompt.title", resp.Messages)
	p.limited(content, v, resp)
	required := slices.DeleteFunc(slices.Clone(resp.Required), func(name string) bool { return name == "origin" })
	switch {
	case slices.Contains(required, flow.MagicToken):
		content.Heading, content.Under = content.Say("page.check.title"), content.Say("page.check.text")
		content.Title = content.Heading
		p.show(w, r, http.StatusOK, "say", content)
		return
	case slices.Equal(required, []string{"confirmationCode"}):
		content.Heading = content.Say("accept.title")
		content.Title = content.Heading
		if v.Code != "" && len(resp.Messages) == 0 {
			content.Under, content.Auto = content.Say("accept.open"), true
			content.Hidden = append(content.Hidden, hidden{codeField, "1"})
			required = nil
		}
	}
	for i, name := range required {
		says := name
		if name == "confirmationCode" {
			says = content.Say("accept.code")
		}
		content.Asked = append(content.Asked, asked{"asked-" + string(rune('a'+i%26)), name, says})
	}
	p.show(w, r, http.StatusOK, "prompt", content)
}

// showDone says that the flow is finished, as long as its last answer is kept
// in the words of the flow.
func (p *Portal) showDone(w http.ResponseWriter, r *http.Request, v *visit) {
	resp, err := p.doOnce(r, v, engine.Request{Tenant: v.Tenant, FlowID: v.FlowID, IdempotencyKey: v.Done})
	if mistake, gone := errors.AsType[*engine.Error](err); gone && mistake.Code != engine.CodeTooMany {
		content := p.frame(w, r, v, "done.over.title", nil)
		content.Under = content.Say("done.over.text")
		p.linkOn(content, v, "")
		p.show(w, r, http.StatusOK, "say", content)
		return
	}
	if err != nil {
		p.fault(w, r, v.address(), err)
		return
	}
	kind := v.Page + ".done"
	switch resp.Info["accountStatus"] {
	case flow.AccountLocked:
		kind = "done.locked"
	case "PENDING_APPROVAL":
		kind = "done.pending"
	}
	content := p.frame(w, r, v, kind+".title", resp.Messages)
	d, ok := p.body(w, r, v, resp, content)
	if !ok {
		return
	}
	if len(d.Tree.Elements) == 0 {
		content.Under = content.Say(kind + ".text")
	}
	p.linkOn(content, v, resp.URL)
	p.show(w, r, http.StatusOK, "flow", content)
}

// linkOn adds the way on from a finished flow.
func (p *Portal) linkOn(content *page, v *visit, address string) {
	own := strings.HasPrefix(address, strings.TrimSuffix(p.PublicURL, "/")+"/")
	switch {
	case v.Key != "":
		content.Links = []link{{p.loginURL(v), content.Say("done.continue")}}
	case address != "" && !own:
		content.Links = []link{{address, content.Say("done.continue")}}
	}
}

// showEnded says why an execution is over, and begins anew at the press of a
// button.
func (p *Portal) showEnded(w http.ResponseWriter, r *http.Request, v *visit) {
	kind := "page.expired"
	if v.Ended != "" {
		kind = "page.ended"
	}
	content := p.frame(w, r, v, kind+".title", nil)
	content.Bad = true
	content.Under = content.Say(kind + ".text")
	if v.Ended != "" {
		content.Under = content.fill(v.Ended, nil) + " " + content.Under
	}
	if len(v.Typed) > 0 {
		content.Under += " " + content.Say("page.expired.kept")
	}
	content.Buttons, content.ButtonValue = []button{{restartField, "primary", content.Say("page.again")}}, "1"
	p.show(w, r, http.StatusGone, "say", content)
}
