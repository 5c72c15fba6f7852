package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"usher/httpapi"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// site is the console over a real store with the tenant acme.
type site struct {
	*Console
	store  *sqlstore.Store
	routes *httpapi.Routes
}

func newSite(t *testing.T) *site {
	t.Helper()
	st := sqlitetest.Open(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		if err := st.CreateTenant(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
	}
	s := &site{store: st, routes: httpapi.NewRoutes(st), Console: &Console{
		Applications: st, Scopes: httpapi.Scopes(), PublicURL: "https://id.example.com/", Now: func() time.Time { return now },
		Log: slog.New(slog.DiscardHandler),
	}}
	s.Mount(s.routes)
	return s
}

func (s *site) get(target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.routes.ServeHTTP(w, r)
	return w
}

var named = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

// Every path has the page, and the files that it names are found from there.
func TestPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, at := range []string{
		"/console/", "/console/flows", "/console/flows/REGISTRATION/versions?x=/a/b", "/console/a%2Fb/c", "/console/callback?code=x",
		"/t/acme/console/", "/t/acme/console/flows/REGISTRATION",
	} {
		w := s.get(at)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: status %d, %s", at, w.Code, w.Header().Get("Content-Type"))
		}
		links := named.FindAllStringSubmatch(w.Body.String(), -1)
		if len(links) < 2 {
			t.Fatalf("%s names %v", at, links)
		}
		for _, link := range links {
			from, err := url.Parse(at)
			if err != nil {
				t.Fatal(err)
			}
			to, err := from.Parse(link[1])
			if err != nil {
				t.Fatal(err)
			}
			if w := s.get(to.String()); w.Code != http.StatusOK {
				t.Errorf("%s names %s: status %d", at, to, w.Code)
			}
		}
	}
	for at, want := range map[string]string{
		"/console/":        `<meta name="usher-issuer" content="https://id.example.com">`,
		"/t/acme/console/": `<meta name="usher-issuer" content="https://id.example.com/t/acme">`,
		"/console/x":       `<meta name="usher-scopes" content="` + strings.Join(httpapi.Scopes(), " ") + `">`,
	} {
		if page := s.get(at).Body.String(); !strings.Contains(page, want) {
			t.Errorf("%s has no %s:\n%s", at, want, page)
		}
	}
	if w := s.get("/t/nobody/console/"); w.Code != http.StatusNotFound {
		t.Errorf("a tenant that there is not: status %d", w.Code)
	}
	if w := s.get("/console"); w.Header().Get("Location") != "/console/" {
		t.Errorf("without the slash: status %d, to %q", w.Code, w.Header().Get("Location"))
	}
}

// What the page brings keeps to its own policy: no script or style in it, and
// nothing from elsewhere.
func TestPolicy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.get("/console/")
	for name, want := range map[string]string{
		"Content-Security-Policy":      policy,
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-cache",
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("policy %s", policy)
	}
	page := w.Body.String()
	for _, wrong := range []string{"<style", "style=", "onload=", "javascript:", "<base"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the page has %s", wrong)
		}
	}
	if regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(page) {
		t.Errorf("a script stands in the page:\n%s", page)
	}
	// A public URL is the operator's, and drawn as text all the same.
	s.PublicURL = `https://id.example.com/"><script>`
	if page := s.get("/console/").Body.String(); strings.Contains(page, `"><script>`) {
		t.Errorf("the public URL breaks out:\n%s", page)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, file := range files().assets {
		plain := s.get("/console/assets/" + name)
		if !bytes.Equal(plain.Body.Bytes(), file.Plain) || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s is another", name)
		}
		h := plain.Header()
		if h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Vary") != "Accept-Encoding" || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Content-Type") != contentTypes[path.Ext(name)] {
			t.Errorf("%s: headers %v", name, h)
		}
		zipped := s.get("/t/acme/console/assets/"+name, "Accept-Encoding", "gzip, br")
		if zipped.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not compressed", name)
		}
		r, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(r); err != nil || !bytes.Equal(content, file.Plain) {
			t.Errorf("%s decompresses to something else: %v", name, err)
		}
	}
	for _, none := range []string{"x.js", "..%2Findex.html", "index.html"} {
		if w := s.get("/console/assets/" + none); w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, %s", none, w.Code, w.Header().Get("Cache-Control"))
		}
	}
}

// firstLoad is what the script and style of the page may weigh, compressed, in
// bytes; the parts that are loaded when they are needed do not count.
const firstLoad = 400_000

func TestFirstLoad(t *testing.T) {
	t.Parallel()
	sum := 0
	for _, link := range named.FindAllStringSubmatch(string(files().page), -1) {
		sum += len(files().assets[path.Base(link[1])].Zipped())
	}
	if sum == 0 || sum >= firstLoad {
		t.Errorf("the first load has %d bytes, and must have fewer than %d", sum, firstLoad)
	}
	t.Logf("the first load has %d bytes", sum)
}
