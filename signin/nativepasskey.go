package signin

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"

	"usher/engine"
	"usher/flow"
)

// Passkeys in the form of app-native authentication: its clients do not know
// that a ceremony begins with a question for the page's origin, and wrap what
// the browser is asked and answers once more.

// asksOrigin tells whether the login waits for the origin of the page that asks
// for a passkey. A browser says it with the request.
func asksOrigin(resp *engine.Response) bool {
	return resp.Kind == engine.InternalPrompt && slices.Equal(resp.Required, []string{"origin"})
}

// challengeData is the base64 of what those clients ask the browser.
func challengeData(key string, c *flow.Ceremony) string {
	text, err := json.Marshal(struct {
		RequestID string          `json:"requestId"`
		Options   json.RawMessage `json:"publicKeyCredentialRequestOptions"`
	}{key, c.Options})
	if err != nil {
		return "" // the options are our own JSON
	}
	return base64.StdEncoding.EncodeToString(text)
}

// answered are the params of a step, with a credential out of the wrapping in
// which those clients send it.
func answered(params map[string]string) map[string]string {
	var wrapped struct {
		Credential json.RawMessage `json:"credential"`
	}
	if json.Unmarshal([]byte(params["tokenResponse"]), &wrapped) != nil || len(wrapped.Credential) == 0 {
		return params
	}
	plain := maps.Clone(params)
	delete(plain, "tokenResponse")
	plain["credential"] = string(wrapped.Credential)
	return plain
}
