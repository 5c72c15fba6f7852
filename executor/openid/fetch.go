package openid

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// withoutRedirects is the client for everything said to providers: no
// credential, code or token follows a redirect, and no document comes from
// elsewhere than its address.
func withoutRedirects(client *http.Client) *http.Client {
	strict := *client
	strict.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &strict
}

// getJSON reads the JSON document at the address into v. How long it may be
// and take is for the client and ctx. The error holds neither the address,
// which may hold a secret, nor anything of the answer.
func getJSON(ctx context.Context, client *http.Client, address, bearer string, v any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("address cannot be requested")
	}
	r.Header.Set("Accept", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := client.Do(r)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %d", resp.StatusCode)
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		return withoutURL(err)
	}
	d := json.NewDecoder(&body)
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return errors.New("answer is not the JSON that was expected")
	}
	return nil
}

// withoutURL takes the address out of an error.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
