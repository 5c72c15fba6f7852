package httpapi

import (
	"net/http"
	"strconv"
	"strings"
)

// ETag is the entity tag (RFC 9110, 8.8.3) of what has a revision.
func ETag(revision int64) string { return strconv.Quote(strconv.FormatInt(revision, 10)) }

// Matches tells whether the request may change what has this entity tag: it
// has no If-Match, or one that names the tag or anything (RFC 9110, 13.1.1).
func Matches(r *http.Request, tag string) bool {
	header := r.Header.Get("If-Match")
	if header == "" {
		return true
	}
	for given := range strings.SplitSeq(header, ",") {
		if given = strings.TrimSpace(given); given == "*" || given == tag {
			return true
		}
	}
	return false
}
