package flowapi

import (
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"usher/engine"
	"usher/flow"
	"usher/httpapi"
)

// body is the request on the wire.
type body struct {
	FlowType      string                    `json:"flowType"`
	ApplicationID string                    `json:"applicationId"`
	FlowID        string                    `json:"flowId"`
	ActionID      string                    `json:"actionId"`
	Inputs        map[string]jsontext.Value `json:"inputs"`
}

// read reads a request. Whatever is not as the contract says is a problem.
func read(w http.ResponseWriter, r *http.Request) (engine.Request, *httpapi.Problem) {
	data, problem := httpapi.ReadBody(w, r, maxBody, codeBadRequest)
	if problem != nil {
		return engine.Request{}, problem
	}
	var b body
	if problem := httpapi.Decode(data, &b, codeBadRequest); problem != nil {
		return engine.Request{}, problem
	}
	key := r.Header.Get("Idempotency-Key")
	if len(key) > maxKey {
		return engine.Request{}, bad(fmt.Sprintf("Idempotency-Key has more than %d bytes.", maxKey))
	}
	request := engine.Request{
		Tenant: httpapi.Tenant(r), FlowID: b.FlowID, Type: flow.Type(b.FlowType), Application: b.ApplicationID,
		Action: b.ActionID, IdempotencyKey: key, Locale: locale(r.Header.Get("Accept-Language")),
		Header: r.Header.Get,
	}
	for _, text := range []string{b.FlowID, b.FlowType, b.ApplicationID, b.ActionID} {
		if !clean(text) {
			return engine.Request{}, bad("A property holds a control character.")
		}
	}
	if len(b.Inputs) > 0 {
		request.Inputs = make(map[string]string, len(b.Inputs))
	}
	for name, raw := range b.Inputs {
		value, err := text(raw)
		if err != nil || !clean(name) || strings.ContainsRune(value, 0) {
			return engine.Request{}, bad("An input must be text, a number, true, false or an object, without NUL characters.")
		}
		request.Inputs[name] = value
	}
	return request, nil
}

// text is the input's value as text: numbers, booleans and objects are read as
// their JSON, null as no value.
func text(raw jsontext.Value) (string, error) {
	switch raw.Kind() {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case 'n':
		return "", nil
	case '[':
		return "", fmt.Errorf("input is an array")
	}
	return string(raw), nil
}

// clean tells whether text has no control characters.
func clean(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) < 0
}

// locale keeps what may be a language list, and no more of it than is useful.
func locale(header string) string {
	if len(header) > maxLocale || !clean(header) {
		return ""
	}
	return header
}

func bad(description string) *httpapi.Problem {
	return &httpapi.Problem{
		Status: http.StatusBadRequest, Code: codeBadRequest, Message: "The request cannot be processed.", Description: description,
	}
}
