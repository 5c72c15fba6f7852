package portal

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"usher/httpapi"
)

// visit is what a browser remembers of one execution that it goes through, or
// of one sign-in. Each has a cookie of its own, named after a random handle,
// so that tabs do not overwrite what others have. The page's address and its
// forms carry the handle; without the cookie it is good for nothing, which is
// the defence against forged requests, and the id of the execution is in the
// cookie only. The cookie is sealed: it holds what the person has entered, and
// ids that the API would accept.
type visit struct {
	Handle string    `json:"-"`
	Page   string    `json:"p"`
	Tenant string    `json:"t"`
	Began  time.Time `json:"b"`
	// FlowID is the execution's or a link's; "" before it is started, and
	// after it has ended where Ended or Typed say more.
	FlowID string `json:"f,omitempty"`
	// Key is the sessionDataKey of the sign-in that goes on afterwards, or, on
	// the page of that name, goes on here.
	Key         string `json:"k,omitempty"`
	Application string `json:"a,omitempty"`
	// Code is the one of an invitation's link.
	Code    string `json:"c,omitempty"`
	Locales string `json:"l,omitempty"`
	// State is that of the provider at which the person is.
	State string `json:"s,omitempty"`
	// Done is the IdempotencyKey of the request that finished the flow.
	Done string `json:"d,omitempty"`
	// Ended says why the flow could not go on.
	Ended string `json:"e,omitempty"`
	// Notice is the key of a text for the next page.
	Notice string `json:"n,omitempty"`
	// Typed is what the person has entered that is no secret, by input, until
	// the flow is finished.
	Typed map[string]string `json:"i,omitempty"`

	// waiting is the sign-in, while its page is drawn.
	waiting Waiting
}

const (
	maxVisits = 4
	// maxTyped bounds what is kept of a form, in bytes: browsers keep 4 KiB
	// in a cookie.
	maxTyped = 800
	// visitLife is how long a browser remembers one: longer than flows live,
	// so that people can be told what happened.
	visitLife = 24 * time.Hour
)

// loginPage is the page on which visits are sign-ins.
const loginPage = "login"

// newVisit begins one for the request.
func newVisit(r *http.Request, page string, now time.Time) *visit {
	handle := make([]byte, 12)
	rand.Read(handle) // never fails
	return &visit{Handle: base64.RawURLEncoding.EncodeToString(handle), Page: page, Tenant: httpapi.Tenant(r), Began: now}
}

// loginHandle is the handle of the visit of a sign-in: its key's own, so that
// the address needs no other.
func loginHandle(key string) string {
	sum := sha256.Sum256([]byte("login/" + key))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// address is where the visit goes on.
func (v *visit) address() string {
	if v.Page == loginPage {
		return v.target() + "?sessionDataKey=" + url.QueryEscape(v.Key)
	}
	return v.target() + "?at=" + v.Handle
}

// target is where its forms are posted.
func (v *visit) target() string { return httpapi.TenantPath(v.Tenant) + "/accounts/" + v.Page }

// application is the id of the one it is about, "" for none.
func (v *visit) application() string { return cmp.Or(v.waiting.ApplicationID, v.Application) }

// fields are those that its forms carry.
func (v *visit) fields() []hidden {
	once := make([]byte, 9)
	rand.Read(once) // never fails
	list := []hidden{{onceField, base64.RawURLEncoding.EncodeToString(once)}}
	if v.Page == loginPage {
		return append(list, hidden{keyField, v.Key})
	}
	return append(list, hidden{atField, v.Handle})
}

// secure tells whether browsers reach the pages by TLS.
func (p *Portal) secure() bool { return strings.HasPrefix(p.PublicURL, "https://") }

// cookiePrefix begins the names of visits' cookies. With __Host-, no other
// host and no connection in clear can set one.
func (p *Portal) cookiePrefix() string {
	if p.secure() {
		return "__Host-flow-"
	}
	return "flow-"
}

// remember sets the visit's cookie, and lets go of the oldest ones where there
// are too many.
func (p *Portal) remember(w http.ResponseWriter, r *http.Request, v *visit) {
	plain, err := json.Marshal(v)
	if err != nil {
		panic(err) // text only
	}
	sealed := p.Box.Seal(plain, "visit/"+v.Handle)
	p.setCookie(w, v.Handle, base64.RawURLEncoding.EncodeToString(sealed), int(visitLife.Seconds()))
	others := slices.DeleteFunc(p.allVisits(r), func(o *visit) bool { return o.Handle == v.Handle })
	for i, o := range others {
		if i >= maxVisits-1 {
			p.setCookie(w, o.Handle, "", -1)
		}
	}
}

// keep adds what was typed into a form to what was typed before: a flow may
// lead back to a page. Of what is too much for a cookie the longest is let go.
func (v *visit) keep(typed map[string]string) {
	if v.Typed == nil {
		v.Typed = map[string]string{}
	}
	maps.Copy(v.Typed, typed)
	names := slices.SortedFunc(maps.Keys(v.Typed), func(a, b string) int { return v.sizeOf(a) - v.sizeOf(b) })
	size := 0
	for _, name := range names {
		if size += v.sizeOf(name); size > maxTyped {
			delete(v.Typed, name)
		}
	}
}

// sizeOf is what a typed value takes up in the cookie, before it is sealed.
func (v *visit) sizeOf(name string) int {
	text, err := json.Marshal([]string{name, v.Typed[name]})
	if err != nil {
		panic(err) // text
	}
	return len(text)
}

func (p *Portal) forget(w http.ResponseWriter, v *visit) { p.setCookie(w, v.Handle, "", -1) }

func (p *Portal) setCookie(w http.ResponseWriter, handle, value string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where browsers come by TLS
		Name: p.cookiePrefix() + handle, Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: p.secure(), SameSite: http.SameSiteLaxMode,
	})
}

// visits returns the browser's visits at the request's tenant, the newest
// first.
func (p *Portal) visits(r *http.Request) []*visit {
	return slices.DeleteFunc(p.allVisits(r), func(v *visit) bool { return v.Tenant != httpapi.Tenant(r) })
}

// allVisits returns those at other tenants, too.
func (p *Portal) allVisits(r *http.Request) []*visit {
	var list []*visit
	for _, c := range r.Cookies() {
		handle, ours := strings.CutPrefix(c.Name, p.cookiePrefix())
		if !ours {
			continue
		}
		if v := p.open(handle, c.Value); v != nil {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b *visit) int { return cmp.Or(b.Began.Compare(a.Began), strings.Compare(a.Handle, b.Handle)) })
	return list
}

func (p *Portal) open(handle, value string) *visit {
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return nil
	}
	plain, err := p.Box.Open(sealed, "visit/"+handle)
	if err != nil {
		return nil
	}
	v := &visit{Handle: handle}
	if json.Unmarshal(plain, v) != nil {
		return nil
	}
	return v
}

// visit returns the one of the handle on the page, nil where this browser has
// none.
func (p *Portal) visit(r *http.Request, page, handle string) *visit {
	if handle == "" {
		return nil
	}
	c, err := r.Cookie(p.cookiePrefix() + handle)
	if err != nil {
		return nil
	}
	v := p.open(handle, c.Value)
	if v == nil || v.Page != page || v.Tenant != httpapi.Tenant(r) {
		return nil
	}
	return v
}
