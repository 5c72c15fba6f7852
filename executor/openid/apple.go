package openid

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// secretLife is how long a client secret for Apple is good for; it is made for
// each request.
const secretLife = 5 * time.Minute

// appleSecret is what Apple takes for a client secret: a JWT that the team's
// key signs.
func appleSecret(s *session) (string, error) {
	private, err := parseAppleKey(s.secrets[settingPrivateKey])
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: private, KeyID: s.setting(settingKeyID)},
	}, nil)
	if err != nil {
		return "", errors.New("private key cannot sign")
	}
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: s.setting(settingTeamID), Subject: s.setting(settingClientID), Audience: jwt.Audience{s.setting(settingIssuer)},
		IssuedAt: jwt.NewNumericDate(s.now), Expiry: jwt.NewNumericDate(s.now.Add(secretLife)),
	}).Serialize()
}

// parseAppleKey reads a P-256 key in PKCS #8. The error repeats nothing of it.
func parseAppleKey(text string) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("is not a private key in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("is not a private key in PKCS #8")
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("is not a key of the curve P-256")
	}
	return private, nil
}

func checkAppleKey(text string) error {
	_, err := parseAppleKey(text)
	return err
}

// appleName reads the person's name from what Apple sends through the browser
// on the first sign-up only. Nobody signed it, so nothing but the name is
// taken from it.
func appleName(user string) claims {
	var sent struct {
		Name struct {
			First string `json:"firstName"`
			Last  string `json:"lastName"`
		} `json:"name"`
	}
	if json.Unmarshal([]byte(user), &sent) != nil {
		return nil
	}
	said := claims{}
	if sent.Name.First != "" {
		said["given_name"] = sent.Name.First
	}
	if sent.Name.Last != "" {
		said["family_name"] = sent.Name.Last
	}
	return said
}
