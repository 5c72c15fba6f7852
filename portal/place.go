package portal

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"usher/application"
)

// Addresses that the texts of a page can name.
const (
	placeCallback = "application.callbackOrAccessUrl"
	placeAccess   = "application.accessUrl"
)

// places are the addresses that the components name: of the sign-in that waits
// for the flow, else of the application that it began at. Where neither is
// known they lead to the login page.
func (p *Portal) places(r *http.Request, v *visit, components json.RawMessage) map[string]string {
	to := p.loginURL(v)
	if v.Key == "" && bytes.Contains(components, []byte("application.")) {
		if own := p.accessURL(r, v); own != "" {
			to = own
		}
	}
	return map[string]string{placeCallback: to, placeAccess: to}
}

// accessURL is where people go to use the visit's application, "" where that is
// not known.
func (p *Portal) accessURL(r *http.Request, v *visit) string {
	if p.Clients == nil || v.application() == "" {
		return ""
	}
	a, err := p.Clients.FindApplication(r.Context(), v.Tenant, v.application())
	switch {
	case err == nil:
		return a.AccessURL
	case !errors.Is(err, application.ErrNotFound):
		p.Log.WarnContext(r.Context(), "application cannot be found", "tenant", v.Tenant, "error", err)
	}
	return ""
}
