package signin

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"usher/engine"
	"usher/flow"
)

// What the established implementation's app-native authentication calls a
// step.
type (
	nativeAnswer struct {
		FlowID     string       `json:"flowId"`
		FlowStatus string       `json:"flowStatus"`
		FlowType   flow.Type    `json:"flowType"`
		NextStep   nativeNext   `json:"nextStep"`
		Links      []nativeLink `json:"links"`
	}
	nativeNext struct {
		StepType       string                `json:"stepType"`
		Authenticators []nativeAuthenticator `json:"authenticators"`
		Messages       []nativeMessage       `json:"messages,omitempty"`
	}
	nativeAuthenticator struct {
		ID             string         `json:"authenticatorId"`
		Name           string         `json:"authenticator"`
		IDP            string         `json:"idp"`
		Metadata       nativeMetadata `json:"metadata"`
		RequiredParams []string       `json:"requiredParams"`
	}
	nativeMetadata struct {
		I18nKey    string         `json:"i18nKey"`
		PromptType string         `json:"promptType"`
		Params     []nativeParam  `json:"params,omitempty"`
		Additional map[string]any `json:"additionalData,omitempty"`
	}
	nativeParam struct {
		Param        string `json:"param"`
		Type         string `json:"type"`
		Order        int    `json:"order"`
		Confidential bool   `json:"confidential"`
		DisplayName  string `json:"displayName"`
		I18nKey      string `json:"i18nKey"`
	}
	nativeMessage struct {
		Type    flow.Severity `json:"type"`
		ID      string        `json:"messageId"`
		Message string        `json:"message"`
		I18nKey string        `json:"i18nKey"`
	}
	nativeLink struct {
		Name   string `json:"name"`
		Href   string `json:"href"`
		Method string `json:"method"`
	}
)

// nativeStep says in that form what the login waits for.
func nativeStep(key, href string, resp *engine.Response) *nativeAnswer {
	answer := &nativeAnswer{
		FlowID: key, FlowStatus: "INCOMPLETE", FlowType: flow.Authentication,
		NextStep: nativeNext{StepType: "AUTHENTICATOR_PROMPT"},
		Links:    []nativeLink{{"authentication", href, "POST"}},
	}
	for _, m := range resp.Messages {
		answer.NextStep.Messages = append(answer.NextStep.Messages, nativeMessage{m.Type, m.I18nKey, m.Message, m.I18nKey})
		if m.Type == flow.Error {
			answer.FlowStatus = "FAIL_INCOMPLETE"
		}
	}
	switch resp.Kind {
	case engine.View:
		answer.NextStep.Authenticators = offered(resp.Components)
	case engine.Redirection:
		a := waitingFor("", "REDIRECTION_PROMPT", resp.Required)
		a.Metadata.Additional = map[string]any{"redirectUrl": resp.URL, "state": resp.Info["state"]}
		answer.NextStep.Authenticators = []nativeAuthenticator{a}
	case engine.InternalPrompt:
		answer.NextStep.Authenticators = []nativeAuthenticator{waitingFor("FIDOAuthenticator:LOCAL", "INTERNAL_PROMPT", resp.Required)}
	case engine.WebAuthn:
		a := waitingFor("FIDOAuthenticator:LOCAL", "INTERNAL_PROMPT", resp.Required)
		a.Metadata.Additional = map[string]any{"challengeData": challengeData(key, resp.Ceremony)}
		answer.NextStep.Authenticators = []nativeAuthenticator{a}
	}
	if len(answer.NextStep.Authenticators) > 1 {
		answer.NextStep.StepType = "MULTI_OPTIONS_PROMPT"
	}
	return answer
}

// waitingFor is the one authenticator that has begun and waits for more. A
// blank id stands for whichever that is.
func waitingFor(name, prompt string, required []string) nativeAuthenticator {
	a := nativeAuthenticator{Metadata: nativeMetadata{PromptType: prompt}, RequiredParams: required, IDP: "LOCAL"}
	if name != "" {
		a.ID = base64.RawURLEncoding.EncodeToString([]byte(name))
		a.Name, _, _ = strings.Cut(name, ":")
		a.Metadata.I18nKey = a.Name
	}
	for i, p := range required {
		a.Metadata.Params = append(a.Metadata.Params, nativeParam{Param: p, Type: "STRING", Order: i, Confidential: p != "state", DisplayName: p, I18nKey: p})
	}
	return a
}

// component is what of a page matters here; the page is one of document's.
type component struct {
	Type       string      `json:"type"`
	Variant    string      `json:"variant"`
	ActionID   string      `json:"actionId"`
	Components []component `json:"components"`
	Config     struct {
		Identifier string `json:"identifier"`
		Label      string `json:"label"`
		Text       string `json:"text"`
	} `json:"config"`
}

// offered are the buttons of a page with the inputs of their forms.
func offered(page json.RawMessage) []nativeAuthenticator {
	var components []component
	if json.Unmarshal(page, &components) != nil {
		return nil // our own, and always read
	}
	return buttons(components, nil)
}

func buttons(components []component, inputs []nativeParam) []nativeAuthenticator {
	var list []nativeAuthenticator
	for _, c := range components {
		switch c.Type {
		case "FORM":
			list = append(list, buttons(c.Components, params(c.Components))...)
		case "BUTTON":
			list = append(list, authenticatorOf(c, inputs))
		}
	}
	return list
}

func params(components []component) []nativeParam {
	var list []nativeParam
	for _, c := range components {
		if c.Type == "INPUT" {
			list = append(list, nativeParam{
				Param: c.Config.Identifier, Type: "STRING", Order: len(list), DisplayName: c.Config.Label, I18nKey: c.Config.Identifier,
				Confidential: slices.Contains([]string{"PASSWORD", "OTP"}, c.Variant),
			})
		}
	}
	return list
}

// authenticatorOf reads a button: its action id says which option it is for.
func authenticatorOf(b component, inputs []nativeParam) nativeAuthenticator {
	a := nativeAuthenticator{ID: b.ActionID, Name: b.Config.Text, IDP: "LOCAL", Metadata: nativeMetadata{PromptType: "USER_PROMPT", Params: inputs}}
	encoded, _, _ := strings.Cut(b.ActionID, ".")
	if plain, err := base64.RawURLEncoding.DecodeString(encoded); err == nil {
		if name, idp, ok := strings.Cut(string(plain), ":"); ok {
			a.Metadata.I18nKey, a.IDP = name, idp
		}
	}
	a.RequiredParams = []string{}
	for _, p := range inputs {
		a.RequiredParams = append(a.RequiredParams, p.Param)
	}
	return a
}
