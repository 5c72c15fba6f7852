package openapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"usher/httpapi"
)

// API serves the documents, to everybody: they say what anybody can read in
// the sources.
type API struct{}

const (
	path        = "/api/server/v1/openapi"
	codeUnknown = "UE-26404"
)

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, _ *httpapi.Guard) {
	routes.Handle("GET "+path, http.HandlerFunc(a.list))
	routes.Handle("GET "+path+"/{file}", http.HandlerFunc(a.get))
}

// listed is a document in the list.
type listed struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Description string `json:"description"`
	JSON        string `json:"json"` // paths
	YAML        string `json:"yaml"`
}

func (a *API) list(w http.ResponseWriter, r *http.Request) {
	below := httpapi.TenantPath(httpapi.Tenant(r)) + path + "/"
	var all []listed
	for _, d := range Documents() {
		all = append(all, listed{d.Name, d.Title, d.Description, below + d.Name + ".json", below + d.Name + ".yaml"})
	}
	body, err := json.Marshal(map[string][]listed{"documents": all})
	if err != nil {
		panic(err) // strings always marshal
	}
	answer(w, r, "application/json", body)
}

func (a *API) get(w http.ResponseWriter, r *http.Request) {
	name, format, _ := strings.Cut(r.PathValue("file"), ".")
	documents := Documents()
	i := slices.IndexFunc(documents, func(d Document) bool { return d.Name == name })
	switch {
	case i >= 0 && format == "json":
		answer(w, r, "application/json", documents[i].JSON)
	case i >= 0 && format == "yaml":
		answer(w, r, "application/yaml", documents[i].YAML) // RFC 9512
	default:
		(&httpapi.Problem{
			Status: http.StatusNotFound, Code: codeUnknown, Message: "No such document.",
			Description: "GET " + path + " lists the documents.",
		}).Write(w)
	}
}

// answer sends the body under an entity tag of its content, or says that the
// client has it already (RFC 9110, 13.1.2).
func answer(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, no-cache") // keep it, but ask
	for one := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", contentType)
	_, _ = w.Write(body) // the client may have gone
}
