package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds how deep a JSON body may nest.
const maxDepth = 64

var errTooDeep = errors.New("JSON nests too deep")

// ReadBody reads the whole body of at most limit bytes. The problem is 413 for
// a longer one, 415 for one that does not claim to be JSON.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64, code string) ([]byte, *Problem) {
	if t := r.Header.Get("Content-Type"); t != "" {
		if kind, _, err := mime.ParseMediaType(t); err != nil || !isJSON(kind) {
			return nil, &Problem{
				Status: http.StatusUnsupportedMediaType, Code: code, Message: "The body must be JSON.",
				Description: "Send Content-Type: application/json.",
			}
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &Problem{
			Status: http.StatusRequestEntityTooLarge, Code: code, Message: "The body is too large.",
			Description: fmt.Sprintf("The body may have at most %d bytes.", limit),
		}
	case err != nil:
		return nil, &Problem{Status: http.StatusBadRequest, Code: code, Message: "The body could not be read.", Description: "The body ended early or came too slowly."}
	}
	return body, nil
}

func isJSON(kind string) bool {
	return kind == "application/json" || kind == "application/scim+json" || kind == "text/json"
}

// WriteJSON answers with v, which nobody on the way may keep.
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	Write(w, status, body)
	return nil
}

// Write answers with a JSON document, which nobody on the way may keep.
func Write(w http.ResponseWriter, status int, document []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(document) // the client may have gone; there is nobody to tell
}

// CheckJSON tells whether the body is one JSON value (RFC 8259) of bounded
// depth, in valid UTF-8, without duplicate names.
func CheckJSON(body []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		if d.StackDepth() > maxDepth {
			return errTooDeep
		}
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		if d.StackDepth() == 0 {
			break
		}
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// Decode reads a JSON body into v. Unknown and duplicate names, invalid UTF-8
// and values of the wrong type are problems of status 400 that name the place
// but repeat no value.
func Decode(body []byte, v any, code string) *Problem {
	var err error
	// A body of few brackets cannot nest deep, and most have few.
	if bytes.Count(body, []byte{'{'})+bytes.Count(body, []byte{'['}) > maxDepth {
		err = CheckJSON(body)
	}
	if err == nil {
		err = json.Unmarshal(body, v, json.RejectUnknownMembers(true))
	}
	if err == nil {
		return nil
	}
	if syntax := CheckJSON(body); syntax != nil {
		err = syntax // what is wrong with the JSON comes before what it says
	}
	return &Problem{Status: http.StatusBadRequest, Code: code, Message: "The body is not what this call takes.", Description: describe(err)}
}

// describe says what is wrong with a body without repeating what is in it.
func describe(err error) string {
	var semantic *json.SemanticError
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTooDeep):
		return "The JSON nests too deep."
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &semantic):
		return "Unknown property at " + pointer(semantic.JSONPointer) + "."
	case errors.As(err, &semantic):
		return "Wrong type of value at " + pointer(semantic.JSONPointer) + "."
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return "The property at " + pointer(syntax.JSONPointer) + " is given twice."
	case errors.As(err, &syntax):
		return "The body is not valid JSON (RFC 8259) in UTF-8."
	}
	return "The body is not one JSON value."
}

// pointer shortens a JSON Pointer (RFC 6901), because its names come from the
// client.
func pointer(p jsontext.Pointer) string {
	const longest = 64
	if p == "" {
		return "the top"
	}
	if len(p) > longest {
		return string(p[:longest]) + "…"
	}
	return string(p)
}
