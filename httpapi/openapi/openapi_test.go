package openapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"usher/httpapi"
)

// TestDocumentsAreOpenAPI holds each document to the specification, examples
// to their schemas included, and its two forms to each other.
func TestDocumentsAreOpenAPI(t *testing.T) {
	t.Parallel()
	for _, d := range Documents() {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			for form, data := range map[string][]byte{"JSON": d.JSON, "YAML": d.YAML} {
				loader := openapi3.NewLoader() // follows no reference out of the document
				doc, err := loader.LoadFromData(data)
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableMultiError()); err != nil {
					t.Errorf("%s: %v", form, err)
				}
			}
			var fromJSON, fromYAML any
			if err := json.Unmarshal(d.JSON, &fromJSON); err != nil {
				t.Fatal(err)
			}
			var whole any
			if err := yaml.Unmarshal(d.YAML, &whole); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(again, &fromYAML); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCompleteTakesWhatIsReferredTo(t *testing.T) {
	t.Parallel()
	parse := func(text string) *yaml.Node {
		var top yaml.Node
		if err := yaml.Unmarshal([]byte(text), &top); err != nil {
			t.Fatal(err)
		}
		return top.Content[0]
	}
	parts := parse(`
servers: [{url: /}]
components:
  securitySchemes: {basic: {type: http}, bearer: {type: http}}
  responses: {Gone: {schema: {$ref: '#/components/schemas/Problem'}}, Unused: {}}
  schemas: {Problem: {type: object, x: {$ref: '#/components/schemas/Loop'}}, Loop: {$ref: '#/components/schemas/Problem'}, Own: {type: string}}
`)
	top := parse(`
security: [{basic: []}]
paths: {a: {$ref: '#/components/responses/Gone'}, b: {$ref: '#/components/schemas/Own'}}
components: {schemas: {Own: {type: integer}}}
`)
	if err := complete(top, parts); err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := top.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if err := parse(`
security: [{basic: []}]
paths: {a: {$ref: '#/components/responses/Gone'}, b: {$ref: '#/components/schemas/Own'}}
components:
  schemas: {Own: {type: integer}, Problem: {type: object, x: {$ref: '#/components/schemas/Loop'}}, Loop: {$ref: '#/components/schemas/Problem'}}
  securitySchemes: {basic: {type: http}}
  responses: {Gone: {schema: {$ref: '#/components/schemas/Problem'}}}
servers: [{url: /}]
`).Decode(&want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, dangling := range []string{`{a: {$ref: '#/components/schemas/None'}}`, `{a: {$ref: 'other.yaml#/x'}}`, `{security: [{none: []}]}`} {
		if err := complete(parse(dangling), parts); err == nil {
			t.Errorf("%s is taken", dangling)
		}
	}
}

type tenants []string

func (t tenants) TenantExists(_ context.Context, name string) (bool, error) {
	return slices.Contains(t, name), nil
}

func get(t *testing.T, path, ifNoneMatch string) *httptest.ResponseRecorder {
	t.Helper()
	routes := httpapi.NewRoutes(tenants{"acme"})
	(&API{}).Mount(routes, nil)
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	if ifNoneMatch != "" {
		r.Header.Set("If-None-Match", ifNoneMatch)
	}
	w := httptest.NewRecorder()
	routes.ServeHTTP(w, r)
	return w
}

func TestEveryDocumentIsListedAndServed(t *testing.T) {
	t.Parallel()
	for _, tenant := range []string{"", "/t/acme"} {
		var list struct {
			Documents []listed
		}
		if err := json.Unmarshal(get(t, tenant+path, "").Body.Bytes(), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Documents) != len(Documents()) {
			t.Fatalf("%d documents are listed, of %d", len(list.Documents), len(Documents()))
		}
		for i, d := range Documents() {
			one := list.Documents[i]
			if one.Name != d.Name || one.Title == "" || one.Description == "" || strings.Contains(one.Description, "\n") {
				t.Errorf("%+v for %s", one, d.Name)
			}
			for link, want := range map[string]struct {
				contentType string
				body        []byte
			}{one.JSON: {"application/json", d.JSON}, one.YAML: {"application/yaml", d.YAML}} {
				w := get(t, link, "")
				if w.Code != http.StatusOK || w.Header().Get("Content-Type") != want.contentType || w.Body.String() != string(want.body) {
					t.Errorf("%s: %d %s", link, w.Code, w.Header().Get("Content-Type"))
				}
			}
		}
	}
}

func TestWhatTheClientHasIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, at := range []string{path, path + "/claims.json", path + "/claims.yaml"} {
		tag := get(t, at, "").Header().Get("ETag")
		for _, same := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			w := get(t, at, same)
			if w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
				t.Errorf("%s of %s: %d with %d bytes", at, same, w.Code, w.Body.Len())
			}
		}
		if w := get(t, at, `"other"`); w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s of another: %d with %d bytes", at, w.Code, w.Body.Len())
		}
	}
	if get(t, path+"/claims.json", "").Header().Get("ETag") == get(t, path+"/claims.yaml", "").Header().Get("ETag") {
		t.Error("two bodies have one entity tag")
	}
}

func TestUnknownDocuments(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"nothing.json", "claims", "claims.xml", "claims.json.yaml", "shared.yaml", "parts.yaml", ".json", "%2e%2e%2fapi.go"} {
		w := get(t, path+"/"+file, "")
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), codeUnknown) {
			t.Errorf("%s: %d %s", file, w.Code, w.Body)
		}
	}
}
