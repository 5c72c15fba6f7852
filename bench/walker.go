package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// walker goes through flows as people and administrators do.
type walker struct {
	server *process
	client *http.Client
	mail   *mailbox
	shop   client // an application
	people atomic.Int64
}

// object is a JSON object.
type object = map[string]any

// page is what a server said, of which walkers read these members.
type page struct {
	status int
	raw    []byte

	FlowID     string `json:"flowId"`
	FlowStatus string `json:"flowStatus"`
	Code       string `json:"code"`
	ID         string `json:"id"` // of a user
	Data       struct {
		UserAssertion string            `json:"userAssertion"`
		Messages      []json.RawMessage `json:"messages"`
	} `json:"data"`
	NextStep struct {
		Authenticators []struct {
			ID string `json:"authenticatorId"`
		} `json:"authenticators"`
	} `json:"nextStep"`
	AuthData     object `json:"authData"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
}

// name is one that nobody has had.
func (w *walker) name() string { return fmt.Sprintf("walker%d@example.com", w.people.Add(1)) }

// ask makes a request and wants it answered with the status. As a client has to,
// it tries again a second later where the server is too busy.
func (w *walker) ask(ctx context.Context, status int, r request) (p *page, err error) {
	for range 10 {
		if p, err = w.once(ctx, r); err != nil || p.status != http.StatusTooManyRequests {
			break
		}
		time.Sleep(time.Second)
	}
	if err != nil {
		return nil, err
	}
	if p.status != status {
		return nil, fmt.Errorf("%s %s: %d %s", r.method, r.path, p.status, p.raw)
	}
	if len(p.raw) > 0 {
		err = json.Unmarshal(p.raw, p)
	}
	return p, err
}

func (w *walker) once(ctx context.Context, r request) (*page, error) {
	out, err := http.NewRequestWithContext(ctx, r.method, "http://"+w.server.addr+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	for _, f := range r.header {
		out.Header.Set(f.name, f.value)
	}
	response, err := w.client.Do(out)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	p := &page{status: response.StatusCode}
	p.raw, err = io.ReadAll(response.Body)
	return p, err
}

// execute posts to the flows of a tenant, "" for the default one, and wants an
// answer with the flow's status.
func (w *walker) execute(ctx context.Context, tenant, want string, body object) (*page, error) {
	document, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	p, err := w.ask(ctx, http.StatusOK, posting(in(tenant, executePath), string(document)))
	if err == nil && p.FlowStatus != want {
		err = fmt.Errorf("flow is %s: %s", p.FlowStatus, p.raw)
	}
	return p, err
}

// step is execute for one that has to lead to the next page.
func (w *walker) step(ctx context.Context, tenant string, body object) (*page, error) {
	p, err := w.execute(ctx, tenant, "INCOMPLETE", body)
	if err == nil && len(p.Data.Messages) > 0 {
		err = fmt.Errorf("no step further: %s", p.raw)
	}
	return p, err
}

func in(tenant, path string) string {
	if tenant == "" {
		return path
	}
	return "/t/" + tenant + path
}

// enrol makes a user as an administrator does, with more members.
func (w *walker) enrol(ctx context.Context, tenant, name string, more string) (id string, err error) {
	r := posting(in(tenant, "/scim2/Users"), `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"`+name+`",
		"emails":[{"value":"`+name+`","primary":true}],`+more+`}`)
	r.header = append(r.header, asAdmin)
	p, err := w.ask(ctx, http.StatusCreated, r)
	if err != nil {
		return "", err
	}
	return p.ID, nil
}

// remove deletes a user, so that their number stays what it was.
func (w *walker) remove(ctx context.Context, tenant, id string) error {
	_, err := w.ask(ctx, http.StatusNoContent, request{method: http.MethodDelete, path: in(tenant, "/scim2/Users/"+id), header: []field{asAdmin}})
	return err
}

// removeNamed is remove for somebody whose id only the server knows.
func (w *walker) removeNamed(ctx context.Context, tenant, name string) error {
	p, err := w.ask(ctx, http.StatusOK, getting(in(tenant, `/scim2/Users?filter=userName+eq+%22`+strings.ReplaceAll(name, "@", "%40")+`%22`), asAdmin))
	if err != nil {
		return err
	}
	var list struct{ Resources []struct{ ID string } }
	if err := json.Unmarshal(p.raw, &list); err != nil || len(list.Resources) != 1 {
		return fmt.Errorf("the user is not there once: %s", p.raw)
	}
	return w.remove(ctx, tenant, list.Resources[0].ID)
}
