package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"usher/application"
)

// Recover answers a panic of next with 500 and logs where it happened.
func Recover(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(v)
			}
			log.ErrorContext(r.Context(), "panic", "route", r.Pattern, "value", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			Fault(r, log, "FE-65013", fmt.Errorf("panic of type %T", v)).Write(w)
		}()
		next.ServeHTTP(w, r)
	})
}

// Origins are those whose pages may call the server; a store of applications
// is one.
type Origins interface {
	OriginAllowed(ctx context.Context, origin string) (bool, error)
}

// CORS lets browser pages of the given origins, and of those that others allow,
// call the APIs (Fetch standard, section 3.3). others may be nil; where it
// cannot tell, the origin is not allowed and the log says why.
//
// Only what reads no cookies can be called by script: what does acts on behalf of
// the browser's user. The authorization endpoint reads cookies, but not where
// it is asked to answer over JSON, and can be called without any. SDKs send
// credentials along to what is open to everybody, so they are allowed there;
// not at the management APIs, for which a browser may know somebody's Basic
// credentials.
func CORS(origins []string, others Origins, log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		origin, path := r.Header.Get("Origin"), withoutTenant(r.URL.Path)
		free, authorize := readsNoCookie(path), path == "/oauth2/authorize"
		if origin == "" || !free && !authorize || !slices.Contains(origins, origin) && !allowed(r.Context(), others, log, origin) {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		if free && open(path) {
			h.Set("Access-Control-Allow-Credentials", "true")
		}
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-Match")
			h.Set("Access-Control-Max-Age", "7200")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.Set("Access-Control-Expose-Headers", "Retry-After, Location, ETag")
		next.ServeHTTP(w, r)
	})
}

// readsNoCookie tells whether nothing at the path reads a cookie.
func readsNoCookie(path string) bool {
	for _, prefix := range []string{"/api/", "/scim2/", "/.well-known/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return strings.HasPrefix(path, "/oauth2/") && !strings.HasPrefix(path, "/oauth2/authorize")
}

// open tells whether the path takes no credentials of users, so that those a
// browser sends along are of no use there.
func open(path string) bool {
	return path == "/api/server/v1/flow/execute" || strings.HasPrefix(path, "/oauth2/") || strings.HasPrefix(path, "/.well-known/")
}

// withoutTenant is the path below that of its tenant.
func withoutTenant(path string) string {
	if rest, ok := strings.CutPrefix(path, "/t/"); ok {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			return rest[i:]
		}
	}
	return path
}

// allowed asks others about an origin that could be one of theirs.
func allowed(ctx context.Context, others Origins, log *slog.Logger, origin string) bool {
	if others == nil || application.CheckOrigin(origin) != nil {
		return false
	}
	ok, err := others.OriginAllowed(ctx, origin)
	if err != nil && ctx.Err() == nil {
		log.ErrorContext(ctx, "cannot tell whether an origin is allowed", "error", err)
	}
	return ok && err == nil
}
