package console

import (
	"bytes"
	"html"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"usher/application"
	"usher/httpapi"
)

// Console serves the pages.
type Console struct {
	// Applications is where the pages' client is.
	Applications application.Applications
	// Scopes are those of all management APIs: what the client may be granted,
	// as far as the roles of whoever signs in allow it.
	Scopes []string
	// PublicURL is how browsers reach the server.
	PublicURL string
	Now       func() time.Time
	Log       *slog.Logger
}

// root is where the console is, below the path of its tenant.
const root = "/console/"

// Mount adds the pages to the routes.
func (c *Console) Mount(routes *httpapi.Routes) {
	routes.Handle("GET "+root+"assets/{name}", http.HandlerFunc(serveAsset))
	routes.Handle("GET "+root+"{page...}", http.HandlerFunc(c.servePage))
}

// policy is the pages' Content Security Policy (Level 3). Nothing is loaded
// from elsewhere but pictures, which administrators may name for their own
// pages; nobody else may show the console in a frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: https:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// servePage serves the one page there is, at every path: which page that is,
// the script decides. Opening it makes sure that the tenant has the client
// that the script signs in as; where that fails, signing in says so.
func (c *Console) servePage(w http.ResponseWriter, r *http.Request) {
	tenant := httpapi.Tenant(r)
	if err := c.Register(r.Context(), tenant); err != nil && r.Context().Err() == nil {
		c.Log.ErrorContext(r.Context(), "the console has no client to sign in as", "tenant", tenant, "error", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	_, _ = w.Write(c.page(tenant, r.URL.EscapedPath(), r.PathValue("tenant") != "")) // the client may have gone
}

// page is the page as the path needs it. It names its files from where it is,
// because what is before /console/ on the way here, only proxies know.
func (c *Console) page(tenant, escapedPath string, prefixed bool) []byte {
	depth := strings.Count(escapedPath, "/") - 2 // those of /console/
	if prefixed {
		depth -= 2 // and of /t/acme
	}
	page := bytes.ReplaceAll(files().page, []byte(`="./`), []byte(`="./`+strings.Repeat("../", max(depth, 0))))
	for name, value := range map[string]string{"issuer": c.issuer(tenant), "scopes": strings.Join(c.Scopes, " ")} {
		name = `<meta name="usher-` + name + `" content="`
		page = bytes.Replace(page, []byte(name), []byte(name+html.EscapeString(value)), 1)
	}
	return page
}

// issuer is the tenant's OpenID provider.
func (c *Console) issuer(tenant string) string {
	return strings.TrimSuffix(c.PublicURL, "/") + httpapi.TenantPath(tenant)
}
