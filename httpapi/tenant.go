package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"usher/identity"
)

// Tenants tells which tenants there are.
type Tenants interface {
	TenantExists(ctx context.Context, name string) (bool, error)
}

// Tenant returns the tenant a request is for: that of its path, else the
// default one.
func Tenant(r *http.Request) string {
	if t := r.PathValue("tenant"); t != "" {
		return t
	}
	return identity.DefaultTenant
}

// TenantPath returns the prefix of the tenant's paths, "" for the default one.
func TenantPath(tenant string) string {
	if tenant == identity.DefaultTenant {
		return ""
	}
	return "/t/" + tenant
}

// Routes collects the routes of all APIs, each with and without tenant prefix.
type Routes struct {
	mux      *http.ServeMux
	tenants  Tenants
	patterns []string
	known    sync.Map // of tenants that exist; tenants are never deleted
}

// NewRoutes returns an empty set of routes.
func NewRoutes(tenants Tenants) *Routes {
	return &Routes{mux: http.NewServeMux(), tenants: tenants}
}

// Handle mounts h at pattern ("METHOD /path") and at the same path below
// /t/{tenant}, where an unknown tenant is 404.
func (rs *Routes) Handle(pattern string, h http.Handler) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		panic("httpapi: pattern without a method: " + pattern)
	}
	rs.HandleRoot(pattern, h)
	rs.mux.Handle(method+" /t/{tenant}"+path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !rs.exists(r.Context(), r.PathValue("tenant")) {
			(&Problem{
				Status: http.StatusNotFound, Code: "UE-10404", Message: "No such tenant.",
				Description: "The tenant in the path does not exist.",
			}).Write(w)
			return
		}
		h.ServeHTTP(w, r)
	}))
}

// HandleRoot mounts h at pattern only.
func (rs *Routes) HandleRoot(pattern string, h http.Handler) {
	rs.mux.Handle(pattern, h)
	rs.patterns = append(rs.patterns, pattern)
}

// Patterns lists what is mounted, without what is below /t/{tenant}.
func (rs *Routes) Patterns() []string { return slices.Sorted(slices.Values(rs.patterns)) }

func (rs *Routes) exists(ctx context.Context, tenant string) bool {
	if _, ok := rs.known.Load(tenant); ok {
		return true
	}
	exists, err := rs.tenants.TenantExists(ctx, tenant)
	if err == nil && exists {
		rs.known.Store(tenant, true)
	}
	// Where the store cannot tell, the handler meets the same fault and says so.
	return err != nil || exists
}

// ServeHTTP implements http.Handler. What no route matches is answered in the
// APIs' own error format. Every answer is what its Content-Type says (Fetch
// standard, 3.5): no browser takes one for something that can run.
func (rs *Routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	h, pattern := rs.mux.Handler(r)
	if pattern != "" {
		rs.mux.ServeHTTP(w, r)
		return
	}
	// The mux's own answer says which methods the path takes, if any.
	probe := &probe{header: w.Header()}
	h.ServeHTTP(probe, r)
	p := &Problem{Status: http.StatusNotFound, Code: "UE-10404", Message: "No such path.", Description: "There is no API at this path."}
	switch {
	case probe.status == http.StatusMethodNotAllowed:
		p = &Problem{
			Status: probe.status, Code: "UE-10405", Message: "Method not allowed.",
			Description: "This path takes " + w.Header().Get("Allow") + ".",
		}
	case probe.status >= 300 && probe.status < 400:
		w.WriteHeader(probe.status) // a cleaned path
		return
	}
	p.Write(w)
}

// probe records the status of an answer and drops its body.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) WriteHeader(status int)      { p.status = status }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
