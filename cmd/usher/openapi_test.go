package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/go-cmp/cmp"

	"usher/httpapi/openapi"
)

// The contract test: what the server does is held to what its OpenAPI
// documents say, exchange by exchange, in every test that runs a server with
// asDocumented around it: the journeys, the sites and those in this file's
// neighbours.

// documented is every operation of the documents, by "METHOD /path".
var documented = sync.OnceValue(func() map[string]*routers.Route {
	openapi3filter.RegisterBodyDecoder("application/scim+json", openapi3filter.JSONBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	all := map[string]*routers.Route{}
	for _, d := range openapi.Documents() {
		doc, err := openapi3.NewLoader().LoadFromData(d.JSON)
		if err != nil {
			panic(err)
		}
		for path, item := range doc.Paths.Map() {
			for method, operation := range item.Operations() {
				name := method + " " + path
				if all[name] != nil {
					panic(name + " is in two documents")
				}
				all[name] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: operation}
			}
		}
	}
	return all
})

// isAPI tells whether a path must be documented. The rest is pages, and what the
// discovery document of the OpenID provider describes.
func isAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/scim2/") || path == "/oauth2/authn" || path == "/commonauth"
}

// TestEveryRouteIsDocumented, and every documented operation mounted. Whoever
// adds a route describes it in httpapi/openapi.
func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	var mounted, described []string
	for _, pattern := range newJourney(t).parts.Routes.Patterns() {
		if _, path, _ := strings.Cut(pattern, " "); isAPI(path) {
			mounted = append(mounted, pattern)
		}
	}
	for name := range documented() {
		described = append(described, name)
	}
	slices.Sort(described)
	if diff := cmp.Diff(mounted, described); diff != "" {
		t.Errorf("routes differ from the documents in httpapi/openapi (-mounted +documented):\n%s", diff)
	}
}

// exchange is a request and what it was answered with.
type exchange struct {
	request *http.Request // served
	sent    []byte
	status  int
	header  http.Header
	body    []byte
}

// asDocumented serves with next, and fails the test where an exchange is not
// what the documents say. observe, if any, is told of each that is documented.
func asDocumented(t testing.TB, next http.Handler, observe func(*exchange)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
		if err != nil { // the client broke off
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(sent), iotest.ErrReader(err)))
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		answer := recorder.Result()
		x := &exchange{r, sent, answer.StatusCode, answer.Header, recorder.Body.Bytes()}
		if err := x.difference(); err != nil {
			t.Errorf("%s %s with %.300s\nis answered with %d: %.2000s\n%v", r.Method, r.URL, sent, x.status, x.body, err)
		}
		if observe != nil && x.route() != nil {
			observe(x)
		}
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(answer.StatusCode)
		_, _ = w.Write(x.body)
	})
}

// name is that of the operation, without the tenant.
func (x *exchange) name() string {
	method, path, _ := strings.Cut(x.request.Pattern, " ")
	return method + " " + strings.TrimPrefix(path, "/t/{tenant}")
}

func (x *exchange) route() *routers.Route { return documented()[x.name()] }

// difference says how the exchange differs from its document, nil for not at
// all. A request is held to it where the server took it.
func (x *exchange) difference() error {
	route := x.route()
	if route == nil {
		if _, path, _ := strings.Cut(x.name(), " "); isAPI(path) {
			return errors.New("no document has the operation")
		}
		return nil
	}
	return errors.Join(x.answerDifference(route), x.requestDifference(route))
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

func (x *exchange) input(route *routers.Route) *openapi3filter.RequestValidationInput {
	r := x.request.Clone(context.WithoutCancel(x.request.Context()))
	r.Body = io.NopCloser(bytes.NewReader(x.sent))
	parameters := map[string]string{}
	for _, found := range pathParameter.FindAllStringSubmatch(route.Path, -1) {
		parameters[found[1]] = r.PathValue(found[1])
	}
	return &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters, Route: route, Options: &openapi3filter.Options{
		IncludeResponseStatus: true, SkipSettingDefaults: true, AuthenticationFunc: authenticated,
	}}
}

// authenticated tells whether the request has credentials of the scheme. That
// they count is for the server.
func authenticated(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	scheme, _, _ := strings.Cut(in.RequestValidationInput.Request.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, in.SecuritySchemeName) {
		return fmt.Errorf("no %s credentials", in.SecuritySchemeName)
	}
	return nil
}

func (x *exchange) requestDifference(route *routers.Route) error {
	if x.status >= http.StatusBadRequest {
		return nil
	}
	input := x.input(route)
	for name := range input.GetQueryParams() {
		parameters := append(slices.Clone(route.Operation.Parameters), route.PathItem.Parameters...)
		if !slices.ContainsFunc(parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" && p.Value.Name == name }) {
			return fmt.Errorf("the parameter %s is not documented", name)
		}
	}
	return openapi3filter.ValidateRequest(context.Background(), input)
}

func (x *exchange) answerDifference(route *routers.Route) error {
	response := route.Operation.Responses.Value(strconv.Itoa(x.status))
	if response == nil {
		return fmt.Errorf("the status %d is not documented", x.status)
	}
	if x.header.Get("X-Content-Type-Options") != "nosniff" {
		return errors.New("browsers may take the answer for what it is not")
	}
	if _, guarded := scope(route); guarded && x.keepable() {
		return fmt.Errorf("the answer may be kept on the way: Cache-Control is %q", x.header.Get("Cache-Control"))
	}
	if len(response.Value.Content) == 0 && len(x.body) > 0 {
		return fmt.Errorf("a body is not documented for the status %d", x.status)
	}
	for _, name := range []string{"Retry-After", "Location", "ETag", "WWW-Authenticate"} {
		if x.header.Get(name) != "" && response.Value.Headers[name] == nil && x.status != http.StatusNotModified {
			return fmt.Errorf("the header %s is not documented for the status %d", name, x.status)
		}
	}
	if x.request.Method == http.MethodHead || x.status == http.StatusNotModified {
		return nil
	}
	input := &openapi3filter.ResponseValidationInput{RequestValidationInput: x.input(route), Status: x.status, Header: x.header, Options: &openapi3filter.Options{
		IncludeResponseStatus: true,
	}}
	return openapi3filter.ValidateResponse(context.Background(), input.SetBodyBytes(x.body))
}

// keepable tells whether somebody on the way may keep the answer.
func (x *exchange) keepable() bool {
	return len(x.body) > 0 && x.header.Get("Cache-Control") != "no-store"
}

// code is that of the problem that was answered, "" for none.
func (x *exchange) code() string {
	var p struct{ Code string }
	if kind, _, _ := mime.ParseMediaType(x.header.Get("Content-Type")); x.status < http.StatusBadRequest || kind != "application/json" {
		return ""
	}
	_ = json.Unmarshal(x.body, &p) // that it is one is checked already
	return p.Code
}
