package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
)

// Files of the folder.
const (
	adminFile  = "admin-password"
	clientFile = "client.json"
)

// adminPassword is the one in the folder, made at the first start.
func (e *example) adminPassword() (string, error) {
	name := filepath.Join(e.folder, adminFile)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(rand.Text())
		err = os.WriteFile(name, text, 0o600)
	}
	return string(text), err
}

// client is the shop as Usher knows it.
type client struct {
	ID       string `json:"id"`
	ClientID string `json:"clientId"`
	Secret   string `json:"clientSecret"`
}

// register makes the shop known to Usher, unless it is, and has people who
// sign up signed in.
func (e *example) register(ctx context.Context, password string) (*client, error) {
	api := &api{e.usherURL() + "/api/server/v1", password}
	err := api.call(ctx, http.MethodPatch, "/flow/config", object{
		"flowType": "REGISTRATION", "isEnabled": true, "flowCompletionConfigs": object{"isAutoLoginEnabled": "true"},
	}, nil)
	if err != nil {
		return nil, err
	}
	c := &client{}
	name := filepath.Join(e.folder, clientFile)
	if text, err := os.ReadFile(name); err == nil {
		if err := json.Unmarshal(text, c); err != nil {
			return nil, err
		}
		return c, api.call(ctx, http.MethodGet, "/applications/"+c.ID, nil, nil)
	}
	var made struct {
		client

		Inbound struct{ OIDC client } `json:"inboundProtocolConfiguration"`
	}
	err = api.call(ctx, http.MethodPost, "/applications", object{
		"name": "Shop", "accessUrl": e.shopURL() + "/",
		"inboundProtocolConfiguration": object{"oidc": object{
			"callbackURLs":       []string{e.shopURL() + "/callback"},
			"logoutRedirectURLs": []string{e.shopURL() + "/?notice=bye"},
			"allowedOrigins":     []string{e.shopURL()}, // its page calls the flow API
			"pkce":               object{"mandatory": true},
		}},
		"advancedConfigurations": object{"enableAPIBasedAuthentication": true}, // its server ends sign-ins with assertions
	}, &made)
	if err != nil {
		return nil, err
	}
	*c = client{made.ID, made.ClientID, made.Inbound.OIDC.Secret}
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return c, os.WriteFile(name, text, 0o600)
}

type object map[string]any

// api is the management API, as its administrator.
type api struct{ url, password string }

func (a *api) call(ctx context.Context, method, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth("admin", a.password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s (removing the folder of the example starts anew)", method, path, resp.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}
