package portal

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"usher/engine"
	"usher/flow"
	"usher/httpapi"
)

// answerParams are what a provider sends back with the browser (RFC 6749,
// 4.1.2; RFC 9207; "user" is Apple's).
var answerParams = []string{"code", "state", "iss", "error", "error_description", "user"}

// sealedField carries a provider's answer that came by POST.
const sealedField = "answer"

// answerLife is how long such an answer is on its way.
const answerLife = time.Minute

// arriving tells whether the browser brings a provider's answer, or comes back
// from where an extension had sent it. That is known by the state alone, which
// applications may have put into a link of theirs, too.
func (p *Portal) arriving(r *http.Request) bool {
	q := r.URL.Query()
	return q.Has(sealedField) || q.Has("state") && (q.Has("code") || q.Has("error")) || q.Has("error") && !q.Has("at") ||
		q.Get("state") != "" && p.waitingFor(r, q.Get("state")) != nil
}

// arrive takes a provider's answer to the visit that waits for it, on whatever
// page that is. Without one in this browser nothing happens: that is what
// keeps answers from being slipped to somebody else.
func (p *Portal) arrive(w http.ResponseWriter, r *http.Request) {
	answer := r.URL.Query()
	if answer.Has(sealedField) {
		answer = p.openAnswer(r, answer.Get(sealedField))
	}
	v := p.waitingFor(r, answer.Get("state"))
	if v == nil || v.Page == loginPage && p.SignIns == nil {
		p.Refuse(w, r, http.StatusBadRequest, "{{page.unknown.title}}", "{{page.unknown.text}}")
		return
	}
	inputs := map[string]string{}
	for _, name := range answerParams {
		if value := answer.Get(name); value != "" && len(value) <= maxAnswer && !strings.ContainsRune(value, 0) {
			inputs[name] = strings.ToValidUTF8(value, "")
		}
	}
	resp, err := p.do(r, v, engine.Request{Inputs: inputs, IdempotencyKey: p.idempotencyKey(v, answer)})
	if said, ok := errors.AsType[*flow.ExtensionError](err); ok {
		p.unextended(w, r, v.address(), said) // still waiting, for somebody who comes back again
		return
	}
	v.State = ""
	if err != nil {
		p.stumble(w, r, v, err)
		return
	}
	p.settle(w, r, v, resp)
}

// maxAnswer bounds one parameter of an answer.
const maxAnswer = 4 << 10

// waitingFor returns the visit that is at the provider with the state. An
// answer without one can only be a refusal; the visit that left last gets it.
func (p *Portal) waitingFor(r *http.Request, state string) *visit {
	for _, v := range p.visits(r) {
		if v.State != "" && (v.State == state || state == "") {
			return v
		}
	}
	return nil
}

// formPost tells whether the form is a provider's answer (OAuth 2.0 Form Post
// Response Mode).
func formPost(form url.Values) bool {
	return !form.Has(atField) && !form.Has(keyField) && form.Has("state") && (form.Has("code") || form.Has("error"))
}

// bringBack answers the POST from a provider, with which browsers send no
// cookie of ours, by a redirect that brings the same back with them. It is
// sealed on the way, since it stands in an address: Apple's has a name in it.
func (p *Portal) bringBack(w http.ResponseWriter, r *http.Request, form url.Values) {
	kept := url.Values{}
	for _, name := range answerParams {
		if value := form.Get(name); value != "" && len(value) <= maxAnswer {
			kept.Set(name, value)
		}
	}
	plain, err := json.Marshal(sealedAnswer{p.Now().Add(answerLife), kept.Encode()})
	if err != nil {
		panic(err) // text and a time
	}
	sealed := p.Box.Seal(plain, answerPlace(r))
	seeOther(w, r.URL.Path+"?"+sealedField+"="+base64.RawURLEncoding.EncodeToString(sealed))
}

type sealedAnswer struct {
	Expires time.Time `json:"e"`
	Answer  string    `json:"a"`
}

func answerPlace(r *http.Request) string { return "answer/" + httpapi.Tenant(r) }

// openAnswer returns what bringBack sealed; nothing where it did not, or too
// long ago.
func (p *Portal) openAnswer(r *http.Request, sealed string) url.Values {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil
	}
	plain, err := p.Box.Open(raw, answerPlace(r))
	if err != nil {
		return nil
	}
	var kept sealedAnswer
	if json.Unmarshal(plain, &kept) != nil || !p.Now().Before(kept.Expires) {
		return nil
	}
	answer, err := url.ParseQuery(kept.Answer)
	if err != nil {
		return nil
	}
	return answer
}

// openLink takes the token of a link in a mail. In the browser that began, the
// execution itself goes on. In another one the link's own id does, and the
// page is drawn at this address, because there is nothing to show under that
// id until a button was pressed.
func (p *Portal) openLink(w http.ResponseWriter, r *http.Request, page string) {
	token, id := parameter(r, flow.MagicToken), r.URL.Query().Get("flowId")
	if token == "" || len(id) > maxLink {
		p.Refuse(w, r, http.StatusBadRequest, "{{verify.failed.title}}", "{{verify.failed.text}}")
		return
	}
	inputs := map[string]string{flow.MagicToken: token}
	for _, v := range p.visits(r) {
		if v.Page != page || !p.asksFor(r, v, flow.MagicToken) {
			continue
		}
		resp, err := p.do(r, v, engine.Request{Inputs: inputs, IdempotencyKey: p.idempotencyKey(v, r.URL.Query())})
		if err == nil && !slices.Contains(resp.Required, flow.MagicToken) {
			p.settle(w, r, v, resp)
			return
		}
	}
	v := newVisit(r, page, p.Now())
	v.FlowID = id
	resp, err := p.do(r, v, engine.Request{Inputs: inputs})
	switch {
	case id == "":
		p.Refuse(w, r, http.StatusBadRequest, "{{verify.failed.title}}", "{{verify.failed.text}}")
	case err != nil:
		p.stumble(w, r, v, err)
	case resp.Complete:
		p.complete(w, r, v, resp)
	default:
		p.remember(w, r, v)
		p.present(w, r, v, resp)
	}
}

// maxLink bounds the flow id of a link.
const maxLink = 500

// asksFor tells whether the visit's execution waits for the input.
func (p *Portal) asksFor(r *http.Request, v *visit, input string) bool {
	if v.FlowID == "" || v.Done != "" {
		return false
	}
	resp, err := p.do(r, v, engine.Request{Show: true})
	return err == nil && slices.Contains(resp.Required, input)
}
