//go:build blackbox

package blackbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The published guide's example response to the start of a registration, as
// printed.
const guideStart = `{
  "flowId": "c8e06de8-7123-44ac-8209-02be5b55387e",
  "flowType": "REGISTRATION",
  "flowStatus": "INCOMPLETE",
  "type": "VIEW",
  "data": {
    "components": [
      {
        "id": "form_1",
        "type": "FORM",
        "components": [
          {
            "id": "email",
            "type": "INPUT",
            "variant": "EMAIL",
            "config": {
              "identifier": "email",
              "label": "Email",
              "required": true
            }
          },
          {
            "id": "password",
            "type": "INPUT",
            "variant": "PASSWORD",
            "config": {
              "identifier": "password",
              "label": "Password",
              "required": true
            }
          },
          {
            "id": "submit",
            "type": "BUTTON",
            "actionId": "submit-registration",
            "variant": "PRIMARY",
            "config": {
              "text": "Continue"
            }
          }
        ]
      }
    ],
    "requiredParams": [
      "email",
      "password"
    ]
  }
}`

// uuid is the form of a flowId (RFC 9562, 4).
var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// TestGuideStart sends the guide's first request to a fresh server and compares
// every field of the answer. Two more are allowed in an input's config, which
// the contract says the server fills in.
func TestGuideStart(t *testing.T) {
	t.Parallel()
	s := launch(t)
	a := s.execute(t, object{"flowType": "REGISTRATION"}).ok(t, "INCOMPLETE")

	var got, want map[string]any
	decode(t, a.raw, &got)
	decode(t, []byte(guideStart), &want)
	if id, _ := got["flowId"].(string); !uuid.MatchString(id) {
		t.Errorf("flowId %q is not a UUID", id)
	}
	want["flowId"] = got["flowId"]
	form := got["data"].(map[string]any)["components"].([]any)[0].(map[string]any)
	for _, field := range form["components"].([]any) {
		config := field.(map[string]any)["config"].(map[string]any)
		if name, ok := config["name"]; ok && name == config["identifier"] {
			delete(config, "name")
		}
		if field.(map[string]any)["variant"] == "PASSWORD" {
			if rules, ok := config["validations"].([]any); !ok || len(rules) == 0 {
				t.Errorf("the password's config.validations: got %v", config["validations"])
			}
		}
		delete(config, "validations")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer to a start differs from the guide (-guide +usher):\n%s", diff)
	}
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("Content-Type %q", kind)
	}
}

// TestGuideView sends the guide's continuation, whose actionId is not the
// component's id, with the identifiers that requiredParams listed.
func TestGuideView(t *testing.T) {
	t.Parallel()
	s := launch(t)
	definition := s.definition(t, "REGISTRATION")
	definition["flowType"] = "REGISTRATION"
	renamed := bytes.ReplaceAll(encode(t, definition), []byte(`"submit-registration"`), []byte(`"button-a2f1"`))
	s.publish(t, renamed)

	first := s.begin(t, "REGISTRATION")
	if !slices.Equal(first.Data.RequiredParams, []string{"email", "password"}) {
		t.Fatalf("requiredParams %q", first.Data.RequiredParams)
	}
	if first.button(t) != "button-a2f1" || first.find(t, "BUTTON").ID != "submit" {
		t.Fatalf("button %+v", first.find(t, "BUTTON"))
	}
	last := s.execute(t, object{
		"flowId":   first.FlowID,
		"actionId": "button-a2f1",
		"inputs":   object{"email": "sasha@example.com", "password": "MyP@ssw0rd!"},
	}).ok(t, "COMPLETE")

	var got map[string]any
	decode(t, last.raw, &got)
	if _, isObject := got["data"].(map[string]any); !isObject || last.FlowID != first.FlowID || last.FlowType != "REGISTRATION" {
		t.Errorf("completion: got %v", last)
	}
	if last.Type != "REDIRECTION" || last.Data.URL == "" || last.Data.URL != last.Data.RedirectURL {
		t.Errorf("completion: got %v, want a REDIRECTION with url and redirectURL alike", last)
	}
	if !s.signsIn(t, "sasha@example.com", "MyP@ssw0rd!") {
		t.Error("the new user cannot sign in")
	}
}

// TestGuideActionNames holds that an action goes by its actionId, by the id of
// its component, and by nothing where the page has but one.
func TestGuideActionNames(t *testing.T) {
	t.Parallel()
	s := launch(t)
	for name, action := range map[string]string{"actionId": "submit-registration", "id": "submit", "blank": ""} {
		first := s.begin(t, "REGISTRATION")
		body := submission(first.FlowID, name+"@example.com", "MyP@ssw0rd!")
		body["actionId"] = action
		s.execute(t, body).ok(t, "COMPLETE")
	}
	first := s.begin(t, "REGISTRATION")
	body := submission(first.FlowID, "wrong@example.com", "MyP@ssw0rd!")
	body["actionId"] = "button-a2f1"
	s.execute(t, body).refused(t, http.StatusBadRequest, "FE-60009")
	s.execute(t, submission(first.FlowID, "wrong@example.com", "MyP@ssw0rd!")).ok(t, "COMPLETE")
}

// TestGuideCorrections holds that what a person can correct comes back as the
// same view with messages, and that entered secrets do not.
func TestGuideCorrections(t *testing.T) {
	t.Parallel()
	s := launch(t)
	s.register(t, "taken@example.com", "MyP@ssw0rd!")
	first := s.begin(t, "REGISTRATION")
	for _, test := range []struct {
		name, identifier string
		inputs           object
	}{
		{"weak password", "password", object{"email": "kim@example.com", "password": "Zq#7"}},
		{"missing password", "password", object{"email": "kim@example.com"}},
		{"empty password", "password", object{"email": "kim@example.com", "password": ""}},
		{"missing address", "email", object{"password": "Zq#7.Zq#7.Zq#7"}},
		{"not an address", "email", object{"email": "kim at example", "password": "Zq#7.Zq#7.Zq#7"}},
	} {
		a := s.execute(t, object{"flowId": first.FlowID, "actionId": "submit-registration", "inputs": test.inputs}).ok(t, "INCOMPLETE")
		if a.Type != "VIEW" || len(a.Data.Messages) == 0 {
			t.Errorf("%s: got %v, want the view with messages", test.name, a)
			continue
		}
		m := a.Data.Messages[0]
		if m.Type != "ERROR" || m.Message == "" || m.I18nKey == "" || m.Identifier != test.identifier {
			t.Errorf("%s: message %+v, want an ERROR about %s", test.name, m, test.identifier)
		}
		if a.Data.AdditionalData["error"] != m.Message {
			t.Errorf("%s: additionalData.error %q, want %q", test.name, a.Data.AdditionalData["error"], m.Message)
		}
		if diff := cmp.Diff(first.Data.Components, a.Data.Components); diff != "" {
			t.Errorf("%s: not the same page (-first +now):\n%s", test.name, diff)
		}
		if bytes.Contains(a.raw, []byte("Zq#7")) {
			t.Errorf("%s: the password is echoed: %v", test.name, a)
		}
	}
	s.execute(t, submission(first.FlowID, "kim@example.com", "MyP@ssw0rd!")).ok(t, "COMPLETE")
}

// TestGuideInternalPrompt holds the guide's INTERNAL_PROMPT with the one that a
// fresh server asks: the invitation's code.
func TestGuideInternalPrompt(t *testing.T) {
	t.Parallel()
	s := launch(t)
	s.createUser(t, "invited@example.com", object{
		"emails":               []object{{"value": "invited@example.com", "primary": true}},
		"urn:scim:wso2:schema": object{"askPassword": true},
	})
	code := s.awaitLetter(t, "invited@example.com", 1).confirmation(t)

	prompt := s.begin(t, "INVITED_USER_REGISTRATION")
	if prompt.Type != "INTERNAL_PROMPT" || !slices.Equal(prompt.Data.RequiredParams, []string{"confirmationCode"}) {
		t.Fatalf("got %v", prompt)
	}
	page := s.execute(t, object{"flowId": prompt.FlowID, "inputs": object{"confirmationCode": code}}).moved(t)
	s.execute(t, page.fill(t, "MyP@ssw0rd!")).ok(t, "COMPLETE")
	if !s.signsIn(t, "invited@example.com", "MyP@ssw0rd!") {
		t.Error("the invited user cannot sign in")
	}
	// In one shot, as a portal does; and an invitation is good for one use.
	s.execute(t, object{"flowType": "INVITED_USER_REGISTRATION", "inputs": object{"confirmationCode": code}}).
		refused(t, http.StatusBadRequest, "FE-60006")
}

// TestGuideRecovery goes through the default recovery as the page says.
func TestGuideRecovery(t *testing.T) {
	t.Parallel()
	s := launch(t)
	s.register(t, "kim@example.com", "First.Passw0rd")
	page := s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, "kim@example.com")).moved(t)
	if page.input(t) != "otp" {
		t.Fatalf("got %v, want the code's page", page)
	}
	page = s.execute(t, page.fill(t, s.awaitLetter(t, "kim@example.com", 1).code(t))).moved(t)
	s.execute(t, page.fill(t, "Second.Passw0rd")).ok(t, "COMPLETE")
	if !s.signsIn(t, "kim@example.com", "Second.Passw0rd") || s.signsIn(t, "kim@example.com", "First.Passw0rd") {
		t.Error("the new password is not the one that signs in")
	}
}

// TestGuideErrors holds the errors that name a client's mistake.
func TestGuideErrors(t *testing.T) {
	t.Parallel()
	s := launch(t)
	s.execute(t, object{"flowId": "c8e06de8-7123-44ac-8209-02be5b55387e"}).refused(t, http.StatusBadRequest, "FE-60001")
	s.execute(t, object{}).refused(t, http.StatusBadRequest, "FE-60011")
	s.execute(t, object{"flowType": "<Flow_Type>"}).refused(t, http.StatusBadRequest, "FE-60103")
	disable := object{"flowType": "REGISTRATION", "isEnabled": false}
	if a := s.admin(t, http.MethodPatch, "/api/server/v1/flow/config", disable); a.status != http.StatusOK {
		t.Fatal(a)
	}
	s.execute(t, object{"flowType": "REGISTRATION"}).refused(t, http.StatusBadRequest, "FE-60104")
}

func decode(t *testing.T, document []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(document, into); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	document, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return document
}
