package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"usher/grant"
	"usher/identity"
)

// Two cookies, both for the whole host, out of scripts' reach, and not sent
// along when another site posts a form (RFC 6265bis, 5.5). One names the
// browser, so that a sign-in ends where it began; the other the session.

// browserLife is how long a browser keeps its name.
const browserLife = 24 * time.Hour

// cookie returns a cookie of the name. A server that is reached without TLS,
// in a trial, cannot have the prefix that stands for Secure.
func (p *Provider) cookie(name, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(life.Seconds()),
	}
	if p.secure() {
		c.Name, c.Secure = "__Host-"+name, true
	}
	return c
}

func (p *Provider) secure() bool { return strings.HasPrefix(p.PublicURL, "https://") }

// cookieValue returns the value that the browser sent, "" when none.
func (p *Provider) cookieValue(header http.Header, name string) string {
	if p.secure() {
		name = "__Host-" + name
	}
	c, err := (&http.Request{Header: header}).Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

const browserCookie = "signin"

// browser returns the digest of the browser's name; "" for a browser that has
// none.
func (p *Provider) browser(header http.Header) string {
	name := p.cookieValue(header, browserCookie)
	if name == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(name))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// nameBrowser makes sure that the browser has a name and keeps it. It returns
// the name's digest.
func (p *Provider) nameBrowser(in, out http.Header) string {
	name := p.cookieValue(in, browserCookie)
	if len(name) < 43 {
		b := make([]byte, 32)
		rand.Read(b) // never fails
		name = base64.RawURLEncoding.EncodeToString(b)
	}
	out.Add("Set-Cookie", p.cookie(browserCookie, name, browserLife).String())
	sum := sha256.Sum256([]byte(name))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// begunIn tells whether the request was begun in the browser.
func (p *Provider) begunIn(r *grant.Request, header http.Header) bool {
	return r.Browser != "" && subtle.ConstantTimeCompare([]byte(r.Browser), []byte(p.browser(header))) == 1
}

// sessionCookie is the name of a tenant's session cookie.
func sessionCookie(tenant string) string {
	if tenant == identity.DefaultTenant {
		return "session"
	}
	return "session." + tenant
}

type sessionToken struct {
	Session string `json:"s"`
}

// namedSession is the id of the session that the browser's cookie names, which
// may be over; "" for none.
func (p *Provider) namedSession(tenant string, header http.Header) string {
	var token sessionToken
	if p.open(tenant, forSession, p.cookieValue(header, sessionCookie(tenant)), &token) != nil {
		return ""
	}
	return token.Session
}

// findSession returns the browser's session, nil when it has none that counts.
func (p *Provider) findSession(ctx context.Context, tenant string, header http.Header) (*grant.Session, error) {
	id := p.namedSession(tenant, header)
	if id == "" {
		return nil, nil
	}
	settings, err := p.settings(ctx, tenant)
	if err != nil {
		return nil, err
	}
	now := p.Now()
	s, err := p.Store.FindSession(ctx, tenant, id, now)
	switch {
	case errors.Is(err, grant.ErrNoSession), err == nil && now.Sub(s.Seen) > settings.SessionIdle:
		return nil, nil
	case err != nil:
		return nil, err
	}
	// What was proved longer ago than a session lasts is forgotten, however
	// often something else was proved since.
	s.Proofs = fresh(s.Proofs, now.Add(-settings.SessionLife))
	return s, nil
}

// keepSession gives the browser the cookie of its session. It goes with the
// browser's own; how long it counts is for the session.
func (p *Provider) keepSession(tenant, id string, out http.Header) error {
	text, err := p.seal(tenant, forSession, sessionToken{id})
	if err != nil {
		return err
	}
	out.Add("Set-Cookie", p.cookie(sessionCookie(tenant), text, 0).String())
	return nil
}

// dropSession takes the cookie back.
func (p *Provider) dropSession(tenant string, out http.Header) {
	out.Add("Set-Cookie", p.cookie(sessionCookie(tenant), "", -time.Second).String())
}
