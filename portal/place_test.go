package portal

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"usher/application"
	"usher/flow"
	"usher/identity"
)

// TestPlaces: a page that names the application's address leads to the sign-in
// that waits, else to the application, else to the login page.
func TestPlaces(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const link = `{"id":"back","category":"DISPLAY","type":"RICH_TEXT","config":{"text":"<a href=\"{{application.callbackOrAccessUrl}}\">Back</a>"}},`
	s.publish(strings.Replace(starterFlow(t, flow.Registration, "email-and-password"), `"components": [`, `"components": [`+link, 1))
	s.sell("shop")
	s.sell("nowhere")
	if _, err := s.store.UpdateApplication(t.Context(), identity.DefaultTenant, "shop", func(a *application.Application) error {
		a.AccessURL = "https://shop.example/?a=1&b=2"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/accounts/register?spId=shop":                   "https://shop.example/?a=1&b=2",
		"/accounts/register?client_id=client-of-shop":    "https://shop.example/?a=1&b=2",
		"/accounts/register?spId=nowhere":                "/accounts/login",
		"/accounts/register?spId=none":                   "/accounts/login",
		"/accounts/register":                             "/accounts/login",
		"/accounts/register?sessionDataKey=K1&spId=shop": "/accounts/login?sessionDataKey=K1",
	} {
		u := s.visitor(t)
		u.open(path)
		for range 2 { // the second time as the browser remembers it
			back := u.find("a", func(n *html.Node) bool { return strings.TrimSpace(textOf(n)) == "Back" })
			if back == nil {
				t.Fatalf("%s: no link in\n%s", path, u.text)
			}
			if got := attr(back, "href"); got != want {
				t.Errorf("%s leads to %q, want %q", path, got, want)
			}
			u.open(u.at)
		}
	}
}
