package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const adminPassword = "Bench.Admin.2026"

// publish makes the definition the live one of its type.
func publish(ctx context.Context, p *process, definition string) error {
	_, err := manage(ctx, p, http.MethodPut, "/api/server/v1/flow", definition)
	return err
}

// useTemplate publishes a ready-made flow of the type in a tenant.
func useTemplate(ctx context.Context, p *process, tenant, kind, name string) error {
	answer, err := manage(ctx, p, http.MethodGet, in(tenant, "/api/server/v1/flow/templates?flowType="+kind), "")
	if err != nil {
		return err
	}
	var list []struct {
		Name       string
		Definition json.RawMessage
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return err
	}
	for _, t := range list {
		if t.Name == name {
			_, err := manage(ctx, p, http.MethodPut, in(tenant, "/api/server/v1/flow"), string(t.Definition))
			return err
		}
	}
	return fmt.Errorf("no template %s", name)
}

// connect makes a connection to GitHub, which needs no answer from there until
// somebody comes back.
func connect(ctx context.Context, p *process) error {
	_, err := manage(ctx, p, http.MethodPost, "/api/server/v1/identity-providers",
		`{"name":"GitHub","kind":"GithubExecutor","settings":{"client_id":"bench"},"secrets":{"client_secret":"bench"}}`)
	return err
}

// manage calls a management API as the administrator and returns the answer.
func manage(ctx context.Context, p *process, method, path, body string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+p.addr+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", asAdmin.value)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if response.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s %s: %s %s", method, path, response.Status, answer)
	}
	return answer, err
}

var asAdmin = basic("admin", adminPassword)

// basic is the header of HTTP Basic authentication (RFC 7617).
func basic(name, password string) field {
	return field{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))}
}

// bearer is the header that shows an access token (RFC 6750).
func bearer(token string) field { return field{"Authorization", "Bearer " + token} }
