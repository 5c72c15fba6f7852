package portal

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"usher/branding"
	"usher/engine"
	"usher/flow"
	"usher/httpapi"
	"usher/httpapi/flowapi"
	"usher/identity"
)

// lastAnswer is the API's answer to asking what an execution answered last:
// the same work in the engine as a page of it.
type lastAnswer struct{ *engine.Engine }

func (e lastAnswer) Do(ctx context.Context, r engine.Request) (*engine.Response, error) {
	r.Show = true
	return e.Engine.Do(ctx, r)
}

// BenchmarkPage compares what it costs to show where an execution stands: as
// JSON and as a page.
func BenchmarkPage(b *testing.B) {
	s := newShop(b)
	s.portal.Log = slog.New(slog.DiscardHandler)
	s.portal.PublicURL = "https://id.example"
	s.publish(starterFlow(b, flow.Registration, "basic-email-code"))
	routes := httpapi.NewRoutes(&oneUser{})
	s.portal.Mount(routes)
	(&flowapi.API{Engine: lastAnswer{s.engine}, Log: s.portal.Log}).Mount(routes)

	w := httptest.NewRecorder()
	routes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/accounts/register", nil))
	at, cookie := w.Header().Get("Location"), w.Result().Cookies()[0]
	v := s.portal.open(strings.TrimPrefix(cookie.Name, "__Host-flow-"), cookie.Value)

	serve := func(b *testing.B, r func() *http.Request, want string) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			w := httptest.NewRecorder()
			routes.ServeHTTP(w, r())
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
				b.Fatalf("%d %s", w.Code, w.Body)
			}
		}
	}
	json := func(b *testing.B, want string) {
		b.Helper()
		serve(b, func() *http.Request {
			return httptest.NewRequest(http.MethodPost, "/api/server/v1/flow/execute", strings.NewReader(`{"flowId":"`+v.FlowID+`"}`))
		}, want)
	}
	b.Run("json", func(b *testing.B) { json(b, `"type":"VIEW"`) })
	page := func(b *testing.B, want string) {
		b.Helper()
		serve(b, func() *http.Request {
			r := httptest.NewRequest(http.MethodGet, at, nil)
			r.AddCookie(cookie)
			return r
		}, want)
	}
	b.Run("page", func(b *testing.B) { page(b, "</html>") })
	s.brand("", acme)
	s.say("", "en", branding.Common, `{"page.reveal":"Look"}`)
	b.Run("branded", func(b *testing.B) { page(b, "Look") })
	s.portal.Branding = nil

	// The same with what the person typed and what is wrong with it.
	if _, err := s.engine.Do(b.Context(), engine.Request{Tenant: v.Tenant, FlowID: v.FlowID, Action: "details_submit", Inputs: map[string]string{flow.ClaimUsername: "ada"}}); err != nil {
		b.Fatal(err)
	}
	v.Typed = map[string]string{flow.ClaimUsername: "ada", identity.ClaimEmail: "ada@example.com"}
	w = httptest.NewRecorder()
	s.portal.remember(w, httptest.NewRequest(http.MethodGet, at, nil), v)
	cookie = w.Result().Cookies()[0]
	b.Run("json of mistakes", func(b *testing.B) { json(b, `"type":"ERROR"`) })
	b.Run("page of mistakes", func(b *testing.B) { page(b, `aria-invalid="true"`) })
	b.Run("drawing", func(b *testing.B) {
		r := httptest.NewRequest(http.MethodGet, at, nil)
		resp, err := s.engine.Do(b.Context(), engine.Request{Tenant: v.Tenant, FlowID: v.FlowID, Show: true})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			s.portal.showPage(httptest.NewRecorder(), r, v, resp)
		}
	})
}
