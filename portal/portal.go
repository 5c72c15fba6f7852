// Package portal holds the hosted pages: those that the links in our mails
// lead to, and those of applications that draw none of their own.
//
// A page is drawn from the same answers that the API gives. Components are
// read into a tree once (component.go), each type has a template
// (pages/components.html), what a page says of its own is in texts/, and a
// tenant's or application's branding has the last word (brand.go). A
// browser's executions are bound to it by cookies (visit.go); pages are drawn
// at their own address and forms lead back to it, so that reloading, going
// back, closing the browser and a second tab are harmless. All of it works
// without scripts but for passkeys and captchas.
package portal

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"usher/branding"
	"usher/flow"
	"usher/httpapi"
	"usher/identity"
	"usher/limit"
	"usher/seal"
)

// Users is what the pages need of the user store.
type Users interface {
	FindConfirmation(ctx context.Context, tenant, digest string, purpose identity.Purpose, now time.Time) (*identity.Confirmation, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error)
}

// Definitions are what the pages need of the flows' definitions.
type Definitions interface {
	LiveDefinition(ctx context.Context, tenant string, t flow.Type) (int64, flow.Config, error)
}

// Portal serves the pages.
type Portal struct {
	Users Users
	// Flows runs the flows of the pages; nil: there are none.
	Flows Flows
	// SignIns is signing in and out; nil: it cannot be done here. It may be
	// set until Mount is called, because its implementation may need Refuse.
	SignIns SignIns
	// Branding is how the pages look and what they say; nil: as we made them.
	Branding branding.Store
	// Clients finds applications; nil: there are none.
	Clients Clients
	// Live tells which flows the login page may lead to; nil: to all.
	Live Definitions
	// Codes bounds codes of confirmations that are wrong; nil: nothing does.
	Codes limit.Failures
	// Box seals the cookies of Flows and SignIns.
	Box *seal.Box
	// PublicURL is how browsers reach the server: the origin of passkeys, and
	// whether cookies are Secure.
	PublicURL string
	Now       func() time.Time
	Log       *slog.Logger

	trees  trees
	frames memory[frameKey, mold]
	looks  memory[lookKey, *look]
	sheets memory[version, sheet]
	voices memory[string, *texts]
}

// Mount adds the pages to the routes.
func (p *Portal) Mount(routes *httpapi.Routes) {
	if p.Codes == nil {
		p.Codes = limit.None{}
	}
	routes.HandleRoot("GET /accounts/assets/{name}", http.HandlerFunc(serveAsset))
	if p.Branding != nil {
		routes.Handle("GET /accounts/brand/{application}/{locale}/{name}", http.HandlerFunc(p.serveSheet))
	}
	routes.Handle("GET /accounts/verify", http.HandlerFunc(p.askToVerify))
	routes.Handle("POST /accounts/verify", http.HandlerFunc(p.verify))
	if p.Flows != nil {
		for page := range flowPages {
			routes.Handle("GET /accounts/"+page, p.showFlow(page))
			routes.Handle("POST /accounts/"+page, p.submitFlow(page))
		}
		routes.Handle("GET /.well-known/change-password", http.HandlerFunc(changePassword))
	}
	if p.SignIns != nil {
		routes.Handle("GET /accounts/login", http.HandlerFunc(p.showLogin))
		routes.Handle("POST /accounts/login", http.HandlerFunc(p.submitLogin))
		routes.Handle("GET /accounts/logout", http.HandlerFunc(p.askToSignOut))
		routes.Handle("POST /accounts/logout", http.HandlerFunc(p.signOut))
	}
}

// changePassword is where password managers send people (W3C, A Well-Known URL
// for Changing Passwords).
func changePassword(w http.ResponseWriter, r *http.Request) {
	seeOther(w, httpapi.TenantPath(httpapi.Tenant(r))+"/accounts/recover")
}
