package httpapi

import (
	"net/http"
	"strconv"
	"strings"
)

// ETag is the entity tag (RFC 9110, 8.8.3) of what has a revision.
func ETag(revision int64) string { return strconv.Quote(strconv.FormatInt(revision, 10)) }

// IfMatch returns what the request names in If-Match (RFC 9110, 13.1.1), all of
// its lines in one, and whether it has that header. One that is there and empty
// names nothing: whoever lost what they have seen overwrites nothing.
func IfMatch(r *http.Request) (tags string, given bool) {
	lines := r.Header["If-Match"]
	return strings.Join(lines, ","), len(lines) > 0
}

// Matches tells whether the request may change what has this entity tag: it
// has no If-Match, or one that names the tag or anything (RFC 9110, 13.1.1).
func Matches(r *http.Request, tag string) bool {
	header, given := IfMatch(r)
	if !given {
		return true
	}
	for given := range strings.SplitSeq(header, ",") {
		if given = strings.TrimSpace(given); given == "*" || given == tag {
			return true
		}
	}
	return false
}
