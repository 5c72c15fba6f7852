package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// linked is a tenant whose people confirm their address by a code when they
// register, and recover by links.
const linked = "links.example.com"

const firstPassword, secondPassword = "First.Passw0rd", "Second.Passw0rd"

// journeys are what walkers do, each as often as the others.
var journeys = []struct {
	name string
	walk func(*walker, context.Context) error
}{
	{"register", (*walker).register},
	{"register with a code", (*walker).registerByCode},
	{"recover by a code", (*walker).recoverByCode},
	{"recover by a link", (*walker).recoverByLink},
	{"recover an unknown account", (*walker).recoverNobody},
	{"accept an invitation", (*walker).acceptInvitation},
	{"enter wrong codes", (*walker).enterWrongCodes},
	{"abandon", (*walker).abandon},
	{"sign in", (*walker).signIn},
	{"join an application", (*walker).join},
}

func (w *walker) register(ctx context.Context) error {
	name := w.name()
	p, err := w.step(ctx, "", object{"flowType": "REGISTRATION"})
	if err != nil {
		return err
	}
	weak, err := w.execute(ctx, "", "INCOMPLETE", submission(p, name, "weak"))
	if err != nil {
		return err
	}
	if len(weak.Data.Messages) == 0 {
		return fmt.Errorf("a weak password is accepted: %s", weak.raw)
	}
	if _, err := w.execute(ctx, "", "COMPLETE", submission(p, name, firstPassword)); err != nil {
		return err
	}
	return w.removeNamed(ctx, "", name)
}

func submission(p *page, name, password string) object {
	return object{"flowId": p.FlowID, "actionId": "submit-registration", "inputs": object{"email": name, "password": password}}
}

// details goes to the page that asks for the code.
func (w *walker) details(ctx context.Context, name string) (*page, error) {
	p, err := w.step(ctx, linked, object{"flowType": "REGISTRATION"})
	if err != nil {
		return nil, err
	}
	return w.step(ctx, linked, object{"flowId": p.FlowID, "inputs": object{"username": name, "emailaddress": name, "password": firstPassword}})
}

func (w *walker) registerByCode(ctx context.Context) error {
	name := w.name()
	p, err := w.details(ctx, name)
	if err != nil {
		return err
	}
	code, err := w.mail.await(ctx, name)
	if err != nil {
		return err
	}
	if _, err := w.execute(ctx, linked, "INCOMPLETE", otp(p, different(code))); err != nil {
		return err
	}
	if _, err := w.execute(ctx, linked, "COMPLETE", otp(p, code)); err != nil {
		return err
	}
	return w.removeNamed(ctx, linked, name)
}

func otp(p *page, code string) object {
	return object{"flowId": p.FlowID, "actionId": "verify_submit", "inputs": object{"otp": code}}
}

// different returns another code.
func different(code string) string {
	if strings.HasPrefix(code, "1") {
		return "2" + code[1:]
	}
	return "1" + code[1:]
}

func (w *walker) enterWrongCodes(ctx context.Context) error {
	name := w.name()
	p, err := w.details(ctx, name)
	if err != nil {
		return err
	}
	code, err := w.mail.await(ctx, name)
	if err != nil {
		return err
	}
	wrong := posting(in(linked, executePath), `{"flowId":"`+p.FlowID+`","actionId":"verify_submit","inputs":{"otp":"`+different(code)+`"}}`)
	for range 20 {
		if _, err := w.ask(ctx, http.StatusOK, wrong); err != nil {
			_, err = w.ask(ctx, http.StatusBadRequest, wrong) // the flow has ended
			return err
		}
	}
	return fmt.Errorf("any number of wrong codes is taken")
}

func (w *walker) recoverByCode(ctx context.Context) error {
	name := w.name()
	id, err := w.enrol(ctx, "", name, `"password":"`+firstPassword+`"`)
	if err != nil {
		return err
	}
	p, err := w.step(ctx, "", object{"flowType": "PASSWORD_RECOVERY", "inputs": object{"username": name}})
	if err != nil {
		return err
	}
	code, err := w.mail.await(ctx, name)
	if err != nil {
		return err
	}
	if _, err := w.step(ctx, "", object{"flowId": p.FlowID, "actionId": "code_submit", "inputs": object{"otp": code}}); err != nil {
		return err
	}
	if _, err := w.execute(ctx, "", "COMPLETE", choice(p)); err != nil {
		return err
	}
	return w.remove(ctx, "", id)
}

// choice is a new password.
func choice(p *page) object {
	return object{"flowId": p.FlowID, "inputs": object{"password": secondPassword}}
}

func (w *walker) recoverByLink(ctx context.Context) error {
	name := w.name()
	id, err := w.enrol(ctx, linked, name, `"password":"`+firstPassword+`"`)
	if err != nil {
		return err
	}
	p, err := w.step(ctx, linked, object{"flowType": "PASSWORD_RECOVERY", "inputs": object{"username": name}})
	if err != nil {
		return err
	}
	link, err := w.mail.await(ctx, name)
	if err != nil {
		return err
	}
	_, token, _ := strings.Cut(link, "mlt=")
	if _, err := w.step(ctx, linked, object{"flowId": p.FlowID, "inputs": object{"mlt": token}}); err != nil {
		return err
	}
	if _, err := w.execute(ctx, linked, "COMPLETE", choice(p)); err != nil {
		return err
	}
	return w.remove(ctx, linked, id)
}

func (w *walker) recoverNobody(ctx context.Context) error {
	p, err := w.step(ctx, "", object{"flowType": "PASSWORD_RECOVERY", "inputs": object{"username": w.name()}})
	if err != nil {
		return err
	}
	_, err = w.execute(ctx, "", "INCOMPLETE", object{"flowId": p.FlowID, "actionId": "code_submit", "inputs": object{"otp": "123456"}})
	return err
}

func (w *walker) acceptInvitation(ctx context.Context) error {
	name := w.name()
	id, err := w.enrol(ctx, "", name, `"urn:scim:wso2:schema":{"askPassword":true}`)
	if err != nil {
		return err
	}
	link, err := w.mail.await(ctx, name)
	if err != nil {
		return err
	}
	_, code, _ := strings.Cut(link, "confirmation=")
	p, err := w.step(ctx, "", object{"flowType": "INVITED_USER_REGISTRATION", "inputs": object{"confirmationCode": code}})
	if err != nil {
		return err
	}
	if _, err := w.execute(ctx, "", "COMPLETE", choice(p)); err != nil {
		return err
	}
	return w.remove(ctx, "", id)
}

// abandon leaves three flows on the way.
func (w *walker) abandon(ctx context.Context) error {
	for _, kind := range []string{"REGISTRATION", "PASSWORD_RECOVERY", "INVITED_USER_REGISTRATION"} {
		if _, err := w.step(ctx, "", object{"flowType": kind}); err != nil {
			return err
		}
	}
	_, err := w.details(ctx, w.name())
	return err
}

// signIn signs in by OpenID in pages of the application's own, mistyping the
// password once, and uses what it gets for that.
func (w *walker) signIn(ctx context.Context) error {
	name := w.name()
	id, err := w.enrol(ctx, "", name, `"password":"`+firstPassword+`"`)
	if err != nil {
		return err
	}
	begin := w.shop.authorize()
	_, query, _ := strings.Cut(begin.path, "?")
	p, err := w.ask(ctx, http.StatusOK, sendingForm("/oauth2/authorize", query+"&response_mode=direct&client_secret="+url.QueryEscape(w.shop.secret)))
	if err != nil {
		return err
	}
	if len(p.NextStep.Authenticators) == 0 {
		return fmt.Errorf("nothing to sign in by: %s", p.raw)
	}
	try := func(password string) (*page, error) {
		return w.ask(ctx, http.StatusOK, posting("/oauth2/authn", `{"flowId":"`+p.FlowID+`","selectedAuthenticator":{"authenticatorId":"`+
			p.NextStep.Authenticators[0].ID+`","params":{"username":"`+name+`","password":"`+password+`"}}}`))
	}
	if _, err := try(secondPassword); err != nil {
		return err
	}
	done, err := try(firstPassword)
	if err != nil {
		return err
	}
	code, _ := done.AuthData["code"].(string)
	tokens, err := w.ask(ctx, http.StatusOK, w.shop.exchange(code))
	if err != nil {
		return err
	}
	if tokens, err = w.ask(ctx, http.StatusOK, w.shop.refresh(tokens.RefreshToken)); err != nil {
		return err
	}
	if _, err := w.ask(ctx, http.StatusOK, getting("/oauth2/userinfo", bearer(tokens.AccessToken))); err != nil {
		return err
	}
	return w.remove(ctx, "", id)
}

// join signs up for the application in a browser, which signs in.
func (w *walker) join(ctx context.Context) error {
	name := w.name()
	b, err := newBrowser(w.server)
	if err != nil {
		return err
	}
	defer b.client.CloseIdleConnections()
	at, err := b.join(ctx, w.shop, name)
	if err != nil {
		return err
	}
	if _, err := w.ask(ctx, http.StatusOK, w.shop.exchange(at.Query().Get("code"))); err != nil {
		return err
	}
	return w.removeNamed(ctx, "", name)
}
