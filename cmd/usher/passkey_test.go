package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	vwa "github.com/descope/virtualwebauthn"

	"usher/flow"
	"usher/starter"
)

// device is a browser on the server's own pages, with an authenticator.
type device struct {
	authenticator vwa.Authenticator
	key           vwa.Credential
}

// passkey does what a browser does with the ceremony that the last answer asks
// for: a device creates its passkey, or uses it.
func (j *journey) passkey(name string) {
	j.t.Helper()
	var answer struct {
		Data struct {
			WebAuthn struct {
				Action   string
				Creation json.RawMessage `json:"publicKeyCredentialCreationOptions"`
				Request  json.RawMessage `json:"publicKeyCredentialRequestOptions"`
			}
		}
	}
	if err := json.Unmarshal(j.last.Body.Bytes(), &answer); err != nil {
		j.fatalf("%v", err)
	}
	if j.devices == nil {
		j.devices = map[string]*device{}
	}
	d := j.devices[name]
	if d == nil {
		d = &device{vwa.NewAuthenticator(), vwa.NewCredential(vwa.KeyTypeEC2)}
		d.key.Counter = 1
		j.devices[name] = d
	}
	party := vwa.RelyingParty{ID: "id.example.com", Origin: "https://id.example.com"}
	var credential string
	switch answer.Data.WebAuthn.Action {
	case "WEBAUTHN_CREATE":
		options, err := vwa.ParseAttestationOptions(string(answer.Data.WebAuthn.Creation))
		if err != nil {
			j.fatalf("%v", err)
		}
		d.authenticator.Options.UserHandle = []byte(options.UserID)
		credential = vwa.CreateAttestationResponse(party, d.authenticator, d.key, *options)
	case "WEBAUTHN_GET":
		options, err := vwa.ParseAssertionOptions(string(answer.Data.WebAuthn.Request))
		if err != nil {
			j.fatalf("%v", err)
		}
		d.key.Counter++
		credential = vwa.CreateAssertionResponse(party, d.authenticator, d.key, *options)
	default:
		j.fatalf("no ceremony in %s", j.last.Body)
	}
	j.names["passkey"] = base64.RawURLEncoding.EncodeToString([]byte(credential))
}

// template publishes one of the templates.
func (j *journey) template(name string) {
	j.t.Helper()
	for _, kind := range flow.Types() {
		for _, template := range starter.Templates(kind) {
			if template.Name == name {
				j.request(http.MethodPut, "/api/server/v1/flow", string(template.Definition), true)
				j.answer("200", "")
				return
			}
		}
	}
	j.fatalf("there is no such template")
}
