package sandboxapi

import (
	"net/http"
	"time"

	"usher/httpapi"
	"usher/sandbox"
)

// maxAnswer bounds the small bodies, in bytes.
const maxAnswer = 16 << 10

// read reads a body into v.
func read(w http.ResponseWriter, r *http.Request, v any) error {
	data, p := httpapi.ReadBody(w, r, maxAnswer, codeBody)
	if p == nil {
		p = httpapi.Decode(data, v, codeBody)
	}
	if p != nil {
		return p
	}
	return nil
}

// inputs are what to send with the next request to execute.
type inputs struct {
	Inputs map[string]string `json:"inputs"`
}

// clock puts the sandbox's clock forward.
func (a *API) clock(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Seconds int64 `json:"advanceSeconds"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	const year = 366 * 24 * 60 * 60
	if in.Seconds < 1 || in.Seconds > year {
		return bad(codeBody, "advanceSeconds must be a number from 1 to %d.", year)
	}
	s, err := a.find(r)
	if err != nil {
		return err
	}
	now, err := s.Advance(r.Context(), time.Duration(in.Seconds)*time.Second)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, map[string]time.Time{"clock": now})
}

// passkey is a browser whose authenticator does what the execution asks for.
func (a *API) passkey(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		FlowID string `json:"flowId"`
		Cancel bool   `json:"cancel"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	s, err := a.find(r)
	if err != nil {
		return err
	}
	values, err := s.Passkey(in.FlowID, in.Cancel)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, inputs{values})
}

// provider is an identity provider where a person signs in, or refuses to.
func (a *API) provider(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		FlowID string         `json:"flowId"`
		Person sandbox.Person `json:"person"`
		Deny   bool           `json:"deny"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	s, err := a.find(r)
	if err != nil {
		return err
	}
	values, err := s.Consent(in.FlowID, in.Person, in.Deny)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, inputs{values})
}

// captcha is a person who passes a captcha, or somebody who does not.
func (a *API) captcha(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Pass bool `json:"pass"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if _, err := a.find(r); err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, inputs{sandbox.Captcha(in.Pass)})
}

// confirm is a person who opens the link that confirms their e-mail address.
func (a *API) confirm(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Code string `json:"confirmation"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	s, err := a.find(r)
	if err != nil {
		return err
	}
	if err := s.Confirm(r.Context(), in.Code); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
