package openid

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
)

// facebookProfile reads the person's profile. The proof shows that the call is
// made by the app itself, with a token that was not taken from elsewhere.
func facebookProfile(ctx context.Context, s *session, accessToken string) (claims, error) {
	mac := hmac.New(sha256.New, []byte(s.secrets[settingClientSecret]))
	mac.Write([]byte(accessToken))
	address, err := withQuery(s.setting(settingUserinfo), url.Values{
		"fields":          {"id,name,first_name,last_name,email"},
		"appsecret_proof": {hex.EncodeToString(mac.Sum(nil))},
	})
	if err != nil {
		return nil, err
	}
	said := claims{}
	if err := getJSON(ctx, s.client, address, accessToken, &said); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return said.known("id")
}

// githubProfile reads the person's profile and primary address, because the
// public profile shows only what its owner wants seen, verified or not.
func githubProfile(ctx context.Context, s *session, accessToken string) (claims, error) {
	said := claims{}
	if err := getJSON(ctx, s.client, s.setting(settingUserinfo), accessToken, &said); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	var addresses []struct {
		Email    string `json:"email"`
		Primary  bool   `json:"primary"`
		Verified bool   `json:"verified"`
	}
	if err := getJSON(ctx, s.client, s.setting(settingEmails), accessToken, &addresses); err != nil {
		return nil, fmt.Errorf("addresses: %w", err)
	}
	delete(said, "email")
	delete(said, "email_verified")
	for _, a := range addresses {
		if a.Primary {
			said["email"], said["email_verified"] = a.Email, a.Verified
		}
	}
	return said.known("id")
}

// known puts the person's id under the name that OpenID providers use.
func (c claims) known(id string) (claims, error) {
	sub := c.text(id)
	if !validSubject(sub) || sub == "0" {
		return nil, errors.New("profile: names nobody")
	}
	c["sub"] = sub
	return c, nil
}

func withQuery(address string, query url.Values) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("address cannot be read")
	}
	all := u.Query()
	maps.Copy(all, query)
	u.RawQuery = all.Encode()
	return u.String(), nil
}
