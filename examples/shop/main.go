// Command shop is an application that people join and sign in to: a page that
// draws the sign-up itself, and a server that keeps what it learns of a person
// in a session. Everything it knows about its OpenID provider it reads from
// there. See README.md.
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// settings is what the shop has to be told.
type settings struct {
	url          string // its own
	issuer       string
	application  string // its id there
	clientID     string
	clientSecret string
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := newShop(ctx, settings{
		url: os.Getenv("SHOP_URL"), issuer: os.Getenv("SHOP_ISSUER"), application: os.Getenv("SHOP_APPLICATION_ID"),
		clientID: os.Getenv("SHOP_CLIENT_ID"), clientSecret: os.Getenv("SHOP_CLIENT_SECRET"),
	})
	if err != nil {
		return err
	}
	server := &http.Server{Addr: os.Getenv("SHOP_LISTEN_ADDR"), Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return server.Close() // somebody keeps a connection open
}

// shop is the application.
type shop struct {
	settings
	oauth      oauth2.Config
	verifier   *oidc.IDTokenVerifier
	endSession string
	logins     *kept[login]  // sign-ins that are on their way
	sessions   *kept[person] // people who are signed in
}

// newShop reads the provider's discovery document.
func newShop(ctx context.Context, c settings) (*shop, error) {
	provider, err := oidc.NewProvider(ctx, c.issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, err
	}
	secure := strings.HasPrefix(c.url, "https://")
	return &shop{
		settings: c, endSession: more.EndSession,
		logins: &kept[login]{name: "shop_login", secure: secure}, sessions: &kept[person]{name: "shop_session", secure: secure},
		oauth: oauth2.Config{
			ClientID: c.clientID, ClientSecret: c.clientSecret, Endpoint: provider.Endpoint(),
			RedirectURL: c.url + "/callback", Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
		},
		verifier: provider.Verifier(&oidc.Config{ClientID: c.clientID}),
	}, nil
}

//go:embed page.html shop.js shop.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.html"))

func (s *shop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("POST /joined", s.joined)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("GET /callback", s.callback)
	mux.HandleFunc("POST /logout", s.logout)
	mux.Handle("GET /shop.js", http.FileServerFS(files))
	mux.Handle("GET /shop.css", http.FileServerFS(files))
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src data:", "connect-src " + s.issuer, "form-action 'self' " + s.issuer,
		"base-uri 'none'", "frame-ancestors 'none'",
	}, "; ")
	secure := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
	// Nobody is signed in or out by a form of another site.
	return http.NewCrossOriginProtection().Handler(secure)
}

// home is the page: the sign-up, or who has signed in.
func (s *shop) home(w http.ResponseWriter, r *http.Request) {
	data := struct {
		Issuer, Application, Notice string
		Person                      *person
	}{Issuer: s.issuer, Application: s.application, Notice: notices[r.URL.Query().Get("notice")]}
	if p, ok := s.sessions.find(r); ok {
		data.Person = &p
	}
	w.Header().Set("Cache-Control", "no-store")
	if err := page.Execute(w, data); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
	}
}

// notices are what the page can be asked to say.
var notices = map[string]string{
	"failed": "That did not work. Please try again.",
	"joined": "Your account is there. Please sign in.",
	"bye":    "You are signed out.",
}
