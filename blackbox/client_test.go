//go:build blackbox

package blackbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
)

const executePath = "/api/server/v1/flow/execute"

// object is a JSON object as a client writes it.
type object = map[string]any

// answer is what the server said, raw and read.
type answer struct {
	status int
	header http.Header
	raw    []byte

	FlowID     string `json:"flowId"`
	FlowType   string `json:"flowType"`
	FlowStatus string `json:"flowStatus"`
	Type       string `json:"type"`
	Data       struct {
		Components     []component       `json:"components"`
		RequiredParams []string          `json:"requiredParams"`
		URL            string            `json:"url"`
		RedirectURL    string            `json:"redirectURL"`
		AdditionalData map[string]string `json:"additionalData"`
		Messages       []struct {
			Type       string `json:"type"`
			Message    string `json:"message"`
			I18nKey    string `json:"i18nKey"`
			Identifier string `json:"identifier"`
		} `json:"messages"`
	} `json:"data"`

	Code        string `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description"`
	TraceID     string `json:"traceId"`
}

type component struct {
	ID         string         `json:"id"`
	Type       string         `json:"type"`
	ActionID   string         `json:"actionId"`
	Config     map[string]any `json:"config"`
	Components []component    `json:"components"`
}

func (a *answer) String() string { return fmt.Sprintf("%d %s", a.status, a.raw) }

// ok fails the test unless the answer is 200 with the status.
func (a *answer) ok(t *testing.T, flowStatus string) *answer {
	t.Helper()
	if a.status != http.StatusOK || a.FlowStatus != flowStatus {
		t.Fatalf("got %v, want 200 %s", a, flowStatus)
	}
	return a
}

// moved fails the test unless the flow went on to a page without complaint.
func (a *answer) moved(t *testing.T) *answer {
	t.Helper()
	if a.ok(t, "INCOMPLETE"); len(a.Data.Messages) > 0 {
		t.Fatalf("got %v, want the next page", a)
	}
	return a
}

// refused fails the test unless the answer is the error.
func (a *answer) refused(t *testing.T, status int, code string) *answer {
	t.Helper()
	if a.status != status || a.Code != code || a.Message == "" || a.Description == "" || a.TraceID == "" {
		t.Fatalf("got %v, want %d %s with message, description and traceId", a, status, code)
	}
	return a
}

// send makes a request and reads the answer; the error is the network's.
func (s *server) send(request *http.Request) (*answer, error) {
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	a := &answer{status: response.StatusCode, header: response.Header}
	if a.raw, err = io.ReadAll(response.Body); err != nil {
		return nil, err
	}
	json.Unmarshal(a.raw, a) // not every answer is JSON; raw is what counts then
	return a, nil
}

// try posts to execute. key is the Idempotency-Key, "" for none.
func (s *server) try(body object, key string) (*answer, error) {
	document, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodPost, s.url(executePath), bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	return s.send(request)
}

func (s *server) execute(t *testing.T, body object) *answer {
	t.Helper()
	a, err := s.try(body, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// call makes a request of an API that wants credentials. body may be nil, a
// []byte that is sent as it is, or what JSON is made of.
func (s *server) call(t *testing.T, user, password, method, path string, body any) *answer {
	t.Helper()
	document, ok := body.([]byte)
	if !ok && body != nil {
		var err error
		if document, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	request, err := http.NewRequest(method, s.url(path), bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.SetBasicAuth(user, password)
	a, err := s.send(request)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// admin makes a request as the administrator.
func (s *server) admin(t *testing.T, method, path string, body any) *answer {
	t.Helper()
	return s.call(t, "admin", adminPassword, method, path, body)
}

// start starts a flow and returns its first answer.
func (s *server) begin(t *testing.T, flowType string) *answer {
	t.Helper()
	return s.execute(t, object{"flowType": flowType}).ok(t, "INCOMPLETE")
}

// submission is the default registration's only submission.
func submission(flowID, email, password string) object {
	return object{"flowId": flowID, "actionId": "submit-registration", "inputs": object{"email": email, "password": password}}
}

// register registers a person through the default flow.
func (s *server) register(t *testing.T, email, password string) *answer {
	t.Helper()
	first := s.begin(t, "REGISTRATION")
	return s.execute(t, submission(first.FlowID, email, password)).ok(t, "COMPLETE")
}

// input returns the identifier of the page's first INPUT, and button the id of
// its first BUTTON: what a client knows that draws what it is told.
func (a *answer) input(t *testing.T) string {
	t.Helper()
	identifier, _ := a.find(t, "INPUT").Config["identifier"].(string)
	return identifier
}

func (a *answer) button(t *testing.T) string {
	t.Helper()
	return a.find(t, "BUTTON").ActionID
}

func (a *answer) find(t *testing.T, kind string) component {
	t.Helper()
	var search func(list []component) *component
	search = func(list []component) *component {
		for i := range list {
			if list[i].Type == kind {
				return &list[i]
			}
			if found := search(list[i].Components); found != nil {
				return found
			}
		}
		return nil
	}
	found := search(a.Data.Components)
	if found == nil {
		t.Fatalf("no %s on the page: %v", kind, a)
	}
	return *found
}

// fill presses the page's button with a value in its first input.
func (a *answer) fill(t *testing.T, value string) object {
	t.Helper()
	return object{"flowId": a.FlowID, "actionId": a.button(t), "inputs": object{a.input(t): value}}
}

// resend presses the page's RESEND.
func (a *answer) resend(t *testing.T) object {
	t.Helper()
	return object{"flowId": a.FlowID, "actionId": a.find(t, "RESEND").ActionID, "inputs": object{"resend": "true"}}
}
