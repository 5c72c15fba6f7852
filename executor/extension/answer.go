package extension

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"usher/connection"
)

// answer is what an extension says, checked as far as it can be without knowing
// whom it is about.
type answer struct {
	Status     string   `json:"actionStatus"`
	Operations []change `json:"operations"`
	// Of FAILED and of ERROR: for the person.
	FailureReason      string `json:"failureReason"`
	FailureDescription string `json:"failureDescription"`
	ErrorMessage       string `json:"errorMessage"`
	ErrorDescription   string `json:"errorDescription"`
}

// change is an operation that the extension wants performed.
type change struct {
	Op   string `json:"op"`
	Path string `json:"path"`
	// Value is a string or a list of strings.
	Value jsontext.Value `json:"value"`
	URL   string         `json:"url"`
}

// The statuses.
const (
	statusSuccess    = "SUCCESS"
	statusFailed     = "FAILED"
	statusIncomplete = "INCOMPLETE"
	statusError      = "ERROR"
)

const (
	maxOperations = 100
	// maxText bounds a text for the person, in bytes.
	maxText = 500
	// maxURL bounds where a person is sent, in bytes.
	maxURL = 4 << 10
)

// read understands what came back: 200 with SUCCESS, FAILED or INCOMPLETE, or
// 400, 401 or 500 with ERROR. The error repeats nothing of it.
func read(r *reply) (*answer, error) {
	var a answer
	if r.body == nil {
		return nil, fmt.Errorf("answered %d without JSON", r.status)
	}
	if err := json.Unmarshal(r.body, &a); err != nil {
		return nil, fmt.Errorf("answered %d with what is not the JSON that was expected", r.status)
	}
	switch r.status {
	case http.StatusOK:
		switch a.Status {
		case statusSuccess, statusFailed:
		case statusIncomplete:
			if err := a.checkRedirect(); err != nil {
				return nil, err
			}
		default:
			return nil, errors.New("answered 200 with an actionStatus that does not belong there")
		}
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusInternalServerError:
		if a.Status != statusError {
			return nil, fmt.Errorf("answered %d with an actionStatus that is not ERROR", r.status)
		}
	default:
		return nil, fmt.Errorf("answered %d", r.status)
	}
	if len(a.Operations) > maxOperations {
		return nil, fmt.Errorf("answered more than %d operations", maxOperations)
	}
	return &a, nil
}

// checkRedirect tells whether there is one place that a browser may be sent to.
func (a *answer) checkRedirect() error {
	if len(a.Operations) != 1 || a.Operations[0].Op != opRedirect {
		return errors.New("INCOMPLETE without exactly one operation, a redirect")
	}
	if len(a.Operations[0].URL) > maxURL {
		return fmt.Errorf("the url of the redirect is longer than %d bytes", maxURL)
	}
	if err := connection.CheckURL(a.Operations[0].URL); err != nil {
		return fmt.Errorf("the url of the redirect %w", err)
	}
	return nil
}

// words are a text for the person, or otherwise where it is none: too long, of
// more than one line, or not there.
func words(text, otherwise string) string {
	if text == "" || len(text) > maxText || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
		return otherwise
	}
	return text
}
