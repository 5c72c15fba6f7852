package brandingapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"usher/branding"
	"usher/httpapi"
)

// read reads the body into v. The document in it may have any members, but no
// name twice.
func read(w http.ResponseWriter, r *http.Request, v any, code string) error {
	data, problem := httpapi.ReadBody(w, r, maxBody, code)
	if problem == nil {
		problem = httpapi.Decode(data, v, code)
	}
	if problem != nil {
		return problem
	}
	return nil
}

// join is the answer with the document at its end, as it was saved.
func join(shown answer, document []byte) ([]byte, error) {
	head, err := json.Marshal(shown)
	if err != nil {
		return nil, err
	}
	head = append(bytes.TrimSuffix(head, []byte("}")), `,"preference":`...)
	return append(append(head, document...), '}'), nil
}

// etag is the entity tag of a document as it was seen.
func etag(seen branding.Seen) string { return httpapi.ETag(seen.Revision) }

// expected is what If-Match (RFC 9110, 13.1.1) wants to be changed, the zero
// value where it takes any. It is one entity tag, or *; whoever sends something
// else has seen nothing of ours, which is branding.ErrChanged.
func expected(r *http.Request) (branding.Seen, error) {
	header, given := httpapi.IfMatch(r)
	if header = strings.TrimSpace(header); !given || header == "*" {
		return branding.Seen{}, nil
	}
	n, err := strconv.ParseInt(strings.Trim(header, `"`), 10, 64)
	seen := branding.Seen{Revision: n}
	if err != nil || n < 1 || etag(seen) != header {
		return branding.Seen{}, branding.ErrChanged
	}
	return seen, nil
}

// write sends an answer to an administrator, which nobody may keep, under the
// entity tag of what was seen.
func write(w http.ResponseWriter, status int, shown answer, document []byte, seen branding.Seen) error {
	data, err := join(shown, document)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(seen))
	httpapi.Write(w, status, data)
	return nil
}

// open sends an answer to everybody, or 304 where the client has it already
// (RFC 9110, 13.1.2). It may be kept, to be asked for again each time.
func open(w http.ResponseWriter, r *http.Request, shown answer, document []byte) error {
	data, err := join(shown, document)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/json")
	w.Write(data) //nolint:errcheck // the client has gone
	return nil
}
